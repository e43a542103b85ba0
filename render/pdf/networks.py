"""A distributor's own Alerts: N13 and N55 by Model, N42 after N16 by supplier, outages without a restoration."""

from typing import Final

import polars as pl

from dcc_analytics.render.assumed import MARK
from dcc_analytics.render.files import files_for
from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.flow import Flow, heading_mm
from dcc_analytics.render.pdf.fonts import fitted
from dcc_analytics.render.pdf.n42 import draw_n42, n42_finding
from dcc_analytics.render.pdf.segments import BAR_MM, SHADES, Segment, draw_segments
from dcc_analytics.render.pdf.source import draw_source
from dcc_analytics.render.pdf.style import LEFT_MM, RIGHT_MM, SMALL_PT, WIDTH_MM
from dcc_analytics.render.pdf.words import count, plural

SECTION: Final = "Distributors' Alerts"
MODELS: Final = "N13 and N55 by Model and firmware version"
OUTAGES: Final = "Power outages without a restoration"
_FILES: Final = ("n13_n55", "n42_after_n16", "outages_unrestored")
_MOST_MODELS: Final = 12
_NAME_MM: Final = 74.0
_FIGURES_MM: Final = 46.0
_ROW_MM: Final = BAR_MM + 0.8
#: Ages of an outage in hours: from each to the next.
_AGES_H: Final = ((0, "under 1 day"), (24, "1 to 3 days"), (72, "3 to 7 days"), (168, "7 to 14 days"), (336, "longer"))

#: A bar: its name, how many, and what else is printed after it.
Bar = tuple[str, int, str]


def draw_networks(flow: Flow, figures: PackFigures) -> None:
    """Draw the page; only a Role whose packs have the files has one, and none of them without a row."""
    if not set(_FILES) <= {each.name for each in files_for(figures.member.role)}:
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
    flow.title(first, f"{SECTION}, {figures.role}, {figures.month}")
    if alerts.height:
        _models(flow, alerts, figures.models)
    if pairs.height:
        draw_n42(flow, pairs)
    if outages.height:
        _outages(flow, outages)


def models_finding(alerts: pl.DataFrame) -> str:
    """Return how many of each of the two codes there were."""
    sums = dict(alerts.group_by("code").agg(pl.col("alerts").sum()).iter_rows())
    return " and ".join(f"{count(number)} {code}" for code, number in sorted(sums.items())) + " sent to you"


def model_bars(alerts: pl.DataFrame, models: pl.DataFrame) -> list[Bar]:
    """Return a bar for each code, Meter Type, Model and firmware version, the most frequent first."""
    make = ["manufacturer", "model", "firmware_version"]
    estate = models.group_by(make).agg(pl.col("devices").sum())
    rows = alerts.join(estate, on=make, how="left").sort(
        ["alerts", "code", "meter_type", *make], descending=[True, *[False] * 5]
    )
    return [
        (
            f"{row['code']} {row['meter_type']}: {row['manufacturer']} {row['model']} {row['firmware_version']}",
            row["alerts"],
            f"{1000 * row['alerts'] / row['devices']:,.1f} per 1,000 Devices" if row["devices"] else "no such Device",
        )
        for row in rows.iter_rows(named=True)
    ]


def _models(flow: Flow, alerts: pl.DataFrame, models: pl.DataFrame) -> None:
    bars = model_bars(alerts, models)
    flow.room(heading_mm() + 6 + _ROW_MM * min(len(bars), _MOST_MODELS))
    flow.heading(f"{MODELS} {MARK}", note="from 0; Devices at the month's end")
    flow.paragraph(f"{models_finding(alerts)}.")
    flow.space(1)
    _bars(flow, bars[:_MOST_MODELS])
    draw_source(flow, "n13_n55.csv", more=len(bars) - _MOST_MODELS)
    flow.space(4)


def _bars(flow: Flow, bars: list[Bar]) -> None:
    most = max(number for _, number, _ in bars) or 1
    left_mm = LEFT_MM + _NAME_MM
    scale = (RIGHT_MM - _FIGURES_MM - left_mm) / most
    with flow.paper.figure(bars_words(bars), LEFT_MM, flow.y_mm, WIDTH_MM, len(bars) * _ROW_MM):
        for name, number, more in bars:
            baseline_mm = flow.y_mm + 3.3
            flow.paper.text(LEFT_MM, baseline_mm, fitted(name, _NAME_MM - 2, SMALL_PT), size_pt=SMALL_PT)
            segment = Segment(number, ("",), SHADES[0])
            end_mm, _ = draw_segments(flow.paper, left_mm, flow.y_mm, [segment], mm_per_unit=scale)
            wide_mm = flow.paper.text(end_mm + 1.5, baseline_mm, count(number), size_pt=SMALL_PT, bold=True)
            place_mm = RIGHT_MM - end_mm - wide_mm - 4
            flow.paper.text(end_mm + wide_mm + 4, baseline_mm, fitted(more, place_mm, SMALL_PT), size_pt=SMALL_PT)
            flow.y_mm += _ROW_MM


def bars_words(bars: list[Bar]) -> str:
    """Return in words what some bars show."""
    return "; ".join(f"{name}: {count(number)} {more}".rstrip() for name, number, more in bars) + "."


def outages_finding(outages: pl.DataFrame) -> str:
    """Return how many there are."""
    return f"{plural(outages.height, 'power outage')} without a restoration by the end of the month"


def outage_bars(outages: pl.DataFrame) -> list[Bar]:
    """Return a bar for each span of ages at the month's end."""
    ages = [float(age) for age in outages["age_hours"] if age is not None]
    ends = [*(start for start, _ in _AGES_H[1:]), float("inf")]
    return [
        (name, sum(max(age, 0.0) >= start and max(age, 0.0) < end for age in ages), "")
        for (start, name), end in zip(_AGES_H, ends, strict=True)
    ]


def _outages(flow: Flow, outages: pl.DataFrame) -> None:
    flow.room(heading_mm() + 12 + len(_AGES_H) * _ROW_MM + 6)
    flow.heading(f"{OUTAGES} {MARK}", note="by age at the month's end; from 0")
    flow.paragraph(f"{outages_finding(outages)}; the file names hub and MPxN of each.")
    flow.space(1)
    _bars(flow, outage_bars(outages))
    draw_source(flow, "outages_unrestored.csv")
