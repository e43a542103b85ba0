"""Released packs as archives that only their recipients can open: tar, gzip, age.

The archive of a pack is the same bytes each time; what age makes of it never is, by design. Age keeps a pack secret and
whole, but does not say who sent it: anyone may encrypt to a public key. So the checksum of each manifest is told, to be
published by another way.

Source: the format of age, https://age-encryption.org/v1; POSIX.1-2001 (pax) archives.
"""

import gzip
import os
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Final

from pyrage import encrypt_io
from pyrage.x25519 import Recipient

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.catalogue.months import Month
from dcc_analytics.render.delivery.pack import MANIFEST, DeliveredPack, pack_folders
from dcc_analytics.render.delivery.recipients import Recipients
from dcc_analytics.render.delivery.verify import refuse, verified
from dcc_analytics.snapshot.files import checksum

_ENDING: Final = ".tar.gz.age"
_MAKING: Final = ".encrypting-"
#: Anyone may read what was unpacked as far as the folder it is in allows; nobody is asked to run it.
_MODE: Final = 0o644

Progress = Callable[[str], None]
"""Told the name of each archive that is finished."""


@dataclass(frozen=True, slots=True)
class Encrypted:
    """A pack that may be sent.

    Attributes:
        party, role: whose it is.
        file: the archive.
        keys: how many it was encrypted to.
        manifest_sha256: of the manifest in it.
    """

    party: str
    role: str
    file: str
    keys: int
    manifest_sha256: str


def released_packs(folder: Path) -> list[DeliveredPack]:
    """Return the packs of a released month.

    Raises:
        UsageError: the folder is not that of a released month.
        PackError: a manifest can't be read.
    """
    folder = folder.resolve()  # a link's name says nothing of what was released
    try:
        Month.parse(folder.name)
    except UsageError as error:
        raise UsageError(
            f"{folder} is not the folder of a released month, OUT/packs/YYYY-MM; packs in YYYY-MM.held are not released"
        ) from error
    packs = [DeliveredPack.read(path) for path in pack_folders(folder)]
    for pack in packs:
        if (pack.path.parent, pack.manifest["month"]) != (folder, folder.name):
            raise UsageError(f"{pack.path} is no pack of {folder.name}; render the month again")
    return packs


def encrypt_packs(
    packs: Sequence[DeliveredPack], recipients: Recipients, out: Path, *, progress: Progress = lambda _: None
) -> list[Encrypted]:
    """Encrypt packs, each to its recipient; archives get their places when all are made.

    Args:
        packs: each of a Member with a key.
        recipients: the keys.
        out: folder that gets the archives.
        progress: told of each.

    Raises:
        PackError: a pack is not what its manifest says; nothing is written.
        UsageError: the folder can't be written to, or is within the packs.
    """
    if any(pack.path.parent.resolve() in {out.resolve(), *out.resolve().parents} for pack in packs):
        raise UsageError(f"--out {out} is within the packs, where every folder is one; give another folder")
    refuse([verified(pack.path) for pack in packs])
    made: list[Encrypted] = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=_MAKING, dir=out) as making:
            for pack in packs:
                keys, path = recipients[pack.member], Path(making) / f"{_name(pack)}{_ENDING}"
                _encrypt(pack, keys, path)
                made.append(
                    Encrypted(*pack.member, str(out / path.name), len(keys), checksum(pack.path / MANIFEST))
                )  # fmt: skip
                progress(path.name)
            for path in sorted(Path(making).iterdir()):
                path.replace(out / path.name)
    except OSError as error:
        raise UsageError(f"--out {out} can't be written to ({error}); free space or give another folder") from error
    return made


def _name(pack: DeliveredPack) -> str:
    """Return what its archive is called, and the folder in it: of another month or revision it is another."""
    return f"{pack.manifest['month']}-{pack.path.name}-r{pack.manifest['revision']}"


def _encrypt(pack: DeliveredPack, keys: Sequence[Recipient], path: Path) -> None:
    """Write the archive of a pack; what is not encrypted yet is in a file without a name, gone with the process."""
    with TemporaryFile(dir=path.parent) as plain:
        archive(pack, plain)
        plain.seek(0)
        with path.open("wb") as file:
            encrypt_io(plain, file, keys)
            file.flush()
            os.fsync(file.fileno())


def archive(pack: DeliveredPack, file: IO[bytes]) -> None:
    """Write a pack as a compressed archive: the same pack gives the same bytes, whoever makes it and when."""
    clock = int(datetime.fromisoformat(pack.manifest["stream_clock"]).timestamp())
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for name in sorted([*pack.files, MANIFEST]):
            path = pack.path / name
            entry = tarfile.TarInfo(f"{_name(pack)}/{name}")
            entry.size, entry.mtime, entry.mode = path.stat().st_size, clock, _MODE
            with path.open("rb") as content:
                tar.addfile(entry, content)
