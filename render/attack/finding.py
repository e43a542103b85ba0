"""What an attack has found, and where. For the operator's screen: it names what leaks, never what is withheld."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, Self

#: A leak is in every row or in one; more than so many of an attack are counted only.
KEPT: Final = 50


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that gives a competitor away.

    Attributes:
        pack: folder of the pack, with its month.
        file: in it.
        row: what tells the row apart, or where in the file; empty for all of it.
        column: of the file; empty where there are none.
        what: what was learned, in words.
    """

    pack: str
    file: str
    row: str
    column: str
    what: str

    def __str__(self) -> str:
        """Return it in a line."""
        place = ", ".join(each for each in (self.file, self.row, self.column) if each)
        return f"{self.pack}: {place}: {self.what}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one attack.

    Attributes:
        attack: its name.
        packs: how many it read.
        findings: the first of them.
        count: how many there are.
        remark: what it could not try, in words; empty if nothing.
    """

    attack: str
    packs: int
    findings: tuple[Finding, ...] = ()
    count: int = 0
    remark: str = ""

    @classmethod
    def of(cls, attack: str, packs: int, findings: Iterable[Finding], *, remark: str = "") -> Self:
        """Return the verdict of an attack that yields what it finds."""
        rest = iter(findings)
        first = tuple(islice(rest, KEPT))
        return cls(attack, packs, first, len(first) + _number(rest), remark)

    @classmethod
    def together(cls, verdicts: Iterable[Self]) -> Self:
        """Return one verdict of those of an attack on several sets of packs, of which there is at least one."""
        parts = list(verdicts)
        first = tuple(islice((finding for each in parts for finding in each.findings), KEPT))
        remark = "; ".join(dict.fromkeys(each.remark for each in parts if each.remark))
        return cls(parts[0].attack, sum(each.packs for each in parts), first, sum(each.count for each in parts), remark)


def _number(rest: Iterator[Finding]) -> int:
    return sum(1 for _ in rest)
