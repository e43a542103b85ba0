"""Members: the unit of reporting, a Party in a Role; and the directory that says whose a User id is.

Source: contract section 2 (Unit of reporting, Role) and section 8 (Who).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

from dcc_analytics.catalogue.roles import resolve_role
from dcc_analytics.catalogue.service_requests import SERVICE_REQUESTS
from dcc_analytics.snapshot.owners import joined
from dcc_analytics.stream.events import UserEntry

_BY_ENTRIES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})


class Member(NamedTuple):
    """A Party in a Role."""

    party: str
    role: str


@dataclass(frozen=True, slots=True)
class Party:
    """A Party: what its newest entry says, and the roles of all its Users.

    Attributes:
        group: the owner group it is counted as.
        groups: those it belonged to on some day of the month.
    """

    party: str
    name: str
    group: str
    roles: tuple[str, ...]
    size: str
    groups: tuple[str, ...]


class Directory:
    """The newest entry of every User."""

    def __init__(self, entries: Iterable[UserEntry], belongs: Mapping[str, tuple[str, ...]] = _BY_ENTRIES) -> None:
        """Take entries in log order; of two with the same ``as_of`` the later in the log counts.

        Args:
            entries: of Users.
            belongs: the owner groups of Parties, as ``owners.belongings`` has them; by their entries if left out.
        """
        self._belongs = belongs
        self._owners = joined(belongs)
        newest: dict[str, UserEntry] = {}
        for entry in entries:
            known = newest.get(entry.user)
            if known is None or entry.as_of_us >= known.as_of_us:
                newest[entry.user] = entry
        self._party_of = {user: entry.party for user, entry in newest.items()}
        self._parties: dict[str, Party] = {}
        for entry in sorted(newest.values(), key=lambda each: each.as_of_us):
            before = self._parties.get(entry.party)
            roles = dict.fromkeys((*(before.roles if before else ()), *entry.roles))
            group, groups = self._owned(entry.party, entry.group)
            self._parties[entry.party] = Party(entry.party, entry.party_name, group, tuple(roles), entry.size, groups)
        self._members: dict[tuple[str, str, str | None], Member] = {}

    def member(self, user: str, role: str, srv: str | None) -> Member:
        """Return whose a message is.

        Args:
            user: User id.
            role: as ``keys.role_or_type`` keeps it.
            srv: of a Service Request; None for an Alert.
        """
        key = user, role, srv
        member = self._members.get(key)
        if member is None:
            member = self._members[key] = self._find(user, role, srv)
        return member

    def _find(self, user: str, role: str, srv: str | None) -> Member:
        party = self.party(self._party_of.get(user, user))
        if role[:1] == "?":
            eligible = None
            if srv is not None:
                kind = SERVICE_REQUESTS.get(srv)
                eligible = kind.roles if kind is not None else ()
            role = resolve_role(party.roles, eligible=eligible, device_type=role[1:])
        elif role[:1] == "!":
            role = role[1:]
        return Member(party.party, role)

    def party(self, party: str) -> Party:
        """Return a Party; one without entry is known by the id of its User alone."""
        known = self._parties.get(party)
        if known is None:
            group, groups = self._owned(party, party)
            known = Party(party, party, group, (), "", groups)
        return known

    def _owned(self, party: str, group: str) -> tuple[str, tuple[str, ...]]:
        return self._owners.get(party, group), self._belongs.get(party, (group,))

    def groups(self) -> dict[str, str]:
        """Return what each Party is counted as."""
        return {party.party: party.group for party in self._parties.values()}

    def users(self, party: str) -> tuple[str, ...]:
        """Return the User ids of a Party; one without entry is its only User."""
        return tuple(sorted(user for user, of in self._party_of.items() if of == party)) or (party,)

    def members(self) -> list[Member]:
        """Return every (Party, Role) of the directory."""
        return [Member(party.party, role) for party in self._parties.values() for role in party.roles]


def folder_of(member: Member) -> str:
    """Return the name of a Member's folder; characters a file system may refuse are replaced.

    >>> folder_of(Member("NWE", "IS")), folder_of(Member("../x", "IS"))
    ('NWE-IS', '.._x-IS')
    """
    return re.sub(r"[^\w.+-]", "_", f"{member.party}-{member.role}")
