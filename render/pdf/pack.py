"""pack.pdf: the pages in their order."""

from dataclasses import dataclass
from typing import Final

from dcc_analytics.render.pdf.alerts import draw_alerts
from dcc_analytics.render.pdf.assumed import draw_assumed_line
from dcc_analytics.render.pdf.contents import draw_contents, draw_contents_page
from dcc_analytics.render.pdf.figures import PackFigures, ServiceRow
from dcc_analytics.render.pdf.findings import strip_finding
from dcc_analytics.render.pdf.flow import Flow, Running
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
from dcc_analytics.render.pdf.ranges import draw_ranges
from dcc_analytics.render.pdf.strips import draw_strip_table
from dcc_analytics.render.pdf.summary import draw_summary
from dcc_analytics.render.pdf.words import count

#: All of Table 1; a Member that sent every other SRV too would have two more pages of few round trips each.
_MOST_RANGES: Final = 66


@dataclass(frozen=True, slots=True)
class PackPdf:
    """A finished document.

    Attributes:
        data: the file.
        boxes: every line of text in it, for the layout test.
    """

    data: bytes
    boxes: tuple[TextBox, ...]


def pack_pdf(figures: PackFigures, fonts: FontFolder) -> bytes:
    """Return the PDF of a pack; the same figures give the same bytes."""
    return compose(figures, fonts).data


def compose(figures: PackFigures, fonts: FontFolder) -> PackPdf:
    """Draw all pages."""
    name = figures.member.party_name or figures.member.party
    head = f"{figures.month}, {figures.role}, {name}"
    paper = Paper(fonts, title=head, subject="Customer analytics of the month (MP176)", created=figures.snapshot.clock)
    flow = Flow(paper, Running(head, _foot(figures)))
    draw_summary(flow, figures)
    contents = draw_contents_page(flow, figures)
    if figures.rows:
        _rates_and_times(flow, figures)
    if figures.incidents and (figures.rows or figures.table("alerts_daily").height):
        draw_incidents(flow, figures)
    few = False
    for process in figures.processes:
        few = draw_process(flow, figures, process, goes_on=few)
    draw_measures(flow, figures)
    draw_alerts(flow, figures)
    draw_networks(flow, figures)
    draw_inventory(flow, figures)
    draw_metrics(flow, figures)
    draw_method(flow, figures)
    draw_contents(flow, contents)
    return PackPdf(paper.output(), tuple(paper.boxes))


def _foot(figures: PackFigures) -> str:
    state = "Final" if figures.snapshot.final else "PROVISIONAL"
    return f"{state}. Confidential to the recipient. Snapshot {figures.snapshot.identity[:12]}"


def _rates_and_times(flow: Flow, figures: PackFigures) -> None:
    flow.new_page("Failure rates", assumed=True)
    flow.paper.bookmark("Failure rates")
    beside = " beside the median of Users" if any(row.median is not None for row in figures.rows) else ""
    of = f"{figures.role}, {figures.month}; from round_trips_monthly.csv"
    flow.title(strip_finding(figures.rows), f"Failure rate of each Service Request{beside}, {of}")
    draw_assumed_line(flow, "Failure rates")
    draw_strip_table(flow, figures.rows)
    frequent = _most_frequent(figures.rows)
    more = len(figures.rows) - len(frequent)
    flow.new_page("Round Trip Times", assumed=True)
    flow.paper.bookmark("Round Trip Times")
    flow.title("Round Trip Times", f"Successful round trips of {_of_each(more)}, {of}")
    draw_assumed_line(flow, "Round Trip Times")
    draw_ranges(flow, frequent)


def _most_frequent(rows: tuple[ServiceRow, ...]) -> list[ServiceRow]:
    """Return as many rows as three pages hold, in the order of all."""
    kept = sorted(rows, key=lambda row: -row.requests)[:_MOST_RANGES]
    return [row for row in rows if row in kept]


def _of_each(more: int) -> str:
    return (
        f"the {count(_MOST_RANGES)} most frequent rows ({count(more)} more there)" if more else "each Service Request"
    )
