"""The three metrics of ``docs/metrics-example.toml``, worked out leg by leg from their words, and what may be shown.

Nothing here reads the entries: each metric is a line or two of Python that says for a leg whether it is in the whole,
and whether it is in the part.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Final, NamedTuple

from tests.oracle.figures import quantile
from tests.oracle.judge import Judged

Leg = dict[str, Any]
#: Party, Role and what tells a metric's rows apart.
Cell = tuple[str, ...]


class Spelled(NamedTuple):
    """A metric: what tells its rows apart, which legs are in its whole, in its part, and in what it is itself part of.

    ``totals``: for each total its legs and what tells its cells apart.
    """

    key: Callable[[Leg], Cell]
    whole: Callable[[Leg], bool]
    part: Callable[[Leg], bool]
    totals: tuple[tuple[Callable[[Leg], bool], Callable[[Leg], Cell]], ...] = ()


class Least(NamedTuple):
    """The thresholds of contract section 7 in a test; the share and the p % rule are as there."""

    industry_groups: int = 10
    peer_requests: int = 30
    median_groups: int = 6


class Told(NamedTuple):
    """What stands in a row: part, whole, the industry's figure and the peers' median as far as they may be shown."""

    part: int
    whole: int
    industry: Fraction | None
    median: Fraction | None


def _is_read_with_target(leg: Leg) -> bool:
    return bool(leg["process"] in {"Meter Reads", "Read Registers"} and leg["target_us"] is not None)


def _has_ended(leg: Leg) -> bool:
    return bool(leg["outcome"] != "open")


def _is_smets1_gas(leg: Leg) -> bool:
    return bool(leg["meter_type"] == "Gas" and leg["smets_version"] == "SMETS1" and _has_ended(leg))


def _failed(leg: Leg) -> bool:
    return bool(leg["outcome"] == "failure")


SPELLED: Final[Mapping[str, Spelled]] = {
    "reads-in-time": Spelled(
        key=lambda leg: (leg["region"], leg["smets_version"]),
        whole=_is_read_with_target,
        part=lambda leg: leg["time_us"] is not None and leg["time_us"] <= leg["target_us"],
        totals=((_is_read_with_target, lambda _: ()),),
    ),
    "smets1-gas-failures": Spelled(
        key=lambda leg: (leg["process"],),
        whole=_is_smets1_gas,
        part=_failed,
        totals=((_has_ended, lambda leg: (leg["process"],)),),
    ),
    "failures-without-response": Spelled(
        key=lambda leg: (leg["srv"],),
        whole=_failed,
        part=lambda leg: bool(leg["reason"] == "NO-RESPONSE"),
    ),
}

Counts = dict[str, dict[Cell, dict[str, list[int]]]]


def _counted(legs: list[Leg], whole: Callable[[Leg], bool], part: Callable[[Leg], bool], key: Any) -> Counts:  # noqa: ANN401 (as above)
    """Return part and whole by Role, cell and Party."""
    found: Counts = defaultdict(lambda: defaultdict(lambda: defaultdict(lambda: [0, 0])))
    for leg in legs:
        if whole(leg):
            counts = found[leg["role"]][key(leg)][leg["party"]]
            counts[0] += part(leg)
            counts[1] += 1
    return found


def told(month: Judged, metric: Spelled, least: Least) -> dict[tuple[str, str, Cell], Told]:
    """Return what stands in the row of each Party, Role and cell."""
    legs = month.legs.to_dicts()
    rows = {}
    parts = _counted(legs, metric.whole, metric.part, metric.key)
    totals = [(_counted(legs, whole, metric.part, key), key) for whole, key in metric.totals]
    for role, cells in parts.items():
        for cell, counts in cells.items():
            wholes = {party: whole for party, (_, whole) in counts.items()}
            rests = [_rest(total[role], key, metric, legs, (role, cell), wholes) for total, key in totals]
            may = _may_weigh(month, wholes, least) and all(_may_weigh(month, rest, least) for rest in rests if rest)
            peers = [Fraction(*each) for each in counts.values() if each[1] >= least.peer_requests]
            ranked = _ranked(month, wholes, least) and all(_ranked(month, rest, least) for rest in rests if rest)
            industry = Fraction(sum(part for part, _ in counts.values()), sum(wholes.values())) if may else None
            median = quantile(sorted(peers), Fraction(1, 2)) if ranked else None
            for party, (part, whole) in counts.items():
                rows[party, role, cell] = Told(part, whole, industry, median)
    return rows


def _rest(  # noqa: PLR0917 (a total and what is taken from it)
    total: dict[Cell, dict[str, list[int]]], key: Any, metric: Spelled, legs: list[Leg], place: tuple[str, Cell],  # noqa: ANN401 (as above)
    taken: Mapping[str, int],
) -> dict[str, int]:  # fmt: skip
    """Return what each Party has left of the total that a cell is of."""
    role, cell = place
    of = next(key(leg) for leg in legs if leg["role"] == role and metric.whole(leg) and metric.key(leg) == cell)
    left = {party: whole - taken.get(party, 0) for party, (_, whole) in total[of].items()}
    return {party: whole for party, whole in left.items() if whole}


def _may_weigh(month: Judged, wholes: Mapping[str, int], least: Least) -> bool:
    groups: defaultdict[str, int] = defaultdict(int)
    for party, whole in wholes.items():
        groups[month.directory.group(party)] += whole
    largest = sorted(groups.values(), reverse=True)
    rest = sum(largest[2:])
    return len(largest) >= least.industry_groups and rest * 10 > sum(largest) and rest * 10 >= largest[0]


def _ranked(month: Judged, wholes: Mapping[str, int], least: Least) -> bool:
    peers = {month.directory.group(party) for party, whole in wholes.items() if whole >= least.peer_requests}
    return len(peers) >= least.median_groups
