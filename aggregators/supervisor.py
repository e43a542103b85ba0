"""Worker processes of one machine, kept going by the process that starts them.

What follows when one has ended:

    it ended                                              what follows
    well, told to or since all is caught up               nothing, that was it
    well otherwise: somebody has told it alone            it is started anew
    by a signal, such as SIGKILL                          it is started anew
    Kafka being away, when it had just been started anew  it is started anew, while another lasts: that one decides
    with any other error, or killed while it was to end   all are told to end, and the error is the supervisor's

An error says what has to be put right: who is started anew would meet it again. One that is started anew is so at once,
to be back before the group gives its share away, and then after 1, 2, 4 and up to 60 s as long as it does not last.
"""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable
from enum import Enum, auto
from typing import Final, NamedTuple, Protocol

from dcc_analytics.catalogue.errors import BrokerError, DccaError

log = logging.getLogger("dcca.worker")

#: A process that has run for so long has begun well, and what ends it later is another matter.
LASTING_S: Final = 60.0
#: Longest wait before a process is started anew.
MOST_WAIT_S: Final = 60.0


class Ended(NamedTuple):
    """How a process has ended.

    Attributes:
        code: its exit code, below 0 the signal that killed it.
        error: it told of; None when it told of none.
    """

    code: int
    error: DccaError | None = None

    def __str__(self) -> str:
        """Return it as a field of a line of the log."""
        return f"code={self.code}" if self.code >= 0 else f"signal={signal.Signals(-self.code).name}"


class Child(Protocol):
    """A process that was started."""

    @property
    def pid(self) -> int:
        """Its number."""

    async def ended(self) -> Ended:
        """Wait for its end."""

    def stop(self) -> None:
        """Tell it to commit, let its partitions go and end; nothing happens when it has ended."""


class Follows(Enum):
    """What follows an end."""

    NOTHING = auto()
    ANEW = auto()
    ALL_END = auto()


def follows(ended: Ended, *, told: bool, until_caught_up: bool, is_anew: bool, another_lasts: bool) -> Follows:
    """Return what follows the end of a process, as the table above has it.

    Args:
        ended: how.
        told: it had been told to end.
        until_caught_up: it was to end by itself.
        is_anew: it had been started anew, and did not last.
        another_lasts: of the others one runs for which that is not so.
    """
    if ended.code == 0:
        return Follows.NOTHING if told or until_caught_up else Follows.ANEW
    if told:
        # By the signal itself: it had not yet begun to listen to it, nor to fold.
        return Follows.NOTHING if ended.code == -signal.SIGTERM else Follows.ALL_END
    if ended.code < 0 or (isinstance(ended.error, BrokerError) and is_anew and another_lasts):
        return Follows.ANEW
    return Follows.ALL_END


def wait_s(tries: int) -> float:
    """Return how long to wait before a process is started anew that was so already so many times in a row.

    >>> [wait_s(tries) for tries in (0, 1, 2, 3, 7, 1000)]
    [0.0, 1.0, 2.0, 4.0, 60.0, 60.0]
    """
    return min(2.0 ** min(tries - 1, 10), MOST_WAIT_S) if tries else 0.0


class Supervisor:
    """Starts so many processes, numbered from 1, and sees to each until all have ended."""

    def __init__(
        self,
        count: int,
        start: Callable[[int], Child],
        *,
        until_caught_up: bool = False,
        wait_s: Callable[[int], float] = wait_s,
        lasting_s: float = LASTING_S,
    ) -> None:
        """Prepare; ``run`` starts them.

        Args:
            count: how many.
            start: starts the process of a number.
            until_caught_up: each is to end by itself.
            wait_s: how long to wait before a process is started anew, by how often it was in a row.
            lasting_s: a process that has run for so long has begun well.
        """
        self._count = count
        self._start = start
        self._until_caught_up = until_caught_up
        self._wait_s = wait_s
        self._lasting_s = lasting_s
        self._told = asyncio.Event()
        self._running: dict[int, Child] = {}
        self._began_s: dict[int, float] = {}
        self._tries: dict[int, int] = dict.fromkeys(range(1, count + 1), 0)
        self._error: DccaError | None = None

    async def run(self) -> None:
        """Run until all have ended: told to, caught up, or since one met an error.

        Raises:
            DccaError: what the first process met that had to end all.
        """
        keeping = [asyncio.ensure_future(self._keep(number)) for number in self._tries]
        try:
            await asyncio.wait(keeping, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            self.stop()
            results = await asyncio.gather(*keeping, return_exceptions=True)
        for result in results:
            if result is not None:
                raise result
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Tell all to end, and start none anew."""
        self._told.set()
        for child in self._running.values():
            child.stop()

    async def _keep(self, number: int) -> None:
        """Start a process, and again as long as that follows from how it ended."""
        clock = asyncio.get_running_loop()
        while not self._told.is_set():
            child = self._running[number] = self._start(number)
            began_s = self._began_s[number] = clock.time()
            log.info("process_started process=%d pid=%d", number, child.pid)
            ended = await child.ended()
            del self._running[number]
            lived_s = clock.time() - began_s
            if lived_s >= self._lasting_s:
                self._tries[number] = 0
            words = f"process_ended process={number} pid={child.pid} {ended} seconds={lived_s:.0f}"
            if not await self._goes_on(number, ended, words):
                return

    async def _goes_on(self, number: int, ended: Ended, words: str) -> bool:
        """Do what follows the end of a process; return whether it is to be started anew now."""
        following = follows(
            ended,
            told=self._told.is_set(),
            until_caught_up=self._until_caught_up,
            is_anew=self._tries[number] > 0,
            another_lasts=any(self._lasts(each) for each in self._running),
        )
        if following is Follows.NOTHING:
            log.info("%s", words)
            return False
        if following is Follows.ALL_END:
            log.error("%s: all end", words)
            self._error = self._error or ended.error or self._untold(number, ended)
            self.stop()
            return False
        wait_s = self._wait_s(self._tries[number])
        self._tries[number] += 1
        because = f"{ended.error}; " if ended.error else ""
        log.warning("%s: %sit is started anew %s", words, because, f"in {wait_s:.0f} s" if wait_s else "at once")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._told.wait()
        return True

    def _lasts(self, number: int) -> bool:
        """Return whether a running process is in its first life, or has lasted in a later one."""
        lived_s = asyncio.get_running_loop().time() - self._began_s[number]
        return self._tries[number] == 0 or lived_s >= self._lasting_s

    def _untold(self, number: int, ended: Ended) -> DccaError:
        """Return the error for an end of which the process has told nothing."""
        which = f"process {number} of {self._count}"
        if ended.code < 0:
            return DccaError(
                f"{which} was ended by {signal.Signals(-ended.code).name} while it was to commit and end; what it had "
                "not committed is folded again by the next worker"
            )
        return DccaError(
            f"{which} ended with code {ended.code} and did not say why; its last lines above do, please report them"
        )
