"""Messages of a stream, compressed once for all who read it. Pure.

A gzip stream may be made of blocks that know nothing of each other (zlib's full flush). So each reader gets a header of
its own and then the same bytes as everybody; its stream is never ended but by its connection. A state of a nation is a
quarter of a megabyte, and a twentieth of that when packed: written to hundreds of readers, that is what counts.

Source: RFC 1951, 3.2; RFC 1952, 2.3.
"""

import zlib
from typing import Final, NamedTuple, Self

#: Begins every packed stream: deflate, no name, no time, no system.
HEADER: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_FASTEST: Final = 1


class Message(NamedTuple):
    """Bytes of a stream, as they are and packed."""

    plain: bytes
    packed: bytes

    @classmethod
    def of(cls, plain: bytes) -> Self:
        """Return a message of these bytes.

        >>> unpack = zlib.decompressobj(zlib.MAX_WBITS | 16)
        >>> unpack.decompress(HEADER + Message.of(b"one ").packed + Message.of(b"two").packed)
        b'one two'
        """
        pack = zlib.compressobj(_FASTEST, zlib.DEFLATED, -zlib.MAX_WBITS)
        return cls(plain, pack.compress(plain) + pack.flush(zlib.Z_FULL_FLUSH))
