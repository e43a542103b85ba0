"""Worked examples: rows of the made month, each value beside how it comes about. No figure of them is written down."""

from functools import cache
from typing import Final

import polars as pl

from dcc_analytics.render.files import FILES
from dcc_analytics.render.guidance import made_month
from dcc_analytics.render.guidance.document import Grid
from dcc_analytics.render.guidance.made_events import READER
from dcc_analytics.render.guidance.prose import MetricText

_NOTHING: Final = "(empty)"


def example(file: str, metric: MetricText) -> tuple[str, Grid]:
    """Return what is given, and what the product makes of it, as the file has it.

    Args:
        file: its name without ``.csv``.
        metric: of the file.
    """
    said = metric.example
    rows = made_month.printed_rows(file, said.party, said.where)
    if not rows:
        raise ValueError(f"the made month has no row of {file} for the example of {metric.title}")
    known = {**_facts(), **rows[0]}
    grid = _several(file, metric, rows) if said.columns else _single(file, metric, rows[0], known)
    return f"Example. {said.given.format_map(known)}", grid


def _single(file: str, metric: MetricText, row: dict[str, str], known: dict[str, int | str]) -> Grid:
    """Return a row of the file, a column in each row of the table."""
    how = metric.example.how
    shown = tuple(
        (f"`{name}`", row[name] or _NOTHING, how[name].format_map(known)) for name in FILES[file].header if name in how
    )
    return Grid(f"Example: {metric.title}", ("Column", "Value", "How it comes about"), shown, (30, 20, 50))


def _several(file: str, metric: MetricText, rows: list[dict[str, str]]) -> Grid:
    """Return rows of the file, some columns of them."""
    columns = metric.example.columns
    shown = tuple(tuple(row[name] or _NOTHING for name in columns) for row in rows)
    wide = [max(len(name), *(len(row[place]) for row in shown)) + 2 for place, name in enumerate(columns)]
    widths = tuple(100 * each // sum(wide) for each in wide)
    return Grid(f"Example: {metric.title} in {FILES[file].file_name}", columns, shown, widths)


@cache
def _facts() -> dict[str, int | str]:
    """Return what examples may name: facts of the made month, and sums over all its suppliers."""
    tables = made_month.frozen().tables.by_name
    reads = tables["round_trips_monthly"].filter(role="IS", srv="4.8.1")
    days = tables["round_trips_daily"].filter(role="IS", srv="4.8.1")
    alerts = tables["alerts_monthly"].filter(role="IS", code="8145")
    meters = tables["inventory_models"].filter(role="IS", model="M-1")
    north, south = (_outcomes(days.filter(region=region)) for region in ("North", "South"))
    own = reads.filter(party=READER)
    return {
        **made_month.FACTS,
        "outcomes": _outcomes(own),
        "all_outcomes": _outcomes(reads), "all_failures": _sum(reads, "failures"),
        "all_successes": _sum(reads, "successes"),
        "role_north": north, "role_south": south,
        "role_north_failed": _sum(days.filter(region="North"), "failures"),
        "all_delivered": _sum(alerts, "delivered"), "all_alerts": _sum(alerts, "delivered") + _sum(alerts, "failed"),
        "devices_of_model": _sum(meters.filter(party=READER), "devices"),
        "new_of_all": _sum(meters.filter(firmware_version="2.0"), "devices"), "all_of_model": _sum(meters, "devices"),
    }  # fmt: skip


def _sum(table: pl.DataFrame, column: str) -> int:
    return int(table[column].sum())


def _outcomes(table: pl.DataFrame) -> int:
    return _sum(table, "successes") + _sum(table, "failures")
