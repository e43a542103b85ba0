"""One ``dcca worker`` at a time has a folder of estates, and a killed one leaves nothing in the way."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.stream.state_folder import LOCK_FILE, held

HOLDS = """
import subprocess
import sys
from pathlib import Path
from dcc_analytics.stream.state_folder import held
with held(Path(sys.argv[1])):
    child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], close_fds=False)
    print(flush=True)
    child.wait()
"""


@pytest.fixture
def other(tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Another process that holds the folder, and has a child that does not."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path / "state")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert b"\n" == process.stdout.readline()
        yield process
        process.kill()


@pytest.mark.slow
def test_a_folder_that_another_has_is_refused_with_who_has_it(other: "subprocess.Popen[bytes]", tmp_path: Path) -> None:
    words = (
        rf"^another dcca worker \(process {other.pid}\) has the state folder {tmp_path}/state, .*a --state of its own"
    )
    with pytest.raises(StateError, match=words), held(tmp_path / "state"):
        pass
    assert f"{other.pid}\n" == (tmp_path / "state" / LOCK_FILE).read_text(), "who is refused takes nobody's name away"


@pytest.mark.slow
def test_a_folder_is_free_when_its_holder_is_killed_though_what_that_started_lives(
    other: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    other.kill()
    other.wait()
    with held(tmp_path / "state"):
        pass


def test_a_folder_is_free_when_it_was_let_go(tmp_path: Path) -> None:
    for _ in range(2):
        with held(tmp_path / "state"):
            pass


def test_a_folder_that_can_not_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    words = r"^the state folder .*file/state can't be used \(.*; give with --state"
    with pytest.raises(StateError, match=words), held(tmp_path / "file" / "state"):
        pass
