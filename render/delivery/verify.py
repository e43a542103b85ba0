"""A delivered pack beside its manifest: which files are missing, too many or others, and whether CSV files hold."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dcc_analytics.catalogue.errors import PackError
from dcc_analytics.render.delivery.csv_check import csv_faults
from dcc_analytics.render.delivery.pack import MANIFEST, METADATA, DeliveredPack
from dcc_analytics.snapshot.files import checksum

#: Packs named in the one line of an error; the others are counted.
_TOLD: Final = 3


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file of a pack."""

    file: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}: {self.what}"


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found of a pack.

    Attributes:
        folder: it is in.
        files: how many its manifest lists.
        manifest_sha256: of the manifest, which nothing inside the pack can vouch for; empty without one.
        faults: what is wrong; none: all is as the manifest says.
    """

    folder: str
    files: int
    manifest_sha256: str
    faults: tuple[Fault, ...]


def verified(path: Path) -> Verified:
    """Return what is wrong with the pack in a folder."""
    try:
        pack = DeliveredPack.read(path)
    except PackError as error:
        return Verified(str(path), 0, "", (Fault(MANIFEST, str(error)),))
    return Verified(str(path), len(pack.files), checksum(path / MANIFEST), tuple(_faults(pack)))


def refuse(found: Iterable[Verified]) -> None:
    """End if a pack is not what its manifest says.

    Raises:
        PackError: one is not.
    """
    harmed = [each for each in found if each.faults]
    if harmed:
        told = "; ".join(f"{each.folder}: {each.faults[0]}" for each in harmed[:_TOLD])
        more = f"; and {len(harmed) - _TOLD} more" if len(harmed) > _TOLD else ""
        raise PackError(
            f"packs that are not what their manifests say: {len(harmed)} ({told}{more}); do not use or deliver them: "
            "render them again, or ask their sender to"
        )


def _faults(pack: DeliveredPack) -> Iterator[Fault]:
    there = {path.relative_to(pack.path).as_posix() for path in pack.path.rglob("*") if not path.is_dir()}
    for name in sorted(there - {*pack.files, MANIFEST}):
        yield Fault(name, "it is not in the manifest")
    for name, listed in sorted(pack.files.items()):
        if name not in there:
            yield Fault(name, "it is missing")
            continue
        try:
            if checksum(pack.path / name) != listed.sha256:
                yield Fault(name, "it was changed: its SHA-256 is not that of the manifest")
        except OSError as error:
            yield Fault(name, f"it can't be read ({error})")
            continue
        if name.endswith(".csv"):
            yield from _csv_faults(pack, name)


def _csv_faults(pack: DeliveredPack, name: str) -> Iterator[Fault]:
    try:
        metadata = pack.metadata(name)
    except PackError as error:
        yield Fault(f"{name}{METADATA}", str(error))
        return
    for what in csv_faults(pack.path / name, metadata, pack.files[name].rows):
        yield Fault(name, what)
