"""The product beside the judge on months of the simulator: a nation with its faults, retries and holidays."""

import gzip
import shutil
from pathlib import Path

import pytest

from dcc_analytics.catalogue.months import Month
from dcc_analytics.simulator.nation import Nation
from dcc_analytics.simulator.write import write_nation
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.take import freeze
from tests.in_process import collected, write_packs
from tests.oracle.compare import differences, total_differences
from tests.oracle.judge import judge_month, matched
from tests.recorded_sample import published

pytestmark = pytest.mark.slow

#: Nations, partitions of the topics, and records fetched at a time; the last ones' feed ends before its month is final.
NATIONS = (
    (Nation(seed=1, homes=300), 4, 2_000),
    (Nation(seed=2, homes=200, first=Month(2026, 12)), 1, 500),
    (Nation(seed=3, homes=200, first=Month(2027, 1), months=2), 3, 5_000),
    (Nation(seed=4, homes=200, first=Month(2026, 3), days_after=2), 8, 100),
)


@pytest.mark.parametrize(("nation", "partitions", "fetch"), NATIONS, ids=str)
def test_every_figure_of_a_simulated_month_is_the_judges(
    nation: Nation, partitions: int, fetch: int, tmp_path: Path
) -> None:
    events = recorded(nation, tmp_path / "events")
    stream = matched(events)
    driver, line_at = published(partitions, events)
    driver.run(fetch)
    letters = {(each.topic, line_at[each.topic, each.partition, each.offset]) for each in driver.dead_letters}
    assert stream.recorded.dead_letters == letters
    for month in nation.all_months:
        judged = judge_month(stream, month.year, month.month)
        assert judged.provisional is (nation.days_after < 8 and month == nation.all_months[-1])
        snapshot = freeze(collected(driver), month, read_rules())
        write_packs(snapshot, tmp_path / str(month))
        assert differences(judged, tmp_path / str(month)) == []
        assert total_differences(judged, snapshot.totals) == []


def test_a_simulated_month_has_what_figures_can_differ_in(tmp_path: Path) -> None:
    nation = Nation(seed=1, homes=300)
    judged = judge_month(matched(recorded(nation, tmp_path / "events")), nation.first.year, nation.first.month)
    assert 10_000 < judged.legs.height
    assert {"scheduled", "on_demand", "future_dated"} == set(judged.legs["mode"])
    assert {"I0-DEVICE", "NO-RESPONSE", "E20", "N13"} <= set(judged.legs["reason"])
    assert {"service-requests", "service-responses", "alerts"} == {topic for topic, _ in judged.recorded.dead_letters}
    rows = [row for member in judged.members() for row in judged.monthly_rows(member, disclosed=True)]
    assert {"ok", "few"} <= {row["benchmark_status"] for row in rows}
    assert any(row["peer_failure_rate_p25"] and row["industry_rtt_median_s"] for row in rows)
    alerts = judged.alerts.table
    assert 5_000 < alerts.height < sum(judged.alerts.represented)
    assert {"AD1", "N12", "N13", "N16", "8F36"} <= set(alerts["code"])
    assert {"success", "failure"} == set(alerts["outcome"])
    rows = [row for member in judged.members() for row in judged.alerts.monthly_rows(member, disclosed=True)]
    assert {"ok", "few"} <= {row["benchmark_status"] for row in rows}
    assert any(judged.alerts.failed_command_rows(member) for member in judged.members())
    assert [] == [name for name in ("duplicate_requests", "duplicate_ends", "cancelled") if not judged.totals()[name]]


def recorded(nation: Nation, folder: Path) -> Path:
    """Return a folder of a nation's events, compressed as recorded ones are."""
    write_nation(nation, folder)
    for path in sorted(folder.glob("*.ndjson")):
        with path.open("rb") as plain, gzip.open(f"{path}.gz", "wb", compresslevel=1) as packed:
            shutil.copyfileobj(plain, packed)
        path.unlink()
    return folder
