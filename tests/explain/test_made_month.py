"""Rows of a month with every trap the contract names: what concerns a row is enough to make its figures."""

from pathlib import Path
from random import Random

import pytest

from dcc_analytics.explain.pack_file import read_pack
from dcc_analytics.explain.row import EXPLAINED, Row
from tests.expected_figures import read
from tests.explain.sample_month import MadeMonth, explained, folded_for, made
from tests.oracle.month_maker import make_month

pytestmark = pytest.mark.slow

SEED = 7
ROWS = 3


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> MadeMonth:
    folder = tmp_path_factory.mktemp("month")
    (folder / "events").mkdir()
    make_month(folder / "events", seed=SEED, homes=24, requests=500)
    return made(3, folder / "packs", folder / "events")


def rows(packs: Path, name: str) -> list[Row]:
    """Return the rows of a file of all Members."""
    found = []
    for path in sorted(packs.glob(f"*/{name}.csv")):
        pack = read_pack(path.parent)
        found += [Row(name, number, values, "", pack) for number, values in enumerate(read(path), 1)]
    return found


@pytest.mark.parametrize("name", sorted(set(EXPLAINED) - {"peer_values", "installs_without_read"}))
def test_rows_are_the_sums_of_what_concerns_them(month: MadeMonth, name: str) -> None:
    of_all = rows(month.packs, name)
    for row in Random(SEED).sample(of_all, min(ROWS, len(of_all))):
        said = explained(row, folded_for(row, month))
        assert [] == [each for each in said.sums if not each.agrees]
        assert said.sums
    assert of_all
