"""What a ledger says of itself beside figures: for how many partitions it is folded, and whose commits it begins with.

One record of each partition, under the key ``p``. A worker writes it with its first commit, ``dcca ledger import``
with what it restores; nothing that is counted hangs on it, and a ledger of a release that wrote none is read all the
same.

The number of partitions decides in which of them a Device is at home. A ledger folded by another number holds one
half of what concerns a Device where the other half will never be read.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from dcc_analytics.aggregators.checkpoint import LedgerRecord
from dcc_analytics.aggregators.delta import Codec, to_bytes
from dcc_analytics.catalogue.errors import StateError

KEY: Final = b"p"


class Before(Struct, frozen=True, array_like=True, gc=False):
    """An application whose commits a ledger begins with, and the offset up to which it folded each topic-partition."""

    application: str
    applied: dict[str, int]


class Provenance(Struct, frozen=True, array_like=True, gc=False):
    """What a partition of a ledger says of itself.

    Attributes:
        partitions: of every source topic, when it was begun.
        before: applications it was restored from, oldest first.
    """

    partitions: int
    before: list[Before] = []


_CODEC: Final = Codec(Provenance, "provenance")


def provenance_record(said: Provenance) -> LedgerRecord:
    """Return the record of a partition."""
    return KEY, to_bytes(said)


def provenance_of(records: Mapping[bytes, bytes]) -> Provenance | None:
    """Return what the records of a ledger's partition say; None where they say nothing.

    Raises:
        StateError: the record is damaged, or of another version.
    """
    if KEY not in records:
        return None
    said: Provenance = _CODEC.read(records[KEY])
    return said


def check_partitions(said: Provenance | None, partitions: int, topic: str) -> None:
    """Check that a ledger is folded by as many partitions as there are.

    Args:
        said: by a partition of it.
        partitions: of the source topics now.
        topic: the ledger's name on the cluster.

    Raises:
        StateError: partitions were added since: Devices are at home elsewhere.
    """
    if said is not None and said.partitions != partitions:
        raise StateError(
            f"the ledger {topic} is folded by {said.partitions} partitions, the topics have {partitions}: somebody "
            "added partitions, and what concerns a Device stands in two of them; nothing is folded on it. Make topics "
            "anew under another --prefix, move the records there by `dcca rekey` and fold them beside "
            "(docs/upgrading.md, More partitions)"
        )


def merged(said: Iterable[Provenance | None]) -> list[Before]:
    """Return the applications all partitions of a ledger were restored from, each with its offsets of all of them."""
    found: list[Before] = []
    for each in said:
        for number, before in enumerate(each.before if each else ()):
            if number == len(found):
                found.append(Before(before.application, {}))
            found[number].applied.update(before.applied)
    return found
