"""Pages of Table 1's special measures: counts and shares, never a Device."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from dcc_analytics.render.pdf import firmware, gains, installs
from dcc_analytics.render.pdf.firmware import Deliveries, in_time_finding
from dcc_analytics.render.pdf.flow import Flow
from dcc_analytics.render.pdf.installs import InstallDays
from dcc_analytics.render.pdf.measures import draw_measures
from tests.render.drawn_text import figures_from, words
from tests.render.snapshot_maker import MONTH, Row, monthly

NOON = datetime(2026, 10, 6, 12, tzinfo=UTC)


def day(number: int, commissioned: int, left: int, *, predicted: int = 5) -> Row:
    band = (Decimal(predicted), Decimal(predicted - 8), Decimal(predicted + 3))
    return {
        "day": MONTH.days[number - 1], "install_and_commission": commissioned, "install_and_leave": left,
        **dict(zip(("predicted", "predicted_low", "predicted_high"), band, strict=True)),
    }  # fmt: skip


def delivery(number: int, days: float | None) -> Row:
    return {
        "request_id": "R1", "chf": f"88-73-84-00-00-00-00-{number:02}", "received_at": NOON,
        "delivered_at": None if days is None else NOON + timedelta(days=days),
        "within_five_days": days is not None and days <= 5,
    }  # fmt: skip


def test_installs_are_told_against_the_band_and_those_left_apart_r_ic_2_r_ic_3(tmp_path: Path, flow: Flow) -> None:
    draw_measures(flow, figures_from(tmp_path, installs_daily=[day(1, 4, 1), day(2, 9, 0), day(3, 0, 2)]))
    found = words(flow)
    assert "13 installs commissioned, 15 predicted; 1 day outside the band" in found  # 9 is over 8; 0 is not below -3
    assert "3 of 16 installs (18.8%) were Install and Leave (8.14.2)." in found
    assert "From installs_daily.csv." in found


def test_installs_without_history_are_not_told_against_it(tmp_path: Path) -> None:
    rows = [day(1, 4, 0) | dict.fromkeys(("predicted", "predicted_low", "predicted_high"))]
    days = InstallDays.of(figures_from(tmp_path, installs_daily=rows).table("installs_daily"), MONTH)
    assert "4 installs commissioned; there is no history to predict them from" == days.finding()
    assert "8.14.1 by day: 1 October: 4." in installs.alternative(days, MONTH)


def test_installs_nobody_read_are_counted_and_not_named_r_ic_1(tmp_path: Path, flow: Flow) -> None:
    unread = [
        {"chf": f"88-73-84-00-00-00-00-{number:02}", "installed_at": NOON, "window_ended_on": date(2026, 10, number)}
        for number in (5, 11, 12)
    ]
    draw_measures(flow, figures_from(tmp_path, installs_without_read=unread))
    found = words(flow)
    assert "Of 3 installs no meter was read in 30 days" in found
    assert "2 in the week from 5 October and 1 in the week from 12 October" in found
    assert "88-73" not in found


def test_gains_are_told_by_what_came_before_r_cos_1_r_cos_2(tmp_path: Path, flow: Flow) -> None:
    kinds = ((True, "8.14.1"), (True, "none"), (False, "8.14.2"), (True, "8.14.1"))
    rows = [
        {"device": f"D{number}", "gained_at": NOON, "read_within_30_days": read, "last_install_srv": srv}
        for number, (read, srv) in enumerate(kinds)
    ]
    figures = figures_from(tmp_path, cos_gains=rows)
    draw_measures(flow, figures)
    found = words(flow)
    assert "1 of 4 Devices gained (25.0%) had not been read in the 30 days before" in found
    for text in ("read: 3 (75.0%)", "not read: 1 (25.0%)", "8.14.1: 2 (50.0%)", "8.14.2: 1 (25.0%)", "none: 1 (25.0%)"):
        assert text in found
    assert "8.14.1: 2, 8.14.2: 1, none: 1." in gains.alternative(figures.table("cos_gains"))


def test_firmware_is_told_by_how_soon_it_reached_the_hubs_r_fw_1(tmp_path: Path, flow: Flow) -> None:
    rows = [delivery(number, days) for number, days in enumerate((0.2, 1, 5, 7, None))]
    figures = figures_from(tmp_path, firmware_delivery=rows)
    draw_measures(flow, figures)
    assert "3 of 5 hubs (60.0%) had their firmware within five days; 1 not at all" in words(flow)
    assert "88-73" not in words(flow)
    deliveries = Deliveries(figures.table("firmware_delivery"))
    curve = dict(deliveries.curve())
    assert (0, 0.2, 0.4, 0.4, 0.6, 0.8) == (curve[0], curve[0.25], curve[1], curve[4.875], curve[5], curve[10])
    ((day_received, *figures_of_day, median_ms),) = deliveries.campaigns()
    assert (date(2026, 10, 6), [5, 3, 1]) == (day_received, figures_of_day)
    assert pytest.approx(3 * 86_400_000) == median_ms
    assert "day 5: 60.0%" in firmware.alternative(deliveries)


def test_updates_in_time_are_told_where_a_target_is_known_r_fw_2(tmp_path: Path, flow: Flow) -> None:
    process = "Update Device Firmware"
    rows = [monthly("A", "IS", process, "11.3", successes=80, failures=20, in_time=72)]
    draw_measures(flow, figures_from(tmp_path, round_trips_monthly=rows))
    assert "72 of 80 requests of 11.3 that succeeded were answered in time." in words(flow)
    without = figures_from(tmp_path / "none", round_trips_monthly=[rows[0] | {"in_time": None}])
    assert "No Target Response Time is known for your 100 requests of 11.3" in in_time_finding(without.rows)
    pages = flow.paper.pages
    draw_measures(flow, without)
    assert pages == flow.paper.pages, "a page that says no more than that"


def test_who_installed_gained_and_updated_nothing_has_no_page(tmp_path: Path, flow: Flow) -> None:
    draw_measures(flow, figures_from(tmp_path))
    assert 1 == flow.paper.pages
