"""A comparison by name, where every owner group of a Role has agreed to it on record. Pure.

The thresholds of contract section 7 protect companies; those protected may waive it (Hundepool and others, Statistical
Disclosure Control, 2012, section 4.2). One that does not keeps all: with a single name missing, the others' would tell
its figures by subtraction. So a Role is opened only if the waivers that stand on every day of the month name the group
of every Member that gets a pack in it; a Member nobody has asked yet closes it again.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

import polars as pl

from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.members import Member
from dcc_analytics.snapshot.rules import RuleSet

NAMED: Final = {
    "party": pl.String, "role": pl.String, "member": pl.String, "process": pl.String, "srv": pl.String,
    "variant": pl.String, "requests": pl.Int64, "success_rate": pl.Float64, "failure_rate": pl.Float64,
    "rtt_median_ms": pl.Int64,
}  # fmt: skip


def opened_roles(members: Iterable[tuple[str, Iterable[str]]], month: Month, rules: RuleSet) -> list[str]:
    """Return the Roles all of whose owner groups have waived.

    Args:
        members: of each that gets a pack its Role, and every owner group it belonged to on some day of the month.
        month: which.
        rules: with the waivers.
    """
    groups: defaultdict[str, set[str]] = defaultdict(set)
    for role, its_own in members:
        groups[role].update(its_own)
    waived: defaultdict[str, set[str]] = defaultdict(set)
    for waiver in rules.waivers:
        if waiver.covers(month.first_day, month.days[-1]):
            waived[waiver.role].update(waiver.groups)
    return sorted(role for role, its_groups in groups.items() if its_groups <= waived[role])


def named_comparison(monthly: pl.DataFrame, members: Iterable[Member], opened: Iterable[str]) -> pl.DataFrame:
    """Return for each Member of an opened Role every row of every Member of it, named by its Party.

    Args:
        monthly: the table ``round_trips_monthly``.
        members: who gets a pack.
        opened: the Roles.

    Returns:
        Columns of ``NAMED``; ``party`` and ``role`` are whose pack it is for.
    """
    readers = [member for member in sorted(members) if member.role in set(opened)]
    shown = monthly.rename({"party": "member"}).select(list(NAMED)[1:])
    table = pl.DataFrame(readers, {"party": pl.String, "role": pl.String}, orient="row").join(shown, on="role")
    return table.select(list(NAMED)).sort(list(NAMED)[:6])
