"""Tasks that begin together, and how they end."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def all_or_none(openings: list[Coroutine[Any, Any, None]]) -> None:
    """Wait for all; when one fails no other goes on, for it would take what is about to be closed."""
    tasks = [asyncio.ensure_future(opening) for opening in openings]
    try:
        await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


def is_asked_to_end() -> bool:
    """Return whether the running task was cancelled, rather than something it waited for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
