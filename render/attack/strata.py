"""The attack on mix-adjusted gaps: which parts of a service a Member's gap lets it tell apart.

Knows: all Members' own counts by day, Region, Meter Type and SMETS version: the operator has all packs.
Tries: to work each gap out again, from strata (Region, Meter Type, SMETS version) that may be told apart and no others:
    each has owner groups enough, none of them dominant, as a figure of the industry has to (7.3), by round trips with
    an outcome; and so has what is left of it when its printed days are taken away, or nothing is. The others together
    have to be such a cell too: while they are not, the smallest stratum joins them. Of these the Member needs enough
    of its own in each, and most of the Role's in all.
Succeeds: where a gap is another, or none should be there: it is then of strata that tell of few.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Final

import polars as pl

from dcc_analytics.render.attack.finding import Finding
from dcc_analytics.render.attack.finished import GAP, PACK, Release
from dcc_analytics.snapshot.rules import RuleSet

_SERVICE: Final = ("process", "srv", "variant")
_STRATUM: Final = ("region", "meter_type", "smets_version")
_RATE: Final = "industry_failure_rate"
_DAY_RATE: Final = "industry_success_rate"
_TOLD: Final = "the gap is not that of strata which may be told apart"


@dataclass(slots=True)
class _Stratum:
    """Counts of a stratum, of round trips with an outcome.

    Attributes:
        groups: by owner group.
        unprinted: likewise, without the days whose rate is printed.
        sent, failed: by the place of the pack.
    """

    groups: Counter[str] = field(default_factory=Counter)
    unprinted: Counter[str] = field(default_factory=Counter)
    sent: Counter[int] = field(default_factory=Counter)
    failed: Counter[int] = field(default_factory=Counter)


def strata(release: Release) -> Iterator[Finding]:
    """Yield the gaps that are of strata which may not be told apart."""
    for role in release.roles:
        rows = release.rows(role, "round_trips_monthly")
        printed = rows.drop_nulls(GAP).sort(*_SERVICE, PACK)
        if printed.is_empty():
            continue
        counts, packs = _counts(release, role, printed), release.of(role)
        for row in printed.iter_rows(named=True):
            service = tuple(row[name] or "" for name in _SERVICE)
            of_service = counts[service]
            apart = _apart(of_service, release.rules) if row.get(_RATE) is not None else []
            if _thousandths(row[GAP]) != _worked_out(of_service, apart, row[PACK], release.rules):
                yield Finding(packs[row[PACK]].name, "round_trips_monthly.csv", "|".join(service), GAP, _TOLD)


def _counts(
    release: Release, role: str, printed: pl.DataFrame
) -> Mapping[tuple[str, ...], Mapping[tuple[str, ...], _Stratum]]:
    """Return the strata of the services that have a gap, by service and what tells them apart."""
    daily = release.rows(role, "round_trips_daily")
    found: dict[tuple[str, ...], dict[tuple[str, ...], _Stratum]] = defaultdict(lambda: defaultdict(_Stratum))
    failed, done = (pl.col(name).cast(pl.Int64, strict=False).fill_null(0) for name in ("failures", "successes"))
    is_printed = pl.col(_DAY_RATE).is_not_null() if _DAY_RATE in daily.columns else pl.lit(value=False)
    counted = (
        daily.join(printed.select(_SERVICE).unique(), on=_SERVICE, how="semi", nulls_equal=True)
        .with_columns(failed.alias("failed"), (done + failed).alias("sent"), is_printed.alias("is_printed"))
        .group_by(*_SERVICE, *_STRATUM, PACK, "group")
        .agg(pl.col("sent", "failed").sum(), pl.col("sent").filter(~pl.col("is_printed")).sum().alias("unprinted"))
        .filter(pl.col("sent") > 0)
    )
    for row in counted.iter_rows(named=True):
        service, name = (tuple(row[each] or "" for each in names) for names in (_SERVICE, _STRATUM))
        stratum = found[service][name]
        stratum.groups[row["group"]] += row["sent"]
        stratum.unprinted[row["group"]] += row["unprinted"]
        stratum.sent[row[PACK]] += row["sent"]
        stratum.failed[row[PACK]] += row["failed"]
    return found


def _apart(of_service: Mapping[tuple[str, ...], _Stratum], rules: RuleSet) -> Sequence[_Stratum]:
    """Return the strata that may be told apart, and from all others together."""
    by_size = sorted(of_service, key=lambda name: (-of_service[name].groups.total(), "|".join(name)))
    apart = [name for name in by_size if _bear([of_service[name]], rules)]
    while apart and not _bear([of_service[name] for name in by_size if name not in apart], rules):
        apart.pop()
    return [of_service[name] for name in apart]


def _bear(together: Iterable[_Stratum], rules: RuleSet) -> bool:
    """Return whether strata together bear a figure of the industry, with and without the days that are printed."""
    whole, unprinted = Counter[str](), Counter[str]()
    for stratum in together:
        whole.update(stratum.groups)
        unprinted.update(stratum.unprinted)
    least = max(rules.industry.groups, rules.mix.groups)
    for groups in (whole, unprinted):
        sizes = sorted((number for number in groups.values() if number), reverse=True)
        two, total = sum(sizes[:2]), sum(sizes)
        free = 100 * two < rules.industry.largest_two_percent * total
        if sizes and not (len(sizes) >= least and free and 100 * (total - two) >= rules.industry.p_percent * sizes[0]):
            return False
    return True


def _worked_out(
    of_service: Mapping[tuple[str, ...], _Stratum], apart: Sequence[_Stratum], pack: int, rules: RuleSet
) -> int | None:
    """Return the gap of a pack in thousandths, half to even; None if it may have none."""
    used = [each for each in apart if each.sent[pack] >= rules.mix.requests]
    covered, every = (sum(each.groups.total() for each in of) for of in (used, of_service.values()))
    if not covered or 100 * covered < rules.mix.share_percent * every:
        return None
    own = (each.groups.total() * Fraction(each.failed[pack], each.sent[pack]) for each in used)
    return round(1000 * (sum(own, Fraction(0)) - sum(each.failed.total() for each in used)) / covered)


def _thousandths(text: str) -> Decimal:
    try:
        return 1000 * Decimal(text)
    except InvalidOperation:
        return Decimal("NaN")
