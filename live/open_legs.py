"""Legs without a definite outcome, counted as they come and go: a shard may hold a million of them. Pure.

A snapshot looks at each of them (``Memory.unsettled``); this counts the same, by the same rules, as the clock goes.
"""

import heapq
from collections import Counter
from typing import NamedTuple

from dcc_analytics.aggregators.interned import KeyList
from dcc_analytics.aggregators.keys import role_or_type
from dcc_analytics.catalogue.months import month_of
from dcc_analytics.catalogue.service_requests import time_out_us
from dcc_analytics.stream.estate import UNKNOWN_FACTS, Facts
from dcc_analytics.stream.legs import FACTS_PENDING, Leg


class LegKey(NamedTuple):
    """Whose legs of which SRV and month."""

    user: str
    role: str
    srv: str
    month: int
    transform: bool


class Counted(NamedTuple):
    """How a leg was counted last."""

    key: LegKey
    name: str
    due_us: int


class OpenLegs:
    """The counts of a shard's legs.

    Attributes:
        counts: of ``open``, ``timed_out``, ``succeeded`` and ``failed`` legs by ``LegKey``; those withdrawn are none.
        concluded: the legs that have an outcome which may still change, by leg key.
    """

    def __init__(self) -> None:
        """Begin without legs."""
        self.counts: dict[str, Counter[LegKey]] = {
            name: Counter() for name in ("open", "timed_out", "succeeded", "failed")
        }
        self.concluded: dict[str, Leg] = {}
        self._held: dict[str, Counted] = {}
        self._due: list[tuple[int, str]] = []
        self._clock_us = 0

    def __len__(self) -> int:
        return len(self._held)

    def put(self, name: str, leg: Leg, facts: KeyList[Facts]) -> None:
        """Count a leg, anew if it was counted; ``facts`` are the shard's, by number."""
        self.drop(name)
        if leg.cancelled_us is not None:
            return
        outcome = leg.outcome or leg.by_alert
        due_us = leg.start_us + time_out_us(leg.srv)
        if outcome is not None:
            count = "succeeded" if outcome.succeeded else "failed"
            self.concluded[name] = leg
        elif self._clock_us > due_us:
            count = "timed_out"
        else:
            count = "open"
            heapq.heappush(self._due, (due_us, name))
        role = role_or_type(leg.role, facts_of(leg, facts))
        key = LegKey(leg.user, role, leg.srv, month_of(leg.start_us).number, leg.transform)
        self._held[name] = Counted(key, count, due_us)
        self.counts[count][key] += 1

    def drop(self, name: str) -> None:
        """Count a leg no more."""
        held = self._held.pop(name, None)
        self.concluded.pop(name, None)
        if held is not None:
            self._take_off(held)

    def _take_off(self, held: Counted) -> None:
        count = self.counts[held.name]
        count[held.key] -= 1
        if not count[held.key]:
            del count[held.key]

    def advance(self, clock_us: int) -> None:
        """Count as timed out what the stream's clock has passed; it may go back when a shard falls behind."""
        if clock_us < self._clock_us:
            self._clock_us = clock_us
            for name, held in list(self._held.items()):
                if held.name == "timed_out" and clock_us <= held.due_us:
                    self._count_as(name, held, "open")
                    heapq.heappush(self._due, (held.due_us, name))
        self._clock_us = clock_us
        while self._due and self._due[0][0] < clock_us:
            due_us, name = heapq.heappop(self._due)
            passed = self._held.get(name)
            if passed is not None and passed.name == "open" and passed.due_us == due_us:
                self._count_as(name, passed, "timed_out")

    def _count_as(self, name: str, held: Counted, count: str) -> None:
        self._take_off(held)
        self._held[name] = held._replace(name=count)
        self.counts[count][held.key] += 1

    def total(self, count: str) -> int:
        """Return how many legs are counted as something."""
        return self.counts[count].total()


def facts_of(leg: Leg, facts: KeyList[Facts]) -> Facts:
    """Return what a leg's Device is; not known yet of one that starts in the future."""
    return UNKNOWN_FACTS if leg.facts == FACTS_PENDING else facts[leg.facts]
