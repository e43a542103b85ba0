"""What a change of metrics costs, measured: a recorded sample is folded, frozen and drawn with the old entries and new.

What an entry inside the language costs is measured on itself. One outside is not coded yet: its keys and throughput are
measured where it asks for a fact of Devices, its rows and pages are not known.
"""

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import polars as pl

from dcc_analytics.catalogue.changes import Change, ChangeRates
from dcc_analytics.catalogue.metrics import WITHIN, Metric, class_of, outside
from dcc_analytics.catalogue.months import Month
from dcc_analytics.render.csv_files import printed
from dcc_analytics.render.files import KEYS
from dcc_analytics.render.metric_file import METRICS_FILE
from dcc_analytics.render.snapshot_folder import MemberEntry, SnapshotFolder
from dcc_analytics.snapshot.disclosure import OK
from dcc_analytics.snapshot.rules import RuleSet
from dcc_analytics.snapshot.sample import SPLITTING, Sample, fold_sample
from dcc_analytics.snapshot.take import Snapshot, freeze, write

#: Packs that are drawn with both sets of entries: of the Members with most rows, which are the slowest.
PACKS: Final = 5
#: A fold is repeated so often, and the fastest counts: others were held up.
_FOLDS: Final = 3


@dataclass(frozen=True, slots=True)
class Size:
    """What a metric adds to a month of the sample: rows and bytes, and cells withheld by figures and reason."""

    rows: int = 0
    packs: int = 0
    csv_bytes: int = 0
    snapshot_bytes: int = 0
    cells: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fold:
    """The fold of the sample: events, a core's seconds, cells of round trips and bytes of the ledger."""

    events: int
    seconds: float
    cells: int
    ledger_bytes: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What one change costs.

    Attributes:
        id, version, title, change, fields: of the entry.
        kind: its class of change.
        why: it is of that class; nothing for one within the language.
        was, now: its sizes; None where the sample can't tell.
        folds: the fold with each further column the entry asks for, where that is a fact of Devices.
        hours: of work.
    """

    id: str
    version: int
    title: str
    change: str
    fields: tuple[str, ...]
    kind: str
    why: tuple[str, ...]
    was: Size | None
    now: Size | None
    folds: Mapping[str, Fold]
    hours: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """Packs drawn: means of pages and of a core's seconds over so many packs; and those it took to freeze the month."""

    pages: float
    seconds: float
    packs: int
    freeze_s: float


@dataclass(frozen=True, slots=True)
class Request:
    """A change request: each change, the fold as it is, and packs as they are and would be."""

    month: str
    sample: str
    changes: tuple[Cost, ...]
    fold: Fold
    was: Drawn
    now: Drawn


def change_request(
    changes: Sequence[Change], sets: tuple[Sequence[Metric], Sequence[Metric]], events: Path, month: Month, *,
    rules: RuleSet, rates: ChangeRates,
) -> Request:  # fmt: skip
    """Measure what changes cost.

    Args:
        changes: of the entries.
        sets: all entries, as they are and as they will be; those outside the language are left out of the month.
        events: folder of a recorded sample.
        month: of it.
        rules: what may be shown of others.
        rates: hours by class of change.
    """
    sample = _fastest(events)
    folds = {fact: _fold(_fastest(events, fact)) for fact in _facts(changes)}
    (was, was_s), (now, now_s) = (_frozen(sample, month, rules, entries) for entries in sets)
    costs = tuple(
        Cost(
            each.entry.id, each.entry.version, each.entry.title, each.kind, each.fields, each.kind_of_work,
            tuple(beyond.words for beyond in outside(each.now)) if each.now else (),
            _size(was, each.was), _size(now, each.now),
            {fact: folds[fact] for fact in _facts([each])}, rates.hours[each.kind_of_work],
        )
        for each in changes
    )  # fmt: skip
    drawn = zip(_drawn(was, now), (was_s, now_s), strict=True)
    return Request(str(month), str(events), costs, _fold(sample), *(Drawn(*each, freeze_s) for each, freeze_s in drawn))


def _frozen(sample: Sample, month: Month, rules: RuleSet, entries: Sequence[Metric]) -> tuple[Snapshot, float]:
    """Return the month with the entries that can be computed, and the seconds that took when nothing was new to it."""
    within = [each for each in entries if class_of(each) == WITHIN]
    freeze(sample.collected, month, rules, metrics=within)
    began = time.process_time()
    frozen = freeze(sample.collected, month, rules, metrics=within)
    return frozen, time.process_time() - began


def _facts(changes: Sequence[Change]) -> list[str]:
    """Return the facts of Devices that changes ask round trips to be told apart by."""
    asked = [each for change in changes if change.now for each in outside(change.now) if each.column in SPLITTING]
    return list(dict.fromkeys(each.column for each in asked))


def _fastest(events: Path, fact: str = "") -> Sample:
    return min((fold_sample(events, fact=fact) for _ in range(_FOLDS)), key=lambda each: each.seconds)


def _fold(sample: Sample) -> Fold:
    return Fold(sample.events, sample.seconds, sample.cells, sample.ledger_bytes)


def _size(month: Snapshot, metric: Metric | None) -> Size | None:
    """Return what a metric adds; nothing if there is no such entry, None if the sample can't tell."""
    if metric is None:
        return Size()
    if class_of(metric) != WITHIN:
        return None
    table = month.tables.by_name[METRICS_FILE.name]
    rows, others = table.filter(metric=metric.id), table.filter(pl.col("metric") != metric.id)
    stored = _stored(table) - _stored(others)
    text = printed(rows, METRICS_FILE).write_csv(include_header=False, float_precision=6, line_terminator="\r\n")
    packs = rows.select("party", "role").n_unique()
    return Size(rows.height, packs, len(text.encode()), stored, _cells(month, metric.id))


def _stored(table: pl.DataFrame) -> int:
    """Return the bytes of a table in a snapshot."""
    file = BytesIO()
    table.write_parquet(file)
    return len(file.getvalue())


def _cells(month: Snapshot, metric: str) -> dict[str, dict[str, int]]:
    """Return how many cells of a metric show each set of figures, and lack it by each reason."""
    found: dict[str, dict[str, int]] = {}
    for row in month.tables.suppression:
        if row["table"] == f"{METRICS_FILE.name}/{metric}":
            by_reason = found.setdefault(row["figures"], {OK: 0})
            by_reason[row["reason"]] = by_reason.get(row["reason"], 0) + row["cells"]
    return found


def _drawn(was: Snapshot, now: Snapshot) -> Iterator[tuple[float, float, int]]:
    """Yield, for both months, means of pages and seconds of their packs, and of how many; drawn in turn."""
    # What draws pages takes longer to load than all the rest, and the other commands of the group do without.
    from dcc_analytics.render.pdf.figures import PackFigures  # noqa: PLC0415 (see above)
    from dcc_analytics.render.pdf.fonts import FontFolder  # noqa: PLC0415 (see above)
    from dcc_analytics.render.pdf.pack import compose  # noqa: PLC0415 (see above)

    with tempfile.TemporaryDirectory(prefix="dcca-cost-") as work:
        folder = Path(work)
        months = [SnapshotFolder.open(write(each, folder / name, KEYS)) for name, each in (("was", was), ("now", now))]
        fonts = FontFolder.make(folder)
        pages: tuple[list[int], list[int]] = ([], [])
        seconds: tuple[list[float], list[float]] = ([], [])
        members = _largest(now.tables.by_name, months[1].members())
        for member in members:
            for place, month in enumerate(months):
                began = time.process_time()
                pack = compose(PackFigures.read(month, member), fonts)
                seconds[place].append(time.process_time() - began)
                pages[place].append(max(box.page for box in pack.boxes))
    for place in (0, 1):
        yield sum(pages[place]) / len(members), sum(seconds[place]) / len(members), len(members)


def _largest(tables: Mapping[str, pl.DataFrame], members: Sequence[MemberEntry]) -> list[MemberEntry]:
    rows = tables["round_trips_daily"].group_by("party", "role").len()
    sizes: dict[Any, int] = {(party, role): number for party, role, number in rows.iter_rows()}
    return sorted(members, key=lambda each: (-sizes.get((each.party, each.role), 0), each.folder))[:PACKS]
