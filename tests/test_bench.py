import json
import subprocess
import sys

import pytest

from tests.architecture.tree import ROOT

pytestmark = pytest.mark.broker


def test_the_benchmark_measures_what_it_says() -> None:
    """No figure of speed is asserted: that everything was folded is, and that both sides were measured."""
    command = [sys.executable, "-m", "bench", "--events", "20000", "--json"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert 19_000 < found["events"] < 21_500
    assert found["worker / yardstick"] == pytest.approx(found["worker events/s"] / found["yardstick events/s"])
    assert all(value > 0 for name, value in found.items() if name != "worker MB per million events")
