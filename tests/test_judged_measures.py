"""The special measures beside the judge's, on made months dense with their borders."""

from pathlib import Path

import pytest

from dcc_analytics.catalogue.months import Month
from tests.measured import NAMES, measured, told
from tests.oracle.measure_maker import make_measures
from tests.oracle.measures import Measures

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("seed", "year", "month"),
    [*((seed, 2026, 10) for seed in range(1, 7)), (7, 2026, 12), (8, 2027, 3), (9, 2027, 5), (10, 2026, 8)],
)
def test_every_measure_is_the_judges(tmp_path: Path, seed: int, year: int, month: int) -> None:
    make_measures(tmp_path, seed=seed, year=year, month=month)
    judged = Measures(tmp_path, year, month).by_name
    tables = measured(tmp_path, Month(year, month), partitions=1 + seed % 4)
    for name in NAMES:
        members = set(tables[name].select("party", "role").iter_rows())
        assert judged[name] == {member: told(tables[name], *member) for member in sorted(members)}, name
        assert judged[name], f"nothing is made of {name}"
