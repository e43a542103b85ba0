import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from aiokafka.errors import KafkaError

import dcc_analytics
from dcc_analytics.catalogue.errors import StateError, UsageError
from dcc_analytics.stream import fault_points
from dcc_analytics.stream.fault_points import POINTS, VARIABLE, Fault, armed, parsed, reached

ROOT = Path(dcc_analytics.__path__[0])
FOLDERS = ("aggregators", "render", "snapshot", "stream")


def test_a_fault_is_a_point_an_action_and_a_time() -> None:
    assert Fault("commit.sent", "kill", 3) == parsed("commit.sent:kill:3")
    assert Fault("commit.sent", "raise", 1) == parsed("commit.sent:raise")


def test_several_points_can_be_armed() -> None:
    both = armed({VARIABLE: "commit.sent:stop:2,commit.committed:kill"})
    assert {
        "commit.sent": Fault("commit.sent", "stop", 2),
        "commit.committed": Fault("commit.committed", "kill"),
    } == both


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("commit.sunk:kill", "names no fault point; there are open.fenced, open.ledger_read, "),
        ("commit.sent:explode", "names no action; there are raise, kill, stop"),
        ("commit.sent", "names no action"),
        ("commit.sent:kill:soon", "is not point:action"),
        ("commit.sent:kill:0", "counted from 1"),
        ("commit.sent:kill:1:1", "counted from 1"),
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


def test_without_the_variable_nothing_happens() -> None:
    assert {} == armed({}) == armed({VARIABLE: ""})
    for point in POINTS:
        reached(point)


def begun(fault: str) -> subprocess.Popen[str]:
    """Start a process that reaches two points and says so."""
    code = f"from {fault_points.__name__} import reached; reached('commit.cut'); reached('commit.sent'); print('on')"
    environment = {**os.environ, VARIABLE: fault}
    return subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_a_process_with_the_variable_kills_itself_at_its_point() -> None:
    with begun("commit.sent:kill") as process:
        assert "" == process.communicate()[0]
    assert -signal.SIGKILL == process.returncode


@pytest.mark.slow
def test_a_process_that_stops_at_its_point_goes_on_when_it_is_continued() -> None:
    with begun("commit.sent:stop") as process:
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        process.send_signal(signal.SIGCONT)
        assert "on\n" == process.communicate()[0]


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
