"""The first page: what the month shows in sentences, where the Member stands worst and best, what to trust."""

from collections.abc import Sequence
from typing import Final

from dcc_analytics.render.change_files import revision
from dcc_analytics.render.pdf.figures import PackFigures, ServiceRow
from dcc_analytics.render.pdf.findings import data_quality, nothing_told, ranked, sentences
from dcc_analytics.render.pdf.flow import Flow, paragraph_mm
from dcc_analytics.render.pdf.revised import revised
from dcc_analytics.render.pdf.structure import HEADING
from dcc_analytics.render.pdf.style import (
    BENCHMARK,
    LEFT_MM,
    OWN_TEXT,
    RULE,
    SHADE,
    WIDTH_MM,
)
from dcc_analytics.render.pdf.table import Table, TableColumn
from dcc_analytics.render.pdf.words import count, percent, points

_PAD_MM: Final = 3.5
_INNER_MM: Final = WIDTH_MM - 2 * _PAD_MM
_GAP_MM: Final = 1.3
_MARK_MM: Final = 4.0


def draw_summary(flow: Flow, figures: PackFigures) -> None:
    """Draw the page."""
    flow.new_page("Summary")
    flow.paper.bookmark("Summary")
    flow.title(figures.member.party_name or figures.member.party, _subtitle(figures))
    flow.heading("What the month shows")
    flow.bullets(sentences(figures))
    flow.space(3)
    _extremes(flow, figures)
    _quality(flow, [*data_quality(figures), *revised(figures)])


def _subtitle(figures: PackFigures) -> str:
    state = "final figures" if figures.snapshot.final else "PROVISIONAL figures, which will still change"
    number = revision(figures.snapshot)
    stands = f", revision {number}" if number > 1 else ""
    return f"{figures.role} ({figures.member.role}), {figures.month}: {state}{stands}"


def _extremes(flow: Flow, figures: PackFigures) -> None:
    if not figures.rows:
        return
    worst, best = ranked(figures)
    if not worst and not best:
        flow.heading("You and your peers")
        flow.paragraph(nothing_told(figures.rows))
        flow.space(5)
        return
    if worst:
        flow.heading(
            "Where you lose most against your peers",
            note="more than chance; by failures above their median",
        )
        _table("More failures", worst).draw(flow)
        flow.space(5)
    if best:
        flow.heading(
            "Where you do best against your peers",
            note="more than chance; by failures below their median",
        )
        _table("Fewer failures", best).draw(flow)
        flow.space(5)


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
            row.srv,
            row.name or "(no Service Request of DUIS)",
            row.process,
            percent(row.failure_rate),
            percent(row.median),
            points((row.failure_rate or 0.0) - (row.median or 0.0)),
            count(round(abs(row.excess))),
        )
        for row in rows
    ]
    return Table.of(columns, cells)


def _quality(flow: Flow, lines: Sequence[str]) -> None:
    """Draw a box whose height is known before: the frame goes under the words."""
    text_mm = sum(paragraph_mm(line, width=_INNER_MM - _MARK_MM) + _GAP_MM for line in lines)
    height_mm = text_mm + 8 + 2 * _PAD_MM - _GAP_MM
    flow.room(height_mm)
    top_mm = flow.y_mm
    flow.paper.rectangle(LEFT_MM, top_mm, WIDTH_MM, height_mm, fill=SHADE, edge=RULE)
    flow.y_mm = top_mm + _PAD_MM
    flow.lines(["Data quality"], left_mm=LEFT_MM + _PAD_MM, size_pt=10.0, bold=True, colour=BENCHMARK, tag=HEADING)
    flow.y_mm = top_mm + _PAD_MM + 7
    flow.bullets(list(lines), left_mm=LEFT_MM + _PAD_MM, width=_INNER_MM, gap_mm=_GAP_MM)
    flow.y_mm = top_mm + height_mm + 4
