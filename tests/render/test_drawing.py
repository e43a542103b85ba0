"""Marks and text on a page: fonts and their widths, tables, scales, and matplotlib's figures as paths."""

import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from fpdf import FPDF
from matplotlib.figure import Figure
from pypdf import PdfReader

from dcc_analytics.render.pdf.daily_chart import _numbers, incident_span
from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.flow import Flow, Running
from dcc_analytics.render.pdf.fonts import FontFolder, fitted, printable, width_mm, wrapped
from dcc_analytics.render.pdf.layout import faults
from dcc_analytics.render.pdf.matplotlib_page import draw_figure, new_figure
from dcc_analytics.render.pdf.paper import Paper
from dcc_analytics.render.pdf.ranges import TimeScale
from dcc_analytics.render.pdf.strips import Scale
from dcc_analytics.render.pdf.table import Table, TableColumn
from dcc_analytics.render.snapshot_folder import Incident, MemberEntry, SnapshotFolder
from tests.render.snapshot_maker import MONTH, OTHERS, member, monthly, write_snapshot

DAY_US = 86_400_000_000


@pytest.fixture
def paper(fonts: FontFolder) -> Iterator[Paper]:
    made = Paper(fonts, title="T", subject="S", created=datetime(2026, 11, 10, tzinfo=UTC))
    made.add_page()
    yield made
    made.output()  # fpdf2 closes the files of fonts only then


def operators(paper: Paper) -> str:
    """Return the operators of the first page."""
    (stream,) = re.findall(rb"stream\n(.*?)\nendstream", paper.output(), re.DOTALL)[:1]
    return zlib.decompress(stream).decode("latin-1")


# -- Fonts -------------------------------------------------------------------------------------------------


def test_widths_are_those_of_the_fonts_in_the_file(fonts: FontFolder) -> None:
    pdf = FPDF(unit="mm")
    pdf.add_page()
    for style in ("", "B"):
        pdf.add_font("D", style, fonts.file(style))
        pdf.set_font("D", style, 9)
        for text in ("Failed 12.5%", "Żółty Prąd", "WAVE…", "Ωμέγα, Київ"):
            assert pytest.approx(pdf.get_string_width(text), abs=0.02) == width_mm(text, 9, style)
    pdf.output()  # fpdf2 closes the files of fonts only then


def test_characters_the_font_lacks_become_squares() -> None:
    assert "A□B C□" == printable("A\U0001f600B\nC\N{CJK UNIFIED IDEOGRAPH-4E2D}")
    assert "soft" == printable("so\N{SOFT HYPHEN}ft")


@pytest.mark.parametrize("limit_mm", [0.5, 4, 9, 14, 30, 90])
def test_fitted_text_fits(limit_mm: float) -> None:
    for text in ("Read Instantaneous Import Registers", "Donaudampfschifffahrtsgesellschaft", "a", ""):
        found = fitted(text, limit_mm, 8)
        assert width_mm(found, 8) <= limit_mm or found == "…"
        assert text.startswith(found.removesuffix("…"))


def test_wrapped_lines_fit_and_lose_no_word() -> None:
    text = "one two three four five six seven eight nine ten"
    lines = wrapped(text, 20, 8)
    assert text == " ".join(lines)
    assert all(width_mm(line, 8) <= 20 for line in lines)
    assert len(lines) > 2


# -- Tables ------------------------------------------------------------------------------------------------


def test_words_are_wrapped_or_end_in_an_ellipsis_and_figures_are_never_cut() -> None:
    columns = (TableColumn("Name", 20, most_lines=2), TableColumn("Number", 12, "right"))
    table = Table.of(columns, [("one two three four five six seven", "1,234,567,890")])
    ((words, figure),) = table.rows
    assert 2 == len(words)
    assert words[-1].endswith("…")
    assert ["1,234,567,890"] == figure


def test_a_figure_that_is_too_wide_is_found_by_the_layout_test(paper: Paper) -> None:
    flow = Flow(paper, Running("head", "foot"))
    Table.of((TableColumn("Number", 12, "right"),), [("1,234,567,890",)]).draw(flow)
    assert any("'1,234,567,890'" in fault for fault in faults(paper.boxes))


def test_a_long_table_goes_on_on_further_pages_with_its_header(paper: Paper) -> None:
    flow = Flow(paper, Running("head", "foot"))
    Table.of((TableColumn("Word", 40),), [(f"row {number}",) for number in range(120)]).draw(flow)
    assert 3 == paper.pages
    assert 3 == sum(box.text == "Word" for box in paper.boxes)
    assert 120 == sum(box.text.startswith("row") for box in paper.boxes)
    assert [] == list(faults(paper.boxes))


# -- Scales ------------------------------------------------------------------------------------------------


def rows_of(path: Path, **values: object) -> PackFigures:
    row = {**monthly("A", "IS", "Meter Reads", "4.8.1", failures=1), **values}
    snapshot = write_snapshot(path, {"members": [member("A", "IS")], "round_trips_monthly": [row]})
    return PackFigures.read(SnapshotFolder.open(snapshot), MemberEntry("A", "A", "IS", "A-IS"))


@pytest.mark.parametrize(("greatest", "rate"), [(0.05, 0.05), (0.10, 0.051), (0.25, 0.2), (0.5, 0.3), (1.0, 1.0)])
def test_the_scale_of_rates_begins_at_zero_and_holds_every_mark(tmp_path: Path, greatest: float, rate: float) -> None:
    scale = Scale.over(rows_of(tmp_path, failure_rate=rate, **{**OTHERS, "peer_failure_rate_p75": 0.01}).rows)
    assert greatest == scale.greatest
    places = [scale.x_mm(tick) for tick in scale.ticks]
    assert (0.0, greatest) == (scale.ticks[0], scale.ticks[-1])
    assert sorted(places) == places
    assert places[0] <= scale.x_mm(rate) <= places[-1]


@pytest.mark.parametrize(("best", "worst"), [(0, 0), (1, 9), (412, 60_050), (1_000, 431_999_000), (5, 5)])
def test_the_scale_of_times_holds_every_mark_and_its_labels_do_not_touch(tmp_path: Path, best: int, worst: int) -> None:
    figures = rows_of(tmp_path, rtt_best_ms=best, rtt_worst_ms=worst, rtt_mean_ms=best, rtt_median_ms=worst)
    scale = TimeScale.over(figures.rows)
    left_mm, right_mm = scale.x_mm(10**scale.least), scale.x_mm(10**scale.greatest)
    assert left_mm <= scale.x_mm(best) <= scale.x_mm(worst) <= right_mm + 1e-9
    labels = [(x_mm, width_mm(name, 8)) for x_mm, name in scale.ticks() if name]
    assert all(after - wide / 2 >= x_mm + before / 2 for (x_mm, before), (after, wide) in pairwise(labels))


# -- Incidents on the days ---------------------------------------------------------------------------------


def an_incident(number: int, opened: float, closed: float | None) -> Incident:
    """Return one with its instants as days since the month began."""
    closed_us = None if closed is None else MONTH.start_us + round(closed * DAY_US)
    return Incident(number, f"INC{number}", 1, MONTH.start_us + round(opened * DAY_US), closed_us, (), "")


@pytest.mark.parametrize(
    ("span", "opened", "closed"),
    [((2.5, 4.0), 2.5, 4.0), ((0.0, 1.0), -3.0, 1.0), ((30.0, 31.0), 30.0, None), ((30.0, 31.0), 30.0, 40.0)],
)
def test_a_span_is_cut_at_the_ends_of_the_month(span: tuple[float, float], opened: float, closed: float | None) -> None:
    assert pytest.approx(span) == incident_span(an_incident(1, opened, closed), MONTH)


@pytest.mark.parametrize("opened", [0.0, 12.0, 30.999])
def test_a_moment_is_wide_enough_to_be_seen_and_inside_the_month(opened: float) -> None:
    start, end = incident_span(an_incident(1, opened, opened), MONTH)
    assert 0 <= start < end <= 31
    assert end - start >= 0.19


def test_numbers_of_incidents_stand_in_order_apart_and_on_the_page(paper: Paper) -> None:
    incidents = [an_incident(number, 5 + (number > 3) * 25.9, None) for number in range(1, 12)]
    _numbers(paper, 100, MONTH, incidents, [incident_span(each, MONTH) for each in incidents])
    assert [str(each.number) for each in incidents] == [box.text for box in paper.boxes]
    assert [] == list(faults(paper.boxes))
    assert max(box.right_mm for box in paper.boxes) <= 194


# -- matplotlib --------------------------------------------------------------------------------------------


def a_figure() -> Figure:
    figure = new_figure(100, 50)
    figure.add_axes((0, 0, 1, 1)).set_axis_off()
    return figure


def test_a_line_becomes_a_path_at_its_place_with_its_colour_width_and_dash(paper: Paper) -> None:
    figure = a_figure()
    axes = figure.axes[0]
    axes.set(xlim=(0, 100), ylim=(0, 50))
    axes.plot([0, 100], [0, 50], color="#FF0033", linewidth=2, dashes=(2, 1), clip_on=False)
    draw_figure(paper, figure, 10, 20)
    foot = (297 - 70) / 25.4 * 72
    line = f"{10 / 25.4 * 72:.2f} {foot:.2f} m {110 / 25.4 * 72:.2f} {(297 - 20) / 25.4 * 72:.2f} l S"
    assert re.search(
        r"1\.000 0\.000 0\.200 RG 2\.00 w 0 J 1 j \[4\.00 2\.00\] 0\.00 d " + re.escape(line), operators(paper)
    )


def test_what_leaves_its_axes_is_clipped_to_them(paper: Paper) -> None:
    figure = new_figure(100, 50)
    axes = figure.add_axes((0.5, 0.5, 0.5, 0.5))
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.fill([-5, 5, 5], [-5, -5, 5], color="#FF0033")
    draw_figure(paper, figure, 0, 0)
    left, foot = 50 / 25.4 * 72, (297 - 25) / 25.4 * 72
    box = f"{left:.2f} {foot:.2f} {left:.2f} {25 / 25.4 * 72:.2f} re W n 1.000 0.000 0.200 rg"
    assert box in operators(paper)


def test_text_stays_text_in_the_packs_own_font(paper: Paper, tmp_path: Path) -> None:
    figure = a_figure()
    figure.axes[0].text(0.5, 0.5, "Żółty 5%", size=9, weight="bold", ha="center", color="#12436D")
    draw_figure(paper, figure, 10, 20)
    (box,) = paper.boxes
    assert ("Żółty 5%", 9) == (box.text, box.size_pt)
    assert pytest.approx(60, abs=0.1) == (box.left_mm + box.right_mm) / 2
    (tmp_path / "text.pdf").write_bytes(paper.output())
    assert "Żółty 5%" in PdfReader(tmp_path / "text.pdf").pages[0].extract_text()


def test_half_transparent_marks_are_so_in_the_file(paper: Paper) -> None:
    figure = a_figure()
    figure.axes[0].fill([0, 1, 1], [0, 0, 1], color="#FF0033", alpha=0.5)
    draw_figure(paper, figure, 10, 20)
    assert b"/ca 0.5" in paper.output()


def test_turned_text_and_images_are_refused(paper: Paper) -> None:
    turned = a_figure()
    turned.axes[0].text(0.5, 0.5, "turned", rotation=90)
    with pytest.raises(ValueError, match="'turned' is turned; all text in a pack is upright"):
        draw_figure(paper, turned, 10, 20)
    image = a_figure()
    image.axes[0].imshow([[0, 1]])
    with pytest.raises(TypeError, match="a figure of a pack has no images"):
        draw_figure(paper, image, 10, 20)
