"""Named instants at which a process can be made to fail, for tests of what a crash leaves behind.

``DCCA_FAULT=point:action[:time]`` in the environment of one process, several after commas, arms a point: at the given
time it is reached (from 1, the default) the process

    raise   meets the error that could happen there
    kill    kills itself, as a power cut would
    stop    stands still, heartbeats and all, until somebody continues it (SIGCONT)

Without that variable a point costs one look-up.
"""

import errno
import logging
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final, NamedTuple

from aiokafka.errors import KafkaError

from dcc_analytics.catalogue.errors import StateError, UsageError

log = logging.getLogger("dcca.fault")

VARIABLE: Final = "DCCA_FAULT"
ACTIONS: Final = MappingProxyType({"raise": None, "kill": signal.SIGKILL, "stop": signal.SIGSTOP})


def _kafka(point: str) -> Exception:
    error: Exception = KafkaError(f"fault at {point}")
    return error


def _disk(point: str) -> Exception:
    return OSError(errno.ENOSPC, f"fault at {point}")


def _state(point: str) -> Exception:
    return StateError(f"fault at {point}")


class FaultPoint(NamedTuple):
    """What is true at a point, and the error that could happen there."""

    truth: str
    error: Callable[[str], Exception]


#: In the order in which a shard lives, and a month after it.
POINTS: Final = MappingProxyType({
    "open.fenced": FaultPoint("a former owner is shut out; nothing has been read", _kafka),
    "open.ledger_read": FaultPoint("the state is what the ledger holds", _kafka),
    "open.reference_read": FaultPoint("users, incidents and devices are read; nothing of it is committed", _kafka),
    "fold.turned": FaultPoint("some records are folded in memory alone", _state),
    "commit.cut": FaultPoint("the change is a value in memory; the state counts it as taken", _kafka),
    "checkpoint.made": FaultPoint("the whole state is records in memory; none is sent", _kafka),
    "commit.estate_written": FaultPoint("Device versions are on disk, further than the ledger knows", _kafka),
    "commit.sent": FaultPoint("all records of the transaction are at the broker; it has not ended", _kafka),
    "checkpoint.sent": FaultPoint("the same of a transaction that holds a checkpoint", _kafka),
    "commit.committed": FaultPoint("the transaction has ended; no batch is acknowledged", _kafka),
    "commit.acknowledged": FaultPoint("the batches are acknowledged; the group's offsets may not have moved", _kafka),
    "revoke.begun": FaultPoint("partitions are to be given up; what was folded last is not committed", _kafka),
    "revoke.committed": FaultPoint("what was folded is committed; producer and estate are still open", _kafka),
    "rekey.sent": FaultPoint("records and offset of a transaction are at the broker; it has not ended", _kafka),
    "rekey.committed": FaultPoint("the transaction has ended; the lane does not know it yet", _kafka),
    "snapshot.ledger_read": FaultPoint("all shards are read; nothing is written", _disk),
    "snapshot.written": FaultPoint("all files but the manifest are in a folder beside the month's", _disk),
    "snapshot.set_aside": FaultPoint("the former revision has its number, and no folder has the month's name", _disk),
    "render.told": FaultPoint("what a former version told lies beside its place; its packs are released", _disk),
    "render.pack_written": FaultPoint("a pack is whole in a folder beside its own", _disk),
    "render.set_aside": FaultPoint("a former pack has made room, and no folder has the Member's name", _disk),
    "render.held": FaultPoint("all packs are whole; they are held, and no attack has been tried", _disk),
})  # fmt: skip


@dataclass(slots=True)
class Fault:
    """A point armed in this process.

    Invariant: ``left`` is how often the point is still to be reached before it happens; below 1 it has.
    """

    point: str
    action: str
    left: int = 1

    def reached(self) -> None:
        """Count that the point was reached, and happen when it is time."""
        self.left -= 1
        if self.left != 0:
            return
        log.warning("fault point=%s action=%s", self.point, self.action)
        sign = ACTIONS[self.action]
        if sign is None:
            raise POINTS[self.point].error(self.point)
        os.kill(os.getpid(), sign)


def parsed(text: str) -> Fault:
    """Return the fault a text describes.

    Args:
        text: ``point:action[:time]``.

    Raises:
        UsageError: no such point or action, or a number that is none.

    Example:
        >>> parsed("commit.sent:kill:3").left
        3
    """
    point, action, number, *more = [*text.split(":"), "", ""]
    if point not in POINTS:
        raise UsageError(f"{VARIABLE}={text} names no fault point; there are {', '.join(POINTS)}")
    if action not in ACTIONS:
        raise UsageError(f"{VARIABLE}={text} names no action; there are {', '.join(ACTIONS)}")
    if any(more) or not (number or "1").isdecimal() or int(number or 1) < 1:
        raise UsageError(f"{VARIABLE}={text} is not point:action[:time], times counted from 1")
    return Fault(point, action, int(number or 1))


def armed(environment: Mapping[str, str]) -> dict[str, Fault]:
    """Return the faults an environment asks for, by their points; none without the variable."""
    texts = environment.get(VARIABLE, "")
    faults = [parsed(text) for text in texts.split(",") if text]
    return {fault.point: fault for fault in faults}


@cache
def _armed() -> dict[str, Fault]:
    return armed(os.environ)


def reached(point: str) -> None:
    """Say that a point of ``POINTS`` is reached; nothing happens unless it is armed in this process.

    Raises:
        UsageError: the environment asks for a fault there is not.
    """
    fault = _armed().get(point)
    if fault is not None:
        fault.reached()
