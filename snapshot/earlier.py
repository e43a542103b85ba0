"""What was told before: figures that could be worked out as a difference to an earlier version or month. Pure.

A month that is told again lets its reader take the former figures from the new ones; what is left is of those alone
whose counts changed. A month in which one or two owner groups joined or left a cell lets who compares it with the month
before guess theirs. Both are rules of the rule set (``[earlier]``), and ask for nothing by default: the contract's
figures are those of the month alone. The release gate compares versions whose packs lie side by side.

Source: Hundepool and others, Statistical Disclosure Control, 2012, section 5.6 (linked tables, differencing).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import polars as pl

from dcc_analytics.snapshot.disclosure import COMPLEMENT
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.snapshot.rules import EarlierRules

#: Why all figures of others of a cell are withheld for what was told before.
BEFORE: Final = "withheld_before"

_COUNTS: Final = ("requests", "successes", "failures")
#: Of a table's name, its counts by Member and key, and the key: the cells ``Earlier.withheld`` returns.
Before: TypeAlias = Callable[[str, pl.DataFrame, Sequence[str]], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Earlier:
    """Tables as they were told: rows with any figure of others, by Member.

    Attributes:
        versions: of the same month, in every snapshot of it that was taken.
        month: of the month before.
    """

    versions: tuple[Mapping[str, pl.DataFrame], ...] = ()
    month: Mapping[str, pl.DataFrame] = field(default_factory=dict)

    def withheld(
        self, name: str, now: pl.DataFrame, key: Sequence[str], directory: Directory, rules: EarlierRules
    ) -> pl.DataFrame:
        """Return the cells of a table of which no figure of others may be told after what was: ``key`` and the reason.

        Args:
            name: of the table.
            now: counts by Member and ``key``.
            key: of its cells.
            directory: whose owner groups of now count, for what was told too.
            rules: how many groups are too few.
        """
        found = [now.select(key).clear()]
        differs = pl.any_horizontal(pl.col(count) != pl.col(f"{count}_was") for count in _COUNTS)
        told = [version for version in self.versions if name in version]  # a metric may have come since
        for version in told if rules.changed_groups else ():
            groups = _groups(now, version[name], key, directory, differs)
            found.append(groups.filter(pl.col("groups") < rules.changed_groups).select(key))
        if rules.joined_groups and name in self.month:
            joined = (pl.col("requests") > 0) != (pl.col("requests_was") > 0)
            groups = _groups(now, self.month[name], key, directory, joined)
            found.append(groups.filter(pl.col("groups") <= rules.joined_groups).select(key))
        return pl.concat(found).unique().with_columns(pl.lit(COMPLEMENT).alias(BEFORE))


#: For who has told nothing before, or asks for nothing.
NOTHING_TOLD: Final = Earlier()


def _groups(
    now: pl.DataFrame, was: pl.DataFrame, key: Sequence[str], directory: Directory, condition: pl.Expr
) -> pl.DataFrame:
    """Return in how many owner groups of each cell told before a condition holds, of cells with any."""
    owners = {party: directory.party(party).group for party in was["party"].unique()}
    before = _by_group(was.with_columns(pl.col("party").replace_strict(owners).alias("group")), key)
    both = _by_group(now, key).join(before, on=(*key, "group"), how="full", coalesce=True, suffix="_was")
    return (
        both.join(before, on=key, how="semi")
        .with_columns(pl.col(name).fill_null(0) for count in _COUNTS for name in (count, f"{count}_was"))
        .filter(condition)
        .group_by(key)
        .agg(pl.len().alias("groups"))
    )


def _by_group(members: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    return members.group_by(*key, "group").agg(pl.col(name).sum() for name in _COUNTS)
