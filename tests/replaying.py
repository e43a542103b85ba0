"""``dcca dead-letters replay`` held up in the middle: ``python -m tests.replaying before|after -- words``.

It says ``held`` before, or after, its transaction is committed, and goes on when told by a line; most are killed there.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable

from aiokafka import AIOKafkaProducer

from dcc_analytics.commands.main import main

_commit: Callable[[AIOKafkaProducer], Awaitable[None]] = AIOKafkaProducer.commit_transaction


async def _held_before(producer: AIOKafkaProducer) -> None:
    await producer.flush()
    await _hold()
    await _commit(producer)


async def _held_after(producer: AIOKafkaProducer) -> None:
    await _commit(producer)
    await _hold()


async def _hold() -> None:
    sys.stdout.write("held\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)


if __name__ == "__main__":
    AIOKafkaProducer.commit_transaction = {"before": _held_before, "after": _held_after}[sys.argv[1]]
    sys.argv[1:] = sys.argv[3:]
    main()
