"""A sample folded in memory: the same month as by the line, and what a further fact of Devices would cost."""

import pytest

from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.sample import SPLITTING, fold_sample
from dcc_analytics.snapshot.take import freeze
from tests.in_process import frozen
from tests.recorded_sample import MONTH, SAMPLE

pytestmark = pytest.mark.slow
#: With figures from digests, which depend on the order of merging.
ESTIMATED = {"round_trips_monthly", "alerts_monthly"}


def test_every_exact_figure_of_a_month_is_that_of_the_line() -> None:
    sample = fold_sample(SAMPLE)
    rules = read_rules()
    expected, _ = frozen(SAMPLE, MONTH, partitions=1, fetch=700)
    found = freeze(sample.collected, MONTH, rules).tables.by_name
    other = [name for name, table in expected.tables.by_name.items() if not table.equals(found[name])]
    assert set(other) <= ESTIMATED
    assert sample.events > 20_000
    assert sample.seconds > 0


def test_a_further_fact_makes_more_cells_and_a_larger_ledger() -> None:
    plain, split = fold_sample(SAMPLE), fold_sample(SAMPLE, fact="model")
    assert plain.cells < split.cells < 2 * plain.cells
    assert plain.ledger_bytes < split.ledger_bytes
    assert plain.events == split.events


def test_facts_by_which_cells_are_told_apart_already_split_nothing() -> None:
    assert ("device_type", "manufacturer", "model", "firmware_version") == SPLITTING
