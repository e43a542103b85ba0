"""Incidents as the month sees them: the newest version of each, and the days and Regions it touches (R-BP-3)."""

from collections.abc import Iterable
from datetime import date
from itertools import product
from typing import Final

import polars as pl

from dcc_analytics.catalogue.months import Month, day_of
from dcc_analytics.stream.decode import rolled_up
from dcc_analytics.stream.events import Incident

#: The categories that are highlighted.
HIGHLIGHTED: Final = (1, 2)


def newest(versions: Iterable[Incident]) -> list[Incident]:
    """Return the newest version of each Incident; of two with the same ``as_of`` the later in the log."""
    found: dict[str, Incident] = {}
    for version in versions:
        known = found.get(version.incident)
        if known is None or version.as_of_us >= known.as_of_us:
            found[version.incident] = version
    return [found[name] for name in sorted(found)]


def category_of(incidents: Iterable[Incident], month: Month) -> dict[tuple[date, str | None], int]:
    """Return the gravest category by day and Region; None as the Region stands for all of them.

    An Incident that is closed at midnight sharp does not touch the day that begins (contract section 8).
    """
    found: dict[tuple[date, str | None], int] = {}
    for incident in incidents:
        if incident.category in HIGHLIGHTED:
            regions: set[str | None] = {rolled_up(each) for each in incident.regions}
            for at in product(_days(incident, month), regions or {None}):
                found[at] = min(found.get(at, incident.category), incident.category)
    return found


def _days(incident: Incident, month: Month) -> list[date]:
    first = day_of(incident.opened_us)
    last = day_of((incident.closed_us or month.end_us) - 1)
    return [day for number, day in enumerate(month.days, day_of(month.start_us)) if first <= number <= last]


def with_category(rows: pl.DataFrame, incidents: Iterable[Incident], month: Month) -> pl.DataFrame:
    """Return daily rows with the category of the Incident that touches their day and Region, null where none does."""
    found = category_of(incidents, month)
    everywhere = {day: category for (day, region), category in found.items() if region is None}
    touched = [
        min((each for each in (found.get((day, region)), everywhere.get(day)) if each is not None), default=None)
        for day, region in rows.select("day", "region").iter_rows()
    ]
    return rows.with_columns(pl.Series("incident_category", touched, pl.Int64))


def incident_table(incidents: Iterable[Incident]) -> pl.DataFrame:
    """Return the Incidents as the renderer reads them."""
    schema: dict[str, pl.DataType] = {
        "incident": pl.String(),
        "category": pl.Int64(),
        "opened_at_us": pl.Int64(),
        "closed_at_us": pl.Int64(),
        "regions": pl.List(pl.String()),
        "summary": pl.String(),
    }
    rows = [
        (each.incident, each.category, each.opened_us, each.closed_us, _regions(each), each.summary)
        for each in incidents
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _regions(incident: Incident) -> list[str]:
    """Return the Regions as packs know them, each once."""
    return list(dict.fromkeys(map(rolled_up, incident.regions)))
