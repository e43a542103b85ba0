"""The Devices registered at month end: bars by Device Type and Model, and firmware beside the industry's."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from dcc_analytics.render.pdf.assumed import draw_assumed_line
from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.flow import Flow, heading_mm
from dcc_analytics.render.pdf.fonts import fitted
from dcc_analytics.render.pdf.inventory_rows import ModelRow, VersionRow, model_rows
from dcc_analytics.render.pdf.row_kinds import StripWords
from dcc_analytics.render.pdf.said import Said, counted, figure, joined, named, number, said
from dcc_analytics.render.pdf.segments import SHADES, Segment, draw_segments
from dcc_analytics.render.pdf.source import draw_source
from dcc_analytics.render.pdf.sources import Source, Unit, quoted
from dcc_analytics.render.pdf.sources import rows as rows_where
from dcc_analytics.render.pdf.strips import Scale, draw_strip_table
from dcc_analytics.render.pdf.style import LEFT_MM, RIGHT_MM, SMALL_PT, WIDTH_MM
from dcc_analytics.render.pdf.words import points

SECTION: Final = "Inventory"
VOLUMES: Final = "Devices by Model and firmware version"
FIRMWARE: Final = "Firmware beside the industry's"
FILE: Final = "inventory_models"
#: How many Models there are.
_MODELS: Final = "count(DISTINCT concat_ws(' ', device_type, manufacturer, model))"
#: Versions of Models of which Users may have different ones: more than one stands in the file, or not all have it.
_SPLIT: Final = (
    "concat_ws(' ', device_type, manufacturer, model) IN (SELECT concat_ws(' ', device_type, manufacturer, model) FROM "
    "'inventory_models.csv' WHERE coalesce(share, 0) < 1 OR (industry_share > 0 AND industry_share < 1))"
)
#: Bars and strips that one page holds; all others are in the file.
_MOST_MODELS: Final = 17
_MOST_VERSIONS: Final = 16
#: Firmware versions with a segment of their own; the others of a Model share one.
_MOST_SEGMENTS: Final = 3
_STRIPS: Final = StripWords(
    ("Type", "Firmware and Model", "Devices", "Share", "Industry", "Difference"),
    "share",
    ("devices", "share", "industry_share"),
)
_SHARES: Final = Scale(1.0, (0.0, 0.25, 0.50, 0.75, 1.0), linear=True)
_ROW_MM: Final = 5.2
_GROUP_MM: Final = 5.6
_BARS_LEFT_MM: Final = LEFT_MM + 42
_COUNT_MM: Final = 18.0
_BARS_MM: Final = RIGHT_MM - _BARS_LEFT_MM - _COUNT_MM


def draw_inventory(flow: Flow, figures: PackFigures) -> None:
    """Draw the page; none without Devices."""
    models = model_rows(figures.models)
    if not models:
        return
    flow.new_page(SECTION, assumed=True)
    flow.paper.bookmark(SECTION)
    flow.title(finding(models), said("Devices registered to you at the end of {}, {}", figures.month, figures.role))
    draw_assumed_line(flow, SECTION)
    _volumes(flow, models)
    _firmware(flow, models)


def finding(models: Sequence[ModelRow]) -> str:
    """Return how many Devices there are, and where most of them have another version than in the industry."""
    total = sum(each.devices for each in models)
    every = Source(FILE, "", "sum(devices)")
    said_of = said("{} of {}", counted(total, "Device", every), counted(len(models), "Model", every.of(_MODELS)))
    row = furthest(models)
    if row is None:
        return said("{}; no version's share is clearly unlike the industry's", said_of)
    side = "above" if row.gap > 0 else "below"
    gap = figure(points(row.gap), Unit.POINTS, row.source.of("share - industry_share"))
    version = named(f"{row.model} {row.version}")
    return said("{}; {} is {} {} the industry's share", said_of, version, gap, side)


def furthest(models: Sequence[ModelRow]) -> VersionRow | None:
    """Return the version whose share is unlike the industry's for most Devices; None if none is for sure."""
    told = [row for each in models for row in each.versions if row.told]
    return max(told, key=lambda row: abs(row.gap * row.of_model), default=None)


def _shown(models: Sequence[ModelRow]) -> list[ModelRow]:
    """Return the Models that have a bar: all, or the largest of each Device Type."""
    if len(models) <= _MOST_MODELS:
        return list(models)
    of_types = [list(each) for _, each in groupby(models, key=lambda row: row.device_type)]
    most = max(_MOST_MODELS // len(of_types), 1)
    return [row for each in of_types for row in each[:most]][:_MOST_MODELS]


def _volumes(flow: Flow, models: Sequence[ModelRow]) -> None:
    shown = _shown(models)
    scale = _BARS_MM / max(each.devices for each in shown)
    of_types = [(name, list(each)) for name, each in groupby(shown, key=lambda row: row.device_type)]
    height_mm = len(of_types) * _GROUP_MM + len(shown) * _ROW_MM
    flow.room(heading_mm() + height_mm)
    flow.heading(VOLUMES, note=said("from 0; the newest version first"))
    with flow.paper.figure(bars_words(shown), LEFT_MM, flow.y_mm, WIDTH_MM, height_mm):
        for device_type, rows in of_types:
            of_type = [each for each in models if each.device_type == device_type]
            told = _type_said(device_type, of_type)
            flow.paper.text(LEFT_MM, flow.y_mm + 4.0, told, size_pt=SMALL_PT, bold=True)
            flow.y_mm += _GROUP_MM
            for row in rows:
                _bar(flow, row, scale)
    draw_source(flow, FILE, more=len(models) - len(shown), shown=len(shown), of=_MODELS, one="Model")
    flow.space(4)


def _type_said(device_type: str, models: Sequence[ModelRow]) -> Said:
    every = Source(FILE, rows_where(device_type=device_type), "sum(devices)")
    devices = number(sum(each.devices for each in models), every)
    return said("{}: {} of {}", named(device_type), devices, counted(len(models), "Model", every.of(_MODELS)))


def _bar(flow: Flow, row: ModelRow, mm_per_device: float) -> None:
    paper, baseline_mm = flow.paper, flow.y_mm + 3.3
    name = fitted(named(row.name), _BARS_LEFT_MM - LEFT_MM - 2, SMALL_PT)
    paper.text(LEFT_MM, baseline_mm, name, size_pt=SMALL_PT)
    commonest, others = row.commonest(_MOST_SEGMENTS)
    segments = [
        Segment(
            each.devices,
            (said("{}: {}", named(each.version), number(each.devices, each.source)), named(each.version)),
            shade,
        )
        for each, shade in zip(commonest, SHADES, strict=False)
    ]
    if others:
        rest = sum(each.devices for each in others)
        segments.append(Segment(rest, (_others(row, commonest, len(others), rest), "others"), SHADES[-1]))
    end_mm, unlabelled = draw_segments(paper, _BARS_LEFT_MM, flow.y_mm, segments, mm_per_unit=mm_per_device)
    wide_mm = paper.text(end_mm + 1.5, baseline_mm, number(row.devices, row.source), size_pt=SMALL_PT, bold=True)
    told = joined(", ", [each.labels[0] for each in segments]) if unlabelled else ""
    place_mm = RIGHT_MM - end_mm - wide_mm - 3
    paper.text(end_mm + wide_mm + 3, baseline_mm, fitted(told, place_mm, SMALL_PT), size_pt=SMALL_PT)
    flow.y_mm += _ROW_MM


def _version(row: VersionRow, template: str) -> Said:
    return said(template, named(row.version), number(row.devices, row.source))


def _others(row: ModelRow, shown: Sequence[VersionRow], others: int, devices: int) -> Said:
    """Return how many versions share a segment, and of how many Devices."""
    but = f"firmware_version NOT IN ({', '.join(quoted(each.version) for each in shown)})"
    source = Source(FILE, f"{row.source.where} AND {but}", "sum(devices)")
    return said("{} others: {}", number(others, source.of("count(*)")), number(devices, source))


def _firmware(flow: Flow, models: Sequence[ModelRow]) -> None:
    """Draw the versions of the largest Models of which Users may have different ones."""
    split = [each for each in models if any(row.rate < 1 or (row.reference or 1) < 1 for row in each.versions)]
    by_size = sorted(split, key=lambda row: -row.devices)
    rows: list[VersionRow] = []
    for each in by_size:
        if len(rows) + len(each.versions) > _MOST_VERSIONS and rows:
            break
        rows += each.versions[:_MOST_VERSIONS]
    if not rows:
        return
    flow.room(heading_mm() + 30)
    flow.heading(FIRMWARE, note="shares of the Devices of the same Model")
    draw_strip_table(flow, rows, grouped=False, words=_STRIPS, scale=_SHARES)
    every = sum(len(each.versions) for each in split)
    draw_source(flow, FILE, more=every - len(rows), shown=len(rows), where=_SPLIT)


def bars_words(models: Sequence[ModelRow]) -> str:
    """Return in words what the bars of some Models show."""
    return joined(
        " ",
        [
            said(
                "{}: {}, of these {}.",
                named(f"{row.device_type} {row.name}"),
                number(row.devices, row.source),
                joined(
                    ", ",
                    [said("{} {}", named(each.version), number(each.devices, each.source)) for each in row.versions],
                ),
            )
            for row in models
        ],
    )
