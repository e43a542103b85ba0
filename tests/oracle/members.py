"""Whose a message is: Parties and Roles (contract sections 2 and 8, Who)."""

from collections import defaultdict
from typing import Final, NamedTuple

from tests.oracle.domain import ROLE_ORDER, senders
from tests.oracle.reading import Event, newest

_FIRST_ROLES: Final = {"ESME": ("IS", "ES", "ED"), "GSME": ("GS", "GT"), "GPF": ("GS", "GT")}


class Member(NamedTuple):
    """The unit of reporting."""

    party: str
    role: str


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

    def member(self, user: str, role: str, device_type: str, srv: str | None) -> Member:
        """Return whose a message is.

        Args:
            user: originator or recipient.
            role: as said, or nothing.
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
