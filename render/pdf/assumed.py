"""What is assumed, on the pages: a line below the title of one whose figures rest on it, and the list of all of it."""

from typing import Final

from dcc_analytics.catalogue.assumptions import ASSUMPTIONS
from dcc_analytics.render.files import files_for
from dcc_analytics.render.pdf.flow import Flow, heading_mm
from dcc_analytics.render.pdf.said import named, said
from dcc_analytics.render.pdf.style import MUTED, SMALL_PT
from dcc_analytics.render.pdf.table import Table, TableColumn

#: The heading of the list on the page of the method.
HEADING: Final = "Assumed"
_NOTE: Final = (
    "No source that was read settles these. Figures that rest on one are marked by the same word: in this document at "
    "their page or heading, in the metadata of the files at their column."
)
#: Enough for the longest statement; one that is cut off would not be told.
_MOST_LINES: Final = 3
_LIST_GAP_MM: Final = 1.5
#: A list that begins with less of it on the page begins on the next.
_LEAST_MM: Final = 40.0
#: The gap a title leaves is taken back: the line belongs to it, and tables of some pages have no place to spare.
_TITLE_GAP_MM: Final = 3.5
_LINE_GAP_MM: Final = 0.5


def names_of(*headings: str) -> list[str]:
    """Return what figures under some headings rest on, each in a few words."""
    return [each.name for each in ASSUMPTIONS.values() if not set(headings).isdisjoint(each.headings)]


def draw_assumed_line(flow: Flow, *headings: str) -> None:
    """Write below a title what figures under some headings rest on, if on anything."""
    if names := names_of(*headings):
        flow.space(-_TITLE_GAP_MM)
        flow.paragraph(said("Assumed (see Method): {}.", named(", ".join(names))), size_pt=SMALL_PT, colour=MUTED)
        flow.space(_LINE_GAP_MM)


def draw_assumed(flow: Flow, role: str) -> None:
    """Draw the list of what a Role's pack rests on."""
    files = {each.name for each in files_for(role)}
    columns = (TableColumn("Id", 40, bold=True), TableColumn("What is taken to be so", 138, most_lines=_MOST_LINES))
    rows = [
        (named(each.id), named(each.statement)) for each in ASSUMPTIONS.values() if not files.isdisjoint(each.touches)
    ]
    table = Table.of(columns, rows)
    flow.room(heading_mm() + min(table.height_mm, _LEAST_MM))
    flow.heading(HEADING)
    flow.paragraph(said(_NOTE))
    flow.space(_LIST_GAP_MM)
    table.draw(flow)
