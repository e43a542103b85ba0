"""Who may look: bearer tokens, known by their hashes alone.

A token is 256 random bits, so one pass of SHA-256 is as good as a slow hash: there is nothing to guess. The file may be
read by whoever backs it up, and gives no token away.
"""

import hmac
import secrets
import tomllib
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.snapshot.members import Member

#: Leads every token, so that one that leaks into a log or a repository is found by a search.
_MARK: Final = "dcca_"
_RANDOM_BYTES: Final = 32


class Bearer(Struct, frozen=True, forbid_unknown_fields=True):
    """A token's entry.

    Attributes:
        name: who has it, for the audit log.
        role: ``operator`` sees everything, ``user`` one Member.
        sha256: of the token, in hexadecimal digits.
        party, member_role: the Member, of a ``user``.
    """

    name: Annotated[str, Meta(min_length=1, pattern=r"^[\w .@+-]+\Z")]
    role: Literal["operator", "user"]
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
    party: str = ""
    member_role: str = ""

    def __post_init__(self) -> None:
        """Refuse what contradicts itself.

        Raises:
            ValueError: says what.
        """
        if (self.role == "user") != bool(self.party and self.member_role):
            raise ValueError(f"{self.name}: a user has a party and a member_role, and an operator has neither")

    def may_see(self, member: Member) -> bool:
        """Return whether it may look at a Member."""
        return self.role == "operator" or (self.party, self.member_role) == tuple(member)

    @property
    def member(self) -> Member | None:
        """The one Member it may look at, None for all."""
        return None if self.role == "operator" else Member(self.party, self.member_role)


#: Whoever asks over the loopback address where no tokens are asked for.
LOCAL: Final = Bearer("local", "operator", "0" * 64)


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    tokens: Annotated[list[Bearer], Meta(min_length=1)]


class Tokens:
    """The tokens that are known."""

    def __init__(self, bearers: Sequence[Bearer]) -> None:
        """Know these."""
        self._bearers = tuple(bearers)

    @classmethod
    def read(cls, path: Path) -> "Tokens":
        """Return the tokens of a file.

        Raises:
            UsageError: it can't be read, or an entry is not what it should be.
        """
        try:
            return cls(msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File).tokens)
        except (OSError, ValueError) as refused:
            raise UsageError(f"{path} is no file of tokens: {refused}; `dcca live token` makes an entry") from refused

    def bearer(self, token: str) -> Bearer | None:
        """Return whose token it is; how long that takes tells nothing of any hash."""
        given = sha256(token.encode(errors="surrogateescape")).hexdigest()  # as a header has it, whatever its bytes
        found = None
        for each in self._bearers:
            if hmac.compare_digest(each.sha256, given):
                found = each
        return found


def new_token() -> tuple[str, str]:
    """Return a new token, and its hash."""
    token = _MARK + secrets.token_urlsafe(_RANDOM_BYTES)
    return token, sha256(token.encode()).hexdigest()


def entry_of(bearer: Bearer) -> str:
    """Return an entry as the file has it.

    >>> print(entry_of(Bearer("ada", "operator", "0" * 64)))
    [[tokens]]
    name = "ada"
    role = "operator"
    sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
    """
    fields = {name: value for name, value in msgspec.structs.asdict(bearer).items() if value}
    return "\n".join(
        ["[[tokens]]", *(f"{name} = {msgspec.json.encode(value).decode()}" for name, value in fields.items())]
    )
