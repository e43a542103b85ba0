"""Who and what a round trip is of: Parties and Roles, facts of Devices, processes (contract sections 2, 4 and 8)."""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, NamedTuple

from tests.oracle.domain import OTHER, ROLE_ORDER, rows_of, senders
from tests.oracle.matching import DAY_US, Trip
from tests.oracle.reading import Event, newest

UNKNOWN: Final = "Unknown"
_METER: Final = {"ESME": "Electricity", "GSME": "Gas", "GPF": "Gas"}
_FIRST_ROLES: Final = {"ESME": ("IS", "ES", "ED"), "GSME": ("GS", "GT"), "GPF": ("GS", "GT")}
_NOT_COMMISSIONED: Final = {"Pending", "Whitelisted", "InstalledNotCommissioned"}
_INSTALLING_US: Final = 7 * DAY_US
_GAINED_US: Final = 30 * DAY_US


class Member(NamedTuple):
    """The unit of reporting."""

    party: str
    role: str


@dataclass(frozen=True)
class Facts:
    """What is known of a Device at an instant."""

    meter_type: str = UNKNOWN
    region: str = UNKNOWN
    smets_version: str = UNKNOWN
    device_type: str = UNKNOWN
    manufacturer: str = UNKNOWN
    model: str = UNKNOWN
    firmware_version: str = UNKNOWN
    status: str = ""
    date_commissioned: str = ""


@dataclass
class Estate:
    """Versions of Device records."""

    versions: dict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, events: list[Event]) -> "Estate":
        """Return the versions a topic holds; of two with the same instant the later in the log counts."""
        estate = cls()
        for event in events:
            if "tombstone" in event:
                estate.versions.pop(event["tombstone"], None)
            else:
                estate.versions[event["device"]].append(event)
        for versions in estate.versions.values():
            versions.sort(key=lambda version: version["as_of"])
        return estate

    def facts(self, device: str | None, at_us: int) -> Facts:
        """Return a Device's facts at an instant: one that left the inventory is in none."""
        versions = self.versions.get(device or "")
        if not versions:
            return Facts()
        newest_index = bisect_right([version["as_of"] for version in versions], at_us) - 1
        version = versions[max(newest_index, 0)]
        if version.get("removed"):
            return Facts()
        region = version.get("csp_region") or UNKNOWN
        smets = version.get("smets_version")
        if not smets:
            old = region == "SMETS1" or version.get("smets_chts_version", "").startswith("SMETS1")
            smets = "SMETS1" if old else "SMETS2+"
        return Facts(
            _METER.get(version["device_type"], "None"),
            region.removeprefix("4G "),
            smets,
            version["device_type"],
            version.get("device_manufacturer") or UNKNOWN,
            version.get("device_model") or UNKNOWN,
            version.get("device_firmware_version") or UNKNOWN,
            version["status"],
            version.get("date_commissioned", ""),
        )


class Directory:
    """Which Party a User is of, its roles, and its owner group."""

    def __init__(self, events: list[Event]) -> None:
        self._party: dict[str, str] = {}
        self._roles: dict[str, set[str]] = defaultdict(set)
        self._group: dict[str, str] = {}
        for user, entry in newest(events, "user").items():
            party = entry["party"]
            self._party[user] = party
            self._roles[party].update(entry["roles"])
            self._group[party] = entry.get("group") or party

    def group(self, party: str) -> str:
        """Return the owner group of a Party."""
        return self._group.get(party, party)

    def member(self, user: str, role: str | None, device_type: str, srv: str | None) -> Member:
        """Return whose a message is.

        Args:
            user: originator or recipient.
            role: as said, or None.
            device_type: of the Device it is about.
            srv: None for an Alert.
        """
        party = self._party.get(user, user)
        if role:
            return Member(party, role)
        roles = self._roles.get(party, set())
        able = roles if srv is None else roles & senders(srv)
        order = (*_FIRST_ROLES.get(device_type, ()), *ROLE_ORDER)
        return Member(party, next((each for each in order if each in able), min(able, default="OU")))

    def members(self) -> set[Member]:
        """Return every Party and Role of the directory."""
        return {Member(party, role) for party, roles in self._roles.items() for role in roles}


@dataclass
class Placed:
    """A round trip with all that its figures go by."""

    trip: Trip
    member: Member
    facts: Facts
    process: str = OTHER
    variant: str = ""

    @property
    def cell(self) -> tuple[str, str, str]:
        """The row of the month it counts in."""
        return self.process, self.trip.srv, self.variant


def place_all(trips: list[Trip], estate: Estate, directory: Directory) -> list[Placed]:
    """Return each trip with its Member, facts and process."""
    placed = []
    for trip in trips:
        facts = estate.facts(trip.device, trip.start_us)
        placed.append(Placed(trip, directory.member(trip.user, trip.role, facts.device_type, trip.srv), facts))
    gains: dict[tuple[Member, str | None], list[int]] = defaultdict(list)
    for each in placed:
        trip = each.trip
        if (trip.srv, trip.leg, trip.outcome) == ("6.23", "command", "success"):
            gains[each.member, trip.device].append(trip.start_us)
    for each in placed:
        each.process, each.variant = _process(each, estate, gains)
    return placed


def _process(each: Placed, estate: Estate, gains: dict[tuple[Member, str | None], list[int]]) -> tuple[str, str]:
    """Return process and variant: the one row of Table 1 whose qualifier and context hold."""
    trip = each.trip
    start_us = trip.start_us
    installing = _installing(each.facts, start_us)
    starts = gains.get((each.member, trip.device), []) if trip.device else []
    gained = any(start_us - _GAINED_US <= at_us <= start_us for at_us in starts)
    contexts = {"": True, "installing": installing, "gained": gained, "otherwise": True}
    rows = [row for row in rows_of(trip.srv) if _qualifies(row["qualifier"], trip, each.facts, estate)]
    for context in ("installing", "gained", "otherwise", ""):
        for row in rows:
            if row["context"] == context and contexts[context]:
                name, _, value = row["qualifier"].partition("=")
                return row["process"], value if name == "credential_type" else ""
    return OTHER, ""


def _installing(facts: Facts, at_us: int) -> bool:
    if facts.status in _NOT_COMMISSIONED:
        return True
    try:
        commissioned = datetime.fromisoformat(facts.date_commissioned[:10]).replace(tzinfo=UTC)
    except ValueError:
        return False
    return at_us <= int(commissioned.timestamp()) * 1_000_000 + _INSTALLING_US


def _qualifies(qualifier: str, trip: Trip, facts: Facts, estate: Estate) -> bool:
    if qualifier == "joins=GPF+GSME":
        other = estate.facts(trip.parameters.get("other_device"), trip.start_us)
        return {facts.device_type, other.device_type} == {"GPF", "GSME"}
    if qualifier == "top_up_pence>0":
        return bool(trip.parameters.get("top_up_pence", 1) > 0)
    name, _, value = qualifier.partition("=")
    return not name or trip.parameters.get(name) == value
