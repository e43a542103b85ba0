"""Keys of the aggregates: the finest grain anything is counted at; all else is merged from it.

A role nobody said is kept as ``?`` and the Device Type, since whose role it is depends on the directory, which is
read at the snapshot (contract section 2 and 8).
"""

from functools import lru_cache
from typing import Final, NamedTuple

from dcc_analytics.catalogue.months import month_of
from dcc_analytics.stream.estate import Facts
from dcc_analytics.stream.instants import DAY_US

#: Leads every key's version: an amended metric gets a new number and starts beside the old.
KEY_VERSION: Final = 1


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
    """A cell of Alerts: sent to one User on one day about Devices of one kind; ``facts`` is their shard's number."""

    recipient: str
    role: str
    kind: str
    code: str
    day: int
    facts: int


class AlertDigestKey(NamedTuple):
    """A digest of delivery times: one User, Alert code and month."""

    recipient: str
    role: str
    kind: str
    code: str
    month: int


@lru_cache(maxsize=1_024)
def _month_number(day: int) -> int:
    """Return the number of the month of a day, once for each: every new cell asks."""
    return month_of(day * DAY_US).number


def role_or_type(role: str, facts: Facts) -> str:
    """Return the role said, or the mark from which the snapshot finds it.

    >>> role_or_type("IS", Facts()), role_or_type("", Facts(device_type="ESME"))
    ('IS', '?ESME')
    """
    return role or f"?{facts.device_type}"


def alert_digest_key(cell: AlertKey) -> AlertDigestKey:
    """Return the digest a cell's delivery times go to."""
    return AlertDigestKey(cell.recipient, cell.role, cell.kind, cell.code, _month_number(cell.day))


def digest_key(cell: CellKey) -> DigestKey:
    """Return the digest a cell's times go to."""
    return DigestKey(
        cell.user, cell.role, cell.process, cell.srv, cell.variant, cell.transform, cell.region,
        _month_number(cell.day),
    )  # fmt: skip
