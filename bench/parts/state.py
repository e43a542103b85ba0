"""What ``dcca live`` makes of a nation that fails in forty thousand ways: state, change and page; CPU times."""

import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Final

import msgspec

from bench.failing import NOW_US, nation
from bench.figures import Figure
from bench.processes import in_own_process
from bench.run import Run, say
from dcc_analytics.live.changes import change
from dcc_analytics.live.history import History
from dcc_analytics.live.packed import Message
from dcc_analytics.live.page.asked import Asked
from dcc_analytics.live.page.parts import Messages, Operators
from dcc_analytics.live.view import Viewer
from dcc_analytics.stream.instants import US_PER_S

#: Users; all of them are unusual, which costs most.
USERS: Final = 100
#: Kinds of failure that were not there before, in each commit.
_NEW: Final = 50
_ROUNDS: Final = 7
_MS: Final = 1_000


def measure(_run: Run) -> list[Figure]:
    """Measure it; how many events the run has does not matter."""
    say(f"states of {USERS} Users, all of them failing")
    found = in_own_process("bench.parts.state")
    return [Figure("state", name, value, "ms") for name, value in found.items()]


def measured() -> dict[str, float]:
    """Return medians of a state's making, of its change told and packed, and of its page likewise."""
    with tempfile.TemporaryDirectory(prefix="dcca-bench-") as work, History(Path(work) / "hours.sqlite", "") as history:
        model, feed = nation(history, USERS)
        viewer = Viewer(model, stale_after_s=3.0)
        pages, messages, asked = Operators(viewer.causes.commonest), Messages(), Asked()
        before = viewer.now(NOW_US, "0")
        shown = pages.shown(before, asked)
        times = []
        for number in range(1, _ROUNDS + 1):
            now_us = NOW_US + number * US_PER_S
            feed.commit(now_us, _NEW)
            began_s = time.process_time()
            now = viewer.now(now_us, str(number))
            made_s = time.process_time()
            Message.of(msgspec.json.encode(change(before, now)))
            told_s = time.process_time()
            new = pages.shown(now, asked)
            messages.between(shown, new)
            times.append((made_s - began_s, told_s - made_s, time.process_time() - told_s))
            before, shown = now, new
    names = ("made", "its change told", "its page told")
    return {name: _MS * median(each) for name, each in zip(names, zip(*times, strict=True), strict=True)}
