"""The release gate: all attacks on a finished set of packs; one that succeeds stops the release.

Source: contract 7.10.
"""

from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import Final

from dcc_analytics.catalogue.errors import DisclosureError, UsageError
from dcc_analytics.render.attack.differences import differences
from dcc_analytics.render.attack.finding import Verdict
from dcc_analytics.render.attack.finished import Release, releases
from dcc_analytics.render.attack.identities import identities
from dcc_analytics.render.attack.joins import joins
from dcc_analytics.render.attack.parts import parts
from dcc_analytics.render.attack.shares import shares
from dcc_analytics.render.attack.strata import strata
from dcc_analytics.render.attack.versions import VERSIONS, versions

#: Findings told in the one line of an error; the others are counted.
_TOLD: Final = 3

Progress = Callable[[int], None]
"""Told how many more packs were read from end to end."""


def attacked(
    months: Sequence[Release],
    *,
    former: Sequence[Release] = (),
    fresh: Sequence[Release] | None = None,
    processes: int = 1,
    told: Progress = lambda _: None,
) -> list[Verdict]:
    """Return what came of every attack.

    Args:
        months: the releases, by month.
        former: versions of them that were told before; others are only compared with them.
        fresh: those nobody has yet; the others are only what recipients lay beside them. None: all.
        processes: packs read from end to end at a time.
        told: of packs that were read.
    """
    fresh = months if fresh is None else fresh
    packs = sum(len(each.packs) for each in fresh)
    read = Verdict.together(identities(each, processes=processes, told=told) for each in fresh)
    subtracted = chain(chain.from_iterable(map(parts, fresh)), chain.from_iterable(map(strata, fresh)))
    found = {
        "differences": chain.from_iterable(map(differences, fresh)),
        "parts": subtracted,
        "shares": shares(list(months), fresh),
        "joins": chain.from_iterable(map(joins, fresh)),
        VERSIONS: versions([*former, *months], fresh),
    }
    return [read, *(Verdict.of(name, packs, findings) for name, findings in found.items())]


def found_in(folder: Path) -> list[Release]:
    """Return the releases in a folder, however deep.

    Raises:
        UsageError: there is none.
    """
    months = releases([folder])
    if not months:
        raise UsageError(f"{folder} holds no packs; give OUT/packs/YYYY-MM, or OUT/packs for all its months")
    return months


def refuse(verdicts: Sequence[Verdict], folder: Path) -> None:
    """Stop the release if any attack has succeeded.

    Raises:
        DisclosureError: one has; its first findings are told.
    """
    succeeded = [each for each in verdicts if each.count]
    if not succeeded:
        return
    findings = [f"{each.attack}: {finding}" for each in succeeded for finding in each.findings]
    number = sum(each.count for each in succeeded)
    more = f"; and {number - _TOLD} more" if number > _TOLD else ""
    raise DisclosureError(
        f"{number} findings in the packs in {folder} ({'; '.join(findings[:_TOLD])}{more}): nothing may be released; "
        f"see `dcca packs attack {folder}`, tighten the rule set or correct what the findings name, and take the "
        "snapshot again"
    )
