"""The second page: contents with links, and how to read what follows."""

from dataclasses import dataclass
from typing import Final

from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.flow import Flow
from dcc_analytics.render.pdf.fonts import fitted, width_mm
from dcc_analytics.render.pdf.marks import band, industry_mark, median_mark, own_interval, own_mark, peer_tick
from dcc_analytics.render.pdf.paper import OutlineEntry
from dcc_analytics.render.pdf.said import Other, named, other, said
from dcc_analytics.render.pdf.structure import CONTENTS, ENTRY, REFERENCE, Element
from dcc_analytics.render.pdf.structure import SECTION as PART
from dcc_analytics.render.pdf.style import (
    BODY_PT,
    INCIDENT,
    INCIDENT_TINT,
    LEFT_MM,
    MID_BLUE,
    MUTED,
    RIGHT_MM,
    WIDTH_MM,
)

SECTION: Final = "Contents and how to read"
_ROW_MM: Final = 5.2
_PAGE_MM: Final = 9.0
_MARKS_MM: Final = 14.0


@dataclass(frozen=True, slots=True)
class ContentsPlace:
    """Where the contents will stand, and where in the order of reading."""

    page: int
    top_mm: float
    part: Element


def draw_contents_page(flow: Flow, figures: PackFigures) -> ContentsPlace:
    """Begin the page with all but the contents, which need the pages that follow; return the place kept for them.

    The contents stand below: their length is not known yet.
    """
    flow.new_page(SECTION)
    flow.paper.bookmark(SECTION)
    flow.title("How to read this pack")
    _marks(flow)
    flow.space(1.5)
    flow.bullets(_words(figures))
    flow.space(4)
    return ContentsPlace(flow.paper.page, flow.y_mm, flow.paper.structure.placed(PART))


def draw_contents(flow: Flow, place: ContentsPlace) -> None:
    """Write the contents into the place kept for them."""
    paper, structure = flow.paper, flow.paper.structure
    with paper.on_page(place.page), structure.within(place.part):
        flow.y_mm = place.top_mm
        flow.heading("Contents")
        with structure.element(CONTENTS):
            for entry in paper.outline:
                with structure.element(ENTRY), structure.element(REFERENCE):
                    _entry(flow, entry)


def _entry(flow: Flow, entry: OutlineEntry) -> None:
    paper, baseline_mm = flow.paper, flow.y_mm + 3.6
    title = fitted(named(entry.title), WIDTH_MM - _PAGE_MM, BODY_PT)
    number = other(str(entry.page), Other.PAGE)
    words = f"{entry.title}, page {number}"
    with paper.link(LEFT_MM, flow.y_mm, WIDTH_MM, _ROW_MM, to=entry.page, words=words):
        wide_mm = paper.text(LEFT_MM, baseline_mm, title, colour=MID_BLUE)
        paper.text(RIGHT_MM, baseline_mm, number, align="right", allowed_mm=_PAGE_MM)
    dots = [(LEFT_MM + wide_mm + 2, baseline_mm - 0.4), (RIGHT_MM - width_mm(number, BODY_PT) - 2, baseline_mm - 0.4)]
    paper.line(dots, colour=MUTED, thick_mm=0.2, dash_mm=(0.2, 1.4))
    flow.y_mm += _ROW_MM


def _marks(flow: Flow) -> None:
    """Draw each mark beside what it means."""
    paper, x_mm = flow.paper, LEFT_MM + 5
    meanings = (
        ("You, orange with a dark edge. A line through it is what chance leaves open: the rate's 95% interval.", "own"),
        ("One other User of your Role. Nobody is named, and no mark is of the same User from row to row.", "peer"),
        ("The middle half of Users: a quarter of them are below it, a quarter above.", "band"),
        ("The median of Users: half of them are below it. Each User counts once, however large; so do you.", "median"),
        ("The industry: all Users of your Role together, by volume.", "industry"),
        ("A Category 1 or 2 Incident, from its opening to its closing.", "incident"),
    )
    for text, mark in meanings:
        y_mm = flow.y_mm + 2.2
        match mark:
            case "own":
                own_interval(paper, x_mm - 4, x_mm + 4, y_mm)
                own_mark(paper, x_mm, y_mm)
            case "peer":
                peer_tick(paper, x_mm, y_mm)
            case "band":
                band(paper, x_mm - 4, x_mm + 4, y_mm)
            case "industry":
                industry_mark(paper, x_mm, y_mm)
            case "median":
                median_mark(paper, x_mm, y_mm)
            case _:
                paper.rectangle(x_mm - 4, y_mm - 1.7, 8, 3.4, fill=INCIDENT_TINT, edge=INCIDENT)
        flow.paragraph(said(text), left_mm=LEFT_MM + _MARKS_MM, width=WIDTH_MM - _MARKS_MM)
        flow.space(1.2)


def _words(figures: PackFigures) -> list[str]:
    told = [
        "Failed is failures of all round trips with an outcome. Round trips still open are in no rate.",
        (
            "Where you stand is said in words: Better half or Worse half where chance hardly makes the difference from "
            "the median, Best quarter or Worst quarter where all of the 95% interval of your rate lies there too. "
            "Can't be told means that chance may have made the difference; Few requests that one failure more "
            "would change the answer; No benchmark that figures of others are withheld or not there."
        ),
        (
            "Industry is all Users of your Role together, by volume. In daily charts and splits it is given at your "
            "own mix of requests, so that a difference is not one of what you sent, or where."
        ),
        "A dash means not applicable or withheld. Rates of small numbers are shown and not ranked.",
        (
            "Assumed stands where figures rest on something no source settles. The page 'Method' lists all of it, and "
            "the metadata beside each CSV file name it at the columns it touches."
        ),
        "Days are UTC days; a round trip belongs to the day on which it started.",
    ]
    if not figures.benchmarked and figures.rows:
        told.insert(
            0, "This pack has no figures of others: what may be shown without giving any company away is nothing."
        )
    return [said(each) for each in told]
