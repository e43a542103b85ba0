"""What figures show, in words for who can't see them: computed from the figures drawn, and from no others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from dcc_analytics.render.pdf.row_kinds import RangeRow, StripRow, StripWords
from dcc_analytics.render.pdf.sums import Part
from dcc_analytics.render.pdf.words import count, day_name, duration, percent, plural
from dcc_analytics.render.snapshot_folder import Incident
from dcc_analytics.snapshot.comparison import BETTER, WORSE

Value = TypeVar("Value", int, float)


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


ROUND_TRIPS: Final = DailyWords("mean Round Trip Time", "successes", "requests")


def _capital(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def strips_words(rows: Sequence[StripRow], greatest: float, words: StripWords) -> str:
    """Return what the strips of some rows show.

    Args:
        rows: those of one page.
        greatest: the end of the scale.
        words: what the rates are.
    """
    said = [f"{plural(len(rows), 'strip')}, on a scale from 0% to {greatest * 100:g}%."]
    own = [(row.rate, row.title) for row in rows if row.rate is not None]
    if own:
        said.append(f"Your {words.rate}: {_ends(own, percent)}.")
    said += _against_medians(rows)
    quartiles = [(row.p25, row.p75) for row in rows if row.p25 is not None and row.p75 is not None]
    if quartiles:
        low, high = min(p25 for p25, _ in quartiles), max(p75 for _, p75 in quartiles)
        said.append(f"The middle halves of Users lie within {percent(low)} and {percent(high)}.")
    if far := sum(1 for row in rows if row.far_above):
        said.append(f"In {plural(far, 'row')} there are Users far above the others.")
    if all(row.median is None and row.industry_mark is None for row in rows):
        said.append("No figures of others are shown.")
    return " ".join(said)


def _against_medians(rows: Sequence[StripRow]) -> list[str]:
    told = [((row.rate or 0.0) - (row.median or 0.0), row) for row in rows]
    above = max((each for each in told if each[1].compared == WORSE), key=lambda each: each[0], default=None)
    below = min((each for each in told if each[1].compared == BETTER), key=lambda each: each[0], default=None)
    return [
        f"Of the {word} rows {each[1].title} is furthest from its peers' median: {percent(each[1].rate)} beside "
        f"{percent(each[1].median)}."
        for word, each in ((WORSE, above), (BETTER, below))
        if each is not None
    ]


def times_words(rows: Sequence[RangeRow]) -> str:
    """Return what the ranges of some rows show."""
    medians = [(row.own.median_ms, row.title) for row in rows if row.own.median_ms is not None]
    worst = [(row.own.worst_ms, row.title) for row in rows if row.own.worst_ms is not None]
    said = [f"Ranges of the times of {plural(len(rows), 'row')}, on a logarithmic scale."]
    if medians:
        said.append(f"Your medians: {_ends(medians, duration)}.")
    if worst:
        longest_ms, title = max(worst, key=lambda each: each[0])
        said.append(f"The longest time is {duration(longest_ms)} ({title}).")
    both = [(row.own.median_ms, row.industry.median_ms) for row in rows]
    compared = [(own, industry) for own, industry in both if own is not None and industry is not None]
    if compared:
        slower = sum(1 for own, industry in compared if own > industry)
        said.append(f"Your median is above the industry's in {slower} of {plural(len(compared), 'row')} with both.")
    elif not any(row.industry.known for row in rows):
        said.append("No figures of others are shown.")
    return " ".join(said)


def daily(days: Sequence[Part], incidents: Sequence[Incident], words: DailyWords = ROUND_TRIPS) -> str:
    """Return what the panels of a month's days show."""
    rates = [(part.failure_rate, day_name(part.label)) for part in days if part.failure_rate is not None]
    means = [(round(part.mean_ms), day_name(part.label)) for part in days if part.mean_ms is not None]
    requests = [(part.requests, day_name(part.label)) for part in days]
    said = ["Three panels over the days of the month."]
    if rates:
        said.append(f"Your failure rate: {_ends(rates, percent)}.")
    industry = [
        (part.industry_failure_rate, day_name(part.label)) for part in days if part.industry_failure_rate is not None
    ]
    if industry:
        said.append(f"The industry's, at your mix of {words.number}: {_ends(industry, percent)}.")
    if means:
        said.append(f"Your {words.mean}: {_ends(means, duration)}.")
    if requests:
        said.append(f"{_capital(words.number)} a day: {_ends(requests, count)}.")
    if incidents:
        said.append(f"{plural(len(incidents), 'Category 1 or 2 Incident is', 'Category 1 or 2 Incidents are')} shaded.")
    return " ".join(said)


def _ends(values: Sequence[tuple[Value, str]], words: Callable[[Value], str]) -> str:
    """Return the least and the greatest of some values with what they are of, the first of equals; or the only one."""
    least, greatest = min(values, key=lambda each: each[0]), max(values, key=lambda each: each[0])
    if words(least[0]) == words(greatest[0]):
        return words(least[0])
    return f"{words(least[0])} ({least[1]}) to {words(greatest[0])} ({greatest[1]})"
