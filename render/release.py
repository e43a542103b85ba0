"""Held and released: packs stand in ``YYYY-MM.held`` until no attack succeeds; then one rename gives them their name.

    packs/2026-10.held    being made, unfinished, not attacked yet, or given away by an attack
    packs/2026-10         released: every pack is there, and no attack succeeded

A month has one of the two. What is rendered again is withdrawn first, by the same rename: whoever ends the run, and
whenever, no folder is called released that is not. Packs that are finished are kept in either. What the packs of
another snapshot told of others is kept before they are withdrawn: see ``former``.
"""

import logging
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.catalogue.months import Month
from dcc_analytics.render.attack.finished import Release, releases
from dcc_analytics.render.attack.gate import attacked, refuse
from dcc_analytics.render.attack.versions import VERSIONS
from dcc_analytics.render.former import former, keep

log = logging.getLogger(__name__)

HELD: Final = ".held"
#: Months that recipients hold already and lay beside the new one; over more of them nothing stays the same for long.
_EARLIER_MONTHS: Final = 3

Progress = Callable[[int], None]
"""Told how many more packs were attacked."""


def withdrawn(folder: Path, snapshot: str) -> Path:
    """Return the folder in which packs of a month are made, with those that are there already; none is released now.

    Args:
        folder: in which they are released.
        snapshot: identity of that of which they are to be made; what was told of another is kept.
    """
    held = folder.with_name(f"{folder.name}{HELD}")
    if folder.exists():
        keep(folder, snapshot)
        shutil.rmtree(held, ignore_errors=True)
        folder.rename(held)
    held.mkdir(parents=True, exist_ok=True)
    return held


def release(held: Path, folder: Path, *, processes: int = 1, progress: Progress = lambda _: None) -> None:
    """Attack the packs of a month, beside the months before and former versions; if nothing comes of it, name them.

    Args:
        held: where they are.
        folder: where they are released to.
        processes: packs read at a time.
        progress: told of packs attacked.

    Raises:
        DisclosureError: an attack succeeded; they stay where they are.
        UsageError: packs of an earlier month, or what is kept of a former version, can't be read.
    """
    fresh = releases([held])
    months = [*releases(_earlier(folder)), *fresh]
    verdicts = attacked(months, former=former(fresh), fresh=fresh, processes=processes, told=progress)
    refuse([each for each in verdicts if each.attack != VERSIONS or _asks(fresh)], held)
    for each in verdicts:
        if each.count:
            log.warning(
                'versions_differ month=%s figures=%d first="%s": they show what changed in few owner groups since a '
                "version that was released; a rule set with changed_groups withholds such figures",
                folder.name, each.count, each.findings[0],
            )  # fmt: skip
    held.rename(folder)


def _asks(fresh: Iterable[Release]) -> bool:
    """Return whether the rule set asks that versions differ in many owner groups or in nothing.

    By default it does not: the contract's figures are those of the month alone, and a final version that follows a
    provisional one by some late answers has to be released.
    """
    return any(each.rules.earlier.changed_groups for each in fresh)


def _earlier(folder: Path) -> list[Path]:
    """Return the folders of the months before that were released."""
    months = sorted(path for path in folder.parent.iterdir() if _is_month(path.name) and path.name < folder.name)
    return months[-_EARLIER_MONTHS:]


def _is_month(name: str) -> bool:
    try:
        return str(Month.parse(name)) == name
    except UsageError:
        return False
