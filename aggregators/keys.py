"""Keys of the aggregates: the finest grain anything is counted at; all else is merged from it.

A role nobody said is kept as ``?`` and the Device Type (one said that begins so has ``!`` before it), since whose role
it is depends on the directory, which is read at the snapshot (contract section 2 and 8).
"""

from functools import lru_cache
from sys import intern
from typing import Any, Final, NamedTuple, TypeVar

from dcc_analytics.aggregators.interned import Interned
from dcc_analytics.catalogue.months import month_of
from dcc_analytics.stream.estate import Facts
from dcc_analytics.stream.instants import DAY_US

#: Leads every key's version: an amended metric gets a new number and starts beside the old.
KEY_VERSION: Final = 1

T = TypeVar("T", bound=tuple[Any, ...])


class CellKey(NamedTuple):
    """A cell of round trips: one User, SRV, day and split."""

    user: str
    role: str
    process: str
    srv: str
    variant: str
    transform: bool
    day: int
    meter_type: str
    region: str
    smets_version: str


class DigestKey(NamedTuple):
    """A digest of Round Trip Times: one User, SRV, leg, Region and month."""

    user: str
    role: str
    process: str
    srv: str
    variant: str
    transform: bool
    region: str
    month: int


class FailureKey(NamedTuple):
    """A count of failures by reason and every signifier of the Device."""

    user: str
    role: str
    process: str
    srv: str
    variant: str
    day: int
    reason: str
    facts: Facts


class AlertKey(NamedTuple):
    """A cell of Alerts, of one day and about Devices of one kind.

    ``digest`` and ``facts`` are the shard's numbers of an ``AlertDigestKey`` and of Device facts: a User's Alerts of a
    code are about so many Devices on so many days that cells are nearly as many as Alerts, and have to be small.
    """

    digest: int
    day: int
    facts: int


class AlertDigestKey(NamedTuple):
    """A digest of delivery times, and what cells of Alerts share: one User, Alert code and month."""

    recipient: str
    role: str
    kind: str
    code: str
    month: int


def sharing_texts(keys: list[T]) -> list[T]:
    """Return keys of one kind that share equal texts: of those decoded each has its own, most of what a cell takes."""
    if not any(isinstance(part, str) for part in next(iter(keys), ())):
        return keys
    columns = (map(intern, column) if isinstance(column[0], str) else column for column in zip(*keys, strict=True))
    make = getattr(type(keys[0]), "_make", tuple)
    return list(map(make, zip(*columns, strict=True)))


@lru_cache(maxsize=1_024)
def month_number(day: int) -> int:
    """Return the number of the month of a day, once for each: every Alert asks."""
    return month_of(day * DAY_US).number


def role_or_type(role: str, facts: Facts) -> str:
    """Return the role said, or the mark from which the snapshot finds it; one said that looks like a mark is quoted.

    >>> role_or_type("IS", Facts()), role_or_type("", Facts(device_type="ESME")), role_or_type("?", Facts())
    ('IS', '?ESME', '!?')
    """
    if not role:
        return f"?{facts.device_type}"
    return f"!{role}" if role[0] in "?!" else role


def alert_digest_number(cell: AlertKey, _keys: Interned[AlertDigestKey]) -> int:
    """Return the number of the digest a cell's delivery times go to."""
    return cell.digest


def digest_number(cell: CellKey, keys: Interned[DigestKey]) -> int:
    """Return the number of the digest a cell's times go to."""
    parts = (
        cell.user, cell.role, cell.process, cell.srv, cell.variant, cell.transform, cell.region,
        month_number(cell.day),
    )  # fmt: skip
    return keys.number_of(parts, DigestKey)
