"""A month of Great Britain in small: made, published, folded, frozen, audited and packed by the product's commands.

Each step is checked against what the one before it said, and the figures against a batch that shares nothing with the
product, so that a month that is wrong fails.
"""

import json
import time
from typing import Final

from bench.figures import Figure, PartFailedError, slope
from bench.parts.polars_batch import compared
from bench.processes import Watch
from bench.run import PARTITIONS, Run, say
from bench.steps import Step, step
from bench.watched import Mark, WatchedWorker
from dcc_analytics.snapshot.audit import PROVEN
from dcc_analytics.stream.decode import DECODERS

PART: Final = "nation"
#: Events of a month of Great Britain, of which ``--scale`` says the part.
EVENTS: Final = 2_700_000_000


def measure(run: Run) -> list[Figure]:
    """Take a month through all steps; the first figures say how large it is."""
    made = _simulated(run)
    published = _published(run, made)
    events = sum(published.told["records"][topic] for topic in DECODERS)
    began = time.perf_counter()
    marks = _folded(run, events)
    folded_s = time.perf_counter() - began
    month_end = _month_end(run, published.told["records"])
    say("the same month by a batch")
    found = compared(run, every_core=True, patience_s=None)
    return [
        Figure(PART, "events", events, "events"),
        Figure(PART, "homes", run.nation.homes, "homes"),
        Figure(PART, "Device records", made.told["records"]["devices"], "records"),
        Figure(PART, "Users", made.told["records"]["users"], "Users"),
        *made.figures(PART),
        *published.figures(PART),
        *_of_folding(marks, events, folded_s),
        *(figure for each in month_end for figure in each.figures(PART)),
        *(Figure(PART, "packs", each.told["packs"], "packs") for each in month_end if "packs" in each.told),
        Figure(PART, "requests a batch counts, of the product's", found["of_product"], "%"),
        Figure(PART, "the batch: time", found["seconds"], "s"),
        Figure(PART, "the batch: most memory", found["peak_mb"], "MB"),
    ]


def _simulated(run: Run) -> Step:
    homes = run.nation.homes
    say(f"{homes:,} homes, about {run.events:,} events: simulating")
    return step("simulate", "--out", str(run.events_folder), "--homes", str(homes), "--days-after", "0")


def _published(run: Run, made: Step) -> Step:
    connection = run.connection
    say("publishing")
    published = step("publish", str(run.events_folder), "--bootstrap", connection.bootstrap)
    _same("records published", published.told["records"], made.told["records"])
    return published


def _folded(run: Run, events: int) -> list[Mark]:
    say("folding with a worker")
    options = ("--until-caught-up",)
    worker = WatchedWorker(run.connection, run.folder / "state", *options, shards=PARTITIONS, patience_s=None)
    try:
        with _Progress(worker, events):
            worker.wait()
    finally:
        worker.end()
    marks = worker.counted()
    _same("events folded", marks[-1].records, events)
    return marks


def _of_folding(marks: list[Mark], events: int, seconds: float) -> list[Figure]:
    first, last = marks[0], marks[-1]
    later = [(mark.records / 1e6, mark.resident_mb) for mark in marks if mark.records >= events / 2]
    return [
        Figure(PART, "worker: time", seconds, "s"),
        Figure(PART, "worker: CPU", last.cpu_s, "s"),
        Figure(PART, "worker: most memory", max(mark.resident_mb for mark in marks), "MB"),
        Figure(PART, "worker: memory over the second half", slope(later)[1], "MB/million events"),
        Figure(PART, "worker: folded", events / (last.at_s - first.at_s), "events/s"),
        Figure(PART, "worker: ledger", last.ledger_bytes / events, "bytes/event"),
    ]


def _month_end(run: Run, published: dict[str, int]) -> list[Step]:
    """Freeze, audit and pack the month, and compare what each says with what was published."""
    where = ("--month", run.month, "--out", str(run.folder))
    at = ("--bootstrap", run.connection.bootstrap)
    say("taking the snapshot")
    frozen = step("snapshot", *where, *at)
    _same("records left unfolded", frozen.told["records_behind"], 0)
    said = json.loads((run.snapshots / run.month / "totals.json").read_text(encoding="utf-8"))
    _same("records counted in their classes", _of_events(said["lines"]), _of_events(published))
    say("auditing")
    audited = step("audit", *where, *at)
    _same("the audit's verdict", audited.told["verdict"], PROVEN)
    read = {each["topic"]: each["found"]["records"] for each in audited.told["checked"] if each["what"] == "read"}
    _same("records the audit has read", _of_events(read), _of_events(published))
    if not run.packs:
        return [frozen, audited]
    say("making packs")
    rendered = step("render", *where)
    _same("packs", rendered.told["packs"], frozen.told["members"])
    return [frozen, audited, rendered]


def _of_events(records: dict[str, int]) -> dict[str, int]:
    return {topic: records.get(topic, 0) for topic in DECODERS}


def _same(what: str, found: object, expected: object) -> None:
    """Compare what two steps say.

    Raises:
        PartFailedError: they differ.
    """
    if found != expected:
        raise PartFailedError(f"{what}: {found} where {expected} was expected")


class _Progress(Watch):
    """Says how far a worker is, again and again."""

    every_s = 20.0

    def __init__(self, worker: WatchedWorker, events: int) -> None:
        super().__init__()
        self._worker, self._events = worker, events

    def look(self) -> None:
        """Say it once."""
        for mark in self._worker.marks[-1:]:
            say(f"{mark.records:,} of {self._events:,} events folded, {mark.resident_mb:,.0f} MB")
