"""Legs, Alerts and Devices as items of an explanation. Pure."""

from collections.abc import Iterator, Sequence
from typing import Any

from dcc_analytics.catalogue.service_requests import time_out_us
from dcc_analytics.explain.choose import RoundTrip, has_clock_fault
from dcc_analytics.explain.explanation import Item, Told
from dcc_analytics.explain.stories import AlertStory, Note, Position, Story
from dcc_analytics.snapshot.members import Directory, Member
from dcc_analytics.stream.instants import HOUR_US, US_PER_S, instant_text
from dcc_analytics.stream.legs import NO_RESPONSE
from dcc_analytics.stream.outcomes import RecordClass

GAVE_FACTS = "gave the Device's facts: its version as of this instant"


def trip_item(trip: RoundTrip, *, said: str = "", of: Member | None = None) -> Item:
    """Return a round trip as an item.

    Args:
        trip: which.
        said: what it is to the row, if its outcome does not say it.
        of: whose it is, where that is to be told.
    """
    parts = [
        "" if of is None else "-".join(of),
        said,
        trip.story.key,
        "transform" if trip.seen.transform else "command",
        f"starts {instant_text(trip.seen.start_us)}",
        outcome_in_words(trip),
        time_in_words(trip),
    ]
    data: dict[str, Any] = {
        "leg": trip.story.key,
        "party": trip.member.party,
        "transform": trip.seen.transform,
        "started_at": instant_text(trip.seen.start_us),
        "outcome": "open" if trip.open else "success" if trip.succeeded else "failure",
        "reason": trip.seen.reason or None,
        "rtt_s": f"{trip.seen.rtt_us / US_PER_S:.6f}" if trip.timed else None,
        "clock_fault": has_clock_fault(trip),
    }
    return Item("  ".join(part for part in parts if part), list(leg_records(trip.story)), _with(data, said))


def leg_item(story: Story, directory: Directory, said: str) -> Item:
    """Return a leg that a measure goes by as an item; whose it is, is told."""
    seen = story.seen
    if seen is None:
        raise ValueError(f"the leg {story.key} was not folded to a round trip")
    member = directory.member(seen.user, seen.role, seen.srv)
    return trip_item(RoundTrip(story, seen, member, seen.flags), said=f"{said}: {seen.srv}", of=member)


def alert_item(story: AlertStory, *, said: str = "", of: Member | None = None) -> Item:
    """Return an Alert as an item.

    Args:
        story: of the Alert.
        said: what it is to the row, if its delivery does not say it.
        of: whom it was sent to, where that is to be told.
    """
    alert = story.alert
    more = f"stands for {alert.throttled_count} more" if alert.throttled_count else ""
    parts = [
        "" if of is None else "-".join(of),
        said,
        f"Alert {alert.code}",
        alert.alert_id,
        f"on {alert.device}" if alert.device else "without a Device",
        f"raised {instant_text(alert.raised_us)}",
        "delivered" if alert.delivered else "failed",
        f"in {story.took_us / US_PER_S:.3f} s" if story.timed else "",
        more,
    ]
    data: dict[str, Any] = {
        "alert": alert.alert_id,
        "code": alert.code,
        "recipient": alert.recipient,
        "device": alert.device,
        "raised_at": instant_text(alert.raised_us),
        "outcome": "delivered" if alert.delivered else "failed",
        "delivery_s": f"{story.took_us / US_PER_S:.6f}" if story.timed else None,
        "throttled_count": alert.throttled_count,
    }
    return Item("  ".join(part for part in parts if part), list(alert_records(story)), _with(data, said))


def device_item(device: str, said: str, held: tuple[Position, int] | None, did: str) -> Item:
    """Return a Device as an item, by the version of its record that said something."""
    records = [] if held is None else [Told(held[0], instant_text(held[1]), did)]
    return Item(f"{said}: {device}", records, _with({"device": device}, said))


def _with(data: dict[str, Any], said: str) -> dict[str, Any]:
    return {"said": said, **data} if said else data


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


def leg_records(story: Story) -> Iterator[Told]:
    """Yield the records about a leg."""
    for note in story.notes:
        yield Told(note.position, instant_text(note.instant_us), _did(note, story.notes))
    yield from _facts_from(story.facts_at)


def alert_records(story: AlertStory) -> Iterator[Told]:
    """Yield the records about an Alert."""
    for note in story.notes:
        yield Told(note.position, instant_text(note.instant_us), note.did)
    yield from _facts_from(story.facts_at)


def _facts_from(facts_at: tuple[Position, int] | None) -> Iterator[Told]:
    if facts_at is not None:
        position, as_of_us = facts_at
        yield Told(position, instant_text(as_of_us), GAVE_FACTS)


def _did(note: Note, notes: Sequence[Note]) -> str:
    """Return what a record did; an Alert's end that a response beat was taken back."""
    if note.became is RecordClass.END and note.position.topic == "alerts":
        better = [each for each in notes if each.became is RecordClass.END and each.position.topic != "alerts"]
        if better:
            return f"{note.did} (taken back by {place_text(better[0].position)})"
    return note.did


def place_text(position: Position) -> str:
    """Return where a record stands in words."""
    text = f"{position.topic} {position.partition} @ {position.offset}"
    return text if position.via is None else f"{text} (passed on: strays {position.via[0]} @ {position.via[1]})"
