"""Recorded events to plain values, with the lines that must become dead letters (contract sections 1 and 8, Records).

A folder holds ``<topic>.ndjson`` or the same with ``.gz``; a line has ``key``, ``timestamp`` and one of ``value``,
``value_text`` and ``value_base64``. Instants become whole microseconds since 1970. DUIS XML is not read: the makers of
months make none, and the sample has it only where it must be refused, so that all of it counts as a dead letter here.
"""

import gzip
import json
import math
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

from tests.oracle.fields import Refused, whole_record

TOPICS: Final = ("service-requests", "service-responses", "alerts", "devices", "incidents", "users")
_COMPACTED: Final = frozenset({"devices", "incidents", "users"})

Event = dict[str, Any]


@dataclass
class Recorded:
    """What a folder holds.

    Attributes:
        events: by topic, in order of the log; each has ``line`` and ``timestamp_us`` beside its fields. A record
            without value on a compacted topic is an event with ``tombstone``, the key it removes.
        dead_letters: topic and line, from 1.
        lines: how many lines each topic has.
    """

    events: dict[str, list[Event]] = field(default_factory=dict)
    dead_letters: set[tuple[str, int]] = field(default_factory=set)
    lines: dict[str, int] = field(default_factory=dict)


def read_folder(folder: Path) -> Recorded:
    """Return the events of a folder; topics without a file are empty."""
    recorded = Recorded()
    for topic in TOPICS:
        events: list[Event] = []
        count = 0
        for count, line in enumerate(_lines(folder / f"{topic}.ndjson"), 1):
            event = _event(topic, json.loads(line))
            if event is None:
                recorded.dead_letters.add((topic, count))
            else:
                event["line"] = count
                events.append(event)
        recorded.events[topic] = events
        recorded.lines[topic] = count
    return recorded


def _lines(path: Path) -> Iterator[str]:
    packed = path.with_name(f"{path.name}.gz")
    if packed.exists():
        with gzip.open(packed, "rt", encoding="utf-8") as file:
            yield from file
    elif path.exists():
        with path.open(encoding="utf-8") as file:
            yield from file


def _event(topic: str, record: Event) -> Event | None:
    """Return the event of a line, or None for a dead letter."""
    timestamp_us = record["timestamp"] * 1000
    value = record["value"] if "value" in record else _parsed(record)
    if value is None and "value" in record and topic in _COMPACTED:
        return {"tombstone": (record["key"] or "").upper(), "timestamp_us": timestamp_us}
    if not isinstance(value, dict):
        return None
    try:
        event = whole_record(topic, value)
    except Refused:
        return None
    event["timestamp_us"] = timestamp_us
    return event


def _parsed(record: Event) -> Any:  # noqa: ANN401 (what JSON holds)
    """Return what the bytes of a value say; None where they are no JSON."""
    try:
        coded = record.get("value_base64")
        text = record["value_text"] if coded is None else b64decode(coded).decode("utf-8")
        return json.loads(text, parse_constant=_no_constant, parse_float=_finite)
    except (ValueError, RecursionError):
        return None


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no number")
    return number


def newest(events: list[Event], key: str, better: Callable[[Event, Event], bool] | None = None) -> dict[str, Event]:
    """Return the newest version by ``as_of`` of each entry of a compacted topic, removals taken in order of the log.

    Args:
        events: of ``users`` or ``incidents``.
        key: the field that names the entry.
        better: whether the second of two versions replaces the first; by default if its ``as_of`` is not less.
    """
    entries: dict[str, Event] = {}
    for event in events:
        if "tombstone" in event:
            entries.pop(event["tombstone"], None)
            continue
        known = entries.get(event[key])
        replaces = better or (lambda old, new: new["as_of"] >= old["as_of"])
        if known is None or replaces(known, event):
            entries[event[key]] = event
    return entries
