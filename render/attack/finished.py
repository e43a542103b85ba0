"""Finished packs as they lie in folders: found by their manifests, read as text, column by column.

Packs of one month that were made of one snapshot are a *release*; the same month made of another is another version.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

import polars as pl
from polars.exceptions import PolarsError

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.render.change_files import CHANGES
from dcc_analytics.render.columns import FileDefinition
from dcc_analytics.render.dictionary import DICTIONARY
from dcc_analytics.render.files import FILES
from dcc_analytics.render.incident_file import INCIDENTS
from dcc_analytics.snapshot.gate_file import GATE, GateFile, Known
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.rules import RuleSet

MANIFEST: Final = "manifest.json"
PDF: Final = "pack.pdf"
#: Figures of others begin so, or are the row's status.
_OF_OTHERS: Final = ("industry_", "peer", "benchmark_status", "value", "position")
#: The one figure of a Member's own that holds others' rates.
GAP: Final = "mix_adjusted_gap"
#: Own figures by which cells are counted, and what is attacked; the others are left out of memory.
_COUNTED: Final = (
    "requests", "successes", "failures", "rtt_n", "delivered", "failed", "delivery_n", "devices", "denominator", GAP,
)  # fmt: skip
#: Where each row says whose it is.
PACK: Final = "pack"
KNOWN_FILES: Final[Mapping[str, FileDefinition]] = {
    each.file_name: each for each in (*FILES.values(), INCIDENTS, CHANGES, DICTIONARY)
}


@dataclass(frozen=True, slots=True)
class FinishedPack:
    """A pack.

    Attributes:
        path: of its folder.
        month: as its manifest says.
        snapshot: which it was made of.
        revision: which version of the month that is; 1 where an earlier release did not say.
        party, role: whose it is.
    """

    path: Path
    month: str
    snapshot: str
    revision: int
    party: str
    role: str

    @property
    def name(self) -> str:
        """What findings call it: its month's folder and its own."""
        return f"{self.path.parent.name}/{self.path.name}"

    @classmethod
    def read(cls, folder: Path) -> "FinishedPack | None":
        """Return the pack in a folder; None if its manifest is another file's.

        Raises:
            UsageError: the manifest can't be read.
        """
        path = folder / MANIFEST
        try:
            said = json.loads(path.read_bytes())
            if not (isinstance(said, dict) and {"party", "role", "files"} <= said.keys()):
                return None
            made = str(said["month"]), str(said["snapshot"]), int(said.get("revision", 1))
            return cls(folder, *made, str(said["party"]), str(said["role"]))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise UsageError(f"{path} is no manifest of a pack ({error}); render the month again") from error


def header_of(path: Path) -> tuple[str, ...]:
    """Return the names in the first line of a CSV file."""
    with path.open(encoding="utf-8") as file:
        return tuple(file.readline().rstrip("\r\n").split(","))


def is_of_others(name: str, file: FileDefinition) -> bool:
    """Return whether a column tells of others: a benchmark, or one the contract does not know."""
    return name.startswith(_OF_OTHERS) or name not in file.header


@dataclass(frozen=True)
class Release:
    """The packs of a month that were made of one snapshot.

    Attributes:
        month: which.
        snapshot: which.
        packs: in the order of their names.
        gate: who the Members are, and by which rules.
    """

    month: str
    snapshot: str
    packs: tuple[FinishedPack, ...]
    gate: GateFile
    _read: dict[tuple[str, str], pl.DataFrame] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def rules(self) -> RuleSet:
        """The rule set of its snapshot; the built-in one where nobody wrote it down."""
        return self.gate.rules or read_rules()

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """Of its Members."""
        return tuple(sorted({pack.role for pack in self.packs}))

    @cached_property
    def members(self) -> Mapping[tuple[str, str], Known]:
        """The Members by Party and Role."""
        return {(each.party, each.role): each for each in self.gate.members}

    def group(self, pack: FinishedPack) -> str:
        """Return the owner group of a pack's Member."""
        known = self.members.get((pack.party, pack.role))
        return known.group if known else pack.party

    def of(self, role: str) -> tuple[FinishedPack, ...]:
        """Return the packs of a Role."""
        return tuple(each for each in self.packs if each.role == role)

    def rows(self, role: str, name: str) -> pl.DataFrame:
        """Return the rows of a file in all packs of a Role: keys, counts and whatever tells of others.

        There are none of a file that tells nothing of others. All is text; ``pack`` is the place of the pack in
        ``of(role)``, ``group`` its owner group.

        Raises:
            UsageError: a file can't be read.
        """
        if (role, name) not in self._read:
            self._read[role, name] = self._rows(role, FILES[name])
        return self._read[role, name]

    def _rows(self, role: str, file: FileDefinition) -> pl.DataFrame:
        frames = [
            frame.with_columns(pl.lit(place).alias(PACK), pl.lit(self.group(pack)).alias("group"))
            for place, pack in enumerate(self.of(role))
            if (frame := _read(pack.path / file.file_name, file)) is not None
        ]
        names = (*file.key, *(each for each in _COUNTED if each in file.header))
        empty = pl.DataFrame(schema={**dict.fromkeys(names, pl.String), PACK: pl.Int32, "group": pl.String})
        return pl.concat([empty, *frames], how="diagonal")


def _read(path: Path, file: FileDefinition) -> pl.DataFrame | None:
    if not path.exists():
        return None
    try:
        header = header_of(path)
        if not any(is_of_others(name, file) for name in header):
            return None  # of own figures alone; such files are the larger part of a pack
        wanted = [name for name in header if name in file.key or name in _COUNTED or is_of_others(name, file)]
        return pl.read_csv(path, columns=wanted, infer_schema=False)
    except (OSError, ValueError, PolarsError) as error:
        reason = str(error).partition("\n")[0]
        raise UsageError(f"{path} is no CSV file of a pack ({reason}); render the month again") from error


def releases(folders: Iterable[Path]) -> list[Release]:
    """Return the releases whose packs lie in folders, however deep, by month and revision.

    Raises:
        UsageError: there is none, or a manifest can't be read.
        SnapshotError: what the gate goes by can't be read.
    """
    found: dict[tuple[str, int, str, Path], list[FinishedPack]] = defaultdict(list)
    for pack in _packs(folders):
        found[pack.month, pack.revision, pack.snapshot, pack.path.parent].append(pack)
    return [
        Release(month, snapshot, tuple(packs), GateFile.read(folder / GATE) or _guessed(packs))
        for (month, _, snapshot, folder), packs in sorted(found.items())
    ]


def _packs(folders: Iterable[Path]) -> Iterator[FinishedPack]:
    for folder in folders:
        for path in sorted(folder.rglob(MANIFEST)):
            is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
            pack = None if is_hidden else FinishedPack.read(path.parent)
            if pack is not None:
                yield pack


def _guessed(packs: Iterable[FinishedPack]) -> GateFile:
    """Return what manifests tell of Members: their Parties, and nothing of names, groups and User ids."""
    return GateFile(tuple(Known(pack.party, pack.role, pack.party, pack.party) for pack in packs))
