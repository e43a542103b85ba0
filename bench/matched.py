"""What a yardstick that matches has to find: counted from the recorded events, by the product's decoders."""

import heapq
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from bench.figures import PartFailedError
from dcc_analytics.stream import events
from dcc_analytics.stream.decode import DECODERS, decoded
from dcc_analytics.stream.home import key_hash
from dcc_analytics.stream.identity import originator_of
from dcc_analytics.stream.legs import TRANSFORM_VARIANT, leg_key
from dcc_analytics.stream.recorded import files_of, read_recorded

#: A request and its end meet when their records are no further apart, in milliseconds.
WINDOW_MS: Final = 3_600_000
#: What stands for the outcome of a request, as it is counted when it is read.
REQUESTED: Final = "requested"
UNREADABLE: Final = ("", "", "unreadable")

Counts: TypeAlias = Counter[tuple[str, str, str]]
"""How often by User, SRV (of an Alert its code) and outcome: first letter of a response's code."""


class _Kept(NamedTuple):
    """What is kept of a leg: when its request or end was read, the one's SRV or the other's outcome, if not both."""

    at_ms: int
    srv: str | None
    outcome: str | None


def matched(folder: Path, *, partitions: int = 1) -> Counts:
    """Return the counts of a folder of recorded events, read in the order of their timestamps.

    Args:
        folder: of the events.
        partitions: of their topics, when records that are keyed wrongly, and so in another one than what belongs to
            them, find nothing there; the product passes them on.
    """
    counts: Counts = Counter()
    legs: dict[tuple[int, str], _Kept] = {}
    for at_ms, key, event in _in_order(folder):
        partition = key_hash(key) % partitions
        match event:
            case events.Request():
                counts[originator_of(event.request_id), event.srv, REQUESTED] += 1
                transform = event.command_variant == TRANSFORM_VARIANT
                leg = leg_key(event.request_id, transform=transform)
                _meet(counts, legs, (partition, leg), _Kept(at_ms, event.srv, None))
            case events.Response(kind="response" | "pre_command"):
                leg = leg_key(event.request_id, transform=event.kind == "pre_command")
                _meet(counts, legs, (partition, leg), _Kept(at_ms, None, event.code[:1]))
            case events.ScheduledResult():
                counts[event.user, event.srv, event.code[:1]] += 1
            case events.Alert():
                counts[event.recipient, event.code, "delivered" if event.delivered else "failed"] += 1
            case events.Rejected():
                counts[UNREADABLE] += 1
    return counts


_Read: TypeAlias = tuple[int, bytes, events.StreamEvent | events.Rejected]


def _in_order(folder: Path) -> Iterator[_Read]:
    """Yield timestamp, key and event; each file is in that order already."""
    files = [(topic, path) for topic, path in files_of(folder).items() if topic in DECODERS]
    return heapq.merge(*(_read(topic, path) for topic, path in files), key=lambda each: each[0])


def _read(topic: str, path: Path) -> Iterator[_Read]:
    for record in read_recorded(path):
        yield record.timestamp_ms, record.key or b"", decoded(DECODERS[topic], record.value)


def _meet(counts: Counts, legs: dict[tuple[int, str], _Kept], leg: tuple[int, str], read: _Kept) -> None:
    """Count a leg whose request and end have come; what is read again is passed over."""
    kept = legs.get(leg)
    if kept is None or read.at_ms - kept.at_ms > WINDOW_MS:
        legs[leg] = read
        return
    srv, outcome = kept.srv or read.srv, kept.outcome or read.outcome
    if srv and outcome and not (kept.srv and kept.outcome):
        counts[originator_of(leg[1]), srv, outcome] += 1
        legs[leg] = _Kept(read.at_ms, srv, outcome)


def check_counts(found: Counts, expected: Counts) -> None:
    """See that a yardstick has done what it was measured at.

    Raises:
        PartFailedError: it has counted anything else; says how many requests of how many, and one that differs.
    """
    if found == expected:
        return
    requests = [sum(n for (_, _, outcome), n in counts.items() if outcome == REQUESTED) for counts in (found, expected)]
    differing = sorted(key for key in found.keys() | expected.keys() if found[key] != expected[key])
    first = differing[0]
    raise PartFailedError(
        f"it counted {requests[0]} requests of {requests[1]}, and {len(differing)} counts differ, the first of "
        f"{' '.join(first)}: {found[first]}, not {expected[first]}"
    )
