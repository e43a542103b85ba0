"""Parties, homes and Devices of a made month, and Incidents: the reference topics."""

from dataclasses import dataclass, field
from random import Random
from typing import Final

from tests.oracle.scribe import DAY_US, HOUR_US, Scribe, Value, date_text

#: Party, owner group, roles: twelve groups and more in IS and GS, two groups with two Parties.
_SUPPLIERS: Final = (
    ("AAA", "AAA", "IS GS ES"), ("BBB", "BBB", "IS GS"), ("CCC", "CCC", "IS GS ES"), ("DDD", "CCC", "IS GS"),
    ("EEE", "EEE", "IS GS"), ("FFF", "EEE", "IS ES"), ("GGG", "GGG", "IS GS"), ("HHH", "", "IS GS"),
    ("JJJ", "JJJ", "IS GS"), ("KKK", "KKK", "IS GS ES"), ("LLL", "LLL", "IS GS"), ("MMM", "MMM", "IS GS"),
    ("NNN", "NNN", "IS GS"), ("PPP", "PPP", "IS GS"), ("QQQ", "QQQ", "IS"), ("RRR", "RRR", "GS"),
)  # fmt: skip
_OTHERS: Final = (
    ("ED1", "ED1", "ED"), ("ED2", "ED2", "ED"), ("ED3", "ED2", "ED GT"), ("GT1", "GT1", "GT"), ("OU1", "OU1", "OU"),
    ("OU2", "OU2", "OU"), ("RSA", "RSA", "RSA"), ("MDR", "MDR", "MDR OU"), ("ALL", "ALL", "IS ES GS ED GT RSA OU MDR"),
)  # fmt: skip
_REGIONS: Final = ("North", "Central", "South", "4G North", "4G Central", "4G South", "SMETS1", "Unknown")
_MAKES: Final = (("Zähler & Söhne", "ZS 4", "10.0"), ("=Formula Meters", "+44", "-1"), ("Brunel", "BS-100", "2.20"))


@dataclass
class Home:
    """Devices of one home, and the Users registered for it."""

    hub: str
    gpf: str
    esme: str
    gsme: str
    ppmid: str
    users: dict[str, str]
    commissioned_us: int
    old: bool


@dataclass
class Cast:
    """Who there is.

    Attributes:
        users: ids by Party.
        by_role: Parties that have a role.
        homes: all of them.
        stranger: a User in no directory.
        unlisted: a Device in no inventory.
    """

    users: dict[str, list[str]] = field(default_factory=dict)
    by_role: dict[str, list[str]] = field(default_factory=dict)
    homes: list[Home] = field(default_factory=list)
    stranger: str = "90-B3-D5-1F-31-FF-00-01"
    unlisted: str = "88-73-84-00-00-00-FF-FF"

    def user(self, random: Random, party: str) -> str:
        """Return one of a Party's Users."""
        return random.choice(self.users[party])


def make_users(scribe: Scribe, cast: Cast, start_us: int, *, tombstones: bool) -> None:
    """Write the directory: newest entries, changed Parties and roles, and one that was removed."""
    before_us = start_us - 60 * DAY_US
    for number, (party, group, roles) in enumerate((*_SUPPLIERS, *_OTHERS)):
        count = 2 if number % 4 == 0 else 1
        cast.users[party] = [f"90-B3-D5-1F-30-{16 + number:02X}-00-{index + 1:02X}" for index in range(count)]
        for role in roles.split():
            cast.by_role.setdefault(role, []).append(party)
        for user in cast.users[party]:
            if number % 5 == 1:  # an entry that a newer one replaces: another Party, other roles
                _user(scribe, user, ("OLD", "OLD"), ["OU"], before_us - DAY_US)
            _user(scribe, user, (party, group), roles.split(), before_us)
    moved = cast.users["GGG"][0]
    _user(scribe, moved, ("GGG", "GGG"), ["IS", "GS", "RSA"], start_us + 12 * DAY_US)
    if tombstones:
        gone = "90-B3-D5-1F-31-FE-00-01"
        cast.users["GONE"] = [gone]
        _user(scribe, gone, ("GONE", "GONE"), ["IS"], before_us)
        scribe.add("users", gone, start_us + DAY_US, None)


def _user(scribe: Scribe, user: str, party: tuple[str, str], roles: list[str], at_us: int) -> None:
    name, group = party
    value: Value = {
        "user": scribe.any_case(user), "party": name, "party_name": f"{name} Energy", "roles": roles,
        "size": "small", "as_of": scribe.instant(at_us), "group": group or None,
    }  # fmt: skip
    scribe.add("users", user, at_us + 1000, value)


def make_homes(scribe: Scribe, cast: Cast, homes: int, start_us: int, *, tombstones: bool) -> None:
    """Write the Devices of all homes: several versions, some removed."""
    random = scribe.random
    for number in range(homes):
        ids = [f"88-73-84-{number >> 8:02X}-{number & 255:02X}-AB-CD-{kind:02X}" for kind in range(5)]
        users = {
            role: cast.user(random, parties[number % len(parties)])
            for role, parties in cast.by_role.items()
            if role in {"IS", "ES", "GS", "ED", "GT"}
        }
        young = number % 4 == 0
        back_days = random.randint(0, 20) if young else random.randint(60, 900)
        commissioned_us = start_us + 10 * DAY_US - back_days * DAY_US
        hub, gpf, esme, gsme, ppmid = ids
        home = Home(hub, gpf, esme, gsme, ppmid, users, commissioned_us, number % 8 == 6)
        cast.homes.append(home)
        _devices(scribe, home, _REGIONS[number % len(_REGIONS)], number, start_us)
    if tombstones:
        gone = "88-73-84-00-00-00-FF-FD"
        _device(scribe, gone, start_us - DAY_US, {"device_type": "ESME", "status": "Commissioned"})
        scribe.add("devices", gone, start_us + DAY_US, None)


def _devices(scribe: Scribe, home: Home, region: str, number: int, start_us: int) -> None:
    random = scribe.random
    kinds = (("CHF", home.hub), ("GPF", home.gpf), ("ESME", home.esme), ("GSME", home.gsme), ("PPMID", home.ppmid))
    for kind, device in kinds:
        make, model, firmware = _MAKES[(number + len(kind)) % len(_MAKES)]
        value: Value = {
            "device_type": kind, "status": "Commissioned", "csp_region": region, "device_manufacturer": make,
            "device_model": model, "date_commissioned": date_text(home.commissioned_us), "device_firmware_version":
            firmware, "chf": None if kind == "CHF" else home.hub,
        }  # fmt: skip
        if home.old and region != "SMETS1":
            value |= {"smets_chts_version": "SMETS1 V1.2"} if number % 16 == 6 else {"smets_version": "SMETS1"}
        if kind in {"ESME", "GSME"}:
            value |= {"import_supplier_id": home.users["IS"], "network_operator_id": home.users["ED"]}
        if number % 4 == 0:  # not commissioned before the day, and by the status alone
            pending = {name: each for name, each in value.items() if name != "date_commissioned"}
            _device(scribe, device, home.commissioned_us - 9 * DAY_US, pending | {"status": "Whitelisted"})
            _device(scribe, device, home.commissioned_us + 11 * HOUR_US, value)
        elif number % 9 == 5:  # all versions later than most of the month
            _device(scribe, device, start_us + 25 * DAY_US, value)
        else:
            _device(scribe, device, home.commissioned_us, value)
        if number % 3 == 0:
            at_us = start_us + random.randint(1, 28) * DAY_US + random.randint(0, DAY_US)
            _device(scribe, device, at_us, value | {"device_firmware_version": f"{firmware}.1"})
        if number % 13 == 7:
            _device(scribe, device, start_us + 20 * DAY_US, value | {"removed": True, "status": "Decommissioned"})


def _device(scribe: Scribe, device: str, at_us: int, value: Value) -> None:
    record = {"device": scribe.any_case(device), "as_of": scribe.instant(at_us)} | value
    scribe.add("devices", scribe.key(device, plain=True, anything=False), at_us + 2000, record)


def make_incidents(scribe: Scribe, start_us: int) -> None:
    """Write Incidents: versions, one closed at midnight sharp, one open, one without regions, one removed."""
    rows: tuple[tuple[str, int, float, float | None, list[str] | None, int], ...] = (
        ("I1", 3, 4, 5, ["North"], 0), ("I1", 2, 4, 6, ["North", "4G South"], 1), ("I2", 1, 8, 9, ["SMETS1"], 0),
        ("I3", 2, 15, None, ["Central"], 0), ("I4", 4, 2, 3, [], 0), ("I5", 1, 20.5, 21.25, None, 0),
        ("I6", 1, 25, 26, [], 0),
    )  # fmt: skip
    for incident, category, opened, closed, regions, version in rows:
        value: Value = {
            "incident": incident, "category": category, "opened_at": scribe.instant(start_us + int(opened * DAY_US)),
            "as_of": scribe.instant(start_us + int(opened * DAY_US) + version * HOUR_US), "regions": regions,
            "closed_at": None if closed is None else scribe.instant(start_us + int(closed * DAY_US)),
        }  # fmt: skip
        scribe.add("incidents", incident, start_us + 26 * DAY_US + version * HOUR_US, value)
    scribe.add("incidents", "I6", start_us + 27 * DAY_US, None)
