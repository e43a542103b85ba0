"""Snapshots and packs in their folders, and which of them are kept longer than their rules allow.

A month's age is what its manifests say, never what the file system does. Nothing is called ours, and so nothing is
deleted, but folders of the names this product gives, that are no links, hold no links and nothing this product does not
write there, and whose manifests say the month their names do.

    snapshots/2026-10               the standing one
    snapshots/2026-10.revision-1    what stood before it
    packs/2026-10                   released packs; .held after the name: not released
"""

import json
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from dcc_analytics.catalogue.errors import DccaError, UsageError
from dcc_analytics.catalogue.months import Month
from dcc_analytics.catalogue.retention import RETENTION, Rule
from dcc_analytics.render.release import HELD
from dcc_analytics.snapshot.audit_file import AUDIT
from dcc_analytics.snapshot.gate_file import GATE

MANIFEST: Final = "manifest.json"
_SNAPSHOT_NAME: Final = re.compile(r"(\d{4}-\d{2})(?:\.revision-([1-9]\d*))?")
_PACKS_NAME: Final = re.compile(rf"(\d{{4}}-\d{{2}})(?:{re.escape(HELD)})?")
#: What a snapshot has beside its tables, and a month of packs beside its packs.
_BESIDE: Final = frozenset({MANIFEST, "totals.json", "withheld.json", "changes.parquet", GATE, AUDIT})
_BESIDE_PACKS: Final = frozenset({"totals.json", GATE})
#: Later than every one that was replaced.
_STANDING: Final = 2**63
#: A folder on its way out: whoever ends meanwhile leaves it to the next run.
_GOING: Final = ".going-"
_GOING_NAME: Final = re.compile(rf"{re.escape(_GOING)}.+")
#: What a snapshot is before it takes its place; the number is of the process.
_MAKING_NAME: Final = re.compile(r"\.\d{4}-\d{2}\.(\d+)")
_WAS_GOING: Final = "`dcca retention apply` was ended while it deleted it: run it with --delete"
_LINK: Final = "it is a link where only folders on their way out are: see to it by hand"
_WAS_MADE: Final = "a `dcca snapshot` was ended while it wrote it: delete it, unless one runs on another machine"
_IS_MADE: Final = "a `dcca snapshot` that runs may be writing it"


class NotOursError(Exception):
    """Something in a folder is not what this product writes there; its words say what."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A snapshot, or a month's packs, as it lies there.

    Attributes:
        path: of the folder.
        rule: that holds for it.
        month: which, as its manifests say; None where they don't.
        until: the first day on which it may not lie there any more; None where the month is not known.
        members: packs in it; 1 for a snapshot.
        amiss: why it is not known to be ours; empty where it is.
        stays: whether it is the standing snapshot of its month, or the newest final one.
    """

    path: Path
    rule: Rule
    month: Month | None
    until: date | None
    members: int = 1
    amiss: str = ""
    stays: bool = False

    def beyond(self, today: date) -> bool:
        """Return whether it is kept longer than the rule allows."""
        return self.until is not None and self.until <= today


def kept_until(month: Month, months: int) -> date:
    """Return the day on which what is kept for some months after a month's end may not lie there any more.

    >>> kept_until(Month(2026, 10), 13)
    datetime.date(2027, 12, 1)
    """
    number = month.number + 1 + months
    return date(number // 12, number % 12 + 1, 1)


def kept_snapshots(out: Path, months: int) -> list[Kept]:
    """Return the snapshots under a folder of output; none where there is no such folder.

    Args:
        out: as ``--out`` has it.
        months: after the end of its month for which a standing one is kept.

    Raises:
        UsageError: the folder of snapshots is a link.
    """
    found: dict[str, list[tuple[int, Kept, bool]]] = {}
    lost: list[Kept] = []
    for path, match in _named(out / "snapshots", _SNAPSHOT_NAME):
        try:
            manifest = _snapshot(path, match[1], match[2])
        except NotOursError as amiss:
            lost.append(Kept(path, RETENTION["snapshots"], None, None, amiss=str(amiss)))
            continue
        kept = Kept(path, RETENTION["snapshots"], Month.parse(match[1]), kept_until(Month.parse(match[1]), months))
        number = int(match[2]) if match[2] else _STANDING
        found.setdefault(match[1], []).append((number, kept, manifest.get("status") == "final"))
    return [*(each for of_month in found.values() for each in _ruled(of_month)), *lost]


def _ruled(of_month: list[tuple[int, Kept, bool]]) -> Iterator[Kept]:
    """Yield the snapshots of a month, each with its rule: of those replaced the newest final one is no revision."""
    ordered = sorted(of_month, key=lambda each: each[0])
    finals = [number for number, _, final in ordered if final]
    staying = {ordered[-1][0], *finals[-1:]}
    revisions = RETENTION["revisions"]
    for number, kept, _ in ordered:
        if number in staying or kept.month is None:
            yield replace(kept, stays=True)
        else:
            yield replace(kept, rule=revisions, until=kept_until(kept.month, revisions.kept.months or 0))


def kept_packs(out: Path, months: int) -> list[Kept]:
    """Return the packs under a folder of output, by month; none where there is no such folder.

    Args:
        out: as ``--out`` has it.
        months: after the end of a month for which its packs are kept.

    Raises:
        UsageError: the folder of packs is a link.
    """
    found = []
    for path, match in _named(out / "packs", _PACKS_NAME):
        try:
            members, month = _packs(path, match[1]), Month.parse(match[1])
            found.append(Kept(path, RETENTION["packs"], month, kept_until(month, months), members))
        except NotOursError as amiss:
            found.append(Kept(path, RETENTION["packs"], None, None, amiss=str(amiss)))
    return found


def delete(kept: Kept) -> None:
    """Delete what is kept, after looking again that it is ours.

    It is renamed first, so that no half of it is ever taken for whole.

    Raises:
        UsageError: it is not ours, or not as it was.
        OSError: it can't be deleted.
    """
    try:
        if kept.rule is RETENTION["packs"]:
            _packs(kept.path, str(kept.month))
        else:
            match = _SNAPSHOT_NAME.fullmatch(kept.path.name)
            _snapshot(kept.path, str(kept.month), match[2] if match else None)
    except NotOursError as amiss:
        raise UsageError(f"{kept.path} is not deleted: {amiss}") from amiss
    going = kept.path.with_name(f"{_GOING}{kept.path.name}")
    kept.path.rename(going)
    shutil.rmtree(going)


@dataclass(frozen=True, slots=True)
class Leftover:
    """What a process that was ended left beside snapshots and packs, or one that runs has there.

    Attributes:
        path: of the folder.
        rule: of what it holds.
        going: whether it was on its way out, so that ``clear_going`` deletes it.
        beyond: whether nothing needs it.
        why: it is there, and what to do.
    """

    path: Path
    rule: Rule
    going: bool
    beyond: bool
    why: str


def leftovers(out: Path) -> Iterator[Leftover]:
    """Yield what was left beside snapshots and packs.

    Raises:
        UsageError: the folder of snapshots, or of packs, is a link.
    """
    for name in ("snapshots", "packs"):
        for path, _ in _named(out / name, _GOING_NAME):
            going = not path.is_symlink()
            yield Leftover(path, RETENTION[name], going, beyond=True, why=_WAS_GOING if going else _LINK)
    for path, match in _named(out / "snapshots", _MAKING_NAME):
        runs = Path(f"/proc/{match[1]}").exists()
        yield Leftover(path, RETENTION["snapshots"], False, beyond=not runs, why=_IS_MADE if runs else _WAS_MADE)  # noqa: FBT003


def clear_going(out: Path) -> None:
    """Delete what a run that was ended left on its way out."""
    for each in leftovers(out):
        if each.going:
            shutil.rmtree(each.path)


def _named(folder: Path, name: re.Pattern[str]) -> Iterator[tuple[Path, re.Match[str]]]:
    """Yield what lies in a folder under the names this product gives, in order."""
    if folder.is_symlink():
        raise UsageError(f"{folder} is a link; give the folder with --out in which it really lies")
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        match = name.fullmatch(path.name)
        if match is not None:
            yield path, match


def _snapshot(path: Path, month: str, revision: str | None) -> dict[str, Any]:
    """Return the manifest of a snapshot that is ours.

    Raises:
        NotOursError: it is not.
    """
    manifest = _manifest(path, month)
    if revision is not None and str(manifest.get("revision", 1)) != revision:
        raise NotOursError(f"its manifest says revision {manifest.get('revision', 1)!r}")
    tables = manifest.get("tables")
    if not isinstance(tables, dict):
        raise NotOursError("its manifest is of no snapshot")
    _only(path, {f"{name}.parquet" for name in tables} | _BESIDE)
    return manifest


def _packs(path: Path, month: str) -> int:
    """Return how many packs there are in a month's folder that is ours.

    Raises:
        NotOursError: it is not.
    """
    if path.is_symlink() or not path.is_dir():
        raise NotOursError("it is a link, or no folder")
    inside = sorted(path.iterdir())
    packs = [each for each in inside if each.is_dir() and not each.is_symlink()]
    for each in inside:
        if each not in packs and (each.is_symlink() or each.name not in _BESIDE_PACKS):
            raise NotOursError(f"{each.name} in it is nothing this product writes there")
    for pack in packs:
        manifest = _manifest(pack, month)
        files = manifest.get("files")
        if not isinstance(files, dict):
            raise NotOursError(f"the manifest of {pack.name} is of no pack")
        _only(pack, {*files, MANIFEST})
    if not packs:
        raise NotOursError("it holds no pack")
    return len(packs)


def _manifest(path: Path, month: str) -> dict[str, Any]:
    if path.is_symlink() or not path.is_dir():
        raise NotOursError("it is a link, or no folder")
    file = path / MANIFEST
    if file.is_symlink() or not file.is_file():
        raise NotOursError(f"{path.name} has no {MANIFEST}")
    try:
        said: dict[str, Any] = json.loads(file.read_bytes())
        says = str(Month.parse(said["month"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError, DccaError) as broken:
        raise NotOursError(f"the {MANIFEST} of {path.name} is none of ours ({type(broken).__name__})") from broken
    if says != month:
        raise NotOursError(f"the {MANIFEST} of {path.name} is of {says}")
    return said


def _only(path: Path, names: Iterable[str]) -> None:
    known = set(names)
    for each in path.iterdir():
        if each.is_symlink() or not each.is_file() or each.name not in known:
            raise NotOursError(f"{path.name}/{each.name} is nothing this product writes there")
