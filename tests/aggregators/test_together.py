"""Where one of several openings fails the others have ended before anything is closed."""

import asyncio

import pytest

from dcc_analytics.aggregators.together import all_or_none


async def test_when_one_fails_the_others_have_ended_by_then() -> None:
    ended = []

    async def fails() -> None:
        await asyncio.sleep(0)
        raise OSError

    async def waits() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("waits")

    with pytest.raises(OSError):  # noqa: PT011 (there is no other)
        await all_or_none([fails(), waits()])
    assert ["waits"] == ended


async def test_when_none_fails_all_are_awaited() -> None:
    done = []

    async def works(number: int) -> None:
        await asyncio.sleep(0)
        done.append(number)

    await all_or_none([works(1), works(2)])
    assert [1, 2] == done


async def test_who_is_cancelled_cancels_them() -> None:
    ended = []

    async def waits() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("waits")

    task = asyncio.ensure_future(all_or_none([waits(), waits()]))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ["waits", "waits"] == ended
