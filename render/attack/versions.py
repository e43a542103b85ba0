"""The attack by subtracting versions: what is another in a month that is told again.

Knows: all Members' own counts in both versions, so in how many owner groups those of a cell have changed.
Tries: every figure of others that both versions print, of all pairs of versions.
Succeeds: where one is another, and fewer owner groups have changed than the rule set asks for (``changed_groups``;
    where it asks for none, than industry figures need): what is left is theirs. Successes and failures are compared
    each by themselves: an answer that came late leaves the number of outcomes as it was.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

import polars as pl
import polars.selectors as cs

from dcc_analytics.render.attack.finding import Finding
from dcc_analytics.render.attack.finished import PACK, Release
from dcc_analytics.render.attack.parts import CELLS, Cells, own_counts, printed_figures

VERSIONS: Final = "versions"


def versions(months: Sequence[Release], fresh: Sequence[Release]) -> Iterator[Finding]:
    """Yield figures of which two versions of a month show what changed in too few owner groups.

    Args:
        months: the releases, a month's versions in the order in which they were told.
        fresh: those nobody has yet; two that were told both are not compared.
    """
    for one, other in combinations(months, 2):
        if one.month == other.month and (one in fresh or other in fresh):
            yield from _compared(one, other)


def _compared(earlier: Release, later: Release) -> Iterator[Finding]:
    least = later.rules.earlier.changed_groups or later.rules.industry.groups
    what = f"beside another version (snapshot {earlier.snapshot[:12]}) it shows what changed in too few groups"
    for role in later.roles:
        for cells in CELLS:
            before = printed_figures(earlier, role, cells).select(*cells.key, "figure", pl.col("value").alias("was"))
            both = printed_figures(later, role, cells).join(before, on=(*cells.key, "figure"), nulls_equal=True)
            differing = both.filter(pl.col("value") != pl.col("was"))
            if differing.is_empty():
                continue
            few = _changed(earlier, later, role, cells, differing).filter(pl.col("groups") < least)
            packs = later.of(role)
            for *key, figure, place in (
                differing.join(few, on=cells.key, nulls_equal=True, how="semi")
                .sort(*cells.key, "figure")
                .select(*cells.key, "figure", PACK)
                .iter_rows()
            ):
                row = "|".join(each or "" for each in key)
                yield Finding(packs[place].name, f"{cells.file}.csv", row, figure, what)


def _changed(earlier: Release, later: Release, role: str, cells: Cells, asked: pl.DataFrame) -> pl.DataFrame:
    """Return in how many owner ``groups`` the counts of a row have changed, for the rows asked for.

    What a row is compared by, the Devices of its Model, is counted with it.
    """
    changes = []
    for key in dict.fromkeys((cells.key, cells.cell)):
        now, was = (_by_group(each, later, role, cells, key) for each in (later, earlier))
        both = now.join(was, on=(*key, "group"), how="full", coalesce=True, suffix="_was", nulls_equal=True)
        counts = [name for name in now.columns if name not in {*key, "group"}]
        numbers = both.with_columns(cs.numeric().fill_null(0))
        changed = numbers.filter(pl.any_horizontal(pl.col(name) != pl.col(f"{name}_was") for name in counts))
        rows = asked.select(cells.key).unique().join(changed, on=key, nulls_equal=True)
        changes.append(rows.select(*cells.key, "group"))
    return pl.concat(changes).group_by(cells.key).agg(pl.col("group").n_unique().alias("groups"))


def _by_group(release: Release, later: Release, role: str, cells: Cells, key: Sequence[str]) -> pl.DataFrame:
    """Return the counts of owner groups by a key; who owns whom is as in the later of two versions."""
    owners = [
        later.group(pack) if (pack.party, role) in later.members else release.group(pack) for pack in release.of(role)
    ]
    return (
        own_counts(release, role, cells, key)
        .with_columns(pl.col(PACK).replace_strict(range(len(owners)), owners, return_dtype=pl.String).alias("group"))
        .group_by(*key, "group")
        .agg(pl.col("n", "rated", "done", "times").sum())
    )
