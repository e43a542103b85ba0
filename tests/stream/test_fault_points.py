import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from aiokafka.errors import KafkaError

import dcc_analytics
from dcc_analytics.catalogue.errors import StateError, UsageError
from dcc_analytics.stream import fault_points
from dcc_analytics.stream.fault_points import POINTS, VARIABLE, Fault, armed, parsed, reached

ROOT = Path(dcc_analytics.__path__[0])
FOLDERS = ("aggregators", "render", "snapshot", "stream")


def test_a_fault_is_a_point_an_action_a_time_and_seconds() -> None:
    assert Fault("commit.sent", "kill", 3) == parsed("commit.sent:kill:3")
    assert Fault("commit.sent", "raise", 1) == parsed("commit.sent:raise")
    assert Fault("commit.sent", "pause", 2, 0.5) == parsed("commit.sent:pause:2:0.5")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("commit.sunk:kill", "names no fault point; there are open.fenced, open.ledger_read, "),
        ("commit.sent:explode", "names no action; there are raise, kill, pause"),
        ("commit.sent", "names no action"),
        ("commit.sent:kill:soon", "is not point:action"),
        ("commit.sent:kill:0", "counted from 1"),
        ("commit.sent:pause:1:-1", "counted from 1"),
        ("commit.sent:pause:1:1:1", "counted from 1"),
    ],
)
def test_what_is_no_fault_is_refused_with_what_there_is(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=rf"^{VARIABLE}={text} .*{re.escape(words)}"):
        armed({VARIABLE: text})


@pytest.mark.parametrize(
    ("point", "error"), [("commit.sent", KafkaError), ("snapshot.written", OSError), ("fold.turned", StateError)]
)
def test_a_fault_happens_once_and_at_its_time(point: str, error: type[Exception]) -> None:
    fault = parsed(f"{point}:raise:2")
    fault.reached()
    with pytest.raises(error, match=point):
        fault.reached()
    fault.reached()


def test_a_pause_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    stood: list[float] = []
    monkeypatch.setattr(time, "sleep", stood.append)
    parsed("commit.sent:pause:1:7").reached()
    assert [7.0] == stood


def test_without_the_variable_nothing_happens() -> None:
    assert {} == armed({})
    for point in POINTS:
        reached(point)


@pytest.mark.slow
def test_a_process_with_the_variable_kills_itself_at_its_point() -> None:
    code = f"from {fault_points.__name__} import reached; reached('commit.cut'); reached('commit.sent'); print('on')"
    run = [sys.executable, "-c", code]
    environment = {**os.environ, VARIABLE: "commit.sent:kill"}
    done = subprocess.run(run, env=environment, capture_output=True, text=True, check=False)
    assert (-signal.SIGKILL, "") == (done.returncode, done.stdout)


def test_every_point_is_reached_by_the_product_in_one_place_and_no_other_is() -> None:
    calls = [
        name
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if "reached(" in line
        for name in re.findall(r'"([a-z]+\.[a-z_]+)"', line)
    ]
    assert sorted(POINTS) == sorted(calls)
