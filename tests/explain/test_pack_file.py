"""What is asked for is found, or the one line says what to give."""

import json
from pathlib import Path

import pytest

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.explain.pack_file import read_row
from dcc_analytics.snapshot.members import Member

MANIFEST = {
    "month": "2026-10", "party": "NWE", "role": "IS", "stream_clock": "2026-11-09T00:00:00.000Z",
    "input_offsets": {"alerts": {"0": 7}},
}  # fmt: skip
HEADER = "process,srv,variant,requests"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "manifest.json").write_text(json.dumps(MANIFEST))
    path = tmp_path / "round_trips_monthly.csv"
    path.write_text(f"{HEADER}\nMeter Reads,4.8.1,,41\n'=Other,9.9,,1\n")
    return path


def test_row_one_is_the_first_after_the_header(file: Path) -> None:
    row = read_row(file, 1)
    assert {"process": "Meter Reads", "srv": "4.8.1", "variant": ""} == row.key
    assert "41" == row.values["requests"]
    assert Member("NWE", "IS") == row.pack.member
    assert {("alerts", 0): 7} == row.pack.offsets


def test_the_guard_against_spreadsheets_is_no_part_of_a_key(file: Path) -> None:
    assert "=Other" == read_row(file, 2).key["process"]


@pytest.mark.parametrize("number", [-1, 0, 3])
def test_a_row_that_is_not_there_is_refused_with_the_rows_there_are(file: Path, number: int) -> None:
    with pytest.raises(UsageError, match=f"has rows 1 to 2, there is no row {number}"):
        read_row(file, number)


def test_a_file_that_is_of_no_pack_is_refused(file: Path) -> None:
    (file.parent / "manifest.json").unlink()
    with pytest.raises(UsageError, match="is no manifest of a pack"):
        read_row(file, 1)


def test_another_file_is_refused_with_those_that_can_be_explained(file: Path) -> None:
    with pytest.raises(UsageError, match="none of the files that can be explained: round_trips_monthly"):
        read_row(file.with_name("other.csv"), 1)


def test_a_column_that_is_no_figure_is_refused_with_the_figures_there_are(file: Path) -> None:
    with pytest.raises(UsageError, match=r"--figure srv is no figure of round_trips_monthly\.csv; it has requests"):
        read_row(file, 1, figure="srv")


def test_only_figures_of_others_are_over_all_members(file: Path) -> None:
    assert [False, False, True, True] == [
        read_row(file, 1, figure=figure).of_role
        for figure in ("", "failures", "industry_success_rate", "peer_failure_rate_p25")
    ]
