"""The embedded broker: one on a folder, ended with its parent, and every hindrance said in one line."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dcc_analytics.catalogue.errors import BrokerError
from dcc_analytics.stream.broker import jars, node
from dcc_analytics.stream.broker.node import BrokerStatus, embedded_broker, start, status, stop

pytestmark = pytest.mark.broker


def within(patience_s: float, condition: Callable[[], bool]) -> bool:
    """Return whether a condition comes to hold within a while: the threads of a killed process end one by one."""
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def answers(where: BrokerStatus) -> bool:
    host, _, port = where.bootstrap.rpartition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


# -- one broker on a folder --------------------------------------------------------------------------------


def test_a_running_broker_says_where_it_is_and_no_second_one_starts_on_its_folder(kafka: BrokerStatus) -> None:
    data = Path(kafka.data)
    assert kafka == status(data)
    assert answers(kafka)
    with pytest.raises(BrokerError, match=r"^a broker runs on \S+ already; see `dcca broker status --data"):
        start(data)
    assert kafka == status(data)


@pytest.mark.slow
def test_a_broker_killed_leaves_nothing_in_the_way_and_goes_on_with_its_records(tmp_path: Path) -> None:
    with embedded_broker(tmp_path) as first:
        identity = (tmp_path / "logs" / "meta.properties").read_text()
        os.kill(first.pid, signal.SIGKILL)
        assert within(10, lambda: status(tmp_path) is None)
        again = start(tmp_path, bound=True)
        assert answers(again)
        assert identity == (tmp_path / "logs" / "meta.properties").read_text()
        assert stop(tmp_path)
        assert not answers(again)
    assert status(tmp_path) is None
    assert not stop(tmp_path)


#: Lets go of nothing for a moment after it is told to end, as a process whose files are closed before it is gone.
ENDING_SLOWLY = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.5), sys.exit()))
print("ready", flush=True)
time.sleep(60)
"""


def test_a_broker_said_to_be_stopped_has_ended_not_only_freed_its_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = subprocess.Popen([sys.executable, "-c", ENDING_SLOWLY], stdout=subprocess.PIPE)
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        said = iter((BrokerStatus("127.0.0.1:1", child.pid, str(tmp_path)), None))
        monkeypatch.setattr(node, "status", lambda _data: next(said))
        assert stop(tmp_path)
        assert not Path(f"/proc/{child.pid}").exists()


def test_no_broker_runs_on_a_new_folder(tmp_path: Path) -> None:
    assert status(tmp_path / "new") is None
    assert not stop(tmp_path / "new")


def test_a_status_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with node._locked(tmp_path):
        (tmp_path / "status.json").write_text("{", encoding="utf-8")
        with pytest.raises(BrokerError, match=r"^a broker holds \S+, but \S+status\.json does not say which"):
            status(tmp_path)


# -- its life depends on its parent's ----------------------------------------------------------------------

PARENT = """
import json, sys, time
from dataclasses import asdict
from pathlib import Path
from dcc_analytics.stream.broker.node import start
print(json.dumps(asdict(start(Path(sys.argv[1]), bound=sys.argv[2] == "bound"))), flush=True)
time.sleep(600)
"""


@pytest.mark.slow
@pytest.mark.parametrize("life", ["bound", "free"])
def test_a_bound_broker_dies_with_a_killed_parent_and_a_free_one_lives_on(tmp_path: Path, life: str) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path), life], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        running = BrokerStatus(**json.loads(parent.stdout.readline()))
        try:
            assert answers(running)
            parent.kill()
            parent.wait()
            ended = within(10 if life == "bound" else 1, lambda: status(tmp_path) is None)
            assert ended == (life == "bound")
            assert answers(running) == (life == "free")
        finally:
            stop(tmp_path)
    assert status(tmp_path) is None


# -- what hinders it ---------------------------------------------------------------------------------------


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            BrokerError, match=rf"^port {port} can't be used \(Address already in use\); leave --port out"
        ):
            start(tmp_path, port=port)
    assert status(tmp_path) is None


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BrokerError, match=r"^the folder \S+file/broker can't be used .*give another with --data"):
        start(tmp_path / "file" / "broker")


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A cache of jars that may be spoilt."""
    cache = tmp_path / "cache"
    cache.mkdir()
    whole = Path(jars.KAFKA.class_path().split(os.pathsep, 1)[0]).parent
    for name in jars.KAFKA.pinned():
        (cache / name).symlink_to(whole / name)
    return cache


def test_a_jar_with_another_checksum_is_named_with_what_to_delete(copied: Path) -> None:
    assert str(copied) in jars.KAFKA.class_path(copied)
    name = next(iter(jars.KAFKA.pinned()))
    spoilt = (copied / name).read_bytes()[:-1]
    (copied / name).unlink()
    (copied / name).write_bytes(spoilt)
    with pytest.raises(BrokerError, match=rf"{name} is not the jar .*expected .*; delete the folder {copied}"):
        jars.KAFKA.class_path(copied)


def test_every_jar_of_the_class_path_is_pinned_and_kafka_is_of_the_version_said() -> None:
    names = {Path(path).name for path in jars.KAFKA.class_path().split(os.pathsep)}
    assert set(jars.KAFKA.pinned()) == names
    assert f"kafka_2.13-{jars.KAFKA_VERSION}.jar" in names
    assert f"kafka-clients-{jars.KAFKA_VERSION}.jar" in names


@pytest.mark.slow
def test_without_jars_and_without_a_network_one_line_says_what_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))  # where the resolver keeps what it has fetched before
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(BrokerError, match=r"could not be fetched \(.+\); it takes a network once, after that the jars"):
        start(tmp_path / "broker")
    assert [] == list((tmp_path / "cache").rglob("*.jar"))
    assert status(tmp_path / "broker") is None


def test_a_fetch_that_stops_half_way_leaves_no_half_a_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "kafka"
    some = tmp_path / "resolved"
    some.mkdir()
    name = next(iter(jars.KAFKA.pinned()))
    (some / name).write_bytes(b"half of it")
    monkeypatch.setattr(jars, "_environment", lambda _coordinate, _folder: str(some))
    with pytest.raises(BrokerError, match="is not the jar"):
        jars.KAFKA.resolve(cache)
    assert {"resolved"} == {path.name for path in tmp_path.iterdir()}


def test_why_a_broker_ended_is_one_line_of_its_log() -> None:
    assert "the disk is full" == node._why("INFO fine\njava.io.IOException: No space left on device\n")
    assert "its port was taken meanwhile; try again" == node._why("ERROR Address already in use\n")
    assert "FATAL it broke" == node._why("INFO fine\nFATAL it broke\nINFO shutting down\n")
    assert "it said nothing" == node._why("")


@pytest.mark.slow
def test_a_broker_that_ends_while_starting_is_an_error_with_its_own_words(tmp_path: Path) -> None:
    with embedded_broker(tmp_path):
        pass
    meta = tmp_path / "logs" / "meta.properties"
    meta.write_text(meta.read_text().replace("node.id=1", "node.id=2"), encoding="utf-8")
    with pytest.raises(
        BrokerError, match=r"^the broker on port \d+ ended while starting: .+; its log is \S+broker\.log$"
    ):
        start(tmp_path, bound=True)
    assert status(tmp_path) is None
