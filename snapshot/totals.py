"""Totals: what the operator is told of a month and of the whole stream, printed in ``totals.json``."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import polars as pl

from dcc_analytics.aggregators.outgoing import DEAD_LETTER_KIND
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.stream.outcomes import RecordClass
from dcc_analytics.stream.strays import STRAYS

_BESIDE = {
    RecordClass.DUPLICATE_REQUEST: "duplicate_requests",
    RecordClass.DUPLICATE_ALERT: "duplicate_alerts",
    RecordClass.LATE: "late",
    RecordClass.STRAY: "strays",
}
#: Counted beside the classes, since no record of its own tells of them.
_COUNTED = {"duplicate_ends", "unmatched_responses", "orphans", "late_facts", "cancelled"}


def totals(
    states: Iterable[ShardState], cells: pl.DataFrame, failures: pl.DataFrame, alerts: pl.DataFrame, members: int
) -> dict[str, Any]:
    """Return the totals.

    Args:
        states: of all shards.
        cells: the month's round trips by ``round_trips.CELL_KEY``.
        failures: its failures by ``round_trips.FAILURE_KEY``.
        alerts: its Alerts by ``alerts.ALERT_CELL``.
        members: how many Members get a pack.

    Returns:
        Counts of the stream so far (records read by topic, duplicates, unmatched, orphans, cancelled requests, late,
        strays, dead letters by topic and reason, ``conservation`` by topic and class), and of the month.
    """
    states = list(states)
    classes: dict[str, Counter[str]] = {}
    beside: Counter[str] = Counter()
    reasons: dict[str, Counter[str]] = {}
    for state in states:
        for (name, topic), count in state.counters.items():
            if topic and name in set(RecordClass):
                classes.setdefault(topic, Counter())[name] += count
            if name in _COUNTED:
                beside[name] += count
            if topic and name in _BESIDE:
                beside[_BESIDE[RecordClass(name)]] += count
            if name.startswith(DEAD_LETTER_KIND):
                reasons.setdefault(topic, Counter())[name.removeprefix(DEAD_LETTER_KIND)] += count
        beside["cancelled"] += sum(leg.cancelled_us is not None for leg in state.memory.legs.data.values())
        for _, ends in state.memory.waiting.data.values():
            for end in ends:
                beside["orphans" if end.kind == "alert" else "unmatched_responses"] += 1
    names = ("duplicate_requests", "duplicate_ends", "duplicate_alerts", "unmatched_responses", "orphans", "cancelled")
    return {
        "lines": {topic: sum(counts.values()) for topic, counts in sorted(classes.items()) if topic != STRAYS},
        **{name: beside[name] for name in (*names, "late", "late_facts", "strays")},
        "dead_letters": {
            topic: counts[RecordClass.DEAD_LETTER]
            for topic, counts in sorted(classes.items())
            if counts[RecordClass.DEAD_LETTER]
        },
        "dead_letter_reasons": {topic: dict(sorted(kinds.items())) for topic, kinds in sorted(reasons.items())},
        "conservation": _conservation(states, classes),
        "month": _month(cells),
        "reasons": dict(failures.group_by("reason_code").agg(pl.col("failures").sum()).sort("reason_code").iter_rows()),
        "alerts_in_month": int(alerts["requests"].sum()),
        "members": members,
    }


def _conservation(states: list[ShardState], classes: dict[str, Counter[str]]) -> dict[str, Any]:
    """Return, for each topic, the classes of its records: every record read is exactly one (contract 3.14)."""
    by_topic = {
        topic: {"records": sum(counts.values()), **dict(sorted(counts.items()))}
        for topic, counts in sorted(classes.items())
    }
    return {"shards": len(states), "topics": by_topic}


def _month(cells: pl.DataFrame) -> dict[str, int]:
    columns = {
        "requests": "requests", "success": "successes", "failure": "failures", "open": "open",
        "warnings": "warnings", "clock_faults": "clock_faults",
    }  # fmt: skip
    return {name: int(cells[column].sum()) for name, column in columns.items()}
