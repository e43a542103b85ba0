"""``dcca compare``: two snapshots of one month set against each other, figure by figure."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from typing import Final as Constant

import typer

from dcc_analytics.catalogue.errors import FiguresDiffer, SnapshotError, UsageError
from dcc_analytics.commands.options import Json
from dcc_analytics.commands.output import tell
from dcc_analytics.render.files import KEYS
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from dcc_analytics.snapshot.again import Agreement, agreement_of
from dcc_analytics.snapshot.revision import Former

#: What a snapshot is made by; where it is another, figures may rightly be others.
_MADE_BY: Constant = ("metric_version", "catalogue_version", "rule_set", "months_before", "product_version")


def compare(
    was: Annotated[Path, typer.Argument(metavar="WAS", help="Folder of the one, such as OUT/snapshots/2026-10.")],
    now: Annotated[Path, typer.Argument(metavar="NOW", help="Folder of the other.")],
    totals: Annotated[
        bool,
        typer.Option("--totals", help="Compare counts of the whole stream too: both have folded all there ever was."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Compare every figure of two snapshots of a month, of two applications or of topics partitioned otherwise.

    Figures must be the same but for estimates (medians and quantiles of times), which hang on how events were cut into
    commits and may be 5 % apart; where one is another, or only one has a table or column, the exit code is 7. Both have
    to be final, or to stand at the same clock, as they do not with the feed flowing. Whether each was folded from its
    records exactly once, dcca audit says of each.

    Examples:

        dcca compare before/snapshots/2026-10 after/snapshots/2026-10

        dcca compare before/snapshots/2026-10 after/snapshots/2026-10 --totals --json
    """
    one, other = SnapshotFolder.open(was), SnapshotFolder.open(now)
    _check_alike(one, other)
    with tempfile.TemporaryDirectory(prefix="dcca-compare-") as folder:
        found = agreement_of(
            Former.read(was), Former.read(now), Path(folder), KEYS, with_totals=totals, same_topics=False
        )
    result = _result(one, other, found)
    tell(result, _in_words(result, found), as_json=as_json)
    if not found.equal:
        raise FiguresDiffer(f"{one.month} {first_difference(found)}")


def _check_alike(one: SnapshotFolder, other: SnapshotFolder) -> None:
    """Check that figures of two snapshots can be expected to be the same.

    Raises:
        UsageError: they are of two months.
        SnapshotError: one is damaged, or has not read what the other has.
    """
    if one.month != other.month:
        raise UsageError(f"{one.path} is of {one.month}, {other.path} of {other.month}; give two of one month")
    for each in (one, other):
        each.check()
    if one.clock != other.clock and not (one.final and other.final):
        raise SnapshotError(
            f"{one.month} is {one.status} at {one.manifest['stream_clock']} in {one.path}, {other.status} at "
            f"{other.manifest['stream_clock']} in {other.path}: they have not read the same, and never do with the "
            "feed flowing; compare a month that is final in both, or stop publishing until both have folded all and "
            "take the snapshots again"
        )


def _result(one: SnapshotFolder, other: SnapshotFolder, found: Agreement) -> dict[str, Any]:
    made_by = {
        name: [one.manifest.get(name), other.manifest.get(name)]
        for name in _MADE_BY
        if one.manifest.get(name) != other.manifest.get(name)
    }
    return {
        "month": str(one.month), "status": [one.status, other.status], "equal": found.equal, "made_by": made_by,
        "tables": found.tables, "missing": found.missing, "estimates": found.estimates, "totals": found.totals,
        "differences": found.first,
    }  # fmt: skip


def _in_words(result: Mapping[str, Any], found: Agreement) -> str:
    """Return the verdict, with a line for each table."""
    lines = table_lines(found)
    lines += [f"made by another {name}: {was} and {now}" for name, (was, now) in result["made_by"].items()]
    return "\n".join([*lines, f"{result['month']} has {verdict(found)}"])


def table_lines(found: Agreement) -> list[str]:
    """Return a line for each table with its rows and how many figures are others, and one for all else."""
    width = max(map(len, found.tables))
    lines = [f"{'table':{width}} {'rows':>9} {'others':>9}"]
    lines += [f"{name:{width}} {said['rows']:>9,} {found.differing(name):>9,}" for name, said in found.tables.items()]
    lines += [f"{name} is in {which} only" for name, which in found.missing.items()]
    return lines + [f"{name} was {was}, is {now}" for name, (was, now) in found.totals.items()]


def verdict(found: Agreement) -> str:
    """Return in words whether figures are the same."""
    words = f", {found.estimates:,} estimates within their bounds are others" if found.estimates else ""
    return ("the same figures" if found.equal else "OTHER FIGURES") + words


def first_difference(found: Agreement) -> str:
    """Return how much differs, and what differs first."""
    others = sum(map(found.differing, found.tables)) + len(found.missing) + len(found.totals)
    if not found.first:
        alone = (f"{name} (in {which} only)" for name, which in found.missing.items())
        names = [*found.totals, *alone, *(name for name in found.tables if found.differing(name))]
        return f"differs in {others:,} places: {', '.join(names)}"
    first = found.first[0]
    where = f"{first['table']}, {first['party']} {first['role']}, {first['key']}"
    value = f"{first['column']} was {first['was']} and is {first['is']}"
    return f"differs in {others:,} places, the first in {where}: {value} (row {first['row']})"
