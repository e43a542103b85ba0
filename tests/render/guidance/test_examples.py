"""Worked examples against what a person counts from the made month: no product code between the events and a figure."""

from fractions import Fraction
from math import sqrt
from statistics import mean, quantiles, stdev

import pytest

from dcc_analytics.render.files import FILES
from dcc_analytics.render.guidance.document import Grid, plain
from dcc_analytics.render.guidance.examples import example
from dcc_analytics.render.guidance.made_month import FACTS, frozen
from dcc_analytics.render.guidance.prose import MetricText, reports

pytestmark = pytest.mark.slow  # a month is folded

METRICS = [(file, metric) for file, said in reports().items() for metric in said.metrics]

# -- the made month, counted anew: A's reads are 60 and 40, the nth supplier's 40 and 40, failing n - 1 and once

OWN_NORTH = [1 + place % 4 for place in range(24, 59)] + [7200]
OWN_SOUTH = [1 + place % 4 for place in range(6, 40)]
OWN = OWN_NORTH + OWN_SOUTH
OTHERS_NORTH = [n for n in range(2, 13) for _ in range(40 - (n - 1))]
OTHERS_SOUTH = [n for n in range(2, 13) for _ in range(39)]
FAILED_NORTH, FAILED_SOUTH = 24 + sum(range(1, 12)), 6 + 11
OUTCOMES_NORTH, OUTCOMES_SOUTH = 60 + 11 * 40, 40 + 11 * 40
FAILED, OUTCOMES = FAILED_NORTH + FAILED_SOUTH, OUTCOMES_NORTH + OUTCOMES_SOUTH
PEERS = sorted([30 / 100, *(n / 80 for n in range(2, 13))])
PEERS_NORTH = sorted([24 / 60, *((n - 1) / 40 for n in range(2, 13))])
IN_TIME = sorted([35 / 60, *((41 - n) / 40 for n in range(2, 13))])
NEW_SHARES = sorted([30 / 40, *((40 - 2 * n) / 40 for n in range(2, 13))])
ALERT_TIMES = [2] * 16 + [4] * 16 + [n for n in range(2, 13) for _ in range(39)]
MONDAYS = [2, 4, 3, 3, 2, 4, 3, 3]


def rate(part: float, whole: float = 1) -> str:
    return f"{part / whole:.6f}"


def seconds(value: float) -> str:
    return f"{value:.3f}"


def rounded(value: float) -> str:
    """Return a rate of peers as it is printed; halves go to the even neighbour, and floats that stand for one too."""
    return rate(round(Fraction(value).limit_denominator(10_000) * 1000), 1000)


def quartile(values: list[float], number: int) -> float:
    return quantiles(values, n=4, method="inclusive")[number - 1]


def score(part: int, whole: int, side: int) -> str:
    z = 1.959963984540054
    return rate(
        2 * part + z * z + side * z * sqrt(z * z + 4 * part * (whole - part) / whole), 2 * (whole + z * z)
    )  # fmt: skip


SINGLE: dict[str, dict[str, str]] = {
    "Volumes of round trips": {"requests": "101", "successes": "70", "failures": "30", "open": "1"},
    "Success and failure rate": {"success_rate": rate(70, 100), "failure_rate": rate(30, 100)},
    "Successes in time": {"in_time": str(len([each for each in OWN if each <= 5600]))},
    "Round Trip Times": {
        "rtt_n": str(len(OWN)), "rtt_best_s": "1.000", "rtt_worst_s": "7200.000", "rtt_mean_s": seconds(mean(OWN)),
        "rtt_median_s": "3.000", "rtt_p5_s": "1.000", "rtt_p95_s": "4.000",
    },
    "Figures of the industry": {
        "industry_success_rate": rate(OUTCOMES - FAILED, OUTCOMES), "industry_failure_rate": rate(FAILED, OUTCOMES),
        "industry_rtt_best_s": "1.000", "industry_rtt_worst_s": "7200.000",
        "industry_rtt_mean_s": seconds(mean(OWN + OTHERS_NORTH + OTHERS_SOUTH)), "industry_rtt_median_s": "6.000",
    },
    "Failure rates of peers": {
        "peer_failure_rate_p25": rounded(quartile(PEERS, 1)), "peer_failure_rate_median": rounded(quartile(PEERS, 2)),
        "peer_failure_rate_p75": rounded(quartile(PEERS, 3)), "peers": "10-19",
    },
    "Worse or better than peers": {
        "failure_rate_low": score(30, 100, -1), "failure_rate_high": score(30, 100, 1), "compared": "worse",
    },
    "Gap at the Role's mix": {
        "mix_adjusted_gap": seconds(
            (OUTCOMES_NORTH * 24 / 60 + OUTCOMES_SOUTH * 6 / 40 - FAILED) / OUTCOMES
        ),
    },
    "Beside the twelve months before": {
        "failure_rate": rate(8, 40), "history_mean": rate(mean([2, 3]), 40), "history_low": rate(0),
        "history_high": rate(2.5 / 40 + 2.66 * 1 / 40), "history_signal": "outside",
    },
    "Round trips of a day and split": {
        "requests": "60", "successes": "36", "failures": "24", "success_rate": rate(36, 60), "rtt_n": "36",
        "rtt_best_s": "1.000", "rtt_worst_s": "7200.000", "rtt_mean_s": seconds(mean(OWN_NORTH)),
    },
    "A day beside others": {
        "industry_success_rate": rate(OUTCOMES_NORTH - FAILED_NORTH, OUTCOMES_NORTH),
        "industry_rtt_mean_s": seconds(mean(OWN_NORTH + OTHERS_NORTH)),
        "peer_failure_rate_median": rounded(quartile(PEERS_NORTH, 2)),
    },
    "Days of Incidents": {"incident_category": "1"},
    "Installs of a day": {"install_and_commission": "5", "install_and_leave": "1"},
    "Predicted installs": {
        "predicted": seconds(mean(MONDAYS)), "predicted_low": seconds(mean(MONDAYS) - 2 * stdev(MONDAYS)),
        "predicted_high": seconds(mean(MONDAYS) + 2 * stdev(MONDAYS)),
    },
    "Devices by Model and firmware": {"devices": "30", "share": rate(30, 40)},
    "Firmware of others": {
        "industry_share": rate(30 + sum(40 - 2 * n for n in range(2, 13)), 12 * 40),
        "peer_share_p25": rounded(quartile(NEW_SHARES, 1)), "peer_share_median": rounded(quartile(NEW_SHARES, 2)),
        "peer_share_p75": rounded(quartile(NEW_SHARES, 3)), "peers": "10-19",
    },
    "Alerts delivered and failed": {
        "delivered": "32", "failed": "8", "represented": "45", "success_rate": rate(32, 40),
    },
    "Delivery times": {
        "delivery_n": "32", "delivery_best_s": "2.000", "delivery_worst_s": "4.000", "delivery_mean_s": "3.000",
        "delivery_median_s": "3.000",
    },
    "Alerts of others": {
        "industry_success_rate": rate(len(ALERT_TIMES), 480), "industry_delivery_mean_s": seconds(mean(ALERT_TIMES)),
        "industry_delivery_best_s": "2.000", "industry_delivery_worst_s": "12.000",
        "industry_delivery_median_s": "7.000", "peer_failure_rate_median": rate(1, 40),
    },
    "More Alerts failed than peers'": {
        "failure_rate_low": score(8, 40, -1), "failure_rate_high": score(8, 40, 1), "compared": "worse",
    },
    "Figures of metrics of the catalogue": {
        "measure": "rate", "numerator": "35", "denominator": "60", "result": rate(35, 60),
        "industry_result": rate(OUTCOMES_NORTH - FAILED_NORTH - 1, OUTCOMES_NORTH),
        "peer_result_p25": rounded(quartile(IN_TIME, 1)), "peer_result_median": rounded(quartile(IN_TIME, 2)),
        "peer_result_p75": rounded(quartile(IN_TIME, 3)),
    },
    "Alerts by what the Device is": {
        "delivered": "32", "failed": "8", "represented": "45", "delivery_n": "32", "delivery_best_s": "2.000",
        "delivery_worst_s": "4.000", "delivery_mean_s": "3.000",
    },
    "Alerts of a day": {
        "delivered": "32", "failed": "8", "success_rate": rate(32, 40), "delivery_n": "32", "delivery_best_s": "2.000",
        "delivery_worst_s": "4.000", "delivery_mean_s": "3.000", "industry_success_rate": rate(len(ALERT_TIMES), 480),
        "industry_delivery_mean_s": seconds(mean(ALERT_TIMES)),
    },
}  # fmt: skip
SEVERAL: dict[str, list[tuple[str, ...]]] = {
    "Failures by reason and Device": [
        ("E20", "North", "M-1", "1.0", "23"), ("E20", "South", "M-1", "2.0", "6"),
        ("NO-RESPONSE", "North", "M-1", "1.0", "1"),
    ],
    "Values of single Users": [(str(place), rounded(value)) for place, value in enumerate(PEERS, 1)],
    "Failure rate for other time-outs": [
        ("1", "69", "31", "1", rate(31, 100)), ("24", "70", "30", "1", rate(30, 100)),
        ("120", "70", "30", "1", rate(30, 100)),
    ],
    "Comparison by name": [
        ("X", "6.5", "40", rate(32, 40), rate(8, 40), "2.000"), ("Y", "6.5", "40", rate(39, 40), rate(1, 40), "2.000"),
    ],
    "Installs with no read within 30 days": [
        ("88-73-84-00-00-41-01-0D", "2026-09-07T09:00:00.000Z", "2026-10-07"),
    ],
    "What came before a gain": [
        ("88-73-84-00-00-42-02-01", "2026-10-20T10:00:00.000Z", "true", "8.14.1"),
        ("88-73-84-00-00-42-02-02", "2026-10-21T10:00:00.000Z", "false", "8.14.2"),
    ],
    "Deliveries within five days": [
        ("88-73-84-00-00-41-03-01", "2026-10-12T09:00:00.000Z", "2026-10-14T09:00:00.000Z", "true"),
        ("88-73-84-00-00-41-03-02", "2026-10-12T09:00:00.000Z", "2026-10-18T09:00:00.000Z", "false"),
        ("88-73-84-00-00-41-03-03", "2026-10-12T09:00:00.000Z", "(empty)", "false"),
    ],
    "Outages without a restoration": [
        # From 20 October, 12:00, to the end of the month: 11 days and 12 hours.
        ("88-73-84-00-00-58-01-02", "1000000000002", "2026-10-20T12:00:00.000Z", seconds(11 * 24 + 12)),
    ],
    "N13 and N55 by kind of meter": [
        ("N13", "Electricity", "M-3", "5.0", "3"), ("N55", "Electricity", "M-3", "5.0", "1"),
    ],
}  # fmt: skip
#: Letters are drawn, so rows are compared without them.
DRAWN = "N42 within seven days of an N16"
#: Of times of which two are alike frequent, or many equal, an estimate may be any near the middle.
ESTIMATES = {
    "rtt_median_s",
    "rtt_p5_s",
    "rtt_p95_s",
    "industry_rtt_median_s",
    "delivery_median_s",
    "industry_delivery_median_s",
}


def grid_of(file: str, metric: MetricText) -> Grid:
    return example(file, metric)[1]


def test_every_metric_is_counted_by_hand() -> None:
    assert sorted(metric.title for _, metric in METRICS) == sorted([*SINGLE, *SEVERAL, DRAWN])


@pytest.mark.parametrize(("file", "metric"), METRICS, ids=lambda each: getattr(each, "title", each))
def test_an_example_has_the_figures_that_are_counted_by_hand_r_doc_1(file: str, metric: MetricText) -> None:
    grid = grid_of(file, metric)
    if metric.title in SINGLE:
        found = {plain(name): value for name, value, _ in grid.rows}
        assert SINGLE[metric.title].keys() == found.keys()
        for name, expected in SINGLE[metric.title].items():
            if name in ESTIMATES:
                assert abs(float(expected) - float(found[name])) <= 0.1, name
            else:
                assert expected == found[name], name
    elif metric.title == DRAWN:
        assert {("2", "1", "0", "1"), ("1", "0", "1", "0")} == {row[1:] for row in grid.rows}
        assert {"A", "B"} == {row[0] for row in grid.rows}
    else:
        assert SEVERAL[metric.title] == list(grid.rows)


@pytest.mark.parametrize(("file", "metric"), METRICS, ids=lambda each: getattr(each, "title", each))
def test_an_example_shows_the_figures_of_its_metric(file: str, metric: MetricText) -> None:
    grid = grid_of(file, metric)
    shown = set(metric.example.columns) or {plain(name) for name, *_ in grid.rows}
    assert set() == set(metric.columns) - shown
    assert set() == shown - set(FILES[file].header)


def test_facts_of_the_made_month_are_no_columns_that_could_be_taken_for_them() -> None:
    assert set() == FACTS.keys() & {name for file in FILES.values() for name in file.header}


def test_the_made_month_is_counted_without_anything_odd() -> None:
    """A made event that went astray, or stands twice, would be a fault of the example that nobody sees in it."""
    counted = frozen().totals
    assert {} == counted["dead_letters"]
    names = ("duplicate_requests", "duplicate_alerts", "unmatched_responses", "orphans", "late", "strays")
    assert dict.fromkeys(names, 0) == {name: counted[name] for name in names}
