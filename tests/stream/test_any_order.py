"""Whichever topic is read first: the same round trips, the same counts. Contract sections 3.2, 3.9 and 3.12.

Each topic keeps its own order, as its log does; only how far one is read before another is left to chance.
"""

from collections.abc import Callable
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.desk import DAY, MIN, NOON, Desk, H

EXECUTION = NOON + 6 * MIN
Message = Callable[[Desk], object]
Topics = dict[str, list[Message]]

NUMBERS = st.integers(min_value=1, max_value=3)
INSTANTS = st.integers(min_value=0, max_value=9).map(lambda minutes: NOON + minutes * MIN)
CODES = st.sampled_from(["I0", "I0", "W110101", "E20"])


def _request(number: int, at: int, *, future_dated: bool) -> tuple[int, Message]:
    return at, lambda desk: desk.request(
        number, at=at, srv="1.1.1", variant=5, execute_at=EXECUTION if future_dated else None
    )


def _cancellation(number: int, at: int) -> tuple[int, Message]:
    return at, lambda desk: desk.request(
        90 + number, at=at, srv="1.1.1", variant=5, execute_at=NOON + 400_000 * DAY, cancels=True
    )


REQUESTS = st.builds(_request, NUMBERS, INSTANTS, future_dated=st.booleans()) | st.builds(
    _cancellation, NUMBERS, INSTANTS
)
RESPONSES = (
    st.builds(lambda number, at, code: lambda desk: desk.response(number, at=at, code=code), NUMBERS, INSTANTS, CODES)
    | st.builds(
        lambda number, at, code: lambda desk: desk.response(number, at=at, code=code, kind="acknowledgement"),
        NUMBERS,
        INSTANTS,
        st.sampled_from(["I99", "E5"]),
    )
    | st.builds(
        lambda number, at, which, alert: lambda desk: desk.instruction(which, 2, at=at, alert=alert, of=number),
        NUMBERS,
        INSTANTS,
        st.integers(min_value=1, max_value=2),
        st.sampled_from(["8F66", "8F67"]),
    )
)


def _as_received(requests: list[tuple[int, Message]]) -> list[Message]:
    return [message for _, message in sorted(requests, key=lambda each: each[0])]


ALERTS = st.builds(
    lambda number, at, code: lambda desk: desk.alert(number, at=at, code=code),
    NUMBERS,
    INSTANTS,
    st.sampled_from(["N12", "N13"]),
)
TOPICS = st.fixed_dictionaries(
    {
        "requests": st.lists(REQUESTS, max_size=6).map(_as_received),
        "responses": st.lists(RESPONSES, max_size=5),
        "alerts": st.lists(ALERTS, max_size=3),
    }
)


def told(topics: Topics, turns: list[str]) -> tuple[list[tuple[object, ...]], dict[str, int]]:
    """Hand the messages over in these turns of the topics; return round trips and counts when all is definite."""
    desk = Desk()
    waiting = {name: iter(messages) for name, messages in topics.items()}
    for name in turns:
        next(waiting[name])(desk)
    desk.clock(NOON + 2 * H)
    desk.matcher.close_months(NOON + 40 * DAY, NOON + 30 * DAY)
    desk.clock(NOON + 40 * DAY)
    trips = sorted((each.key, each.succeeded, each.reason, each.rtt_us, each.warned) for each in desk.settled)
    return [tuple(each) for each in trips], dict(desk.counts)


@settings(derandomize=True, max_examples=150)
@given(topics=TOPICS, seed=st.integers(min_value=0, max_value=2**32))
def test_arrival_order_between_topics_does_not_matter(topics: Topics, seed: int) -> None:
    turns = [name for name, messages in topics.items() for _ in messages]
    expected = told(topics, turns)
    shuffled = list(turns)
    Random(seed).shuffle(shuffled)
    assert expected == told(topics, shuffled)
