"""Digests of all shards, merged by what a snapshot prints."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from fastdigest import TDigest

from dcc_analytics.aggregators.digests import DigestTable, digest_of

D = TypeVar("D", bound=tuple[object, ...])
K = TypeVar("K")


def merged_digests(tables: Iterable[DigestTable[Any, D]], of: Callable[[D], K | None]) -> dict[K, TDigest]:
    """Return the digests that are not empty, merged in the order of their keys, so that the same have the same bytes.

    Only what is printed is ever ready to be merged: 7.5 kB each, where a ledger has a hundred times as many.

    Args:
        tables: of all shards.
        of: what a digest of a key belongs to; None for one to leave out.
    """
    merged: dict[K, TDigest] = {}
    for key, stored in sorted((item for table in tables for item in table.stored()), key=lambda item: item[0]):
        if (whole := of(key)) is None:
            continue
        digest = digest_of(stored)
        if digest.n_values and whole in merged:
            merged[whole].merge_inplace(digest)
        elif digest.n_values:
            merged[whole] = digest
    return merged
