"""A month frozen twice, from what two applications have folded of the same events: do they agree?"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from dcc_analytics.aggregators.audit import NOTHING, AuditSum, added
from dcc_analytics.catalogue.errors import SnapshotError
from dcc_analytics.snapshot.audit import Audited
from dcc_analytics.snapshot.causes import ESTIMATED
from dcc_analytics.snapshot.changes import CAME, CHANGED, GONE, MEMBER
from dcc_analytics.snapshot.compare import CHANGES, Version, compare
from dcc_analytics.snapshot.estimates import judge
from dcc_analytics.snapshot.revision import UNUSABLE, Former
from dcc_analytics.snapshot.take import Snapshot, write
from dcc_analytics.stream.fetched import Place
from dcc_analytics.stream.reference import REFERENCE_TOPICS
from dcc_analytics.stream.strays import STRAYS

WAS: Final = "WAS"
NOW: Final = "NOW"
#: Differences that are told one by one; all are counted, and all are in the file.
TOLD: Final = 20
#: What hangs on when things were read: a fact that came late to the one was there in time for the other, and an end
#: waits for its request or not.
_OF_READING: Final = frozenset({"late_facts", "conservation"})
#: What hangs on which partition a record stands in: another number of partitions has other strays.
_OF_PARTITIONS: Final = frozenset({"strays"})
#: Counts by topic; of a topic that is compacted two copies have removed other records.
_BY_TOPIC: Final = frozenset({"lines", "dead_letters", "dead_letter_reasons"})


@dataclass(frozen=True, slots=True)
class Agreement:
    """What came of the comparison.

    Attributes:
        tables: for each its rows, and how many figures are others, rows came and rows went.
        missing: tables, and columns of tables that both have, that only one has: ``WAS`` or ``NOW``. What stands in
            such a column is compared with nothing.
        estimates: figures that are others within the bounds of estimates: they hang on how events were cut into
            commits.
        totals: counts, and audit sums, that are others, with what they were and are.
        first: the first differences: table, Member, row, column, what it was and is.
    """

    tables: dict[str, dict[str, int]]
    missing: dict[str, str]
    estimates: int
    totals: dict[str, tuple[Any, Any]]
    first: list[dict[str, str | None]]

    @property
    def equal(self) -> bool:
        """Whether every exact figure is the same."""
        return not self.totals and not self.missing and not any(self.differing(name) for name in self.tables)

    def differing(self, table: str) -> int:
        """Return how many figures and rows of a table are others."""
        return sum(count for name, count in self.tables[table].items() if name != "rows")


def agreement(
    was: Snapshot, now: Snapshot, folder: Path, keys: Mapping[str, Sequence[str]], *, with_totals: bool
) -> Agreement:
    """Write both snapshots and what they differ in into a folder, and return what came of it.

    Args:
        was: of the application that is checked.
        now: of the one that has folded the events again.
        folder: gets ``was``, ``now`` and ``changes.parquet``.
        keys: for each table the columns that tell a Member's rows apart.
        with_totals: whether both have folded all records there ever were, so that counts of the whole stream compare.

    Raises:
        SnapshotError: the folder can't be written.
    """
    one, other = (Former.read(write(each, folder / name, keys)) for name, each in (("was", was), ("now", now)))
    return agreement_of(one, other, folder, keys, with_totals=with_totals, same_topics=True)


def agreement_of(
    was: Former, now: Former, folder: Path, keys: Mapping[str, Sequence[str]], *, with_totals: bool, same_topics: bool
) -> Agreement:
    """Write what two snapshots of a month differ in into a folder, and return what came of it.

    Args:
        was: the one that is known.
        now: the one that is set against it.
        folder: gets ``changes.parquet``.
        keys: for each table the columns that tell a Member's rows apart.
        with_totals: whether both have folded all records there ever were, so that counts of the whole stream compare.
        same_topics: whether both have folded the same topics, so that sums by offset compare, and so does what hangs
            on which partition a record stands in.

    Raises:
        SnapshotError: one of them is damaged.
    """
    written = (was, now)
    before, after = (each.manifest["tables"] for each in written)
    others = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    versions = [
        {name: Version(each.path / f"{name}.parquet" if name in each.manifest["tables"] else None) for name in others}
        for each in written
    ]
    compare(versions[0], versions[1], keys, {}, folder)
    changes = folder / f"{CHANGES}.parquet"
    judge(changes, versions[0], versions[1], keys)
    tables = {
        name: {"rows": said["rows"], CHANGED: 0, CAME: 0, GONE: 0} for name, said in sorted({**before, **after}.items())
    }
    estimates = 0
    for table, row, estimated, number in _counts(changes).iter_rows():
        if estimated:
            estimates += number
        else:
            tables[table][row] += number
    for name in others & before.keys() & after.keys():
        if not (versions[0][name].of_members and versions[1][name].of_members):  # no differences of it are listed
            tables[name][CHANGED] = 1
    exact = pl.scan_parquet(changes).filter(pl.col("why") != ESTIMATED).drop("why")
    totals = _totals(was, now, same_topics=same_topics) if with_totals else {}
    if same_topics:
        totals |= _audit_sums(Audited.of(was.manifest), Audited.of(now.manifest))
    return Agreement(
        tables, _missing(versions[0], versions[1]), estimates, totals, exact.head(TOLD).collect().to_dicts()
    )


def _counts(changes: Path) -> pl.DataFrame:
    """Return of each table how many figures and rows are others, by whether they are estimates within their bounds."""
    estimated = pl.col("why") == ESTIMATED
    figure = pl.when(row=CHANGED).then("column")  # a row that came or went counts once, however many values it has
    counted = pl.scan_parquet(changes).select("table", "row", *MEMBER, "key", estimated=estimated, column=figure)
    return counted.unique().group_by("table", "row", "estimated").len().collect(engine="streaming")


def _missing(was: Mapping[str, Version], now: Mapping[str, Version]) -> dict[str, str]:
    """Return the tables and columns that only one of two snapshots has, with which."""
    found = {}
    for name in sorted(was):
        first, second = was[name], now[name]
        if first.path is None or second.path is None:
            found[name] = NOW if first.path is None else WAS
            continue
        columns = set(first.columns), set(second.columns)
        found |= {
            f"{name}.{column}": WAS if column in columns[0] else NOW for column in sorted(columns[0] ^ columns[1])
        }
    return found


def _totals(was: Former, now: Former, *, same_topics: bool) -> dict[str, tuple[Any, Any]]:
    before, after = (_totals_of(each, same_topics=same_topics) for each in (was, now))
    names = sorted({*before, *after} - (_OF_READING if same_topics else _OF_READING | _OF_PARTITIONS))
    return {name: (before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)}


def _totals_of(snapshot: Former, *, same_topics: bool) -> dict[str, Any]:
    path = snapshot.path / "totals.json"
    try:
        found = dict(json.loads(path.read_bytes()))
        by_topic = {name: dict(found[name]) for name in _BY_TOPIC & found.keys()}
    except (OSError, *UNUSABLE) as error:
        raise SnapshotError(f"{path} can't be read ({error}); take the snapshot again") from error
    if same_topics:
        return found
    events = {name: {topic: by[topic] for topic in by.keys() - REFERENCE_TOPICS} for name, by in by_topic.items()}
    return {**found, **events}


def _audit_sums(was: Audited, now: Audited) -> dict[str, tuple[Any, Any]]:
    """Return the sums of records folded that are others, of what both have read from the same offset to the same.

    They are compared over all classes: whether an end waits for its request hangs on which was read first.
    """
    sums = [_by_place(each) for each in (was, now)]
    return {
        f"audit sum of {topic}/{partition}": (sums[0][topic, partition], sums[1][topic, partition])
        for topic, partition in sorted(was.begun.keys() & now.begun.keys())
        if topic != STRAYS  # each has passed on its own
        and was.begun[topic, partition] == now.begun[topic, partition]
        and was.ends[topic, partition] == now.ends[topic, partition]
        and sums[0][topic, partition] != sums[1][topic, partition]
    }


def _by_place(audited: Audited) -> dict[Place, AuditSum]:
    found: dict[Place, AuditSum] = dict.fromkeys(audited.begun, NOTHING)
    for (topic, partition, _), total in audited.sums.items():
        found[topic, partition] = added(found.get((topic, partition), NOTHING), total)
    return found
