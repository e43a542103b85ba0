"""Meters announced to an Electricity Distributor (N16) and its credentials put on them (N42), by Energy Supplier.

Suppliers are named by letters, unless the rule set records a governance reference that allows names (contract 7.8).
Letters are drawn for each recipient and month by sorting the suppliers by a keyed hash. The key is a digest of what
the whole month was made from: instants and Devices of all Members, which no recipient holds. So the same snapshot gives
the same letters, no letter follows from a name, from how many meters a supplier has, or from last month's letter, and
whoever knows this program and every supplier's name still can't work them out.

Source: MP176 (N42 after N16); contract sections 4 (N42 after N16), 7.8 and 8 (Hubs).
"""

import hmac
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Final, Protocol

import msgspec
import polars as pl

from dcc_analytics.aggregators.device_records import (
    CREDENTIALS_CODE,
    SUPPLIED_CODE,
    DeviceRecord,
    PairedAlert,
    instant_of,
)
from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.evidence import member_table
from dcc_analytics.snapshot.members import Directory, Member
from dcc_analytics.stream.decode import UNKNOWN
from dcc_analytics.stream.instants import DAY_US

#: An N42 counts as prompt within so long of the N16, this instant included.
WITHIN_US: Final = 7 * DAY_US
_ROLE: Final = "ED"
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_COLUMNS: Final = {
    "supplier": pl.String(), "n16": pl.Int64(), "within_7_days": pl.Int64(), "later": pl.Int64(), "none": pl.Int64(),
}  # fmt: skip


class Suppliers(Protocol):
    """Who supplies a Device."""

    def supplier_at(self, device: str, at_us: int) -> str | None:
        """Return the User id of a Device's import supplier at an instant, None where it has none."""


def n42_after_n16(
    alerts: Iterable[PairedAlert],
    month: Month,
    directory: Directory,
    suppliers: Suppliers,
    *,
    names_allowed: bool,
    key: bytes,
) -> pl.DataFrame:
    """Return how soon the N42 came after each N16 of a month.

    Args:
        alerts: N16 and N42 of any month, to any recipient.
        month: the one in which an N16 was raised; N42 are looked for until it is final.
        directory: whose Users are.
        suppliers: who supplied a Device at its N16.
        names_allowed: whether suppliers are named by their Party.
        key: what letters are drawn by; see ``drawing_key``.
    """
    announced: list[tuple[Member, str, int]] = []
    followed: dict[tuple[Member, str], list[int]] = defaultdict(list)
    for each in alerts:
        member = directory.member(each.recipient, each.role, None)
        if member.role != _ROLE:
            continue
        if each.code == SUPPLIED_CODE and month.start_us <= each.raised_us < month.end_us:
            announced.append((member, each.device, each.raised_us))
        elif each.code == CREDENTIALS_CODE and each.raised_us < month.final_us:
            followed[member, each.device].append(each.raised_us)
    for instants in followed.values():
        instants.sort()
    counts: dict[Member, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for member, device, raised_us in announced:
        user = suppliers.supplier_at(device, raised_us)
        party = UNKNOWN if user is None else directory.member(user, "IS", None).party
        counts[member][party][_how_soon(followed.get((member, device), []), raised_us)] += 1
    rows: list[tuple[object, ...]] = []
    for member, by_party in counts.items():
        named = dict.fromkeys(by_party) if names_allowed else letters(by_party, month, member, key)
        for party, count in by_party.items():
            soon, later, none = count["within_7_days"], count["later"], count["none"]
            rows.append((*member, named[party] or party, soon + later + none, soon, later, none))
    return member_table(rows, _COLUMNS)


def _how_soon(instants: list[int], after_us: int) -> str:
    """Return the column an N16 counts in, by the first N42 after it."""
    following = bisect_right(instants, after_us)
    if following == len(instants):
        return "none"
    return "within_7_days" if instants[following] - after_us <= WITHIN_US else "later"


def letters(parties: Iterable[str], month: Month, recipient: Member, key: bytes) -> Mapping[str, str | None]:
    """Return the letters suppliers go by in one recipient's file of one month.

    Args:
        parties: the suppliers; one nobody knows stays ``Unknown``.
        month: which.
        recipient: whose file.
        key: what they are drawn by.
    """
    known = sorted(set(parties) - {UNKNOWN})

    def drawn(party: str) -> bytes:
        text = msgspec.json.encode((str(month), recipient.party, recipient.role, party))
        return hmac.digest(key, text, "sha256")

    return {party: _letter(place, len(known)) for place, party in enumerate(sorted(known, key=drawn))} | {UNKNOWN: None}


def _letter(place: int, number: int) -> str:
    """Return the letter of a place; all of a file are of one length, so that they sort as they were drawn.

    >>> _letter(1, 26), _letter(1, 27)
    ('B', 'AB')
    """
    text = ""
    while number > 1 or not text:
        place, last = divmod(place, len(_LETTERS))
        number = -(-number // len(_LETTERS))
        text = _LETTERS[last] + text
    return text


def drawing_key(records: Iterable[DeviceRecord], month: Month) -> bytes:
    """Return what letters are drawn by: the sum of the digests of all Members' records, in whatever order they come.

    Give it every record a snapshot has, not those of one kind: a recipient may hold all Alerts of a kind, but never
    the instants at which others installed, gained and updated their Devices. Those of other months don't count, so
    that a month taken again after another has begun draws the same letters.
    """
    of_month = (each for each in records if month.start_us <= instant_of(each) < month.end_us)
    total = sum(int.from_bytes(sha256(msgspec.msgpack.encode(each)).digest(), "big") for each in of_month)
    return total.to_bytes(40, "big")
