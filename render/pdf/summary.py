"""The first page: what the month shows in sentences, where the Member stands worst and best, what to trust."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dcc_analytics.render.change_files import revision
from dcc_analytics.render.pdf.facts import Fact
from dcc_analytics.render.pdf.figures import PackFigures, ServiceRow
from dcc_analytics.render.pdf.findings import data_quality, nothing_told, ranked
from dcc_analytics.render.pdf.flow import Flow, heading_mm, paragraph_mm
from dcc_analytics.render.pdf.fonts import fitted, width_mm
from dcc_analytics.render.pdf.revised import revised
from dcc_analytics.render.pdf.round_trip_facts import overall
from dcc_analytics.render.pdf.said import Other, Said, dated, figure, named, number, other, rated, said
from dcc_analytics.render.pdf.sources import Unit
from dcc_analytics.render.pdf.structure import HEADING, ITEM, ITEM_TEXT, LIST, SECTION, Element
from dcc_analytics.render.pdf.style import (
    BENCHMARK,
    LEFT_MM,
    MID_BLUE,
    MUTED,
    OWN_TEXT,
    RULE,
    SHADE,
    SMALL_PT,
    WIDTH_MM,
)
from dcc_analytics.render.pdf.table import Table, TableColumn
from dcc_analytics.render.pdf.told_first import NOTHING_CHANGED, TOO_FEW, told_first
from dcc_analytics.render.pdf.words import points
from dcc_analytics.render.query_window import query_sentence

_PAD_MM: Final = 3.5
_INNER_MM: Final = WIDTH_MM - 2 * _PAD_MM
_GAP_MM: Final = 1.3
_MARK_MM: Final = 4.0
#: The line below a sentence.
_SOURCE_MM: Final = 3.8
_AFTER_MM: Final = 2.0
_BLOCK_MM: Final = 4.0
_ABOVE: Final = "more than chance; by failures above their median"
#: How many more failed, or fewer, than would have at the peers' median.
_EXCESS: Final = "abs(failures - peer_failure_rate_median * (successes + failures))"
_BELOW: Final = "more than chance; by failures below their median"


@dataclass(frozen=True, slots=True)
class SummaryPlace:
    """Where the rest of the summary will stand, and where in the order of reading."""

    page: int
    top_mm: float
    part: Element


def begin_summary(flow: Flow, figures: PackFigures) -> SummaryPlace:
    """Begin the page with its title; the rest is drawn when the pages are known that its sentences lead to."""
    flow.new_page("Summary")
    flow.paper.bookmark("Summary")
    flow.title(named(figures.member.party_name or figures.member.party), _subtitle(figures))
    return SummaryPlace(flow.paper.page, flow.y_mm, flow.paper.structure.placed(SECTION))


def draw_summary(flow: Flow, figures: PackFigures, place: SummaryPlace) -> None:
    """Draw the rest: all of it is on the page, for which the lightest sentences are left out if need be."""
    paper = flow.paper
    below = _Below(figures)
    with paper.on_page(place.page), paper.structure.within(place.part):
        flow.y_mm = place.top_mm
        flow.heading("What the month shows")
        flow.paragraph(overall(figures))
        flow.space(_GAP_MM)
        facts = _fitting(told_first(figures), flow.left_mm - below.height_mm - _AFTER_MM)
        with paper.structure.element(LIST):
            for fact in facts:
                _fact(flow, fact)
        flow.space(_AFTER_MM)
        below.draw(flow)


def _fitting(facts: list[Fact], place_mm: float) -> list[Fact]:
    """Return as many of the weightiest as have place; that nothing changed stays."""
    kept = list(facts)
    while kept and sum(map(_fact_mm, kept)) > place_mm:
        last = -2 if kept[-1].text in {NOTHING_CHANGED, TOO_FEW} and len(kept) > 1 else -1
        del kept[last]
    return kept


def _fact_mm(fact: Fact) -> float:
    return paragraph_mm(fact.text, width=WIDTH_MM - _MARK_MM) + _SOURCE_MM + _GAP_MM


def _fact(flow: Flow, fact: Fact) -> None:
    """Write a sentence, and below it where more is: the page it leads to, the file and which of its rows."""
    paper, left_mm = flow.paper, LEFT_MM + _MARK_MM
    with paper.structure.element(ITEM):
        paper.rectangle(LEFT_MM, flow.y_mm + 1.25, 1.5, 1.5, fill=BENCHMARK)
        with paper.structure.element(ITEM_TEXT):
            flow.paragraph(fact.text, left_mm=left_mm, width=WIDTH_MM - _MARK_MM)
            page = paper.page_of(fact.section)
            words = said("Page {}, {}", other(str(page), Other.PAGE), named(fact.section))
            baseline_mm, wide_mm = flow.y_mm + 2.9, width_mm(words, SMALL_PT)
            with paper.link(left_mm, flow.y_mm, wide_mm, _SOURCE_MM, to=page, words=f"To page {page}, {fact.section}"):
                paper.text(left_mm, baseline_mm, words, size_pt=SMALL_PT, colour=MID_BLUE)
            place_mm = WIDTH_MM - _MARK_MM - wide_mm - 3
            source = fitted(named(f"from {fact.source}"), place_mm, SMALL_PT)
            paper.text(left_mm + wide_mm + 3, baseline_mm, source, size_pt=SMALL_PT, colour=MUTED)
    flow.y_mm += _SOURCE_MM + _GAP_MM


def _subtitle(figures: PackFigures) -> str:
    state = "final figures" if figures.snapshot.final else "PROVISIONAL figures, which will still change"
    number = revision(figures.snapshot)
    stands = said(", revision {}", other(str(number), Other.RECORD)) if number > 1 else ""
    return said("{} ({}), {}: {}{}", figures.role, figures.member.role, figures.month, state, stands)


class _Below:
    """What stands below the sentences: where the Member is worst and best, and what to trust."""

    def __init__(self, figures: PackFigures) -> None:
        worst, best = ranked(figures)
        self._tables = [
            (heading, note, _table(title, rows))
            for heading, note, title, rows in (
                ("Where you lose most against your peers", _ABOVE, "More failures", worst),
                ("Where you do best against your peers", _BELOW, "Fewer failures", best),
            )
            if rows
        ]
        self._untold = nothing_told(figures.rows) if figures.rows and not self._tables else ""
        self._quality = [*data_quality(figures), dated(query_sentence(figures.query_until)), *revised(figures)]

    @property
    def height_mm(self) -> float:
        tables_mm = sum(heading_mm() + table.height_mm + _BLOCK_MM for _, _, table in self._tables)
        untold_mm = heading_mm() + paragraph_mm(self._untold) + _BLOCK_MM if self._untold else 0.0
        return tables_mm + untold_mm + _quality_mm(self._quality)

    def draw(self, flow: Flow) -> None:
        for heading, note, table in self._tables:
            flow.heading(heading, note=note)
            table.draw(flow)
            flow.space(_BLOCK_MM)
        if self._untold:
            flow.heading("You and your peers")
            flow.paragraph(self._untold)
            flow.space(_BLOCK_MM)
        _quality(flow, self._quality)


def _table(title: str, rows: Sequence[ServiceRow]) -> Table:
    columns = (
        TableColumn("SRV", 14),
        TableColumn("Service Request", 51, most_lines=2),
        TableColumn("Process", 35, most_lines=2),
        TableColumn("Failed", 17, "right", bold=True, colour=OWN_TEXT),
        TableColumn("Peers' median", 17, "right", colour=BENCHMARK),
        TableColumn("Difference", 24, "right"),
        TableColumn(title, 20, "right"),
    )
    cells = [
        (
            named(row.srv),
            named(row.name or "(no Service Request of DUIS)"),
            row.process,
            rated(row.failure_rate, row.source.of("failure_rate")),
            rated(row.median, row.source.of("peer_failure_rate_median")),
            _gap(row),
            number(round(abs(row.excess)), row.source.of(_EXCESS)),
        )
        for row in rows
    ]
    return Table.of(columns, cells, leads=[row.process for row in rows])


def _gap(row: ServiceRow) -> Said:
    gap = (row.failure_rate or 0.0) - (row.median or 0.0)
    return figure(points(gap), Unit.POINTS, row.source.of("failure_rate - peer_failure_rate_median"))


def _quality_mm(lines: Sequence[str]) -> float:
    text_mm = sum(paragraph_mm(line, width=_INNER_MM - _MARK_MM) + _GAP_MM for line in lines)
    return text_mm + 8 + 2 * _PAD_MM - _GAP_MM


def _quality(flow: Flow, lines: Sequence[str]) -> None:
    """Draw a box whose height is known before: the frame goes under the words."""
    height_mm = _quality_mm(lines)
    top_mm = flow.y_mm
    flow.paper.rectangle(LEFT_MM, top_mm, WIDTH_MM, height_mm, fill=SHADE, edge=RULE)
    flow.y_mm = top_mm + _PAD_MM
    flow.lines(["Data quality"], left_mm=LEFT_MM + _PAD_MM, size_pt=10.0, bold=True, colour=BENCHMARK, tag=HEADING)
    flow.y_mm = top_mm + _PAD_MM + 7
    flow.bullets(list(lines), left_mm=LEFT_MM + _PAD_MM, width=_INNER_MM, gap_mm=_GAP_MM)
    flow.y_mm = top_mm + height_mm + 4
