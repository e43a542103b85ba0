"""Pages of Alerts: what failed first, times beside the industry's, days of the most frequent codes."""

from pathlib import Path

import pytest

from dcc_analytics.render.pdf.alert_rows import alert_days, alert_rows, days_of
from dcc_analytics.render.pdf.alerts import SECTION, draw_alerts, finding, panels_words
from dcc_analytics.render.pdf.flow import Flow
from dcc_analytics.render.pdf.fonts import FontFolder
from dcc_analytics.render.pdf.pack import compose
from tests.render.drawn_text import figures_from, texts, words
from tests.render.snapshot_maker import MONTH, Row, incident


def monthly(code: str, delivered: int, failed: int, **values: object) -> Row:
    return {
        "kind": "dcc", "code": code, "name": f"Name of {code}", "delivered": delivered, "failed": failed,
        "delivery_n": delivered, "delivery_best_ms": 400, "delivery_worst_ms": 60_000, "delivery_mean_ms": 3_100,
        "delivery_median_ms": 2_900, "industry_success_rate": 0.98, "industry_delivery_best_ms": 300,
        "industry_delivery_worst_ms": 90_000, "industry_delivery_mean_ms": 3_700, "industry_delivery_median_ms": 2_700,
        "benchmark_status": "ok", "compared": "alike", **values,
    }  # fmt: skip


def daily(day: int, code: str, delivered: int, failed: int) -> Row:
    return {
        "day": MONTH.days[day - 1], "kind": "dcc", "code": code, "delivered": delivered, "failed": failed,
        "delivery_n": delivered, "delivery_mean_ms": 3_000, "industry_success_rate": 0.98,
        "industry_delivery_mean_ms": 3_700,
    }  # fmt: skip


def test_alerts_that_failed_and_their_times_stand_beside_the_industry_r_bp_2_r_al_2(tmp_path: Path, flow: Flow) -> None:
    figures = figures_from(
        tmp_path,
        alerts_monthly=[
            monthly("N13", 990, 10),
            monthly("AD1", 60, 40, compared="worse"),
            monthly("N1", 9, 0, compared="few"),
        ],
    )
    draw_alerts(flow, figures)
    found = words(flow)
    assert "50 of 1,109 Alerts sent to you failed to arrive (4.5%), most of them AD1" in found
    assert found.index("Name of AD1") < found.index("Name of N13")
    for text in ("40.0%", "2.0%", "Worse half", "Can't be told", "Few Alerts", "2.9 s", "2.7 s", "1.5 min"):
        assert text in found
    assert "From alerts_monthly.csv." in found


def test_days_of_alerts_are_drawn_together_and_of_the_most_frequent_codes_r_al_1(tmp_path: Path, flow: Flow) -> None:
    codes = [f"N{number}" for number in range(8)]
    figures = figures_from(
        tmp_path,
        alerts_monthly=[monthly(code, 300 + place, 3) for place, code in enumerate(codes)],
        alerts_daily=[daily(day, code, 20, 1) for code in codes for day in (3, 4, 9)],
    )
    draw_alerts(flow, figures)
    found = texts(flow)
    assert "The worst day was 3 October, when 4.8% failed to arrive." in " ".join(found)
    panels = [text for text in found if "Name of N" in text][-5:]
    assert [f"N{each} Name of N{each}" for each in (7, 6, 5, 4, 3)] == panels
    assert "From alerts_daily.csv; 3 more codes there." in found
    assert "industry, at your mix of Alerts" in found


def test_without_alerts_there_is_no_page(tmp_path: Path, flow: Flow) -> None:
    draw_alerts(flow, figures_from(tmp_path))
    assert SECTION not in [entry.title for entry in flow.paper.outline]


@pytest.mark.parametrize(
    ("values", "standing"),
    [
        ({"compared": "better"}, "Better half"),
        ({"compared": "withheld"}, "No median"),
        ({"delivered": 0, "failed": 0}, "\N{EN DASH}"),
        ({"compared": None}, "\N{EN DASH}"),
    ],
)
def test_a_code_says_how_it_stands(tmp_path: Path, values: Row, standing: str) -> None:
    (row,) = alert_rows(figures_from(tmp_path, alerts_monthly=[{**monthly("N1", 90, 10), **values}]))
    assert standing == row.standing


def test_the_words_in_place_of_panels_tell_the_worst_day(tmp_path: Path) -> None:
    days = [daily(3, "N1", 80, 20), daily(4, "N1", 90, 10), daily(4, "N2", 90, 0)]
    figures = figures_from(tmp_path, alerts_monthly=[monthly("N1", 170, 30), monthly("N2", 90, 0)], alerts_daily=days)
    rows = alert_rows(figures)
    assert ("N1 Name of N1: most failed on 3 October, 20.0%. N2 Name of N2: none failed on any day.") == panels_words(
        rows, [days_of(alert_days(figures), row) for row in rows]
    )
    assert "All 90 Alerts sent to you arrived" == finding(rows[1:])


def test_a_member_that_was_only_sent_alerts_has_the_page_of_incidents_their_days_point_to(
    tmp_path: Path, fonts: FontFolder
) -> None:
    figures = figures_from(
        tmp_path, alerts_monthly=[monthly("N1", 90, 0)], alerts_daily=[daily(3, "N1", 90, 0)],
        incidents=[incident(1, 3, 5.0)],
    )  # fmt: skip
    found = [box.text for box in compose(figures, fonts).boxes]
    assert "Category 1 or 2 Incident, by its number" in found
    assert "1 Category 1 or 2 Incident touched October 2026" in found
