"""A month told in a story and frozen again and again: what each revision says it changed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from dcc_analytics.render.files import KEYS
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from dcc_analytics.snapshot.collect import Collected
from dcc_analytics.snapshot.months_before import MonthBefore
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.rules import RuleSet
from dcc_analytics.snapshot.take import Snapshot, freeze, write
from tests.driver import Driver
from tests.in_process import collected
from tests.story import OCTOBER, Story


def read_up_to(driver: Driver) -> Collected:
    """Return what a snapshot is made from, with the offsets of the log."""
    offsets: dict[str, dict[str, int]] = defaultdict(dict)
    for (topic, partition), log in driver.log.items():
        offsets[topic][str(partition)] = len(log)
    return replace(collected(driver), offsets=dict(offsets))


class RevisedMonth:
    """A story whose October is frozen into a folder."""

    def __init__(self, folder: Path) -> None:
        self.story = Story()
        self.folder = folder

    def frozen(self, *, rules: RuleSet | None = None, months: Sequence[MonthBefore] = ()) -> Snapshot:
        """Fold what was told, and freeze October."""
        self.story.run()
        return freeze(read_up_to(self.story.driver), OCTOBER, rules or read_rules(), months=months)

    def take(self, *, rules: RuleSet | None = None, months: Sequence[MonthBefore] = ()) -> SnapshotFolder:
        """Take a snapshot."""
        return SnapshotFolder.open(write(self.frozen(rules=rules, months=months), self.folder, KEYS))


def changes(snapshot: SnapshotFolder, *tables: str) -> list[tuple[Any, ...]]:
    """Return the entries of some tables without Member and table."""
    rows = pl.read_parquet(snapshot.path / "changes.parquet")
    return rows.filter(pl.col("table").is_in(tables)).drop("party", "role", "table").rows()
