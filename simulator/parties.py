"""Who there is: Parties with their Roles, owner groups and User ids; the same in every nation.

Forty-five import suppliers, seven of them large; gas and export suppliers; fourteen distributor licences in six owner
groups and four independents, two of which carry gas too; gas transporters, agents and other Users. The distributors'
licence numbers and the letters of their areas are real (the first two digits of an MPAN), and that six groups own
them is; which licence belongs to which group is invented here.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

#: Region of a distributor's area by its licence, the first two digits of an MPAN, and its letter.
AREAS: Final = {
    "10": ("Central", "A"), "11": ("Central", "B"), "12": ("South", "C"), "13": ("North", "D"), "14": ("Central", "E"),
    "15": ("North", "F"), "16": ("North", "G"), "17": ("North", "P"), "18": ("North", "N"), "19": ("South", "J"),
    "20": ("South", "H"), "21": ("Central", "K"), "22": ("South", "L"), "23": ("North", "M"),
}  # fmt: skip
_LICENCE_GROUPS: Final = {
    "10": 1, "12": 1, "19": 1, "11": 2, "14": 2, "21": 2, "22": 2, "15": 3, "23": 3, "13": 4, "18": 4, "17": 5, "20": 5,
    "16": 6,
}  # fmt: skip
#: Shares of homes of the seven large suppliers and of two middling ones; the others share the rest.
_LARGE_SHARES: Final = (0.17, 0.14, 0.11, 0.09, 0.07, 0.06, 0.05)
_MIDDLING_SHARES: Final = {9: 0.03, 12: 0.03}
_SUPPLIERS: Final = 45
#: Of the others some sell electricity alone, some buy it from their customers as well.
_NO_GAS_EVERY: Final = 5
_EXPORT_EVERY: Final = 3


@dataclass(frozen=True, slots=True)
class Party:
    """A Party.

    Attributes:
        code: its short name, for example ``S01``.
        name: its name in full.
        group: its owner group, None where it is its own.
        roles: in the order of its directory entry.
        size: ``large`` or ``small``.
        users: its User ids; a large one has two.
        share: of the homes, in its main Role; 0 where it has none.
    """

    code: str
    name: str
    group: str | None
    roles: tuple[str, ...]
    size: str
    users: tuple[str, ...]
    share: float


def _suppliers() -> list[tuple[str, str, str | None, str, str, float]]:
    named = dict(enumerate(_LARGE_SHARES, start=1)) | _MIDDLING_SHARES
    small = (1 - sum(named.values())) / (_SUPPLIERS - len(named))
    made = []
    for number in range(1, _SUPPLIERS + 1):
        large = number <= len(_LARGE_SHARES)
        roles = "IS" if number % _NO_GAS_EVERY == 0 and not large else "IS GS"
        roles += " ES" if large or number % _EXPORT_EVERY == 0 else ""
        group = "S02" if number == 8 else None  # one supplier was bought by a large one
        size = "large" if large else "small"
        made.append((f"S{number:02d}", f"Supplier {number:02d}", group, roles, size, named.get(number, small)))
    return made


def _others() -> list[tuple[str, str, str | None, str, str, float]]:
    gas = [(f"G{n:02d}", f"Gas Supplier {n:02d}", None, "GS", "small", 0.01) for n in range(1, 6)]
    export = [(f"X{n:02d}", f"Export Supplier {n:02d}", None, "ES", "small", 0.05) for n in range(1, 5)]
    licences = [
        (f"D{licence}", f"Distributor {licence} (_{letter})", f"Distribution Group {_LICENCE_GROUPS[licence]}", "ED",
         "large", 0.0)
        for licence, (_, letter) in AREAS.items()
    ]  # fmt: skip
    independents = [
        (f"I{n:02d}", f"Independent Distributor {n:02d}", None, "ED GT" if n > 2 else "ED", "small", 0.0)
        for n in range(1, 5)
    ]
    transporters = [(f"T{n:02d}", f"Gas Transporter {n:02d}", None, "GT", "large", 0.25) for n in range(1, 5)]
    agents = [(f"R{n:02d}", f"Supplier Agent {n:02d}", None, "RSA", "small", 0.0) for n in range(1, 4)]
    users = [(f"U{n:02d}", f"Other User {n:02d}", None, "OU", "small", 0.0) for n in range(1, 5)]
    readers = [("M01", "Meter Data Retriever 01", None, "MDR OU", "small", 0.0)]
    return [*gas, *export, *licences, *independents, *transporters, *agents, *users, *readers]


@lru_cache(maxsize=1)
def parties() -> tuple[Party, ...]:
    """Return all Parties."""
    return tuple(
        Party(
            code, name, group, tuple(roles.split()), size,
            tuple(f"90-B3-D5-1F-40-{number:02X}-00-{user:02X}" for user in range(1, 3 if size == "large" else 2)),
            share,
        )
        for number, (code, name, group, roles, size, share) in enumerate([*_suppliers(), *_others()], start=1)
    )  # fmt: skip


@lru_cache(maxsize=1)
def numbers_by_code() -> dict[str, int]:
    """Return each Party's number, its place in `parties`, by its code."""
    return {party.code: number for number, party in enumerate(parties())}


@lru_cache(maxsize=16)
def numbers_of(role: str) -> tuple[int, ...]:
    """Return the numbers of the Parties in a Role."""
    return tuple(number for number, party in enumerate(parties()) if role in party.roles)
