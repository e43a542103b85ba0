"""What an explanation says, for people and for machines. Pure."""

from collections.abc import Iterator, Sequence
from typing import Any

from dcc_analytics.catalogue.service_requests import time_out_us
from dcc_analytics.explain.choose import RoundTrip, has_clock_fault
from dcc_analytics.explain.row import Row
from dcc_analytics.explain.sums import Sum
from dcc_analytics.explain.trace import Note, Position
from dcc_analytics.stream.instants import HOUR_US, US_PER_S, instant_text
from dcc_analytics.stream.legs import NO_RESPONSE
from dcc_analytics.stream.outcomes import RecordClass


def lines(row: Row, trips: Sequence[RoundTrip], found: Sequence[Sum], limit: int) -> Iterator[str]:
    """Yield an explanation line by line.

    Args:
        row: what is explained.
        trips: what is behind it.
        found: its sums.
        limit: of the round trips shown.
    """
    key = ", ".join(f"{name} {value}" for name, value in row.key.items() if value)
    of = f"all Members in Role {row.pack.member.role}" if row.of_role else "-".join(row.pack.member)
    yield f"{row.file}.csv row {row.number} of {of}, {row.pack.month}: {key}"
    for trip in trips[:limit]:
        yield ""
        yield _head(trip, of_role=row.of_role)
        yield from (f"  {_place(position)}  {instant}  {did}" for position, instant, did in _records(trip))
    if len(trips) > limit:
        yield ""
        yield f"{len(trips) - limit:,} more round trips are not shown; --limit shows them"
    yield ""
    yield from (in_words(each) for each in found)


def in_words(found: Sum) -> str:
    """Return a sum in words.

    >>> in_words(Sum("requests", "41", "41")), in_words(Sum("open", "1", "0"))
    ('requests 41 = 41 in the file', 'open 1, but 0 in the file')
    """
    if found.agrees:
        return f"{found.column} {found.explained or 'empty'} = {found.in_file or 'empty'} in the file"
    return f"{found.column} {found.explained or 'empty'}, but {found.in_file or 'empty'} in the file"


def _head(trip: RoundTrip, *, of_role: bool) -> str:
    parts = [
        trip.story.key,
        "transform" if trip.seen.transform else "command",
        f"starts {instant_text(trip.seen.start_us)}",
        outcome_in_words(trip),
        time_in_words(trip),
    ]
    if of_role:
        parts.insert(0, "-".join(trip.member))
    return "  ".join(part for part in parts if part)


def outcome_in_words(trip: RoundTrip) -> str:
    """Return how a round trip ended."""
    if trip.open:
        return "open: within its time-out"
    if trip.succeeded:
        return "success"
    if trip.seen.reason == NO_RESPONSE and (trip.story.outcome is None or trip.story.outcome.ended_us is None):
        hours = time_out_us(trip.seen.srv) // HOUR_US
        return f"failure {NO_RESPONSE}: the stream's clock passed its start by more than {hours} h"
    return f"failure {trip.seen.reason}"


def time_in_words(trip: RoundTrip) -> str:
    """Return the Round Trip Time, or why a success has none."""
    if trip.timed and not trip.seen.transform:
        return f"Round Trip Time {trip.seen.rtt_us / US_PER_S:.3f} s"
    return "clock fault: counted, not timed" if has_clock_fault(trip) else ""


def _records(trip: RoundTrip) -> Iterator[tuple[Position, str, str]]:
    story = trip.story
    for note in story.notes:
        yield note.position, instant_text(note.instant_us), _did(note, story.notes)
    if story.facts_at is not None:
        position, as_of_us = story.facts_at
        yield position, instant_text(as_of_us), "gave the Device's facts: its version as of this instant"


def _did(note: Note, notes: Sequence[Note]) -> str:
    """Return what a record did; an Alert's end that a response beat was taken back."""
    if note.became is RecordClass.END and note.position.topic == "alerts":
        better = [each for each in notes if each.became is RecordClass.END and each.position.topic != "alerts"]
        if better:
            return f"{note.did} (taken back by {_place(better[0].position)})"
    return note.did


def _place(position: Position) -> str:
    text = f"{position.topic} {position.partition} @ {position.offset}"
    return text if position.via is None else f"{text} (passed on: strays {position.via[0]} @ {position.via[1]})"


def as_data(row: Row, trips: Sequence[RoundTrip], found: Sequence[Sum], limit: int) -> dict[str, Any]:
    """Return an explanation for machines."""
    return {
        "file": f"{row.file}.csv",
        "row": row.number,
        "month": str(row.pack.month),
        "party": None if row.of_role else row.pack.member.party,
        "role": row.pack.member.role,
        "key": row.key,
        "round_trips": len(trips),
        "shown": [_trip_data(trip) for trip in trips[:limit]],
        "sums": [{"column": each.column, "explained": each.explained, "in_file": each.in_file} for each in found],
        "agrees": all(each.agrees for each in found),
    }


def _trip_data(trip: RoundTrip) -> dict[str, Any]:
    return {
        "leg": trip.story.key,
        "party": trip.member.party,
        "transform": trip.seen.transform,
        "started_at": instant_text(trip.seen.start_us),
        "outcome": "open" if trip.open else "success" if trip.succeeded else "failure",
        "reason": trip.seen.reason or None,
        "rtt_s": f"{trip.seen.rtt_us / US_PER_S:.6f}" if trip.timed else None,
        "clock_fault": has_clock_fault(trip),
        "records": [
            {
                "topic": position.topic,
                "partition": position.partition,
                "offset": position.offset,
                "strays": None if position.via is None else {"partition": position.via[0], "offset": position.via[1]},
                "at": instant,
                "did": did,
            }
            for position, instant, did in _records(trip)
        ],
    }
