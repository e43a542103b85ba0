"""Every target by name: a function of any bytes, which must end soon and raise nothing.

The law of all of them: bytes from outside are read, or refused with words; whatever else comes of them is a fault of
ours. ``make fuzz`` and the tests beside this run the same functions. ``found`` holds inputs that once broke the law, a
folder for each target; they are tried again by every run of the tests.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.fuzz import feed, files, stored

TARGETS: Final[dict[str, Callable[[bytes], None]]] = {**feed.TARGETS, **stored.TARGETS, **files.TARGETS}

FOUND: Final = Path(__file__).parent / "found"


def found() -> list[tuple[str, Path]]:
    """Return the targets and files of the inputs that were found."""
    return [(path.parent.name, path) for path in sorted(FOUND.glob("*/*"))]
