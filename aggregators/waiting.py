"""Fetched records of a shard's topics that wait for their turn: topics are read in step of their clocks."""

from collections import deque
from collections.abc import Callable, Iterable
from typing import TypeAlias

from dcc_analytics.stream.clock import UNREAD, TopicClock, run_limit_us
from dcc_analytics.stream.fetched import Fetched, Record

Fold: TypeAlias = Callable[[str, Record, TopicClock], None]
"""Folds one record of a topic and takes its clock on."""


class Waiting:
    """Fetches by topic, each topic's in the order of its log without gaps.

    Invariants:
        A fetch is taken only if it begins where the one before it, or what was folded, has ended.
        The topic whose clock is least is read next, and only so far that it stays in step with the others.
    """

    def __init__(self, clocks: dict[str, TopicClock]) -> None:
        """Wait for the turns of these topics, by their clocks."""
        self._clocks = clocks
        self._others = {topic: [clock for name, clock in clocks.items() if name != topic] for topic in clocks}
        self._fetches: dict[str, deque[Fetched]] = {topic: deque() for topic in clocks}
        self._resume: dict[str, int] = dict.fromkeys(clocks, 0)

    def __bool__(self) -> bool:
        """Return whether anything waits."""
        return any(self._fetches.values())

    def records(self, topic: str) -> int:
        """Return how many records of a topic wait."""
        return sum(len(each.records) for each in self._fetches[topic])

    def offer(self, fetched: Fetched) -> bool:
        """Take what was fetched; return False when it does not begin where what came before it ended."""
        waiting = self._fetches[fetched.topic]
        expected = waiting[-1].next_position if waiting else self._clocks[fetched.topic].applied
        if fetched.position != expected:
            return False
        waiting.append(fetched)
        return True

    def run(self, most: int, folds: dict[str, Fold]) -> tuple[int, Iterable[Fetched]]:
        """Fold what may be folded now, at most ``most`` records.

        Returns:
            How many records were folded, and the fetches used up.
        """
        done, used = 0, []
        while done < most and (turn := self._turn()) is not None:
            topic, limit_us = turn
            records, fetched = self._run_topic(topic, folds[topic], limit_us, most - done)
            done += records
            if fetched is not None:
                used.append(fetched)
        return done, used

    def _turn(self) -> tuple[str, int] | None:
        """Return the topic to be read next, and how far; None where one has to be fetched, or caught up with, before.

        Where events are sparse a turn is a few records long: one plain loop takes half the time of ``min`` and ``any``.
        """
        reader, least_us = "", 0
        for topic, clock in self._clocks.items():
            clock_us = clock.clock_us
            if self._fetches[topic]:
                if not reader or clock_us < least_us:
                    reader, least_us = topic, clock_us
            elif clock_us == UNREAD and clock.applied < clock.end:
                return None
        if not reader:
            return None
        limit_us = run_limit_us(self._clocks[reader], self._others[reader])
        return None if limit_us is None else (reader, limit_us)

    def _run_topic(self, topic: str, fold: Fold, limit_us: int, most: int) -> tuple[int, Fetched | None]:
        """Fold records of one topic until its clock passes a limit or the fetch is used up."""
        fetched = self._fetches[topic][0]
        clock = self._clocks[topic]
        index = self._resume[topic]
        records = fetched.records
        stop = min(len(records), index + most)
        done = 0
        while index < stop and clock.clock_us <= limit_us:
            record = records[index]
            index += 1
            if record.offset >= clock.applied:
                fold(topic, record, clock)
                clock.applied = record.offset + 1
                done += 1
        self._resume[topic] = index
        if index < len(records):
            return done, None
        clock.applied = max(clock.applied, fetched.next_position)
        clock.end = max(clock.end, clock.applied)
        self._resume[topic] = 0
        fetched.records = ()  # until its commit only the acknowledgement is needed
        return done, self._fetches[topic].popleft()
