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
        while done < most:
            topic = self._next_topic()
            if topic is None:
                break
            others = [clock for name, clock in self._clocks.items() if name != topic]
            limit_us = run_limit_us(self._clocks[topic], others)
            if limit_us is None:
                break
            records, fetched = self._run_topic(topic, folds[topic], limit_us, most - done)
            done += records
            if fetched is not None:
                used.append(fetched)
        return done, used

    def _next_topic(self) -> str | None:
        """Return the topic to be read next; None while one of which nothing was read yet has still to be fetched."""
        if any(
            clock.clock_us == UNREAD and not clock.finished and not self._fetches[topic]
            for topic, clock in self._clocks.items()
        ):
            return None
        ready = [topic for topic, waiting in self._fetches.items() if waiting]
        return min(ready, key=lambda topic: self._clocks[topic].clock_us) if ready else None

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
        return done, self._fetches[topic].popleft()
