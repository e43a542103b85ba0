"""Quix Streams as a yardstick counts every event once, or the part says that it did not; or that it can't be had."""

import json
from pathlib import Path

import pytest

from bench.__main__ import LEAST_EVENTS
from bench.figures import PartFailedError
from bench.parts import quix
from bench.quix_environment import environment_folder, quix_python
from bench.run import Run
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.publish import publish
from tests.desk import DEVICE, USER, rid


def is_installed() -> bool:
    return (environment_folder() / "installed").exists()


def write_events(folder: Path) -> int:
    """Write some events of each topic, two of them of one count and one that is no JSON; return how many."""
    events: dict[str, list[object]] = {
        "service-requests": [{"request_id": rid(number), "srv": "4.8.1"} for number in (1, 2)],
        "service-responses": [
            {"request_id": rid(1), "code": "I0", "device_result": "success"},
            {"user": USER, "srv": "4.6.1", "code": "I0", "kind": "scheduled"},
        ],
        "alerts": [{"recipient": USER, "code": "8F36", "outcome": "delivered"}],
    }
    for topic, records in events.items():
        lines = [json.dumps({"timestamp": 0, "key": DEVICE, "value": each}) for each in records]
        text = "\n".join([*lines, json.dumps({"timestamp": 0, "key": DEVICE, "value_text": "not JSON"})])
        (folder / f"{topic}.ndjson").write_text(text, encoding="utf-8")
    return sum(len(records) + 1 for records in events.values())


@pytest.mark.slow
@pytest.mark.broker
@pytest.mark.skipif(not is_installed(), reason="Quix Streams is not in the cache: python -m bench quix installs it")
async def test_each_event_is_counted_once_and_committed(made: Connection, tmp_path: Path) -> None:
    events = write_events(tmp_path)
    assert events == sum((await publish(made, tmp_path)).values())
    found = await quix.counted(quix_python(), made, events, tmp_path / "state")
    assert {"events", "seconds", "cpu_s", "peak_mb"} == set(found)
    assert events == found["events"]
    assert min(found.values()) > 0


def test_a_count_that_is_not_every_event_once_fails_the_part() -> None:
    quix.check(10, 10, 10)
    for folded, committed in ((10, 9), (9, 9), (10, 11), (0, 0)):
        with pytest.raises(PartFailedError, match=f"folded {folded} events and committed counts of {committed}, where"):
            quix.check(folded, committed, 10)


@pytest.mark.slow
def test_without_a_package_index_the_part_is_left_out_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with Run(LEAST_EVENTS) as run:
        assert [] == quix.measure(run)
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith("  left out: Quix Streams can't be had (Could not find a version that satisfies ")
    assert not is_installed()
