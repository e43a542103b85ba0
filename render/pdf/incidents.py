"""Incidents as tables: all of a month on a page of their own, the weightiest of them below each daily chart."""

from collections.abc import Sequence
from typing import Final

from dcc_analytics.render.pdf.assumed import draw_assumed_line
from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.flow import Flow
from dcc_analytics.render.pdf.style import INCIDENT_TEXT
from dcc_analytics.render.pdf.table import Table, TableColumn
from dcc_analytics.render.pdf.words import instant_name, listed, plural
from dcc_analytics.render.snapshot_folder import Incident

#: As many as a process page lists.
SHORT_LIST: Final = 6
SECTION: Final = "Incidents"


def draw_incidents(flow: Flow, figures: PackFigures) -> None:
    """Draw the page of all Incidents."""
    flow.new_page(SECTION)
    flow.paper.bookmark(SECTION)
    flow.title(
        f"{plural(len(figures.incidents), 'Category 1 or 2 Incident')} touched {figures.month}",
        "Times are UTC. The numbers are those above the shaded spans of the daily charts.",
    )
    draw_assumed_line(flow, SECTION)
    incident_table(figures.incidents, most_lines=6).draw(flow)


def weightiest(incidents: Sequence[Incident], month_end_us: int) -> list[Incident]:
    """Return those a short list names: Category 1 before 2, long before short; in the order of their numbers."""

    def weight(incident: Incident) -> tuple[int, int, int]:
        closed_us = month_end_us if incident.closed_at_us is None else incident.closed_at_us
        return incident.category, incident.opened_at_us - closed_us, incident.number

    return sorted(sorted(incidents, key=weight)[:SHORT_LIST], key=lambda each: each.number)


def incident_table(incidents: Sequence[Incident], *, most_lines: int = 1) -> Table:
    """Return the table of some Incidents; texts longer than so many lines end in an ellipsis."""
    columns = (
        TableColumn("No.", 9, bold=True, colour=INCIDENT_TEXT),
        TableColumn("Incident", 22, most_lines=most_lines),
        TableColumn("Cat.", 9),
        TableColumn("Opened", 21),
        TableColumn("Closed", 21),
        TableColumn("Regions", 36, most_lines=most_lines),
        TableColumn("Summary", 60, most_lines=most_lines),
    )
    return Table.of(columns, [_cells(incident) for incident in incidents])


def _cells(incident: Incident) -> tuple[str, ...]:
    return (
        str(incident.number),
        incident.incident,
        str(incident.category),
        instant_name(incident.opened_at_us),
        "still open" if incident.closed_at_us is None else instant_name(incident.closed_at_us),
        listed(list(incident.regions)) or "all",
        incident.summary,
    )
