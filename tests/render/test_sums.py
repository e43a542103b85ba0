"""Sums: at the recipient's mix of requests, reasons by their weight, the worst day."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from dcc_analytics.render.pdf.sums import Part, parts, reasons, worst_day
from tests.render.snapshot_maker import SCHEMAS, daily, failure

Row = dict[str, Any]


def days_of(*rows: Row) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=SCHEMAS["round_trips_daily"], orient="row")


def test_sums_weigh_times_and_figures_of_others_with_the_recipients_own_mix() -> None:
    frame = days_of(
        daily("A", "IS", 1, "P", "1", successes=9, failures=1, rtt_mean_ms=100, industry_success_rate=0.9,
              industry_rtt_mean_ms=1_000),
        daily("A", "IS", 1, "P", "2", successes=27, failures=3, rtt_mean_ms=500, industry_success_rate=0.5,
              industry_rtt_mean_ms=2_000),
    )  # fmt: skip
    (found,) = parts(frame, "region")
    assert ("North", 40, 36, 4, 0.1) == (
        found.label, found.requests, found.successes, found.failures, found.failure_rate,
    )  # fmt: skip
    assert pytest.approx((9 * 100 + 27 * 500) / 36) == found.mean_ms
    assert pytest.approx((10 * 0.1 + 30 * 0.5) / 40) == found.industry_failure_rate
    assert pytest.approx((9 * 1_000 + 27 * 2_000) / 36) == found.industry_mean_ms


@pytest.mark.parametrize(("shown", "covered"), [(True, 90), (False, 89)])
def test_figures_of_others_are_summed_only_if_they_cover_nine_tenths(*, shown: bool, covered: int) -> None:
    others = {"industry_success_rate": 0.8, "industry_rtt_mean_ms": 7}
    frame = days_of(
        daily("A", "IS", 1, "P", "1", successes=covered, failures=0, **others),
        daily("A", "IS", 1, "P", "2", successes=100 - covered, failures=0),
    )
    (found,) = parts(frame, "day")
    assert ((pytest.approx(0.2), 7) if shown else (None, None)) == (found.industry_failure_rate, found.industry_mean_ms)


def test_a_day_with_nothing_but_open_requests_has_neither_rate_nor_time() -> None:
    (found,) = parts(days_of(daily("A", "IS", 3, "P", "1", successes=0, failures=0, requests=4)), "day")
    assert Part(date(2026, 10, 3), 4, 0, 0, None, None, None, None) == found


def test_reasons_come_the_commonest_first() -> None:
    rows = [
        failure("A", "IS", day, "P", "1", reason_code=code, reason=text, failures=number)
        for day, code, text, number in ((1, "E20", "No path", 2), (2, "E1", "", 4), (3, "E20", "No path", 2))
    ]
    found = reasons(pl.DataFrame(rows, schema=SCHEMAS["failures"], orient="row"))
    assert [("E1", "", 4), ("E20", "No path", 4)] == [(each.code, each.text, each.failures) for each in found]


def test_the_worst_day_has_enough_outcomes_and_is_the_first_of_equals() -> None:
    def day(number: int, successes: int, failures: int) -> Part:
        rate = failures / (successes + failures)
        return Part(date(2026, 10, number), successes + failures, successes, failures, rate, None, None, None)

    assert (date(2026, 10, 2), 0.5) == worst_day([day(1, 0, 29), day(2, 15, 15), day(3, 20, 20), day(4, 90, 10)])
    assert worst_day([day(1, 0, 29), day(2, 100, 0)]) is None
