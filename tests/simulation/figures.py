"""What must be the same however a feed was read, as plain values at the finest grain; made in a millisecond."""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from operator import add
from typing import Any, Final

from dcc_analytics.aggregators.cells import ALERT_COLUMNS, COLUMNS
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.catalogue.months import Month
from tests.properties.feeds import CLOCK, Message, feed_of
from tests.properties.plans import PLAIN, Play, definite_classes
from tests.recorded_sample import counted

#: By then everything in a feed is settled for good.
SETTLED_US: Final = Month.parse("2026-12").final_us

#: How columns of two shards become one; those not named are added.
_MERGED_BY: Final = {"rtt_min_us": min, "rtt_max_us": max}

Figures = dict[str, Any]


def figures_of(states: list[ShardState], dead_letters: Iterable[tuple[Any, ...]]) -> Figures:
    """Return the figures of shards whose clocks have passed everything."""
    return {
        "cells": _merged(COLUMNS, (row for state in states for row in state.cells.rows())),
        "alerts": _merged(
            ALERT_COLUMNS,
            (
                ((sent, day, facts), counts)
                for state in states
                for sent, day, facts, counts in state.alert_rows()
                if sent.code != CLOCK
            ),
        ),
        "failures": sum((Counter(dict(state.failures.items())) for state in states), Counter()),
        "slow": sum((Counter(dict(state.slow.items())) for state in states), Counter()),
        "digests": sum((Counter(_times(state)) for state in states), Counter()),
        "held": sorted(repr(each) for state in states for each in state.held.data.values()),
        "records": sorted(repr(each) for state in states for each in state.records.data.values()),
        "reads": sorted(item for state in states for item in state.reads.data.items()),
        "counted": counted(states),
        "classes": definite_classes(states),
        "dead letters": sorted(dead_letters),
    }


def _merged(names: tuple[str, ...], rows: Iterable[tuple[Any, tuple[int, ...]]]) -> dict[Any, tuple[int, ...]]:
    """Return the rows of all shards, those of one key as one."""
    found: dict[Any, tuple[int, ...]] = {}
    for key, columns in rows:
        if key not in found:
            found[key] = columns
            continue
        both = zip(names, found[key], columns, strict=True)
        found[key] = tuple(_MERGED_BY.get(name, add)(*two) for name, *two in both)
    return found


def _times(state: ShardState) -> dict[Any, int]:
    return {key: digest.n_values for key, digest in state.digests.items()}


@lru_cache(maxsize=256)
def feed_with_figures(number: int) -> tuple[tuple[Message, ...], Figures]:
    """Return a feed of some ten to thirty records, and its figures when it is read in one go by one shard."""
    feed = feed_of([number * 1_000 + talk for talk in range(4 + number % 5)])
    play = Play(feed, PLAIN)
    play.let_time_pass(SETTLED_US)
    letters = [(each.topic, each.key or b"", each.value or b"", each.reason) for each in play.driver.dead_letters]
    return tuple(feed), figures_of(play.states, letters)
