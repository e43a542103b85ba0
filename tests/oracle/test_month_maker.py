from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from tests.oracle.judge import Judged, judge
from tests.oracle.month_maker import make_month
from tests.oracle.reading import TOPICS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    folder = tmp_path_factory.mktemp("month")
    make_month(folder, seed=1)
    return judge(folder, 2026, 10)


def test_the_same_seed_writes_the_same_month_and_another_does_not(tmp_path: Path) -> None:
    made = []
    for name, seed in (("one", 7), ("again", 7), ("other", 8)):
        make_month(tmp_path / name, seed=seed, homes=10, requests=100, peers=False)
        folder = judge(tmp_path / name, 2026, 10)
        made.append((folder.totals(), folder.recorded.events))
    assert made[0] == made[1]
    assert made[0] != made[2]


def test_every_topic_has_events_and_every_topic_has_dead_letters(judged: Judged) -> None:
    assert set(TOPICS) == {topic for topic, _ in judged.recorded.dead_letters}
    assert all(judged.recorded.events[topic] for topic in TOPICS)


def test_every_trap_is_in_a_made_month(judged: Judged) -> None:
    counts = judged.matching.counts
    names = (
        "duplicate_requests", "duplicate_ends", "duplicate_alerts", "unmatched_responses", "cancelled", "orphans",
        "interim",
    )  # fmt: skip
    assert [] == [name for name in names if not counts[name]]
    reasons = set(judged.legs["reason"])
    assert {"8F67", "NO-RESPONSE", "I0-DEVICE", "N60", "N12", "E2", "E5", "E12", "E20", "X7"} <= reasons
    assert {"on_demand", "future_dated", "scheduled"} == set(judged.legs["mode"])
    assert {"transform", "command"} == set(judged.legs["leg"])
    assert judged.legs["fault"].any()


def test_every_trap_of_alerts_is_in_a_made_month(judged: Judged) -> None:
    alerts = judged.alerts.table
    everyone = [row for member in judged.members() for row in judged.alerts.own_rows(member)]
    repeated = alerts.filter(code="8F0B")
    lost = pl.col("outcome") == "failure"
    untimed = pl.col("time_us").is_null() & ~lost
    assert {"8f36", "n13", "'=1+1", "FFFF"} <= {row["code"] for row in everyone if not row["name"]}
    assert {("N13", "ESME"), ("N55", "Unknown"), ("8F0E", "CHF")} <= {
        (row["code"], row["device_type"]) for row in everyone
    }
    assert any(row["failed"] == "1" and int(row["represented"]) > 30 for row in everyone)
    assert (294, 6, 600) == tuple(
        sum(int(row[name]) for row in everyone if row["code"] == "8F3E")
        for name in ("delivered", "failed", "represented")
    )
    assert repeated.height > repeated["device"].n_unique()
    assert {True, False} == set(alerts.filter(code="8F0C")["time_us"].is_null())
    assert [] == alerts.filter(untimed & (pl.col("code") != "8F0C"))["code"].to_list()
    assert {0, 1, 1_000, 120_000_000, 3 * 86_400_000_000} <= set(alerts.filter(~lost)["time_us"])
    assert {"90-B3-D5-1F-31-FF-00-01", "90-B3-D5-1F-31-FE-00-01"} <= set(alerts["party"])
    assert ("RSA", "GT") in judged.alerts.members() - set(judged.monthly) - judged.directory.members()


def test_benchmarks_of_alerts_are_shown_and_withheld(judged: Judged) -> None:
    everyone = judged.members()
    rows = [row for member in everyone for row in judged.alerts.monthly_rows(member, disclosed=True)]
    days = [row for member in everyone for row in judged.alerts.daily_rows(member, disclosed=True)]
    shown = {"industry_success_rate", "industry_delivery_median_s", "peer_failure_rate_median"}
    found = {row["code"]: {name for name in shown if row[name]} for row in rows if row["benchmark_status"]}
    assert {"ok", "few"} == {row["benchmark_status"] for row in rows}
    assert {"ok", "few"} <= {row["benchmark_status"] for row in days}
    assert {"8154": shown, "8071": shown, "8086": {"industry_delivery_median_s"}, "802C": set()} == {
        code: found[code] for code in ("8154", "8071", "8086", "802C")
    }
    assert {"8145": {"industry_delivery_median_s"}, "8090": {"industry_success_rate"}} == {
        code: found[code] for code in ("8145", "8090")
    }


def test_held_requests_are_in_every_process_they_can_be_in(judged: Judged) -> None:
    held = judged.legs.filter(pl.col("srv").is_in(["1.1.1", "6.8", "6.21", "8.7.2"]))
    gain, install = "Change of Supplier (Gain)", "Install and Commission"
    assert {
        ("1.1.1", install), ("1.1.1", gain), ("1.1.1", "Tariff Updates"), ("6.8", install), ("6.8", gain),
        ("6.8", "Other SRVs"), ("6.21", install), ("6.21", "Security and Key Management"), ("6.21", "Other SRVs"),
        ("8.7.2", install), ("8.7.2", "Other SRVs"),
    } == set(held.select("srv", "process").iter_rows())  # fmt: skip


def test_benchmarks_are_shown_and_withheld_and_quartiles_too(judged: Judged) -> None:
    rows = [row for member in judged.members() for row in judged.monthly_rows(member, disclosed=True)]
    assert {"ok", "few"} == {row["benchmark_status"] for row in rows}
    assert any(int(row["x_industry_groups"]) >= 10 and row["x_industry_allowed"] == "false" for row in rows)
    assert any(row["peer_failure_rate_p25"] for row in rows)
    assert any(row["peer_failure_rate_median"] and not row["peer_failure_rate_p25"] for row in rows)
    assert any(judged.peer_rows(member, disclosed=True) for member in judged.members())


def test_a_cell_of_one_party_almost_alone_is_dominated_if_asked_for(tmp_path: Path) -> None:
    make_month(tmp_path, seed=2, dominated=True)
    month = judge(tmp_path, 2026, 10)
    rows = [row for member in month.members() for row in month.monthly_rows(member, disclosed=True)]
    assert {"4.1.2"} == {row["srv"] for row in rows if row["benchmark_status"] == "dominated"}
    rows = [row for member in month.members() for row in month.alerts.monthly_rows(member, disclosed=True)]
    assert {"8F12"} == {row["code"] for row in rows if row["benchmark_status"] == "dominated"}


def test_a_feed_that_is_cut_leaves_legs_open_and_the_month_provisional(tmp_path: Path) -> None:
    make_month(tmp_path, seed=3, days_after=-5, homes=20, requests=400, peers=False)
    cut = judge(tmp_path, 2026, 10)
    outcomes = Counter(cut.legs["outcome"])
    assert cut.provisional
    assert outcomes["open"]
    assert outcomes["success"] > outcomes["failure"]
