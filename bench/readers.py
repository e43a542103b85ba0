"""Many readers of one stream of ``dcca live``, in a process of their own: each takes what comes, and reads no word.

Ends when its standard input does, and then says what was read.
"""

import asyncio
import json
import sys
import time
from typing import Any, Final, TypeAlias

#: How a packed message ends: a full flush (RFC 1951, an empty block that is stored).
_FLUSHED: Final = b"\x00\x00\xff\xff"
_AT_ONCE: Final = 50
_Stream: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_REQUEST: Final = "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: gzip\r\n\r\n"


class Readers:
    """Readers, and what they have read."""

    def __init__(self, port: int, path: str) -> None:
        """Prepare to read a path of a server on this machine."""
        self._port = port
        self._request = _REQUEST.format(path=path, port=port).encode()
        self.read_bytes = 0
        self.messages = 0
        self.ended = 0

    async def connect(self) -> _Stream:
        """Return a stream that has begun, with its writer, which would close it when it is forgotten.

        Raises:
            ConnectionError: it was refused.
        """
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(self._request)
        status = await reader.readline()
        if b" 200 " not in status:
            raise ConnectionError(status.decode().strip() or "the connection was closed")
        return reader, writer

    async def read(self, stream: _Stream) -> None:
        """Read until the stream ends."""
        reader, _ = stream
        while chunk := await reader.read(1 << 18):
            self.read_bytes += len(chunk)
            self.messages += chunk.count(_FLUSHED)
        self.ended += 1


async def _run(port: int, path: str, number: int) -> dict[str, Any]:
    readers = Readers(port, path)
    streams: list[_Stream] = []
    for begin in range(0, number, _AT_ONCE):
        streams += await asyncio.gather(*(readers.connect() for _ in range(min(_AT_ONCE, number - begin))))
    reading = [asyncio.ensure_future(readers.read(stream)) for stream in streams]
    sys.stdout.write("connected\n")
    sys.stdout.flush()
    began = time.monotonic()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    found = {
        "seconds": time.monotonic() - began,
        "read_bytes": readers.read_bytes,
        "messages": readers.messages,
        "ended": readers.ended,
    }
    for task in reading:
        task.cancel()
    await asyncio.gather(*reading, return_exceptions=True)
    return found


if __name__ == "__main__":
    json.dump(asyncio.run(_run(**json.loads(sys.argv[1]))), sys.stdout)
