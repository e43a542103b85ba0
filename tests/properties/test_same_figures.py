"""Whatever the cut into fetches, the partitions, the restarts: the same figures, and those the sample expects.

Requirements: R-BP-1, R-BP-3, R-BP-4 (counts behind them), R-MON-1.
"""

import csv
import json
import random

import polars as pl
import pytest

from tests.driver import Driver
from tests.recorded_sample import SAMPLE, counters, month_of, published, same, totals_of

EXPECTED = json.loads((SAMPLE / "expected" / "totals.json").read_text())


@pytest.fixture(scope="module")
def one_partition() -> Driver:
    driver, _ = published(1)
    driver.run(fetch=1_000)
    return driver


def test_the_month_totals_are_those_expected(one_partition: Driver) -> None:
    month = month_of(one_partition)
    assert totals_of(month.cells) == EXPECTED["month"]
    by_reason = month.failures.group_by("reason_code").agg(pl.col("failures").sum())
    reasons = dict(by_reason.iter_rows())
    assert reasons == EXPECTED["reasons"]
    beside = counters([shard.state for shard in one_partition.shards])
    assert beside["duplicate_ends"] == EXPECTED["duplicate_ends"]
    assert beside["unmatched_responses"] == EXPECTED["unmatched_responses"]


def test_the_dead_letters_are_exactly_the_lines_expected() -> None:
    driver, line_at = published(3)
    driver.run()
    with (SAMPLE / "expected" / "dead_letters.csv").open() as file:
        expected = {(row["topic"], int(row["line"])) for row in csv.DictReader(file)}
    assert {(each.topic, line_at[each.topic, each.partition, each.offset]) for each in driver.dead_letters} == expected


@pytest.mark.parametrize(("partitions", "fetch"), [(1, 7_000), (3, 40), (8, 500)])
def test_partitions_and_fetch_sizes_change_no_figure(one_partition: Driver, partitions: int, fetch: int) -> None:
    driver, _ = published(partitions)
    driver.run(fetch)
    assert same(month_of(driver), month_of(one_partition))
    states = [shard.state for shard in driver.shards]
    assert counters(states) == counters([shard.state for shard in one_partition.shards])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_shards_killed_at_random_change_no_figure(one_partition: Driver, seed: int) -> None:
    """Shards run ahead of each other, die before a commit, come back from delta or checkpoint."""
    chance = random.Random(seed)
    driver, _ = published(4)
    driver.read_reference()
    moved, kills = True, 0
    while moved:
        moved = False
        for partition in chance.sample(range(4), 4):
            shard = driver.shards[partition]
            if chance.random() < 0.3:
                driver.step(shard, 300, commit=False)
                driver.restart(partition)
                kills, moved = kills + 1, True
                continue
            if driver.step(shard, chance.choice([5, 300, 2_000]), commit=False):
                driver.commit(shard, checkpoint=chance.random() < 0.2)
                moved = True
        driver.tell_horizon()
    assert kills > 5
    assert same(month_of(driver), month_of(one_partition))
    states = [shard.state for shard in driver.shards]
    assert counters(states) == counters([shard.state for shard in one_partition.shards])
