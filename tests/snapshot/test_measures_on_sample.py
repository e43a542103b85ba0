"""Table 1's special measures of the sample month say what the sample expects."""

from decimal import Decimal
from functools import lru_cache

import polars as pl
import pytest

from tests.expected_figures import EXPECTED, MEMBERS, Row, read
from tests.measured import NAMES, measured, told
from tests.recorded_sample import MONTH, SAMPLE

pytestmark = pytest.mark.slow


@lru_cache
def tables() -> dict[str, pl.DataFrame]:
    """Return the six tables of October."""
    return measured(SAMPLE, MONTH)


def _happens(row: Row) -> bool:
    """Return whether something happens in a row of ``installs_daily``; rows without may be left out."""
    return any(Decimal(cell or 0) for column, cell in row.items() if column != "day")


@pytest.mark.parametrize("member", MEMBERS)
@pytest.mark.parametrize("name", NAMES)
def test_a_measure_of_the_sample_is_as_expected(name: str, member: str) -> None:
    path = EXPECTED / member / f"{name}.csv"
    expected = read(path) if path.exists() else []
    found = told(tables()[name], *member.rsplit("-", 1))
    if name == "installs_daily":
        expected, found = list(filter(_happens, expected)), list(filter(_happens, found))
    assert expected == found


def test_each_measure_of_the_sample_has_something_to_say() -> None:
    assert set(NAMES) == {name for name, table in tables().items() if table.height}
