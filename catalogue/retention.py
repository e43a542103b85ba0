"""What is kept of single Devices: where it lies, for how long and why, and what drops it.

``docs/retention.md`` is made from this table, ``dcca retention`` judges by it what lies there, and the tests hold it
against what the code does.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from dcc_analytics.catalogue.tables import Row, by_key, read_table

_KEPT: Final = re.compile(r"([1-9][0-9]*(?:\.5)?) (hours|days|months)")
_HOUR_US: Final = 3_600_000_000
_COLUMNS: Final = ("id", "place", "holds", "kept", "counted_from", "needed_for", "dropped_by", "setting")


class Where(StrEnum):
    """Where something lies."""

    LEDGER = "ledger"
    ESTATE = "estate"
    DEAD_LETTERS = "dead-letters"
    STRAYS = "strays"
    SNAPSHOTS = "snapshots"
    PACKS = "packs"


@dataclass(frozen=True, slots=True)
class Kept:
    """For how long: some hours or days, or calendar months.

    Attributes:
        words: as the table has it.
        us: in microseconds; None where it is months.
        months: None where it is hours or days.
    """

    words: str
    us: int | None
    months: int | None

    @classmethod
    def parse(cls, text: str) -> "Kept":
        """Return what a text says.

        Raises:
            ValueError: it says nothing of the kind.

        >>> Kept.parse("25.5 hours").us == 91_800_000_000, Kept.parse("13 months").months
        (True, 13)
        """
        match = _KEPT.fullmatch(text)
        if match is None:
            raise ValueError("is no time such as 25.5 hours, 130 days or 13 months")
        number, unit = float(match[1]), match[2]
        if unit == "months":
            return cls(text, None, int(number))
        return cls(text, round(number * (_HOUR_US if unit == "hours" else 24 * _HOUR_US)), None)


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of ``retention.csv``.

    Attributes:
        id: of the kind of data, for example ``ended``; those of the ledger's maps are their names there.
        where: it lies.
        holds: what of Devices it holds.
        kept: for how long.
        counted_from: what that is counted from.
        needed_for: why it is kept.
        dropped_by: what drops it.
        setting: key of the setting that changes it; empty: none does.
        source: of the rule.
        note: what else a reader has to know; may be empty.
    """

    id: str
    where: Where
    holds: str
    kept: Kept
    counted_from: str
    needed_for: str
    dropped_by: str
    setting: str
    source: str
    note: str

    @property
    def words(self) -> str:
        """The rule in words: ``130 days after the event``."""
        return f"{self.kept.words} after {self.counted_from}"


def _rule(row: Row) -> Rule:
    return Rule(
        row.text("id"),
        Where(row.one_of("place", tuple(Where))),
        row.text("holds"),
        row.read("kept", Kept.parse),
        row.text("counted_from"),
        row.text("needed_for"),
        row.text("dropped_by"),
        row.optional("setting"),
        row.text("source"),
        row.optional("note"),
    )


def read_retention(text: str | None = None) -> Mapping[str, Rule]:
    """Return the rules by id, in the order of the table.

    Args:
        text: to be read instead of the data file.

    Raises:
        CatalogueError: a row is not as it has to be.
    """
    return MappingProxyType(by_key(read_table("retention.csv", _COLUMNS, text), "id", _rule))


RETENTION: Final = read_retention()


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one kind of data at one place.

    Attributes:
        rule: of the kind.
        place: the topic, its partition, or the folder.
        entries: how many lie there.
        oldest_us: the instant of the oldest, by which it grows old; None without any, or where it has none.
        beyond: how many are older than the rule allows.
        why: why they are there, as far as can be seen, and what to do; or why nothing can be judged.
        of_device: how many hold the Device asked for.
        until_us: when the last of these have gone, by the clock the rule goes by; None where that is not known.
        is_judged: whether it could be found out if any is older than the rule allows.
        may_hold: whether what was deleted may lie there still and can't be looked for, any Device with it.
    """

    rule: Rule
    place: str
    entries: int
    oldest_us: int | None
    beyond: int = 0
    why: str = ""
    of_device: int = 0
    until_us: int | None = None
    is_judged: bool = True
    may_hold: bool = False
