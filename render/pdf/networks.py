"""A distributor's own Alerts: N13 and N55 by Model, N42 after N16 by supplier, outages without a restoration."""

from dataclasses import replace
from math import inf
from typing import Any, Final

import polars as pl

from dcc_analytics.render.assumed import MARK
from dcc_analytics.render.files import files_for
from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.flow import Flow, heading_mm
from dcc_analytics.render.pdf.fonts import fitted
from dcc_analytics.render.pdf.n42 import draw_n42, n42_finding
from dcc_analytics.render.pdf.said import counted, figure, joined, named, number, said
from dcc_analytics.render.pdf.segments import BAR_MM, SHADES, Segment, draw_segments
from dcc_analytics.render.pdf.source import draw_source
from dcc_analytics.render.pdf.sources import Source, Unit, ratio, rows, rows_of, total
from dcc_analytics.render.pdf.style import LEFT_MM, RIGHT_MM, SMALL_PT, WIDTH_MM

SECTION: Final = "Distributors' Alerts"
MODELS: Final = "N13 and N55 by Model and firmware version"
OUTAGES: Final = "Power outages without a restoration"
FILES: Final = ("n13_n55", "n42_after_n16", "outages_unrestored")
_MOST_MODELS: Final = 12
_NAME_MM: Final = 74.0
_FIGURES_MM: Final = 46.0
_ROW_MM: Final = BAR_MM + 0.8
#: Ages of an outage in hours: from each to the next.
_AGES_H: Final = ((0, "under 1 day"), (24, "1 to 3 days"), (72, "3 to 7 days"), (168, "7 to 14 days"), (336, "longer"))

#: A bar: its name, how many, where that stands, and what else is printed after it.
Bar = tuple[str, int, Source, str]


def draw_networks(flow: Flow, figures: PackFigures) -> None:
    """Draw the page; only a Role whose packs have the files has one, and none of them without a row."""
    if not set(FILES) <= {each.name for each in files_for(figures.member.role)}:
        return
    alerts, pairs = figures.table("n13_n55"), figures.table("n42_after_n16")
    outages = figures.table("outages_unrestored", "age_hours")
    found = [
        outages_finding(outages) if outages.height else "",
        models_finding(alerts) if alerts.height else "",
        n42_finding(pairs) if pairs.height else "",
    ]
    first = next((each for each in found if each), "")
    if not first:
        return
    flow.new_page(SECTION, assumed=True)
    flow.paper.bookmark(SECTION)
    flow.title(first, said("{}, {}, {}", SECTION, figures.role, figures.month))
    if alerts.height:
        _models(flow, alerts, figures.models)
    if pairs.height:
        draw_n42(flow, pairs)
    if outages.height:
        _outages(flow, outages)


def models_finding(alerts: pl.DataFrame) -> str:
    """Return how many of each of the two codes there were."""
    sums = dict(alerts.group_by("code").agg(pl.col("alerts").sum()).iter_rows())
    every = Source("n13_n55", "", "sum(alerts)")
    told = [
        said("{} {}", number(each, replace(every, where=rows(code=code))), named(code))
        for code, each in sorted(sums.items())
    ]
    return said("{} sent to you", joined(" and ", told))


def model_bars(alerts: pl.DataFrame, models: pl.DataFrame) -> list[Bar]:
    """Return a bar for each code, Meter Type, Model and firmware version, the most frequent first."""
    make = ["manufacturer", "model", "firmware_version"]
    estate = models.group_by(make).agg(pl.col("devices").sum())
    every = alerts.join(estate, on=make, how="left").sort(
        ["alerts", "code", "meter_type", *make], descending=[True, *[False] * 5]
    )
    return [_model_bar(row, {name: row[name] for name in make}) for row in every.iter_rows(named=True)]


def _model_bar(row: dict[str, Any], make: dict[str, Any]) -> Bar:
    where = rows_of({"code": row["code"], "meter_type": row["meter_type"], **make})
    source = Source("n13_n55", where, "alerts")
    name = f"{row['code']} {row['meter_type']}: {row['manufacturer']} {row['model']} {row['firmware_version']}"
    if not row["devices"]:
        return name, row["alerts"], source, "no such Device"
    devices = total("inventory_models", rows_of(make), "sum(devices)")
    often = figure(
        f"{1000 * row['alerts'] / row['devices']:,.1f}", Unit.TENTHS, source.of(ratio("1000 * alerts", devices))
    )
    return name, row["alerts"], source, said("{} per 1,000 Devices", often)


def _models(flow: Flow, alerts: pl.DataFrame, models: pl.DataFrame) -> None:
    bars = model_bars(alerts, models)
    flow.room(heading_mm() + 6 + _ROW_MM * min(len(bars), _MOST_MODELS))
    flow.heading(said("{} {}", named(MODELS), MARK), note=said("from 0; Devices at the month's end"))
    flow.paragraph(said("{}.", models_finding(alerts)))
    flow.space(1)
    _bars(flow, bars[:_MOST_MODELS])
    draw_source(flow, "n13_n55", more=len(bars) - _MOST_MODELS, shown=_MOST_MODELS)
    flow.space(4)


def _bars(flow: Flow, bars: list[Bar]) -> None:
    most = max(size for _, size, _, _ in bars) or 1
    left_mm = LEFT_MM + _NAME_MM
    scale = (RIGHT_MM - _FIGURES_MM - left_mm) / most
    with flow.paper.figure(bars_words(bars), LEFT_MM, flow.y_mm, WIDTH_MM, len(bars) * _ROW_MM):
        for name, size, source, more in bars:
            baseline_mm = flow.y_mm + 3.3
            flow.paper.text(LEFT_MM, baseline_mm, fitted(named(name), _NAME_MM - 2, SMALL_PT), size_pt=SMALL_PT)
            segment = Segment(size, ("",), SHADES[0])
            end_mm, _ = draw_segments(flow.paper, left_mm, flow.y_mm, [segment], mm_per_unit=scale)
            wide_mm = flow.paper.text(end_mm + 1.5, baseline_mm, number(size, source), size_pt=SMALL_PT, bold=True)
            place_mm = RIGHT_MM - end_mm - wide_mm - 4
            flow.paper.text(end_mm + wide_mm + 4, baseline_mm, fitted(more, place_mm, SMALL_PT), size_pt=SMALL_PT)
            flow.y_mm += _ROW_MM


def bars_words(bars: list[Bar]) -> str:
    """Return in words what some bars show."""
    told = [
        joined(" ", filter(None, (said("{}: {}", named(name), number(size, source)), more)))
        for name, size, source, more in bars
    ]
    return said("{}.", joined("; ", told))


def outages_finding(outages: pl.DataFrame) -> str:
    """Return how many there are."""
    every = counted(outages.height, "power outage", Source("outages_unrestored", "", "count(*)"))
    return said("{} without a restoration by the end of the month", every)


def outage_bars(outages: pl.DataFrame) -> list[Bar]:
    """Return a bar for each span of ages at the month's end."""
    ages = [float(age) for age in outages["age_hours"] if age is not None]
    ends = [*(start for start, _ in _AGES_H[1:]), inf]
    return [
        (name, sum(max(age, 0.0) >= start and max(age, 0.0) < end for age in ages), _outages_of(start, end), "")
        for (start, name), end in zip(_AGES_H, ends, strict=True)
    ]


def _outages_of(start: int, end: float) -> Source:
    older = f"age_hours >= {start}" if start else "age_hours IS NOT NULL"
    return Source("outages_unrestored", rows(older, "" if end == inf else f"age_hours < {end:.0f}"), "count(*)")


def _outages(flow: Flow, outages: pl.DataFrame) -> None:
    flow.room(heading_mm() + 12 + len(_AGES_H) * _ROW_MM + 6)
    flow.heading(f"{OUTAGES} {MARK}", note=said("by age at the month's end; from 0"))
    flow.paragraph(said("{}; the file names hub and MPxN of each.", outages_finding(outages)))
    flow.space(1)
    _bars(flow, outage_bars(outages))
    draw_source(flow, "outages_unrestored")
