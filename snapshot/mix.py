"""Whether a Member fails more, or only sends more to where everybody fails more: the mix-adjusted gap. Pure.

Direct standardisation: of a process, SRV and variant, the Member's failure rate of each stratum (Region, Meter Type,
SMETS version) is weighted with the Role's round trips there, in place of its own, and the Role's rate over the same
strata is taken off. Above 0 the Member fails more at the Role's own mix. Strata in which the Member has too few round
trips are left out of both sides; the others have to be most of the Role's.

Source: Breslow and Day, Statistical Methods in Cancer Research II, 1987, section 2.3 (directly standardised rates).

What it gives away. The figure holds the Role's rate and its mix, so contract 7.3 is applied to each stratum by itself,
to round trips with an outcome by owner group: at least ten groups, no dominant two, the p % rule. Strata that fail are
taken together as the *rest*; while the rest fails too, the smallest stratum that passes joins it (secondary
suppression). What is left of the Role is then strata that pass and a rest that passes or is empty, and that is enough:

So that the days printed of a stratum can't be taken from it, what is left of it without them has to pass too, or to be
nothing; and so of the rest.

    If cells pass, so does their union. It has no fewer groups. Its largest two groups have in each cell no more than
    the largest two of that cell, so less than 90 % of the sum; and what is beside them is in each cell at least what
    is beside that cell's largest two, so in sum at least 10 % of what the largest has.

So every weight, the Role's rate over any strata, and either without any days that are printed, is a figure that 7.3
would let be printed. A Member learns one
equation a month in up to thirty unknown weights, to three decimals; Members who pool all of theirs could at best solve
for weights and rates that any of them might be shown, and a difference of two packs is of strata that pass. It is
withheld where the Role's own rate is, and of services that the Member has too little of.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple

import polars as pl
from msgspec.structs import replace

from dcc_analytics.snapshot.disclosure import industry_reason
from dcc_analytics.snapshot.evidence import DECIMAL
from dcc_analytics.snapshot.rules import RuleSet

MIX_GAP: Final = "mix_adjusted_gap"
STRATUM: Final = ("region", "meter_type", "smets_version")

_SERVICE: Final = ("role", "process", "srv", "variant")
_OUTCOMES: Final = "outcomes"


class Counts(NamedTuple):
    """Round trips of a stratum with an outcome, and those of them that failed."""

    outcomes: int
    failures: int


def gap(own: Mapping[str, Counts], role: Mapping[str, Counts], *, enough: int, share: Fraction) -> Fraction | None:
    """Return a Member's failure rate at the Role's mix, less the Role's over the same strata.

    Args:
        own: the Member's counts by stratum.
        role: the Role's, of the strata that may be used.
        enough: outcomes of its own that the Member needs in a stratum.
        share: of all outcomes in ``role`` that the strata it has enough in need to have.

    Returns:
        Exactly; None where the Member has too little.

    >>> own = {"North": Counts(100, 20), "South": Counts(900, 9)}
    >>> gap(own, {"North": Counts(500, 100), "South": Counts(500, 5)}, enough=30, share=Fraction(9, 10))
    Fraction(0, 1)
    """
    used = [stratum for stratum in role if stratum in own and own[stratum].outcomes >= enough]
    covered = sum(role[stratum].outcomes for stratum in used)
    if not covered or covered < share * sum(counts.outcomes for counts in role.values()):
        return None
    rates = (role[each].outcomes * Fraction(own[each].failures, own[each].outcomes) for each in used)
    return (sum(rates, Fraction(0)) - sum(role[each].failures for each in used)) / covered


def usable(
    strata: Mapping[str, Mapping[str, int]], unprinted: Mapping[str, Mapping[str, int]], rules: RuleSet
) -> list[str]:
    """Return the strata of a service that may be told apart; see above.

    Args:
        strata: outcomes by owner group of each.
        unprinted: likewise, of the days whose own rates are withheld.
        rules: what may be shown.
    """

    def pass_together(names: Iterable[str]) -> bool:
        return all(_passes(sum((Counter(of.get(name, {})) for name in names), Counter()), rules) for of in both)

    both, names = (strata, unprinted), set(strata)
    passing = sorted(
        (name for name in strata if pass_together([name])), key=lambda name: (-sum(strata[name].values()), name)
    )
    while passing and not pass_together(names.difference(passing)):
        passing.pop()
    return passing


def _passes(groups: Mapping[str, int], rules: RuleSet) -> bool:
    """Return whether contract 7.3 lets a cell be shown; its counts are outcomes."""
    sizes = sorted((outcomes for outcomes in groups.values() if outcomes), reverse=True)
    if not sizes:
        return True
    cell = {"groups": [len(sizes)], "total": [sum(sizes)], "largest": sizes[:1], "largest_two": [sum(sizes[:2])]}
    stricter = replace(rules.industry, groups=max(rules.industry.groups, rules.mix.groups))
    return pl.DataFrame(cell).select(industry_reason(stricter)).item() is None


def counted_strata(daily: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Return the counts of the strata, as ``with_gap`` takes them.

    Args:
        daily: counts by Member, owner group, day, service and ``STRATUM``.
        days: benchmarks of the same cells, null where they are withheld.
    """
    cell = ("day", *_SERVICE, *STRATUM)
    is_printed = pl.col("industry_success_rate").is_not_null().alias("is_printed")
    return (
        daily.join(days.select(*cell, is_printed), on=cell, how="left")
        .with_columns(
            pl.when(~pl.col("is_printed"))
            .then(pl.col("successes") + pl.col("failures"))
            .otherwise(0)
            .alias("unprinted")
        )
        .group_by("party", "group", *_SERVICE, *STRATUM)
        .agg(pl.col("successes", "failures", "unprinted").sum())
    )


def with_gap(rows: pl.DataFrame, strata: pl.DataFrame, rules: RuleSet) -> pl.DataFrame:
    """Return rows of ``round_trips_monthly`` with the column ``MIX_GAP``, rounded half-even to three decimals.

    Args:
        rows: with the Role's failure rate, null where it is withheld.
        strata: counts by Member, owner group, service and ``STRATUM``; ``unprinted`` are the outcomes of the days
            whose own rates are withheld.
        rules: what may be shown, and how much of it a Member needs.
    """
    shown = rows.filter(pl.col("industry_failure_rate").is_not_null()).select("party", *_SERVICE)
    found = [row for service in shown.partition_by(_SERVICE) for row in _of_service(service, strata, rules)]
    schema = dict.fromkeys(("party", *_SERVICE), pl.String) | {MIX_GAP: DECIMAL}
    return rows.join(pl.DataFrame(found, schema, orient="row"), on=("party", *_SERVICE), how="left")


def _of_service(members: pl.DataFrame, strata: pl.DataFrame, rules: RuleSet) -> Iterable[tuple[str | Decimal, ...]]:
    """Yield Member, service and gap of those who have one."""
    service: Sequence[str] = members.select(_SERVICE).row(0)
    counted = strata.filter(**dict(zip(_SERVICE, service, strict=True))).select(
        "party", "group", pl.concat_str(STRATUM, separator="|").alias("stratum"),
        (pl.col("successes") + pl.col("failures")).alias(_OUTCOMES), "failures", "unprinted",
    )  # fmt: skip
    by_group: defaultdict[str, Counter[str]] = defaultdict(Counter)
    unprinted: defaultdict[str, Counter[str]] = defaultdict(Counter)
    role: defaultdict[str, Counts] = defaultdict(lambda: Counts(0, 0))
    own: defaultdict[str, dict[str, Counts]] = defaultdict(dict)
    for party, group, stratum, outcomes, failures, left in counted.filter(pl.col(_OUTCOMES) > 0).iter_rows():
        by_group[stratum][group] += outcomes
        unprinted[stratum][group] += left
        role[stratum] = Counts(role[stratum].outcomes + outcomes, role[stratum].failures + failures)
        own[party][stratum] = Counts(outcomes, failures)
    allowed = {stratum: role[stratum] for stratum in usable(by_group, unprinted, rules)}
    total = sum(counts.outcomes for counts in role.values())
    allowed_outcomes = sum(counts.outcomes for counts in allowed.values())
    if not allowed_outcomes:
        return
    # The share is one of all the Role's mix, what may not be told apart included.
    share = Fraction(rules.mix.share_percent, 100) * total / allowed_outcomes
    for party in sorted(members["party"]):
        exact = gap(own[party], allowed, enough=rules.mix.requests, share=share)
        if exact is not None:
            yield (party, *service, _rounded(exact))


def _rounded(exact: Fraction) -> Decimal:
    return Decimal(round(exact * 1000)).scaleb(-3)
