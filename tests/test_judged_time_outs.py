"""What failure rates would be for other time-outs, beside the judge's word leg by leg."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dcc_analytics.catalogue.months import Month
from dcc_analytics.render.csv_files import write_csv
from dcc_analytics.render.files import FILES
from tests.expected_figures import MEMBERS, read
from tests.in_process import frozen
from tests.oracle.judge import matched
from tests.oracle.members import Member
from tests.oracle.month_maker import make_month
from tests.oracle.print import Row
from tests.oracle.time_outs import time_out_rows
from tests.recorded_sample import MONTH, SAMPLE

pytestmark = pytest.mark.slow

NAME = "time_out_sensitivity"


def printed(table: pl.DataFrame, member: Member, path: Path) -> list[Row]:
    """Return a Member's file, read back."""
    write_csv(table.filter(party=member.party, role=member.role), FILES[NAME], path)
    return read(path)


@lru_cache
def sample() -> tuple[pl.DataFrame, dict[Member, list[Row]]]:
    """Return the table of the sample month, and the judge's rows."""
    snapshot, _ = frozen(SAMPLE, MONTH, partitions=3, fetch=700)
    return snapshot.tables.by_name[NAME], time_out_rows(matched(SAMPLE), MONTH.year, MONTH.month)


@pytest.mark.parametrize("folder", MEMBERS)
def test_a_member_of_the_sample_has_the_rows_of_the_judge(folder: str, tmp_path: Path) -> None:
    table, judged = sample()
    member = Member(*folder.rsplit("-", 1))
    assert judged[member] == printed(table, member, tmp_path / f"{NAME}.csv")


def test_the_sample_has_no_other_rows_and_its_rates_do_move() -> None:
    table, judged = sample()
    assert set(judged) == {Member(*of) for of in table.select("party", "role").iter_rows()}
    assert sum(map(len, judged.values())) == table.height
    failures = [int(table.filter(time_out_h=hours)["failures"].sum()) for hours in (1, 24, 120)]
    assert failures[0] > failures[1] >= failures[2]


@pytest.mark.parametrize(
    ("made", "partitions"),
    [
        ({"seed": 21}, 3),
        ({"seed": 22, "days_after": 2, "peers": False}, 4),
        ({"seed": 23, "days_after": -3.5, "peers": False}, 2),
        ({"seed": 24, "days_after": -20, "peers": False}, 2),
        ({"seed": 25, "late_answers": True, "peers": False}, 3),
    ],
    ids=str,
)
def test_every_row_of_a_made_month_is_the_judges(made: dict[str, Any], partitions: int, tmp_path: Path) -> None:
    make_month(tmp_path, **made)
    snapshot, _ = frozen(tmp_path, Month(2026, 10), partitions=partitions, fetch=300)
    table = snapshot.tables.by_name[NAME]
    judged = time_out_rows(matched(tmp_path), 2026, 10)
    for member, rows in judged.items():
        assert rows == printed(table, member, tmp_path / f"{NAME}.csv"), member
    assert sum(map(len, judged.values())) == table.height
