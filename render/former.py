"""Former versions: what recipients hold of a month that is told again, kept to be subtracted from the next version.

    packs/.told/2026-10/9f86d081884c7d65/             a version that was released, by its snapshot
    packs/.told/2026-10/9f86d081884c7d65/gate.json    who the Members were
    packs/.told/2026-10/9f86d081884c7d65/NWE-IS/      a pack's manifest, and its CSV files that tell of others

Of a pack these are a small part: no PDF, nothing by Device. They share their bytes with the pack while it stands. Packs
are never written over, only replaced; ``gate.json`` is, so it is copied. What begins with a dot is no month and no pack
to any command.
"""

import os
import shutil
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.render.attack.finished import MANIFEST, FinishedPack, Release, is_of_others, releases
from dcc_analytics.render.files import FILES
from dcc_analytics.snapshot.gate_file import GATE
from dcc_analytics.stream.fault_points import reached

TOLD: Final = ".told"
#: Digits of a snapshot's identity by which its version is called: enough to tell apart those of a month.
_DIGITS: Final = 16
_MAKING: Final = ".making"
_KEPT: Final = tuple(
    file.file_name for file in FILES.values() if any(is_of_others(column, file) for column in file.header)
)


def keep(folder: Path, snapshot: str) -> None:
    """Keep what the released packs of a month tell of others, unless they are of the snapshot that is to be told.

    A version is there whole or not at all; one that is there already stays as it is.

    Args:
        folder: of the month, released.
        snapshot: identity of that which is to be told.
    """
    told: dict[str, list[FinishedPack]] = defaultdict(list)
    for manifest in sorted(folder.glob(f"*/{MANIFEST}")):
        pack = _read(manifest.parent)
        if pack is not None and pack.snapshot != snapshot:
            told[pack.snapshot].append(pack)
    for version, packs in told.items():
        kept = folder.parent / TOLD / folder.name / version[:_DIGITS]
        if not kept.exists():
            _keep(packs, folder, kept)


def former(months: Iterable[Release]) -> list[Release]:
    """Return the versions told before of months whose packs lie in their folders, by month and revision.

    Raises:
        UsageError: a manifest can't be read.
        SnapshotError: what the gate goes by can't be read.
    """
    folders = {each.packs[0].path.parent.parent / TOLD / each.month for each in months}
    return releases(sorted(folder for folder in folders if folder.exists()))


def _read(folder: Path) -> FinishedPack | None:
    """Return the pack in a folder; None if its manifest is damaged: such a pack is made again."""
    try:
        return FinishedPack.read(folder)
    except UsageError:
        return None


def _keep(packs: Iterable[FinishedPack], folder: Path, kept: Path) -> None:
    making = kept.with_name(_MAKING)
    shutil.rmtree(making, ignore_errors=True)
    for pack in packs:
        to = making / pack.path.name
        to.mkdir(parents=True)
        for name in (MANIFEST, *_KEPT):
            if (pack.path / name).exists():
                _link(pack.path / name, to / name)
    if (folder / GATE).exists():
        shutil.copyfile(folder / GATE, making / GATE)
    reached("render.told")
    making.rename(kept)


def _link(path: Path, to: Path) -> None:
    try:
        os.link(path, to)
    except OSError:  # a file system without links
        shutil.copyfile(path, to)
