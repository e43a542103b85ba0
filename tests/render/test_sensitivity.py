"""What a pack says of other time-outs: the sentence, the rates that move most, and the file."""

import csv
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dcc_analytics.catalogue.tables import read_table
from dcc_analytics.render.csv_files import write_csv
from dcc_analytics.render.csv_metadata import csv_metadata
from dcc_analytics.render.files import FILES, files_for
from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.fonts import FontFolder
from dcc_analytics.render.pdf.layout import faults
from dcc_analytics.render.pdf.pack import PackPdf, compose
from dcc_analytics.render.pdf.sensitivity import _POLICY, NOTABLE, Sensitivity, finding, sensitivities
from dcc_analytics.render.snapshot_folder import MemberEntry, SnapshotFolder
from tests.render.snapshot_maker import for_time_outs, member, monthly, write_snapshot

Row = dict[str, Any]
A = MemberEntry("A", "A Limited", "IS", "A-IS")
HEADING = "If an answer were waited for longer, or less long"


def reads(srv: str, successes: int, failures: int, **values: Any) -> Row:  # noqa: ANN401 (any column)
    return monthly("A", "IS", "Meter Reads", srv, successes=successes, failures=failures, **values)


def moved(row: Row, *failures: int) -> list[Row]:
    """Return the rows of the time-outs of a monthly row, with so many of its successes as failures."""
    outcomes = row["successes"] + row["failures"]
    return [
        {
            **each, "successes": row["successes"] - more, "failures": row["failures"] + more,
            "failure_rate": (row["failures"] + more) / outcomes if outcomes else None,
        }
        for each, more in zip(for_time_outs(row), failures, strict=True)
    ]  # fmt: skip


def figures_of(path: Path, *rows: tuple[Row, tuple[int, int, int]], status: str = "final") -> PackFigures:
    tables = {
        "members": [member("A", "IS", name="A Limited")],
        "round_trips_monthly": [row for row, _ in rows],
        "time_out_sensitivity": [each for row, failures in rows for each in moved(row, *failures)],
    }
    return PackFigures.read(SnapshotFolder.open(write_snapshot(path, tables, status=status)), A)


def found(figures: PackFigures) -> list[Sensitivity]:
    return sensitivities(figures.rows, figures.snapshot.table("time_out_sensitivity", A))


def said(figures: PackFigures) -> str:
    """Return the sentence, as the page has it."""
    known = found(figures)
    return finding(known, [each for each in known if each.movement > NOTABLE])


def texts(pack: PackPdf) -> list[str]:
    return [box.text for box in pack.boxes]


def block(figures: PackFigures, fonts: FontFolder) -> list[str]:
    """Return the texts of the block, up to the one after it."""
    pack = compose(figures, fonts)
    assert [] == list(faults(pack.boxes))
    lines = texts(pack)
    assert 1 == lines.count(HEADING)
    after = lines[lines.index(HEADING) + 1 :]
    return after[: after.index("File beside this one")]


def test_the_time_outs_it_names_are_those_of_the_catalogue() -> None:
    rows = read_table("time_outs.csv", ("srv", "time_out_s"))
    assert {("*", 86_400), ("11.1", 432_000), ("11.3", 432_000)} == {
        (row.text("srv"), row.whole("time_out_s")) for row in rows
    }
    assert _POLICY.startswith("An answer is waited for 24 hours, to 11.1 and 11.3 for five days")


# -- the sentence ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "late"),
    [
        ("None of your 2 failure rates over 30 or more outcomes moves by more than 0.1 points.", 0),
        ("None of your 2 failure rates over 30 or more outcomes moves by more than 0.1 points.", 1),
        ("1 of your 2 failure rates over 30 or more outcomes moves by more than 0.1 points.", 2),
    ],
)
def test_a_tenth_of_a_point_is_not_told_of_and_a_little_more_is(tmp_path: Path, expected: str, late: int) -> None:
    """Of a thousand outcomes one is a tenth of a point."""
    figures = figures_of(tmp_path, (reads("4.8.1", 970, 30), (late, 0, 0)), (reads("4.10", 30, 0), (0, 0, 0)))
    assert expected == said(figures)


def test_several_rates_move(tmp_path: Path) -> None:
    figures = figures_of(tmp_path, *((reads(srv, 90, 10), (9, 9, 9)) for srv in ("4.8.1", "4.8.2", "4.10")))
    assert "3 of your 3 failure rates over 30 or more outcomes move by more than 0.1 points." == said(figures)


def test_a_rate_of_fewer_outcomes_is_not_put_into_words(tmp_path: Path) -> None:
    figures = figures_of(tmp_path, (reads("4.8.1", 25, 4), (20, 0, 0)))
    assert [] == found(figures)
    assert "None of your failure rates is over 30 or more outcomes, so none is put into words." == said(figures)


def test_a_rate_moves_down_as_well_and_one_of_nothing_does_not_move(tmp_path: Path) -> None:
    """Of 40 failures 20 would be open for five days; of the other row all would be."""
    row, other = reads("4.8.1", 60, 40), reads("4.10", 0, 40)
    figures = figures_of(tmp_path, (row, (0, 0, 0)), (other, (0, 0, 0)))
    table = figures.snapshot.table("time_out_sensitivity", A)
    would = table.to_dicts()
    would[2] |= {"failures": 20, "open": 20}
    would[5] |= {"failures": 0, "open": 40}
    known = sensitivities(figures.rows, pl.DataFrame(would, schema=table.schema))
    assert [Fraction(40, 100) - Fraction(20, 80), 0] == [each.movement for each in known]
    assert known[1].rates[120] is None


# -- the page ----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_rates_that_move_most_are_shown_and_no_more_than_ten(tmp_path: Path, fonts: FontFolder) -> None:
    """Fourteen rows of a hundred outcomes, of which 1 to 14 were answered after more than an hour."""
    srvs = ["4.1.1", "4.1.2", "4.1.3", "4.1.4", "4.2", "4.3", "4.4.2", "4.4.3", "4.4.4", "4.4.5", "4.6.1", "4.6.2",
            "4.8.1", "4.8.2"]  # fmt: skip
    figures = figures_of(tmp_path, *((reads(srv, 80, 20), (n, n // 2, 0)) for n, srv in enumerate(srvs, 1)))
    lines = block(figures, fonts)
    assert "14 of your 14 failure rates over 30 or more outcomes move by more than 0.1 points, these 10 most. All" in (
        " ".join(lines)
    )
    assert srvs[:3:-1] == [line for line in lines if line in srvs]
    first = lines.index("4.8.2")
    assert ["20.0%", "34.0%", "27.0%", "20.0%"] == lines[first + 3 : first + 7]


@pytest.mark.slow
def test_without_a_rate_that_moves_there_is_no_table(tmp_path: Path, fonts: FontFolder) -> None:
    lines = block(figures_of(tmp_path, (reads("4.8.1", 970, 30), (0, 0, 0))), fonts)
    assert not {"Printed", "1 hour", "4.8.1"} & set(lines)
    assert "time_out_sensitivity.csv" in " ".join(lines)


@pytest.mark.slow
def test_a_member_that_sent_nothing_is_told_nothing(drawn: dict[str, PackPdf]) -> None:
    assert HEADING not in texts(drawn["QUIET-ED"])
    assert HEADING in texts(drawn["FEW-GS"])


# -- the file ----------------------------------------------------------------------------------------------


def test_the_file_has_a_row_for_each_row_and_time_out_in_their_order(tmp_path: Path) -> None:
    figures = figures_of(
        tmp_path / "snapshot", (reads("4.10", 0, 0, open=2), (0, 0, 0)), (reads("4.8.1", 97, 3), (1, 0, 0))
    )
    file = FILES["time_out_sensitivity"]
    write_csv(figures.snapshot.table(file.name, A), file, tmp_path / "file.csv")
    with (tmp_path / "file.csv").open(encoding="utf-8", newline="") as opened:
        rows = list(csv.reader(opened))
    assert "process,srv,variant,time_out_h,successes,failures,open,failure_rate" == ",".join(rows[0])
    assert [
        ["Meter Reads", "4.8.1", "", "1", "96", "4", "0", "0.040000"],
        ["Meter Reads", "4.8.1", "", "24", "97", "3", "0", "0.030000"],
        ["Meter Reads", "4.8.1", "", "120", "97", "3", "0", "0.030000"],
        ["Meter Reads", "4.10", "", "1", "0", "0", "2", ""],
        ["Meter Reads", "4.10", "", "24", "0", "0", "2", ""],
        ["Meter Reads", "4.10", "", "120", "0", "0", "2", ""],
    ] == rows[1:]


def test_every_pack_has_the_file_with_its_metadata() -> None:
    file = FILES["time_out_sensitivity"]
    assert all(file in files_for(role) for role in ("IS", "GS", "ED", "OU"))
    metadata = json.loads(json.dumps(csv_metadata(file)))
    assert ["process", "srv", "variant", "time_out_h"] == metadata["tableSchema"]["primaryKey"]


def test_nothing_of_others_is_in_it() -> None:
    names = FILES["time_out_sensitivity"].header
    assert not [name for name in names if name.startswith(("industry", "peer", "benchmark"))]
