"""Rows of few round trips in the annex: a block each, several to a page, so that nobody leafs through empty pages."""

from typing import Final

from dcc_analytics.render.pdf.annex_page import AnnexFigures, csv_filter
from dcc_analytics.render.pdf.assumed import draw_assumed_line
from dcc_analytics.render.pdf.figures import ENOUGH_OUTCOMES, ServiceRow
from dcc_analytics.render.pdf.flow import Flow, heading_mm
from dcc_analytics.render.pdf.fonts import wrapped
from dcc_analytics.render.pdf.plot import Plot, Span
from dcc_analytics.render.pdf.row_sums import days_of
from dcc_analytics.render.pdf.said import Other, counted, dated, figure, joined, named, other, said
from dcc_analytics.render.pdf.said import number as number_of
from dcc_analytics.render.pdf.sources import Series, Source, Unit, rows
from dcc_analytics.render.pdf.style import MUTED, OWN, RIGHT_MM, SMALL_PT, TEXT, WIDTH_MM
from dcc_analytics.render.pdf.sums import reasons
from dcc_analytics.render.pdf.words import count, day_name, duration, listed

SECTION: Final = "Few round trips"
_DAYS_MM: Final = 62.0
_DAYS_HIGH_MM: Final = 7.0
_TEXT_MM: Final = WIDTH_MM - _DAYS_MM - 8.0
_LINE_MM: Final = 4.05
_GAP_MM: Final = 4.2
_MOST_REASONS: Final = 3
_MORE_REASONS: Final = f"count(DISTINCT reason_code) - {_MOST_REASONS}"
_UNKNOWN: Final = "Unknown"


def draw_few(flow: Flow, figures: AnnexFigures, row: ServiceRow) -> None:
    """Draw the block of a row at the flow's place, or at the top of the next page."""
    lines = [wrapped(each, _TEXT_MM, SMALL_PT) for each in _texts(figures, row)]
    beside_mm = max(_LINE_MM * sum(map(len, lines)), _DAYS_HIGH_MM + 4.5)
    high_mm = heading_mm() + beside_mm + _LINE_MM
    flow.room(high_mm)
    top_mm = flow.y_mm
    flow.paper.bookmark(row.title, level=1, top_mm=top_mm - 4)
    flow.heading(named(row.title), note=row.process)
    start_mm = flow.y_mm
    for each in lines:
        flow.lines(each, size_pt=SMALL_PT)
    flow.y_mm = start_mm
    _days(flow, figures, row)
    flow.y_mm = start_mm + beside_mm
    flow.paragraph(csv_filter(row), size_pt=SMALL_PT, colour=MUTED)
    flow.y_mm = top_mm + high_mm + _GAP_MM


def begin_few(flow: Flow) -> None:
    """Begin the part of such rows."""
    flow.new_page(SECTION, assumed=True)
    flow.paper.bookmark(SECTION)
    flow.title(
        SECTION,
        said(
            "Rows of fewer than {} outcomes, in the order of Table 1. The columns are requests a day; their failures "
            "are dark. Rates of so few are in round_trips_monthly.csv and say little.",
            other(str(ENOUGH_OUTCOMES), Other.WORDING),
        ),
    )  # fmt: skip
    draw_assumed_line(flow, "Failure rates", "Round Trip Times")


def _texts(figures: AnnexFigures, row: ServiceRow) -> list[str]:
    days = figures.sums.days(row)
    told = [
        counted(row.requests, "request", row.source.of("requests")),
        counted(row.failures, "failure", row.source.of("failures")),
    ]
    if row.open:
        told.append(said("{} still open", figure(count(row.open), Unit.COUNT, row.source.of("open"))))
    first = said("{}{}", joined(", ", told), _when([part.label for part in days]))
    cells = figures.sums.cells(row)
    where = [sorted({str(cell[place] or _UNKNOWN) for cell in cells}) for place in range(3)]
    known = any(value != _UNKNOWN for values in where for value in values)
    texts = [first, named("; ".join(listed(values) for values in where) + ".") if known else ""]
    if row.own.known:
        texts.append(_times(row))
    if row.failures:
        texts.append(_why(figures, row))
    return [each for each in texts if each]


def _when(days: list[object]) -> str:
    names = [day_name(day) for day in days]  # type: ignore[arg-type]  # labels of days are dates
    if not names:
        return "."
    if len(names) == 1:
        return said(", on {}.", dated(names[0]))
    return said(", from {} to {}.", dated(names[0]), dated(names[-1]))


def _times(row: ServiceRow) -> str:
    shown = (("best", row.own.best_ms), ("median", row.own.median_ms), ("worst", row.own.worst_ms))
    told = [
        said("{} {}", name, figure(duration(ms), Unit.SECONDS, row.source.of(f"rtt_{name}_s")))
        for name, ms in shown
        if ms is not None
    ]
    return said("Round Trip Time: {}.", joined(", ", told))


def _why(figures: AnnexFigures, row: ServiceRow) -> str:
    found = reasons(figures.failed(row))
    told = []
    for reason in found[:_MOST_REASONS]:
        asked = rows(process=row.process, srv=row.srv, variant=row.variant, reason_code=reason.code)
        number = figure(count(reason.failures), Unit.COUNT, Source("failures", asked, "sum(failures)"))
        told.append(said("{} {} ({})", named(reason.code), named(reason.short), number))
    rest = Source("failures", rows(process=row.process, srv=row.srv, variant=row.variant), _MORE_REASONS)
    left = len(found) - _MOST_REASONS
    more = said("; {} more {}", number_of(left, rest), "reason" if left == 1 else "reasons") if left > 0 else ""
    return said("Failed: {}{}.", joined("; ", told), more)


def _days(flow: Flow, figures: AnnexFigures, row: ServiceRow) -> None:
    paper, month = flow.paper, figures.pack.snapshot.month
    by_day = {part.label: part for part in figures.sums.days(row)}
    in_order = [by_day.get(day) for day in month.days]
    requests = [float(part.requests) if part else 0.0 for part in in_order]
    failures = [float(part.failures) if part else 0.0 for part in in_order]
    left_mm, top_mm = RIGHT_MM - _DAYS_MM, flow.y_mm
    days, most = days_of(row), max(figures.sums.days(row), key=lambda part: part.requests)
    at_most = figure(count(most.requests), Unit.COUNT, days.of(days.number, day=most.label))
    words = said("Requests of each day: at most {}.", at_most)
    with paper.figure(words, left_mm, top_mm, _DAYS_MM, _DAYS_HIGH_MM + 4):
        plot = Plot(
            paper, left_mm, top_mm, _DAYS_MM, _DAYS_HIGH_MM, Span(0, len(month.days)), Span(0, max(1.0, *requests))
        )
        plot.columns(requests, OWN)
        plot.columns(failures, TEXT)
        foot_mm = top_mm + _DAYS_HIGH_MM
        paper.line([(left_mm, foot_mm), (RIGHT_MM, foot_mm)], colour=MUTED, thick_mm=0.2)
        for place in (1, len(month.days)):
            x_mm, _ = plot.at(place - 0.5, 0)
            text = other(str(place), Other.DATE)
            paper.text(x_mm, foot_mm + 3.4, text, size_pt=SMALL_PT, colour=MUTED, align="centre")
        source = Source("round_trips_daily", days_of(row).where, "sum(requests), sum(failures)", by="day")
        drawn = tuple((part.label, part.requests, part.failures) for part in figures.sums.days(row))
        paper.carry([Series(f"{row.title}: days", drawn, source)])
