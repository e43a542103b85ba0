"""Names to look for, all in one pass: the Aho-Corasick automaton of polars finds where, the rest is decided there.

A name counts where it stands as a word, not within another. Names of several words and User ids count in any case of
letters, a single word only as it is spelled. Shorter ones than three characters, and those that are words of the
contract itself (a Party called Gas), stand in every pack by chance: they are not looked for, and that is said.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import polars as pl

from dcc_analytics.catalogue.devices import DEVICE_FIELDS
from dcc_analytics.catalogue.processes import TABLE_1
from dcc_analytics.catalogue.roles import ROLE_NAMES
from dcc_analytics.render.files import FILES
from dcc_analytics.snapshot.gate_file import Known

_LEAST: Final = 3
EUI_64: Final = re.compile(r"\b[0-9A-Fa-f]{2}(?:[-:][0-9A-Fa-f]{2}){7}\b")
_ANY_CASE: Final = re.compile(r"\s|^[0-9A-F]{2}([-:]?)[0-9A-F]{2}(?:\1[0-9A-F]{2}){6}$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hit:
    """A name that stands in a text: whose it is, what it is called, and the byte it begins at."""

    name: str
    parties: frozenset[str]
    begin: int
    end: int


class Names:
    """What the Members of a month are known by.

    Attributes:
        passed_over: names that are not looked for.
    """

    def __init__(self, members: Iterable[Known], *, ordinary: Iterable[str] = ()) -> None:
        """Take the names of Members; ``ordinary`` are further texts whose words are nobody's name."""
        parties: dict[str, set[str]] = defaultdict(set)
        for member in members:
            for name in _spelled(member):
                parties[name].add(member.party)
        said = "\n".join((contract_words(), *ordinary))
        self.passed_over = sorted(name for name in parties if len(name) < _LEAST or _is_word_of(name, said))
        self._parties = {name: frozenset(of) for name, of in parties.items() if name not in self.passed_over}
        self._names = sorted(self._parties)
        self._by_start: dict[bytes, list[str]] = defaultdict(list)
        for name in self._names:
            self._by_start[name.encode()[:_LEAST].lower()].append(name)

    def hits(self, texts: Sequence[str]) -> list[list[Hit]]:
        """Return the names in each of some texts, whoever's they are; one call makes one automaton."""
        if not self._names:
            return [[] for _ in texts]
        data = [text.encode("utf-8", errors="replace") for text in texts]
        spelled = pl.Series([each.decode("utf-8") for each in data], dtype=pl.String)
        found = spelled.str.find_many(self._names, ascii_case_insensitive=True, overlapping=True)
        return [
            [hit for begin in dict.fromkeys(where) for hit in self._at(each, begin)]
            for each, where in zip(data, found.to_list(), strict=True)
        ]

    def _at(self, data: bytes, begin: int) -> Iterator[Hit]:
        if begin and _in_word(data[begin - 1]):
            return
        for name in self._by_start.get(data[begin : begin + _LEAST].lower(), ()):
            wanted = name.encode()
            found, end = data[begin : begin + len(wanted)], begin + len(wanted)
            same = found.lower() == wanted.lower() if _ANY_CASE.search(name) else found == wanted
            if same and not (end < len(data) and _in_word(data[end])):
                yield Hit(name, self._parties[name], begin, end)

    def of_others(self, hits: Iterable[Hit], party: str) -> list[Hit]:
        """Return those hits that are not a Party's own names, and not part of one."""
        every = list(hits)
        own = [hit for hit in every if party in hit.parties]
        return [
            hit
            for hit in every
            if party not in hit.parties and not any(mine.begin <= hit.begin and hit.end <= mine.end for mine in own)
        ]

    def may_hold(self, columns: Sequence[str]) -> pl.Expr:
        """Return whether the texts of a row hold any name, or part of a word like one."""
        if not self._names:
            return pl.lit(value=False)
        return pl.concat_str(columns, separator="\n", ignore_nulls=True).str.contains_any(
            self._names, ascii_case_insensitive=True
        )


def _spelled(member: Known) -> Iterator[str]:
    """Yield the names of a Member; User ids also as other programs write them, names as JSON, CSV and SQL do."""
    for name in dict.fromkeys((member.party, member.name, member.group, *member.groups)):
        spaced = " ".join(name.split())
        yield from (
            spaced,
            spaced.replace('"', '""'),
            spaced.replace("'", "''"),
            spaced.replace("\\", "\\\\").replace('"', '\\"'),
        )
    for user in member.users:
        yield from (user, user.replace("-", ""), user.replace("-", ":"))


def _in_word(byte: int) -> bool:
    return byte >= 0x80 or chr(byte).isalnum() or byte == ord("_")


def _is_word_of(name: str, text: str) -> bool:
    flags = re.IGNORECASE if _ANY_CASE.search(name) else 0
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, flags) is not None


@cache
def contract_words() -> str:
    """Return the words that stand in packs whoever sent what: files, columns, processes, Roles, fields."""
    words = [f"{row.process} {' '.join(row.srvs)}" for row in TABLE_1]
    words += [f"{each.name} {each.duis_name} {each.meaning} {each.kind}" for each in DEVICE_FIELDS]
    for file in FILES.values():
        words += [f"{file.title} {file.description}"]
        words += [f"{each.name} {each.title} {each.description} {' '.join(each.values)}" for each in file.columns]
    return "\n".join([*words, *ROLE_NAMES, *ROLE_NAMES.values()])
