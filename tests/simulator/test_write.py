"""The files of a simulated nation: the same bytes in any number of processes, in order, and of the mix promised."""

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.catalogue.months import Month
from dcc_analytics.catalogue.service_requests import SERVICE_REQUESTS
from dcc_analytics.simulator.nation import Nation
from dcc_analytics.simulator.write import EVENT_TOPICS, write_nation
from dcc_analytics.stream.recorded import TOPICS, read_recorded

pytestmark = pytest.mark.slow

NATION = Nation(seed=11, homes=3_000, first=Month(2026, 2), days_after=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("nation")
    write_nation(NATION, made, processes=2)
    return made


def values(folder: Path, topic: str) -> list[dict[str, Any]]:
    """Return the readable values of a topic."""
    lines = (json.loads(line) for line in (folder / f"{topic}.ndjson").read_text().splitlines())
    return [line["value"] for line in lines if "value" in line]


def test_the_number_of_processes_changes_no_byte(tmp_path: Path) -> None:
    nation = Nation(seed=3, homes=200, first=Month(2026, 2), days_after=0)
    told: list[float] = []
    written = [
        write_nation(nation, tmp_path / "one", processes=1, progress=told.append),
        write_nation(nation, tmp_path / "two", processes=2),
    ]
    assert written[0] == written[1]
    for topic in TOPICS:
        name = f"{topic}.ndjson"
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), topic
    assert sorted(told) == told
    assert [1.0] == told[-1:]
    assert {f"{topic}.ndjson" for topic in TOPICS} == {each.name for each in (tmp_path / "one").iterdir()}


def test_another_seed_gives_other_events(tmp_path: Path) -> None:
    for seed in (1, 2):
        write_nation(Nation(seed, homes=200, days_after=0), tmp_path / str(seed), processes=2)
    assert (tmp_path / "1" / "alerts.ndjson").read_bytes() != (tmp_path / "2" / "alerts.ndjson").read_bytes()


@pytest.mark.parametrize("topic", EVENT_TOPICS)
def test_records_are_in_order_of_time_and_within_the_feed(folder: Path, topic: str) -> None:
    stamps = [each.timestamp_ms for each in read_recorded(folder / f"{topic}.ndjson")]
    assert all(before <= after for before, after in pairwise(stamps))
    assert stamps[-1] < NATION.end_ms


def test_three_of_five_events_are_alerts(folder: Path) -> None:
    counts = {topic: (folder / f"{topic}.ndjson").read_bytes().count(b"\n") for topic in EVENT_TOPICS}
    assert pytest.approx(0.6, abs=0.02) == counts["alerts"] / sum(counts.values())


def test_every_srv_there_is_occurs(folder: Path) -> None:
    asked = {value["srv"] for value in values(folder, "service-requests") if "srv" in value}
    assert set(SERVICE_REQUESTS) <= asked


def test_every_kind_of_message_occurs(folder: Path) -> None:
    requests, responses = values(folder, "service-requests"), values(folder, "service-responses")
    assert {1, 4, 5, 8} == {value["command_variant"] for value in requests}
    assert {"acknowledgement", "pre_command", "response", "future_dated", "scheduled"} <= {
        value.get("kind") for value in responses
    }
    assert any(value.get("execute_at", "").startswith("3000") for value in requests)
    assert any(value.get("device_result") == "failure" for value in responses)
    alerts = values(folder, "alerts")
    assert {"AD1", "8F36", "N13", "N16", "N42", "N60"} <= {value["code"] for value in alerts}
    assert any(value.get("throttled_count") for value in alerts)
    assert any(value["outcome"] == "failed" for value in alerts)


def test_ids_are_used_once_but_for_planted_repeats(folder: Path) -> None:
    alerts = Counter(value["alert_id"] for value in values(folder, "alerts"))
    assert {1} == set(alerts.values())
    requests = Counter(
        (value["request_id"], value["command_variant"] == 4) for value in values(folder, "service-requests")
    )
    repeated = sum(count > 1 for count in requests.values())
    assert 0 < repeated < len(requests) / 300


def test_devices_tell_regions_makers_and_owners(folder: Path) -> None:
    devices = values(folder, "devices")
    assert {"North", "Central", "South", "4G North", "4G Central", "4G South", "SMETS1"} == {
        value["csp_region"] for value in devices
    }
    assert all({"device_manufacturer", "device_model", "device_firmware_version"} <= set(value) for value in devices)
    assert {"Pending", "InstalledNotCommissioned", "Commissioned"} == {value["status"] for value in devices}


def test_files_that_are_there_are_not_written_over(folder: Path) -> None:
    with pytest.raises(UsageError, match="holds recorded events already"):
        write_nation(NATION, folder)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="can't be written to"):
        write_nation(NATION, tmp_path / "file" / "folder")
