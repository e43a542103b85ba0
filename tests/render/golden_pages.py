"""Golden pages: pictures of pages of the test month's packs, as they were when somebody last looked at them.

    data/pages/<member>-<section>.png    grey, 60 dots an inch

``python -m tests.render.golden_pages`` draws them anew; look at each that changed before it is committed. A page is
the same if no spot of it differs in grey by more than what another processor's rounding makes of thin lines.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import pypdfium2
from PIL import Image, ImageChops
from pypdf import PdfReader
from pypdf.generic import Destination

from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.fonts import FontFolder
from dcc_analytics.render.pdf.pack import PackPdf, compose
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from tests.golden_ledgers import GOLDEN
from tests.render.snapshot_maker import write_month

PAGES: Final = GOLDEN.parent / "pages"
#: The first page of these sections, by folder of the Member: one of each kind of page there is.
SECTIONS: Final = {
    "BUSY-IS": (
        "Summary", "Contents and how to read", "Failure rates", "Round Trip Times", "Incidents", "Meter Reads",
        "Installs, gains and firmware", "Alerts", "Inventory", "Further metrics", "Times", "Method",
    ),
    "LONG-IS": ("Summary", "Meter Reads"),
    "QUIET-ED": ("Summary", "Distributors' Alerts"),
}  # fmt: skip
#: The same of the annex.
ANNEX_SECTIONS: Final = {
    "BUSY-IS": ("Contents of the annex", "Meter Reads"),
    "LONG-IS": ("Few round trips",),
}
_DOTS_AN_INCH: Final = 60
#: Sixteen greys: small files, and nothing that the eye would miss.
_GREYS: Final = [round(grey / 17) * 17 for grey in range(256)]
#: Greys are compared as means over squares of so many dots, of 255 apart at most.
_SPOT_DOTS: Final = 4
_TOLERANCE: Final = 12.0


def drawn_pages(packs: Mapping[str, PackPdf]) -> dict[str, Image.Image]:
    """Return the pictures of the pages that are guarded, by name."""
    found: dict[str, Image.Image] = {}
    for folder, sections in SECTIONS.items():
        found.update(_pictures(folder, packs[folder].data, sections))
    for folder, sections in ANNEX_SECTIONS.items():
        annex = packs[folder].annex
        assert annex is not None
        found.update(_pictures(f"{folder} annex", annex.data, sections))
    return found


def _pictures(whose: str, data: bytes, sections: Iterable[str]) -> Iterator[tuple[str, Image.Image]]:
    first = _first_pages(data)
    for section in sections:
        yield re.sub(r"\W+", "-", f"{whose} {section}").strip("-").lower(), _picture(data, first[section])


def differs(golden: Image.Image, seen: Image.Image) -> bool:
    """Return whether two pictures differ somewhere by more than rounding makes."""
    if golden.size != seen.size:
        return True
    apart = np.asarray(ImageChops.difference(golden, seen), dtype=float)
    high, wide = (length - length % _SPOT_DOTS for length in apart.shape)
    spots = apart[:high, :wide].reshape(high // _SPOT_DOTS, _SPOT_DOTS, wide // _SPOT_DOTS, _SPOT_DOTS)
    return bool(spots.mean(axis=(1, 3)).max() > _TOLERANCE)


def beside(golden: Image.Image, seen: Image.Image) -> Image.Image:
    """Return a picture of how it was, how it is, and where they differ (black)."""
    size = (max(golden.width, seen.width), max(golden.height, seen.height))
    was, now = Image.new("L", size, 255), Image.new("L", size, 255)
    was.paste(golden)
    now.paste(seen)
    shown = Image.new("L", (3 * size[0], size[1]))
    for place, each in enumerate((was, now, ImageChops.invert(ImageChops.difference(was, now)))):
        shown.paste(each, (place * size[0], 0))
    return shown


def _first_pages(data: bytes) -> dict[str, int]:
    """Return the page each section begins on, from 0."""
    reader = PdfReader(BytesIO(data))
    found: dict[str, int] = {}
    for each in reader.outline:
        if isinstance(each, Destination):
            page = reader.get_destination_page_number(each)
            if page is not None:
                found.setdefault(str(each.title), page)
    return found


def _picture(data: bytes, page: int) -> Image.Image:
    with pypdfium2.PdfDocument(data) as document:
        shown: Image.Image = document[page].render(scale=_DOTS_AN_INCH / 72, grayscale=True).to_pil()
        return shown.convert("L").point(_GREYS)


def main() -> None:
    """Draw every golden page anew."""
    PAGES.mkdir(parents=True, exist_ok=True)
    for old in PAGES.glob("*.png"):
        old.unlink()
    with TemporaryDirectory() as folder:
        month = SnapshotFolder.open(write_month(Path(folder) / "month"))
        fonts = FontFolder.make(Path(folder))
        packs = {
            each.folder: compose(PackFigures.read(month, each), fonts)
            for each in month.members()
            if each.folder in SECTIONS
        }
        for name, picture in drawn_pages(packs).items():
            picture.save(PAGES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
