"""Server-sent events put together from the bytes of a stream. Pure."""

from typing import Final, NamedTuple

#: A state of a large nation has a quarter of a megabyte; what is far beyond that is no state.
LONGEST_BYTES: Final = 64 * 2**20


class Told(NamedTuple):
    """An event.

    Attributes:
        name: of its kind.
        id: of the state it leads to; empty for none.
        data: JSON.
    """

    name: str
    id: str
    data: bytes


class Reader:
    """Takes bytes as they come and gives events.

    Source: HTML Living Standard, 9.2.6, as far as this server uses it: lines end with LF, data is one line.
    """

    def __init__(self) -> None:
        """Begin a stream."""
        self._waiting = bytearray()

    def feed(self, received: bytes) -> list[Told]:
        r"""Return the events that have become whole; comments are none.

        Raises:
            ValueError: an event is longer than any state.

        >>> reader = Reader()
        >>> reader.feed(b": heartbeat\n\nevent: now\nid: a-1\nda")
        []
        >>> reader.feed(b"ta: {}\n\nevent: ")
        [Told(name='now', id='a-1', data=b'{}')]
        """
        self._waiting += received
        *whole, rest = self._waiting.split(b"\n\n")
        if len(rest) > LONGEST_BYTES:
            raise ValueError(f"an event of more than {LONGEST_BYTES} bytes is no state")
        self._waiting = bytearray(rest)
        events = (_event(bytes(each)) for each in whole)
        return [each for each in events if each is not None]


def _event(block: bytes) -> Told | None:
    fields = {}
    for line in block.split(b"\n"):
        name, _, value = line.partition(b":")
        fields[name] = value.removeprefix(b" ")
    if b"data" not in fields:
        return None
    return Told(fields.get(b"event", b"message").decode(), fields.get(b"id", b"").decode(), fields[b"data"])
