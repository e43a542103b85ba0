"""Packs as their readers have them: text of the pages, bookmarks, metadata of the CSV files."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pypdf import PdfReader
from pypdf.generic import Destination

from dcc_analytics.render.packs import write_pack
from dcc_analytics.render.pdf.fonts import FontFolder
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from tests.render.snapshot_maker import write_month

#: A pack with everything that is drawn, and one of a distributor, which has every file.
BUSY: Final = "BUSY-IS"
DISTRIBUTOR: Final = "QUIET-ED"


@dataclass(frozen=True)
class Pack:
    """A rendered pack as its reader has it.

    Attributes:
        pages: their texts, each line with single spaces.
        outline: bookmarks, and the place of their page in ``pages``.
        metadata: of each CSV file, by the file's name.
    """

    pages: tuple[str, ...]
    outline: Mapping[str, int]
    metadata: Mapping[str, Any]

    @classmethod
    def read(cls, folder: Path) -> "Pack":
        """Return what a pack's folder holds."""
        reader = PdfReader(folder / "pack.pdf", strict=True)
        outline = {}
        for each in reader.outline:
            assert isinstance(each, Destination)
            outline[str(each.title)] = reader.get_destination_page_number(each) or 0
        metadata = {
            path.name.partition(".")[0]: json.loads(path.read_text(encoding="utf-8"))
            for path in folder.glob("*.csv-metadata.json")
        }
        return cls(tuple(map(_single_spaced, (page.extract_text() for page in reader.pages))), outline, metadata)

    @property
    def method(self) -> str:
        """The text of the page of the method and those it goes on on."""
        return " ".join(" ".join(self.pages[self.outline["Method"] :]).split())


def _single_spaced(text: str) -> str:
    return "\n".join(" ".join(line.split()) for line in text.splitlines())


def rendered(out: Path, *folders: str) -> dict[str, Pack]:
    """Return packs of some Members of the month, rendered below a folder."""
    (out / "fonts").mkdir()
    fonts = FontFolder.make(out / "fonts")
    snapshot = SnapshotFolder.open(write_month(out / "snapshot"))
    found = {}
    for member in snapshot.members():
        if member.folder in folders:
            (out / member.folder).mkdir()
            write_pack(snapshot, member, out / member.folder, fonts)
            found[member.folder] = Pack.read(out / member.folder)
    return found
