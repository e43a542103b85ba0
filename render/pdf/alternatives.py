"""What figures show, in words for who can't see them: computed from the figures drawn, and from no others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from dcc_analytics.render.pdf.incidents import incidents_said
from dcc_analytics.render.pdf.row_kinds import ROUND_TRIP_TIMES, RangeRow, RangeWords, StripRow, StripWords
from dcc_analytics.render.pdf.said import Other, Said, joined, lasting, named, number, other, rated, said
from dcc_analytics.render.pdf.sources import Source
from dcc_analytics.render.pdf.sums import Part, PartSource
from dcc_analytics.render.pdf.words import day_name, plural
from dcc_analytics.render.snapshot_folder import Incident
from dcc_analytics.snapshot.comparison import BETTER, WORSE

#: A value as printed, what it is of, and itself.
End: TypeAlias = tuple[Said, str, float]


@dataclass(frozen=True, slots=True)
class DailyWords:
    """What the panels of a month's days show: the mean of a time, of what, and how many of what."""

    mean: str
    timed: str
    number: str

    @property
    def titles(self) -> tuple[str, str]:
        """Above the panel of times, and above that of numbers."""
        return _capital(f"{self.mean} of {self.timed}"), _capital(self.number)


#: Which of the marks of a row is which.
_P25, _MEDIAN, _P75 = 4, 5, 6

ROUND_TRIPS: Final = DailyWords("mean Round Trip Time", "successes", "requests")


def _capital(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def strips_words(rows: Sequence[StripRow], greatest: float, words: StripWords) -> Said:
    """Return what the strips of some rows show.

    Args:
        rows: those of one page.
        greatest: the end of the scale.
        words: what the rates are.
    """
    scale = other(f"0% to {greatest * 100:g}%", Other.TICK)
    told = [said("{}, on a scale from {}.", _drawn(len(rows), "strip"), scale)]
    own = [(_rate(row, words), row.title, row.rate) for row in rows if row.rate is not None]
    if own:
        told.append(said(f"Your {words.rate}: {{}}.", _ends(own)))
    told += _against_medians(rows, words)
    halved = [(row, row.p25, row.p75) for row in rows if row.p25 is not None and row.p75 is not None]
    if halved:
        low, p25, _ = min(halved, key=lambda each: each[1])
        high, _, p75 = max(halved, key=lambda each: each[2])
        ends = rated(p25, low.source.of(low.marks[_P25])), rated(p75, high.source.of(high.marks[_P75]))
        told.append(said("The middle halves of Users lie within {} and {}.", *ends))
    if far := sum(1 for row in rows if row.far_above):
        told.append(said("In {} there are Users far above the others.", _drawn(far, "row")))
    if all(row.median is None and row.industry_mark is None for row in rows):
        told.append(said("No figures of others are shown."))
    return joined(" ", told)


def _drawn(number: int, one: str) -> Said:
    return other(plural(number, one), Other.DRAWN)


def _rate(row: StripRow, words: StripWords) -> Said:
    return rated(row.rate, row.source.of(words.values[1]))


def _against_medians(rows: Sequence[StripRow], words: StripWords) -> list[Said]:
    told = [((row.rate or 0.0) - (row.median or 0.0), row) for row in rows]
    above = max((each for each in told if each[1].compared == WORSE), key=lambda each: each[0], default=None)
    below = min((each for each in told if each[1].compared == BETTER), key=lambda each: each[0], default=None)
    return [
        said(
            f"Of the {word} rows {{}} is furthest from its peers' median: {{}} beside {{}}.",
            named(each[1].title),
            _rate(each[1], words),
            rated(each[1].median, each[1].source.of(each[1].marks[_MEDIAN])),
        )
        for word, each in ((WORSE, above), (BETTER, below))
        if each is not None
    ]


def times_words(rows: Sequence[RangeRow], words: RangeWords = ROUND_TRIP_TIMES) -> Said:
    """Return what the ranges of some rows show."""

    def times(name: str) -> list[End]:
        found = [(row, getattr(row.own, f"{name}_ms")) for row in rows]
        return [
            (lasting(ms, row.source.of(f"{words.stem}_{name}_s")), row.title, ms) for row, ms in found if ms is not None
        ]

    medians, worst = times("median"), times("worst")
    told = [said("Ranges of the times of {}, on a logarithmic scale.", _drawn(len(rows), "row"))]
    if medians:
        told.append(said("Your medians: {}.", _ends(medians)))
    if worst:
        longest, title, _ = max(worst, key=lambda each: each[2])
        told.append(said("The longest time is {} ({}).", longest, named(title)))
    both = [(row.own.median_ms, row.industry.median_ms) for row in rows]
    compared = [(own, industry) for own, industry in both if own is not None and industry is not None]
    if compared:
        slower = sum(1 for own, industry in compared if own > industry)
        both_said = other(f"{slower} of {plural(len(compared), 'row')}", Other.DRAWN)
        told.append(said("Your median is above the industry's in {} with both.", both_said))
    elif not any(row.industry.known for row in rows):
        told.append(said("No figures of others are shown."))
    return joined(" ", told)


def daily(
    days: Sequence[Part], incidents: Sequence[Incident], source: PartSource, words: DailyWords = ROUND_TRIPS
) -> Said:
    """Return what the panels of a month's days show."""

    def of(part: Part, value: str) -> Source:
        return source.of(value, day=part.label)

    rates = [
        (rated(rate, of(part, source.failure_rate)), day_name(part.label), rate)
        for part in days if (rate := part.failure_rate) is not None
    ]  # fmt: skip
    industry = [
        (rated(rate, of(part, source.industry_failure_rate)), day_name(part.label), rate)
        for part in days if (rate := part.industry_failure_rate) is not None
    ]  # fmt: skip
    means = [
        (lasting(round(ms), of(part, source.own_mean)), day_name(part.label), ms)
        for part in days if (ms := part.mean_ms) is not None
    ]  # fmt: skip
    requests = [(number(part.requests, of(part, source.number)), day_name(part.label), part.requests) for part in days]
    shaded = incidents_said(incidents, "Category 1 or 2 Incident is", "Category 1 or 2 Incidents are")
    told = [
        said("Three panels over the days of the month."),
        *([said("Your failure rate: {}.", _ends(rates))] if rates else ()),
        *([said(f"The industry's, at your mix of {words.number}: {{}}.", _ends(industry))] if industry else ()),
        *([said(f"Your {words.mean}: {{}}.", _ends(means))] if means else ()),
        *([said(f"{_capital(words.number)} a day: {{}}.", _ends(requests))] if requests else ()),
        *([said("{} shaded.", shaded)] if incidents else ()),
    ]
    return joined(" ", told)


def _ends(values: Sequence[End]) -> Said:
    """Return the least and the greatest of some values with what they are of, the first of equals; or the only one."""
    (least, of_least, _), (greatest, of_greatest, _) = (
        choose(values, key=lambda each: each[2]) for choose in (min, max)
    )
    if least == greatest:
        return least
    return said("{} ({}) to {} ({})", least, named(of_least), greatest, named(of_greatest))
