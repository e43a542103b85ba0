"""A pack as it was delivered: a folder with a manifest, and what is said in it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from dcc_analytics.catalogue.errors import PackError, UsageError

MANIFEST: Final = "manifest.json"
METADATA: Final = "-metadata.json"


class Listed(NamedTuple):
    """A file as a manifest lists it; ``rows`` is None for one that is no CSV file."""

    sha256: str
    rows: int | None


@dataclass(frozen=True, slots=True)
class DeliveredPack:
    """A pack.

    Attributes:
        path: of its folder.
        manifest: all it says.
        files: what it lists, by name.
    """

    path: Path
    manifest: Mapping[str, Any]
    files: Mapping[str, Listed]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the pack in a folder.

        Raises:
            PackError: its manifest is missing, or none of a pack.
        """
        try:
            said = json.loads((path / MANIFEST).read_bytes())
            files = {name: Listed(str(each["sha256"]), each["rows"]) for name, each in said["files"].items()}
            _ = [str(said[name]) for name in ("month", "party", "role", "revision")]
        except FileNotFoundError as error:
            raise PackError(f"{path} has no {MANIFEST}, so nothing is known of it; ask for the pack again") from error
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            why = f"{type(error).__name__}: {error}"
            raise PackError(f"{path / MANIFEST} is no manifest of a pack ({why}); ask for the pack again") from error
        return cls(path, said, files)

    @property
    def member(self) -> tuple[str, str]:
        """The Party and Role it is for."""
        return str(self.manifest["party"]), str(self.manifest["role"])

    def metadata(self, name: str) -> dict[str, Any]:
        """Return what is said of a CSV file beside it.

        Raises:
            PackError: there is nothing, or it is no metadata of CSV on the Web.
        """
        path = self.path / f"{name}{METADATA}"
        try:
            said: dict[str, Any] = json.loads(path.read_bytes())
            _ = [column["name"] for column in said["tableSchema"]["columns"]], list(said["tableSchema"]["primaryKey"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            why = f"{type(error).__name__}: {error}"
            raise PackError(f"{path} is no metadata of a CSV file ({why})") from error
        return said


def pack_folders(folder: Path) -> list[Path]:
    """Return the folders of the packs in a folder, however deep, or itself if it is one.

    One in which no other folder lies should be a pack: if its manifest was lost, it is one that is not whole.

    Raises:
        UsageError: there is none.
    """
    found = [] if not folder.is_dir() else list(_packs(folder))
    if not found or (found == [folder] and not (folder / MANIFEST).exists()):
        raise UsageError(f"{folder} holds no pack; give a pack's folder, OUT/packs/YYYY-MM or OUT/packs")
    return found


def _packs(folder: Path) -> Iterator[Path]:
    inside = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    if not inside or (folder / MANIFEST).exists():
        yield folder
        return
    for path in inside:
        yield from _packs(path)
