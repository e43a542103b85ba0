"""Incidents as tables: all of a month on a page of their own, the weightiest of them below each daily chart.

What is drawn of them stands in ``incidents.csv``.
"""

from collections.abc import Sequence
from typing import Final

from dcc_analytics.render.incident_file import INCIDENTS, instant
from dcc_analytics.render.pdf.assumed import draw_assumed_line
from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.flow import HEAD_MM, Flow
from dcc_analytics.render.pdf.said import Said, counted, figure, named, number, said
from dcc_analytics.render.pdf.sources import Series, Source, Unit, rows
from dcc_analytics.render.pdf.style import INCIDENT_TEXT
from dcc_analytics.render.pdf.table import Table, TableColumn
from dcc_analytics.render.pdf.words import instant_name, listed
from dcc_analytics.render.snapshot_folder import Incident

#: As many as a process page lists.
SHORT_LIST: Final = 6
SECTION: Final = "Incidents"
_NUMBER: Final = Source(INCIDENTS.name, "", "count(*)")


def draw_incidents(flow: Flow, figures: PackFigures) -> None:
    """Draw all Incidents, on a page of their own or at the end of the one before."""
    table = incident_table(figures.incidents, most_lines=6)
    flow.section(SECTION, HEAD_MM + table.height_mm)
    flow.paper.bookmark(SECTION)
    flow.title(
        said("{} touched {}", incidents_said(figures.incidents), figures.month),
        "Times are UTC. The numbers are those above the shaded spans of the daily charts.",
    )
    draw_assumed_line(flow, SECTION)
    table.draw(flow)


def incidents_said(incidents: Sequence[Incident], one: str = "Category 1 or 2 Incident", many: str = "") -> Said:
    """Return how many there are in a month."""
    return counted(len(incidents), one, _NUMBER, many)


def further(incidents: Sequence[Incident], shown: Sequence[Incident]) -> Said:
    """Return how many of a month are not shown."""
    return number(len(incidents) - len(shown), _NUMBER.of(f"count(*) - {len(shown)}"))


def incident_number(incident: Incident) -> Said:
    """Return what an Incident is called in charts."""
    return number(incident.number, _of(incident, "number"))


def category_said(incident: Incident) -> Said:
    """Return the category of an Incident."""
    return number(incident.category, _of(incident, "category"))


def incident_series(incidents: Sequence[Incident]) -> Series:
    """Return the spans that a chart shades."""
    numbers = ", ".join(str(each.number) for each in incidents)
    drawn = tuple((each.number, instant(each.opened_at_us), instant(each.closed_at_us)) for each in incidents)
    return Series("Incidents", drawn, Source(INCIDENTS.name, f"number IN ({numbers})", "number, opened_at, closed_at"))


def _of(incident: Incident, column: str) -> Source:
    return Source(INCIDENTS.name, rows(number=incident.number), column)


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
    return Table.of(columns, list(map(_cells, incidents)))


def _cells(incident: Incident) -> tuple[str, ...]:
    return (
        incident_number(incident),
        named(incident.incident),
        category_said(incident),
        _at(incident, "opened_at", incident.opened_at_us),
        _at(incident, "closed_at", incident.closed_at_us),
        named(listed(list(incident.regions)) or "all"),
        named(incident.summary),
    )


def _at(incident: Incident, column: str, us: int | None) -> str:
    return "still open" if us is None else figure(instant_name(us), Unit.INSTANT, _of(incident, column))
