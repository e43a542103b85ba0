"""The audit sum: that each record was folded once and classed once, in a form an independent scan can check.

Each record has a number, made of its topic, partition, offset and value. A shard adds up the numbers of the records it
has folded, by topic and class, modulo 2^64; whoever reads the topic again adds up the same numbers. A record lost,
folded twice, put in two classes or changed since makes the sums differ, save by a chance of one in 2^64. Sums of parts
add up, so a month is checked from the sums at its beginning to those at its end.

Numbers are made batch by batch: folding only notes offset and checksum of a value.
"""

from array import array
from functools import cache
from hashlib import sha256
from typing import Final, TypeAlias
from zlib import crc32

import numpy as np
import numpy.typing as npt

from dcc_analytics.stream.keyed import Keyed
from dcc_analytics.stream.outcomes import RecordClass

#: How many records, and the sum of their numbers.
AuditSum: TypeAlias = tuple[int, int]

NOTHING: Final[AuditSum] = (0, 0)
_MODULUS: Final = 1 << 64
#: The check of a record without value, whatever its length would be.
_NO_VALUE: Final = _MODULUS - 1

# The constants of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
_GAMMA: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX_1: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2: Final = np.uint64(0x94D049BB133111EB)


def added(one: AuditSum, other: AuditSum) -> AuditSum:
    """Return the sum of two sums."""
    return one[0] + other[0], (one[1] + other[1]) % _MODULUS


def taken_off(one: AuditSum, other: AuditSum) -> AuditSum:
    """Return what has to be added to the other to have the one."""
    return one[0] - other[0], (one[1] - other[1]) % _MODULUS


class Noted:
    """Records of one topic-partition whose numbers are not added up yet: their offsets, and checks of their values."""

    __slots__ = ("_seed", "checks", "offsets")

    def __init__(self, topic: str, partition: int) -> None:
        """Begin without records."""
        self._seed = _seed_of(topic, partition)
        self.offsets = array("q")
        self.checks = array("Q")

    def note(self, offset: int, value: bytes | None) -> None:
        """Note a record, its value by what tells it from another: its length and its CRC-32."""
        self.offsets.append(offset)
        self.checks.append(_NO_VALUE if value is None else len(value) << 32 | crc32(value))

    def take(self) -> AuditSum:
        """Return the sum of what was noted, and begin anew."""
        offsets, checks = np.frombuffer(self.offsets, np.int64), np.frombuffer(self.checks, np.uint64)
        places = _mixed(offsets.astype(np.uint64) * _GAMMA + self._seed)
        total = int(np.add.reduce(_mixed(places ^ checks), dtype=np.uint64))
        self.offsets, self.checks = array("q"), array("Q")
        return len(offsets), total


@cache
def _seed_of(topic: str, partition: int) -> np.uint64:
    digest = sha256(f"{topic}/{partition}".encode()).digest()
    return np.uint64(int.from_bytes(digest[:8], "little"))


def _mixed(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return numbers spread over all 64 bits, each of its own."""
    numbers = (numbers ^ numbers >> np.uint64(30)) * _MIX_1
    numbers = (numbers ^ numbers >> np.uint64(27)) * _MIX_2
    return numbers ^ numbers >> np.uint64(31)


class AuditSums:
    """The sums of a shard.

    Attributes:
        sums: by ``topic/partition|class``.
        begun: by ``topic/partition`` the offset they run from: of the first record folded by a release that kept sums.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.sums: Keyed[str, AuditSum] = Keyed()
        self.begun: Keyed[str, int] = Keyed()
        self._noted: dict[str, Noted] = {}

    def begin(self, topic: str, partition: int, offset: int) -> None:
        """Note where the sums of a topic-partition begin, if they have not begun."""
        place = f"{topic}/{partition}"
        if place not in self.begun:
            self.begun.put(place, offset)

    def of(self, topic: str, partition: int, became: RecordClass) -> Noted:
        """Return where records of a class are noted."""
        return self._noted.setdefault(f"{topic}/{partition}|{became}", Noted(topic, partition))

    def settle(self) -> None:
        """Add up what was noted."""
        for name, noted in self._noted.items():
            if noted.offsets:
                self.sums.put(name, added(self.sums.get(name) or NOTHING, noted.take()))
