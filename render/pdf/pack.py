"""pack.pdf: the pages in their order."""

from dataclasses import dataclass, replace
from typing import Final

from dcc_analytics.render.pdf.alerts import draw_alerts
from dcc_analytics.render.pdf.annex import AnnexPdf, compose_annex
from dcc_analytics.render.pdf.assumed import draw_assumed_line
from dcc_analytics.render.pdf.compact import compact
from dcc_analytics.render.pdf.contents import draw_contents, draw_contents_page
from dcc_analytics.render.pdf.figures import PackFigures, ServiceRow
from dcc_analytics.render.pdf.findings import strip_finding
from dcc_analytics.render.pdf.flow import HEAD_MM, Flow, Running
from dcc_analytics.render.pdf.fonts import FontFolder
from dcc_analytics.render.pdf.incidents import draw_incidents
from dcc_analytics.render.pdf.inventory import draw_inventory
from dcc_analytics.render.pdf.layout import TextBox
from dcc_analytics.render.pdf.measures import draw_measures
from dcc_analytics.render.pdf.method import draw_method
from dcc_analytics.render.pdf.metric_page import draw_metrics
from dcc_analytics.render.pdf.networks import draw_networks
from dcc_analytics.render.pdf.paper import Paper
from dcc_analytics.render.pdf.process_page import draw_process
from dcc_analytics.render.pdf.ranges import draw_ranges, ranges_mm
from dcc_analytics.render.pdf.row_kinds import SERVICE_WORDS
from dcc_analytics.render.pdf.said import Other, named, number, other, said
from dcc_analytics.render.pdf.sources import Carried, Source
from dcc_analytics.render.pdf.strips import draw_strip_table
from dcc_analytics.render.pdf.summary import begin_summary, draw_summary
from dcc_analytics.render.pdf.words import count

#: All of Table 1; a Member that sent every other SRV too would have two more pages of few round trips each.
_MOST_RANGES: Final = 66


@dataclass(frozen=True, slots=True)
class PackPdf:
    """A finished document.

    Attributes:
        data: the file.
        boxes: every line of text in it, for the layout test.
        carried: every figure in it with its source, for the test that resolves them.
        alternatives: pages of figures, and what of the words in their place nothing is said of, likewise.
        annex: the document with a page for each SRV; None for a Member that sent nothing.
    """

    data: bytes
    boxes: tuple[TextBox, ...]
    carried: tuple[Carried, ...]
    alternatives: tuple[tuple[int, str], ...]
    annex: AnnexPdf | None = None


def pack_pdf(figures: PackFigures, fonts: FontFolder) -> bytes:
    """Return the PDF of a pack; the same figures give the same bytes."""
    return compose(figures, fonts).data


def compose(figures: PackFigures, fonts: FontFolder) -> PackPdf:
    """Draw all pages, and those of the annex, to which they refer."""
    name = figures.member.party_name or figures.member.party
    head = said("{}, {}, {}", figures.month, figures.role, named(name))
    paper = Paper(fonts, title=head, subject="Customer analytics of the month (MP176)", created=figures.snapshot.clock)
    running = Running(head, _foot(figures))
    annex = compose_annex(figures, fonts, running)
    flow = Flow(paper, running)
    summary = begin_summary(flow, figures)
    contents = draw_contents_page(flow, figures)
    if figures.rows:
        _rates_and_times(flow, figures)
    if figures.incidents and (figures.rows or figures.table("alerts_daily").height):
        draw_incidents(flow, figures)
    few = False
    for process in figures.processes:
        few = draw_process(flow, figures, process, goes_on=few, annex=annex.pages if annex else {})
    draw_measures(flow, figures)
    draw_alerts(flow, figures)
    draw_networks(flow, figures)
    draw_inventory(flow, figures)
    draw_metrics(flow, figures)
    draw_method(flow, figures)
    draw_contents(flow, contents)
    draw_summary(flow, figures, summary)
    data = compact(paper.output())
    return PackPdf(data, tuple(paper.boxes), tuple(paper.carried), tuple(paper.alternatives), annex)


def _foot(figures: PackFigures) -> str:
    state = "Final" if figures.snapshot.final else "PROVISIONAL"
    identity = other(figures.snapshot.identity[:12], Other.RECORD)
    return said("{}. Confidential to the recipient. Snapshot {}", state, identity)


def _rates_and_times(flow: Flow, figures: PackFigures) -> None:
    flow.new_page("Failure rates", assumed=True)
    flow.paper.bookmark("Failure rates")
    beside = " beside the median of Users" if any(row.median is not None for row in figures.rows) else ""
    of = said("{}, {}; from round_trips_monthly.csv", figures.role, figures.month)
    flow.title(strip_finding(figures.rows), said("Failure rate of each Service Request{}, {}", beside, of))
    draw_assumed_line(flow, "Failure rates")
    draw_strip_table(flow, figures.rows, words=replace(SERVICE_WORDS, leads=True))
    frequent = _most_frequent(figures.rows)
    more = len(figures.rows) - len(frequent)
    flow.section("Round Trip Times", HEAD_MM + ranges_mm(frequent), assumed=True)
    flow.paper.bookmark("Round Trip Times")
    flow.title("Round Trip Times", said("Successful round trips of {}, {}", _of_each(more), of))
    draw_assumed_line(flow, "Round Trip Times")
    draw_ranges(flow, frequent)


def _most_frequent(rows: tuple[ServiceRow, ...]) -> list[ServiceRow]:
    """Return as many rows as three pages hold, in the order of all."""
    kept = sorted(rows, key=lambda row: -row.requests)[:_MOST_RANGES]
    return [row for row in rows if row in kept]


def _of_each(more: int) -> str:
    if not more:
        return "each Service Request"
    shown = other(count(_MOST_RANGES), Other.WORDING)
    rest = number(more, Source("round_trips_monthly", "", f"count(*) - {_MOST_RANGES}"))
    return said("the {} most frequent rows ({} more there)", shown, rest)
