"""A broker that a plan may kill, with a proxy in front of it that may cut and delay."""

import asyncio
import os
import random
import signal
import socket
from pathlib import Path
from types import TracebackType
from typing import Self

from dcc_analytics.stream.broker.node import BrokerStatus, start, status, stop
from tests.crash.proxy import Proxy
from tests.worker_process import until


class OwnBroker:
    """A broker on a folder, found by clients behind its proxy only."""

    def __init__(self, data: Path) -> None:
        """Prepare; entering the context starts both."""
        self._data = data
        self._outside, self._inside = _free_ports()
        self.proxy = Proxy(self._outside, self._inside)
        self.bootstrap = f"127.0.0.1:{self._outside}"
        self._running: BrokerStatus | None = None

    async def __aenter__(self) -> Self:
        """Start."""
        await self.proxy.__aenter__()
        await self.begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""
        await self.end()
        await self.proxy.__aexit__(kind, error, trace)

    async def begin(self) -> None:
        """Start the broker on what its folder holds."""
        self._running = await asyncio.to_thread(
            start, self._data, port=self._inside, advertised_port=self._outside, fast_cleanup=True
        )

    async def end(self) -> None:
        """Stop the broker as an operator would."""
        await asyncio.to_thread(stop, self._data)

    async def kill(self) -> None:
        """Kill the broker, which has to be alive, as a power cut would."""
        running = status(self._data)
        assert running is not None, "the broker had ended before it was killed"
        os.kill(running.pid, signal.SIGKILL)
        await until(lambda: status(self._data) is None, "the end of the broker")


def _free_ports() -> tuple[int, int]:
    """Return two free ports below those that the kernel gives out by itself, so that nobody else gets them."""
    found: list[int] = []
    while len(found) < 2:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in found:
            found.append(port)
    return found[0], found[1]
