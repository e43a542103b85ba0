"""Owner groups: who belongs to whom on some day of a month, and who counts as one. Pure. Source: contract 7.1.

The directory names a Party's group; a rule set may know better, with dates. For counting, groups that share a Party in
a month are one, since to count too few groups withholds and to count too many gives away. For consent none of them
speaks for another.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from dcc_analytics.snapshot.rules import OwnerGroup


def belongings(
    of_directory: Mapping[str, str], owner_groups: Sequence[OwnerGroup], days: Sequence[date]
) -> dict[str, tuple[str, ...]]:
    """Return the owner groups of each Party on any of some days, the directory's first.

    Args:
        of_directory: the group of each Party; it counts on the days of which the rule set knows none.
        owner_groups: of the rule set.
        days: of a month.

    >>> before, after = date(2026, 10, 8), date(2026, 10, 9)
    >>> sold = [OwnerGroup("X", ["A", "B"], before, before), OwnerGroup("Y", ["B"], after)]
    >>> belongings({"A": "A", "B": "Holding", "C": "C"}, sold, [before, after])
    {'A': ('A', 'X'), 'B': ('X', 'Y'), 'C': ('C',)}
    """
    known: dict[str, list[OwnerGroup]] = {party: [] for party in of_directory}
    for each in owner_groups:
        for party in each.parties:
            known.setdefault(party, []).append(each)
    found = {}
    for party, groups in known.items():
        names = [each.group for each in groups if any(each.holds(day) for day in days)]
        unknown = not all(any(each.holds(day) for each in groups) for day in days)
        by_directory = (of_directory.get(party, party),) if unknown else ()
        found[party] = tuple(dict.fromkeys((*by_directory, *names)))
    return found


def joined(belongs: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Return one owner group for each Party; groups that share a Party are one.

    >>> joined({"A": ("X",), "B": ("X", "Y"), "C": ("Y",), "D": ("D",)})
    {'A': 'Y', 'B': 'Y', 'C': 'Y', 'D': 'D'}
    """
    one: dict[str, str] = {}
    for groups in belongs.values():
        together = [one.setdefault(group, group) for group in groups]
        one = {group: together[-1] if name in together else name for group, name in one.items()}
    return {party: one[next(iter(groups))] for party, groups in belongs.items()}
