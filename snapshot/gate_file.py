"""``gate.json``: what the release gate goes by, who the Members are and which rules held. For the operator alone.

It stands in the snapshot, and a copy beside the packs as ``totals.json`` does; no pack has it, or anything of it.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from dcc_analytics.catalogue.errors import SnapshotError
from dcc_analytics.snapshot.members import Directory, Member
from dcc_analytics.snapshot.rules import RuleSet

GATE: Final = "gate.json"


class Known(Struct, frozen=True, forbid_unknown_fields=True):
    """A Member as the operator knows it.

    Attributes:
        party, role: who it is.
        name: what its Party is called.
        group: the owner group it is counted as.
        users: the User ids of its Party.
        groups: the owner groups it belonged to on some day of the month; none written down: ``group``.
    """

    party: str
    role: str
    name: str
    group: str
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    @property
    def belongs(self) -> tuple[str, ...]:
        """All its owner groups."""
        return self.groups or (self.group,)


class GateFile(Struct, frozen=True, forbid_unknown_fields=True):
    """Every Member of a month, and the rule set its snapshot was taken by; None where nobody wrote it down."""

    members: tuple[Known, ...]
    rules: RuleSet | None = None

    @classmethod
    def of(cls, members: Iterable[Member], directory: Directory, rules: RuleSet) -> "GateFile":
        """Return what is known of Members."""
        known = []
        for member in sorted(members):
            party = directory.party(member.party)
            known.append(Known(*member, party.name, party.group, directory.users(member.party), party.groups))
        return cls(tuple(known), rules)

    def as_bytes(self) -> bytes:
        """Return the file."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n"

    @classmethod
    def read(cls, path: Path) -> "GateFile | None":
        """Return what a file holds; None if there is none.

        Raises:
            SnapshotError: it can't be read.
        """
        try:
            return msgspec.json.decode(path.read_bytes(), type=cls)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise SnapshotError(f"{path} can't be read ({error}); take the snapshot again, and render") from error
