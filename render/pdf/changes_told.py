"""Changes within the month as sentences: one for each cause, of the requests in which it shows most clearly."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import polars as pl

from dcc_analytics.render.pdf.day_series import FAILURES, NAMES, SPLITS, TIMES, DaySeries, Scope
from dcc_analytics.render.pdf.facts import SLOW, Fact, about, gap_of, of_row, signal_of
from dcc_analytics.render.pdf.figures import PackFigures, ServiceRow
from dcc_analytics.render.pdf.said import dated, figure, joined, named, said
from dcc_analytics.render.pdf.sources import FAILURE_RATE, Source, Unit, ratio, rows, rows_of
from dcc_analytics.render.pdf.stories import Story, stories
from dcc_analytics.render.pdf.words import count, day_name, duration, listed, percent

#: A Region, Meter Type or SMETS version is named where it has so much of what is new, and so little of all requests.
_NEARLY_ALL: Final = 0.8
_NOT_MOST: Final = 0.6
#: Of times a Region that has so much of all requests is named too: they are of its network sooner than of a request.
_ALL: Final = 0.95
#: A reason or a kind of Device is named where it has so much of the failures of the days.
_MOST: Final = 0.5
#: A kind of Device is named where its failures are so many times as frequent as those of the others of its type.
_TIMES_AS_OFTEN: Final = 2
#: Means that differ less are not told, whatever else is sure of them.
_LEAST_RATIO: Final = 1.5
#: Fewer failures are less urgent than more.
_GOOD: Final = 0.5
_TABLE: Final = "round_trips_daily"
_MEAN: Final = "sum(rtt_n * rtt_mean_s) / sum(rtt_n)"
#: How what is sent to a split is told.
_WHERE: Final = {"region": "in", "meter_type": "for", "smets_version": "to"}
#: More SRVs than these that changed too are others.
_MOST_LIKEWISE: Final = 3
_MAKE: Final = ("device_type", "manufacturer", "model", "firmware_version")


def changes_told(figures: PackFigures) -> list[Fact]:
    """Return what changed within the month."""
    if not figures.daily.height:
        return []
    series = DaySeries(figures.daily)
    told = (_Teller(figures, series, story).fact() for story in stories(series.changes()))
    return [fact for fact in told if fact]


class _Teller:
    """Tells one story."""

    def __init__(self, figures: PackFigures, series: DaySeries, story: Story) -> None:
        self._figures, self._series, self._story = figures, series, story
        self._rows = {(row.process, row.srv, row.variant): row for row in figures.rows}
        self._change = story.base.change
        self._worse = self._change.more > 0
        self._split = self._found_split()
        self._scope = self._told_scope()
        self._during, self._other = series.within(self._scope, self._change)

    def _told_scope(self) -> Scope:
        """Return the requests that are told of: a row, a split, or a row in a split where it has nearly all of both."""
        of_rows, split = self._story.rows, self._split
        if not of_rows:
            return split or (Scope() if Scope() in self._story.scopes else self._story.base.scope)
        row = of_rows[0].scope
        if split is None:
            return row
        (more, sent), (whole, _) = map(self._sums, (row, Scope()))
        if not whole or more / whole < _NEARLY_ALL:
            return split
        both = Scope(row.columns + split.columns, row.values + split.values)
        return both if self._sums(both)[1] <= _NOT_MOST * sent else row

    def _sums(self, scope: Scope) -> tuple[float, int]:
        """Return how much more there was of a scope on the days, and of how many round trips."""
        number, found, expected = NAMES[self._story.base.kind]
        during, other = self._series.within(scope, self._change)
        due = float(other[expected].sum())
        usual = float(other[found].sum()) / due if due else 0.0
        return float(during[found].sum()) - float(during[expected].sum()) * usual, int(during[number].sum())

    def _found_split(self) -> Scope | None:
        """Return the Region, Meter Type or SMETS version that has nearly all of the change, if one has."""
        during, other = self._series.within(Scope(), self._change)
        timed = self._story.base.kind == TIMES
        number, found, expected = NAMES[self._story.base.kind]
        for column in SPLITS:
            sums = [
                each.group_by(column).agg(pl.col(number, found, expected).fill_null(0).sum())
                for each in (during, other)
            ]
            joined = sums[0].join(sums[1], on=column, how="left", suffix="_other")
            more = pl.col(found) - pl.col(expected) * pl.col(f"{found}_other") / pl.col(f"{expected}_other")
            parts = joined.filter(pl.col(f"{expected}_other") > 0).with_columns(more=more)
            whole, every = float(parts["more"].sum()), int(parts[number].sum())
            for value, sent, part in parts.select(column, number, "more").drop_nulls().iter_rows():
                of_change, of_sent = part / whole if whole else 0.0, sent / every if every else 0.0
                scope = Scope((column,), (value,))
                surest = self._story.base.scope == scope
                distinct = of_change >= (_MOST if surest else _NEARLY_ALL) and of_sent <= _NOT_MOST
                everywhere = timed and column == "region" and of_sent >= _ALL and value != "Unknown"
                if distinct or everywhere:
                    return scope
        return None

    # -- the sentence --------------------------------------------------------------------------------------------

    def fact(self) -> Fact | None:
        """Return it; None where the figures of the file would not show what was found."""
        tell = self._failures if self._story.base.kind == FAILURES else self._times
        text, size = tell()
        if not text:
            return None
        row = self._row
        return Fact(
            text,
            signal_of(self._change.signal),
            size if self._worse else size * _GOOD,
            gap_of(row.failure_rate, row.median) if row and self._story.base.kind == FAILURES else 1.0,
            self._section,
            f"{_TABLE}.csv, {self._filter}",
            change=True,
            of=about(self._story.base.kind, [each.scope.values[1] for each in self._story.rows]),
        )

    @property
    def _row(self) -> ServiceRow | None:
        return self._rows[_key(self._scope)] if self._scope.of_row else None

    @property
    def _section(self) -> str:
        of_rows = self._story.rows
        if of_rows:
            return of_rows[0].scope.values[0]
        return "Failure rates" if self._story.base.kind == FAILURES else "Round Trip Times"

    @property
    def _filter(self) -> str:
        asked = self._scope.asked
        row = [of_row(*self._scope.values[:3])] if self._scope.of_row else []
        split = [f"{name} {asked[name]}" for name in SPLITS if name in asked]
        first, last = self._change.first, self._change.last
        to = "" if self._change.lasting or first == last else f" to {last}"
        return ", ".join([*row, *split, f"day {'from ' if self._change.lasting or to else ''}{first}{to}"])

    def _failures(self) -> tuple[str, float]:
        found, number, other, other_number = (
            int(each[name].sum()) for each in (self._during, self._other) for name in ("failures", "outcomes")
        )
        if not number or not other_number:
            return "", 0.0
        worse = self._worse
        when = self._when(
            figure(percent(other / other_number), Unit.RATE, self._source(FAILURE_RATE, during=False)),
            figure(percent(found / number), Unit.RATE, self._source(FAILURE_RATE)),
        )
        more = number * (found / number - other / other_number) * (1 if worse else -1)
        than = " than at the rate before" if self._change.lasting else " than at the rate of other days"
        text = said(
            "{} failed {} {} ({} {}){}.{}",
            self._subject("Requests"),
            "more" if worse else "less",
            when,
            figure(count(round(more)), Unit.COUNT, self._more_source(worse=worse)),
            f"{'more' if worse else 'fewer'} {'failure' if round(more) == 1 else 'failures'}{'' if worse else than}",
            self._cause(),
            self._likewise(),
        )
        size = sum(abs(each.change.more) for each in self._story.rows) if self._scope.of_row else abs(more)
        return text, size

    def _times(self) -> tuple[str, float]:
        now, usual = (_mean_ms(each) for each in (self._during, self._other))
        worse = self._worse
        if now is None or usual is None or (now / usual if worse else usual / now) < _LEAST_RATIO:
            return "", 0.0
        number = int(self._during["rtt_n"].sum())
        when = self._when(
            figure(duration(round(usual)), Unit.SECONDS, self._source(_MEAN, "rtt_n > 0", during=False)),
            figure(duration(round(now)), Unit.SECONDS, self._source(_MEAN, "rtt_n > 0")),
        )
        text = said(
            "{} took {} on average {} ({} round {}).",
            self._subject("Successful round trips"),
            "longer" if worse else "less long",
            when,
            figure(count(number), Unit.COUNT, self._source("sum(rtt_n)")),
            "trip" if number == 1 else "trips",
        )
        return text, SLOW * number

    def _source(self, value: str, *conditions: str, during: bool = True) -> Source:
        days = f"day {'' if during else 'NOT '}BETWEEN '{self._change.first}' AND '{self._change.last}'"
        asked = rows_of(self._scope.asked)
        return Source(_TABLE, rows(*filter(None, (asked, days, *conditions))), value)

    def _more_source(self, *, worse: bool) -> Source:
        during = f"day BETWEEN '{self._change.first}' AND '{self._change.last}'"
        found, number, other, other_number = (
            f"sum(CASE WHEN {when} THEN {what} ELSE 0 END)"
            for when in (during, f"NOT ({during})")
            for what in ("failures", "successes + failures")
        )
        usual = f"{number} * {ratio(other, other_number)}"
        value = f"{found} - {usual}" if worse else f"{usual} - {found}"
        return Source(_TABLE, rows_of(self._scope.asked), value)

    def _subject(self, of: str) -> str:
        asked = self._scope.asked
        where = [said(f" {_WHERE[name]} {{}}", named(asked[name])) for name in SPLITS if name in asked]
        if self._row:
            title = named(self._row.title)
            return joined("", [title if of == "Requests" else said(f"{of} of {{}}", title), *where])
        return joined("", [of, *where]) if where else f"Your {of[:1].lower()}{of[1:]}"

    def _when(self, usual: str, now: str) -> str:
        first, last = self._change.first, self._change.last
        if first == last:
            return said("on {}: {}, {} on other days", dated(day_name(first)), now, usual)
        if self._change.lasting:
            return said("from {}: {} before, {} since", dated(day_name(first)), usual, now)
        days = dated(f"from {first.day} to {day_name(last)}")
        return said("{}: {}, {} on other days", days, now, usual)

    def _likewise(self) -> str:
        told = [] if self._split else self._story.rows[1:]
        if not told:
            return ""
        srvs = [self._rows[_key(each.scope)].srv for each in told]
        shown = srvs[:_MOST_LIKEWISE]
        return said(" So did {}{}.", named(listed(shown)), " and others" if len(srvs) > len(shown) else "")

    # -- its cause -----------------------------------------------------------------------------------------------

    def _cause(self) -> str:
        """Return the reason of most failures, and the kind of Device of most of these, where one has most."""
        during = pl.col("day").is_between(self._change.first, self._change.last)
        failed = self._scope.of(self._figures.failed)
        of_days = failed.filter(during)
        if not self._worse or not of_days.height:
            return ""
        reason = _commonest(of_days, ("reason_code",))
        if reason is None:
            return ""
        (code,), share = reason
        words = "; the reason is {}" if share >= _NEARLY_ALL else "; the commonest reason is {}"
        told = said(words, named(str(code)))
        make = _commonest(of_days.filter(reason_code=code), _MAKE)
        if make is None or not self._more_often(*make):
            return told
        values, _ = make
        ever = _of_make(failed.filter(reason_code=code), values)["day"].min()
        device = named(" ".join(each for each in values[1:] if each))
        if isinstance(ever, date) and ever < self._change.first:
            return said("{}, on {}, first on {}", told, device, dated(day_name(ever)))
        return said("{}, on {}", told, device)

    def _more_often(self, make: Sequence[str | None], share: float) -> bool:
        """Return whether a kind of Device has more of the failures than of the Devices of its type."""
        of_type = self._figures.models.filter(device_type=make[0])
        every = int(of_type["devices"].sum())
        estate = int(_of_make(of_type, make)["devices"].sum()) / every if every else 0.0
        return share * (1 - estate) >= _TIMES_AS_OFTEN * estate * (1 - share)


def _of_make(rows: pl.DataFrame, make: Sequence[str | None]) -> pl.DataFrame:
    return rows.filter(*(pl.col(name).eq_missing(pl.lit(value)) for name, value in zip(_MAKE, make, strict=True)))


def _mean_ms(rows: pl.DataFrame) -> float | None:
    """Return the mean of the times of daily rows, none left out; None where there is none above 0."""
    timed = rows.filter(pl.col("rtt_mean_ms").is_not_null())
    taken, number = int((timed["rtt_n"] * timed["rtt_mean_ms"]).sum()), int(timed["rtt_n"].sum())
    return taken / number if taken and number else None


def _commonest(failed: pl.DataFrame, columns: tuple[str, ...]) -> tuple[tuple[str | None, ...], float] | None:
    """Return the values that most failures have, and what share of them; None if none have most."""
    by_failures = failed.group_by(columns).agg(pl.col("failures").sum()).sort(
        "failures", *columns, descending=[True, *[False] * len(columns)]
    )  # fmt: skip
    *values, failures = by_failures.row(0)
    share = failures / int(by_failures["failures"].sum())
    return (tuple(values), share) if share >= _MOST else None


def _key(scope: Scope) -> tuple[str, str, str]:
    process, srv, variant = scope.values[:3]
    return process, srv, variant or ""
