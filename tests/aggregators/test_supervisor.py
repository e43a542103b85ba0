"""What follows when one of several processes ends, as they are told to here; real ones die in ``tests/crash``."""

import asyncio
import logging
import signal
from collections.abc import Callable

import pytest

from dcc_analytics.aggregators.supervisor import Ended, Follows, Supervisor, follows
from dcc_analytics.catalogue.errors import BrokerError, DccaError, StateError

KILLED, WELL = Ended(-signal.SIGKILL), Ended(0)
TOLD = Ended(-signal.SIGTERM)
DAMAGED, AWAY = Ended(1, StateError("the estate is damaged")), Ended(1, BrokerError("no Kafka answers"))


class Child:
    """A process that ends when a test says so, or well when it is told to."""

    def __init__(self, number: int, ends_told: Ended | None = WELL) -> None:
        self.number = number
        self.pid = 1000 + number
        self.told = False
        self._ends_told = ends_told
        self._ended = asyncio.get_running_loop().create_future()

    def end(self, how: Ended) -> None:
        self._ended.set_result(how)

    @property
    def runs(self) -> bool:
        return not self._ended.done()

    async def ended(self) -> Ended:
        how: Ended = await self._ended
        return how

    def stop(self) -> None:
        if not self.told and self._ends_told is not None and self.runs:
            self.end(self._ends_told)
        self.told = True


class Desk:
    """A supervisor at work, and every process it has started, in order."""

    def __init__(
        self,
        count: int = 2,
        *,
        ends_told: Ended | None = WELL,
        until_caught_up: bool = False,
        wait_s: Callable[[int], float] | None = None,
        lasting_s: float = 60.0,
    ) -> None:
        self.started: list[Child] = []
        self.waits: list[int] = []
        self._ends_told = ends_told
        self.supervisor = Supervisor(
            count, self._start, until_caught_up=until_caught_up, wait_s=wait_s or self._no_wait, lasting_s=lasting_s
        )
        self.running = asyncio.ensure_future(self.supervisor.run())

    def _start(self, number: int) -> Child:
        self.started.append(Child(number, self._ends_told))
        return self.started[-1]

    def _no_wait(self, tries: int) -> float:
        self.waits.append(tries)
        return 0.0

    @property
    def alive(self) -> list[int]:
        return sorted(child.number for child in self.started if child.runs)

    async def end(self, number: int, how: Ended) -> None:
        """Have the process of a number end, and see to what follows."""
        next(child for child in self.started if child.number == number and child.runs).end(how)
        await self.settle()

    async def settle(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("expected", "ended", "options"),
    [
        (Follows.NOTHING, WELL, {"told": True}),
        (Follows.NOTHING, WELL, {"until_caught_up": True}),
        (Follows.ANEW, WELL, {}),
        (Follows.ANEW, KILLED, {}),
        (Follows.ANEW, KILLED, {"until_caught_up": True}),
        (Follows.ANEW, TOLD, {}),
        (Follows.NOTHING, TOLD, {"told": True}),
        (Follows.ALL_END, KILLED, {"told": True}),
        (Follows.ALL_END, DAMAGED, {}),
        (Follows.ALL_END, DAMAGED, {"is_anew": True, "another_lasts": True}),
        (Follows.ALL_END, DAMAGED, {"told": True}),
        (Follows.ALL_END, Ended(1), {}),
        (Follows.ALL_END, AWAY, {}),
        (Follows.ALL_END, AWAY, {"is_anew": True}),
        (Follows.ALL_END, AWAY, {"another_lasts": True}),
        (Follows.ANEW, AWAY, {"is_anew": True, "another_lasts": True}),
        (Follows.ALL_END, AWAY, {"is_anew": True, "another_lasts": True, "told": True}),
    ],
)
def test_what_follows_from_an_end(expected: Follows, ended: Ended, options: dict[str, bool]) -> None:
    nothing = dict.fromkeys(("told", "until_caught_up", "is_anew", "another_lasts"), False)
    assert expected is follows(ended, **{**nothing, **options})


async def test_one_that_is_killed_is_started_anew_and_the_others_are_left_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "dcca.worker")
    at = Desk()
    await at.settle()
    assert [1, 2] == at.alive
    await at.end(2, KILLED)
    assert [1, 2, 2] == [child.number for child in at.started]
    assert [1, 2] == at.alive
    assert "process_ended process=2 pid=1002 signal=SIGKILL seconds=0: it is started anew at once" in caplog.messages
    at.supervisor.stop()
    await at.running


async def test_waits_grow_while_it_does_not_last_each_process_for_itself() -> None:
    at = Desk()
    await at.settle()
    for number in (2, 2, 2, 1, 2):
        await at.end(number, KILLED)
    assert [0, 1, 2, 0, 3] == at.waits
    at.supervisor.stop()
    await at.running


async def test_one_that_has_lasted_is_started_anew_at_once_however_often_it_was_before() -> None:
    at = Desk(lasting_s=0.0)
    await at.settle()
    for _ in range(3):
        await at.end(1, KILLED)
    assert [0, 0, 0] == at.waits
    at.supervisor.stop()
    await at.running


async def test_an_error_that_is_to_be_put_right_ends_all_and_is_the_supervisors_own() -> None:
    at = Desk(3)
    await at.settle()
    await at.end(2, DAMAGED)
    with pytest.raises(StateError, match="the estate is damaged"):
        await at.running
    assert 3 == len(at.started)
    assert [True, True] == [child.told for child in at.started if child.number != 2]


async def test_the_first_of_several_errors_is_told() -> None:
    at = Desk(ends_told=AWAY)
    await at.settle()
    await at.end(1, DAMAGED)
    with pytest.raises(StateError, match="the estate is damaged"):
        await at.running


async def test_an_end_without_words_says_where_to_look() -> None:
    at = Desk()
    await at.settle()
    await at.end(1, Ended(1))
    with pytest.raises(DccaError, match=r"^process 1 of 2 ended with code 1 .* lines above"):
        await at.running


async def test_told_to_end_all_end_and_none_is_started_anew() -> None:
    at = Desk(ends_told=None)
    await at.settle()
    at.supervisor.stop()
    assert [True, True] == [child.told for child in at.started]
    await at.end(1, WELL)
    assert not at.running.done()
    await at.end(2, TOLD)
    await at.running
    assert 2 == len(at.started)


async def test_told_to_end_it_does_not_wait_to_start_one_anew() -> None:
    at = Desk(wait_s=lambda _: 600.0)
    await at.settle()
    await at.end(1, KILLED)
    at.supervisor.stop()
    await asyncio.wait_for(at.running, 5)
    assert 2 == len(at.started)


async def test_one_that_is_killed_while_it_was_to_commit_is_told_of() -> None:
    at = Desk(ends_told=None)
    await at.settle()
    at.supervisor.stop()
    await at.end(1, WELL)
    await at.end(2, KILLED)
    with pytest.raises(DccaError, match=r"^process 2 of 2 was ended by SIGKILL while it was to commit"):
        await at.running


async def test_it_ends_when_all_have_caught_up_one_that_was_killed_too() -> None:
    at = Desk(until_caught_up=True)
    await at.settle()
    await at.end(1, WELL)
    await at.end(2, KILLED)
    assert [2] == at.alive
    await at.end(2, WELL)
    await at.running


async def test_kafka_away_from_one_started_anew_is_left_to_another_to_decide() -> None:
    at = Desk()
    await at.settle()
    await at.end(2, KILLED)
    for _ in range(3):
        await at.end(2, AWAY)
    assert [1, 2] == at.alive
    await at.end(1, AWAY)
    with pytest.raises(BrokerError):
        await at.running


async def test_kafka_away_ends_all_when_every_process_was_started_anew() -> None:
    at = Desk()
    await at.settle()
    await at.end(1, KILLED)
    await at.end(2, KILLED)
    await at.end(2, AWAY)
    with pytest.raises(BrokerError):
        await at.running


async def test_one_that_can_not_be_started_ends_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    at = Desk()
    await at.settle()

    def refused(_: int) -> Child:
        raise OSError("no more processes")

    monkeypatch.setattr(at.supervisor, "_start", refused)
    await at.end(2, KILLED)
    with pytest.raises(OSError, match="no more processes"):
        await at.running
    assert [] == at.alive
