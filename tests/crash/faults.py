"""What can happen to workers and their disks; each fault ends when all partitions move again."""

import asyncio
import resource
import shutil
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from dcc_analytics.stream.owner import SESSION_TIMEOUT_S
from tests.conftest import APPLICATION
from tests.crash import entry
from tests.crash.arena import Arena
from tests.worker_process import WorkerProcess, until

Fault = Callable[[Arena], Awaitable[None]]

#: Points of the life of a worker, and from the how-manieth time they are reached on there is work to lose.
_OPENING: Final = ("open.fenced", "open.ledger_read", "open.reference_read")
_FOLDING: Final = (
    "fold.turned", "commit.cut", "commit.estate_written", "commit.sent", "commit.committed", "commit.acknowledged",
    "checkpoint.made", "checkpoint.sent",
)  # fmt: skip
_REVOKING: Final = ("revoke.begun", "revoke.committed")
POINTS: Final = (*_OPENING, *_FOLDING, *_REVOKING)


# -- signals -------------------------------------------------------------------------------------------------


async def worker_killed(arena: Arena) -> None:
    """A power cut, at any instant."""
    victim = await arena.pair()
    await arena.more()
    await arena.soon()
    arena.kill(victim)
    since = time.monotonic()
    arena.start()
    await arena.recovered(since)


async def both_workers_killed(arena: Arena) -> None:
    """Nobody is left to take over."""
    await arena.pair()
    await arena.more()
    await arena.soon()
    for victim in arena.alive:
        arena.kill(victim)
    since = time.monotonic()
    arena.start()
    arena.start()
    await arena.recovered(since)


async def worker_stands_still(arena: Arena) -> None:
    """A worker stopped for longer than its session wakes as a zombie: it owns nothing any more."""
    zombie = await arena.pair()
    await arena.more()
    await arena.soon()
    zombie.send(signal.SIGSTOP)
    await arena.recovered()
    await arena.more()
    zombie.send(signal.SIGCONT)
    await arena.recovered()
    assert zombie.runs, zombie.said[-2000:]


async def worker_told_to_stop(arena: Arena) -> None:
    """A worker ends well, in whatever it is at."""
    leaving = await arena.pair()
    await arena.more()
    await arena.soon()
    since = time.monotonic()
    await arena.end(leaving)
    arena.start()
    await arena.recovered(since)


async def worker_told_to_stop_in_mid_commit(arena: Arena) -> None:
    """The same between the records of a transaction and its end."""
    await arena.pair()
    leaving = arena.start(fault="commit.sent:stop:3")
    await _until_fault(arena, leaving)
    leaving.send(signal.SIGTERM)
    leaving.send(signal.SIGCONT)
    since = time.monotonic()
    assert await leaving.ended() == 0, leaving.said[-2000:]
    await arena.recovered(since)


async def third_worker_comes_and_goes(arena: Arena) -> None:
    """Two rebalances while records are folded."""
    await arena.pair()
    await arena.more()
    third = arena.start()
    await until(lambda: bool(third.folded()), "the share of a worker that joins")
    await arena.more()
    await arena.soon()
    since = time.monotonic()
    if arena.rng.random() < 0.5:
        arena.kill(third)
    else:
        await arena.end(third)
    await arena.recovered(since)


# -- fault points --------------------------------------------------------------------------------------------


async def _until_fault(arena: Arena, worker: WorkerProcess) -> None:
    """Let records come until a worker has reached its fault point."""
    await until(lambda: _faulted(worker) or bool(worker.folded()), "the share of a worker, or a fault point")
    for _ in range(6):
        if _faulted(worker):
            return
        await arena.more()
        enough = time.monotonic() + 5
        await until(lambda: _faulted(worker) or time.monotonic() > enough, "a fault point")  # noqa: B023 (ends here)
    raise AssertionError(f"no fault point was reached: {worker.said[-2000:]}")


def _faulted(worker: WorkerProcess) -> bool:
    return not worker.runs or any(line.event == "fault" for line in worker.lines())


async def _reach(arena: Arena, point: str, action: str) -> WorkerProcess:
    """Start a worker that fails at a point, and bring it there; a worker beside it folds on."""
    for other in arena.alive[1:]:
        await arena.end(other)
    number = 1 if point in {*_OPENING, *_REVOKING} else arena.rng.randint(1, 4)
    changes = entry.eager_checkpoints.__name__ if point.startswith("checkpoint.") else ""
    victim = arena.start(fault=f"{point}:{action}:{number}", changes=changes)
    if point in _REVOKING:
        await until(lambda: bool(victim.folded()), "the share of a worker")
        arena.start()  # who joins takes some of what the others have
    await _until_fault(arena, victim)
    return victim


async def killed_at(arena: Arena, point: str) -> None:
    """A worker dies exactly there."""
    victim = await _reach(arena, point, "kill")
    await arena.killed_itself(victim)
    since = time.monotonic()
    await arena.pair()
    await arena.recovered(since)


async def failing_at(arena: Arena, point: str) -> None:
    """A worker meets an error exactly there; it goes on, or ends with the error's words."""
    victim = await _reach(arena, point, "raise")
    since = time.monotonic()
    if point == "fold.turned":
        assert await victim.ended() == 1
        assert victim.said.splitlines()[-1] == "dcca: fault at fold.turned"
    await arena.pair()
    await arena.recovered(since)
    assert victim.runs is (point != "fold.turned"), victim.said[-2000:]
    assert "Traceback" not in victim.said


async def transaction_times_out(arena: Arena) -> None:
    """The broker ends a transaction whose worker stood still, before its session or after."""
    await arena.pair()
    slow = arena.start(fault="commit.sent:stop:3", changes=entry.short_transactions.__name__)
    await _until_fault(arena, slow)
    await asyncio.sleep(arena.rng.choice([SESSION_TIMEOUT_S - 0.5, SESSION_TIMEOUT_S + 2]))
    slow.send(signal.SIGCONT)
    await arena.recovered()
    assert slow.runs, slow.said[-2000:]


# -- disks ---------------------------------------------------------------------------------------------------


async def disk_full(arena: Arena) -> None:
    """A worker's files can't grow: it ends with words, and goes on where there is space."""
    await arena.pair()
    full = arena.start(piped=True)
    await until(lambda: bool(full.folded()), "the share of a worker")
    largest = max(path.stat().st_size for path in _files(arena, full, "*.log"))
    resource.prlimit(full.pid, resource.RLIMIT_FSIZE, (largest + 64, largest + 64))
    for _ in range(6):
        if not full.runs:
            break
        await arena.more()
        await arena.soon(1.0)
    assert await full.ended() == 1, full.said[-2000:]
    assert "can't be written" in full.said.splitlines()[-1], full.said[-2000:]
    await arena.pair()
    await arena.recovered()


async def estate_damaged(arena: Arena) -> None:
    """Bytes of a killed worker's RocksDB are others: it says so, or has read the topic again."""
    victim = await arena.pair()
    arena.kill(victim)
    since = time.monotonic()
    hit = arena.rng.choice(sorted(_files(arena, victim, "*")))
    _damage(arena, hit)
    again = arena.start(folder=victim.folder)
    await until(lambda: not again.runs or bool(again.folded()), "a share, or words")
    if not again.runs:
        assert await again.ended() == 1, again.said[-2000:]
        last = again.said.splitlines()[-1]
        assert "delete the folder" in last, f"{hit.name}: {last}"
        shutil.rmtree(victim.folder / "state")
        arena.start(folder=victim.folder)
    await arena.pair()
    await arena.recovered(since)


def _files(arena: Arena, worker: WorkerProcess, pattern: str) -> list[Path]:
    """Return the files of a worker's estates that hold something."""
    state = worker.folder / "state" / arena.connection.own(APPLICATION)
    return [path for path in state.glob(f"estate-*/{pattern}") if path.is_file() and path.stat().st_size > 0]


def _damage(arena: Arena, path: Path) -> None:
    data = bytearray(path.read_bytes())
    if arena.rng.random() < 0.5:
        del data[arena.rng.randrange(len(data)) :]
    else:
        for _ in range(20):
            data[arena.rng.randrange(len(data))] ^= 0xFF
    path.write_bytes(data)


FAULTS: Final[Mapping[str, Fault]] = {
    each.__name__: each
    for each in (
        worker_killed, both_workers_killed, worker_stands_still, worker_told_to_stop,
        worker_told_to_stop_in_mid_commit, third_worker_comes_and_goes, transaction_times_out, disk_full,
        estate_damaged,
    )
} | {
    **{f"killed_at {point}": partial(killed_at, point=point) for point in POINTS},
    **{f"failing_at {point}": partial(failing_at, point=point) for point in POINTS},
}  # fmt: skip
