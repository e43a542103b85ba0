"""What was counted in the last hours, and how it is put together for people."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dcc_analytics.live.groups import Groups
from dcc_analytics.live.history import HOURS_A_WEEK, History, HourKey
from dcc_analytics.live.lines import FailKey, Increment, LineKey
from dcc_analytics.live.model import Model
from dcc_analytics.live.recent import MINUTES, SLOTS, Recent
from dcc_analytics.live.rings import Ring
from dcc_analytics.live.state import Now
from dcc_analytics.live.view import Viewer
from dcc_analytics.stream.estate import Facts
from dcc_analytics.stream.instants import HOUR_US, MINUTE_US, US_PER_S

#: The beginning of an hour.
HOUR = 500_000
NOW = HOUR * HOUR_US
NWE = LineKey("NWE", "IS", "Meter Reads", "4.8.1", "North")
BHG = LineKey("BHG", "IS", "Meter Reads", "4.8.1", "South")
OLD_MODEL = Facts(device_type="ESME", manufacturer="Acme", model="M-1", firmware_version="1E10")


def added(at_us: int, line: LineKey, ended: int, failed: int, *, reason: str = "E54") -> Increment:
    failures = {FailKey(line.user, line.role, line.srv, reason, OLD_MODEL): failed} if failed else {}
    return Increment(at_us, at_us - US_PER_S, {line: [ended, failed]}, failures)


def test_a_ring_forgets_its_oldest_slot_and_takes_what_comes_late() -> None:
    ring: Ring[str] = Ring(10, 3, 1)
    for at, key in ((0, "a"), (10, "b"), (25, "a"), (11, "b")):
        ring.add(at, key, 1)
    assert [[2], [2]] == ring.window(3).tolist()
    ring.add(30, "c", 5)
    assert [[1], [2], [5]] == ring.window(3).tolist()
    assert [[[0], [2], [0]], [[1], [0], [0]], [[0], [0], [5]]] == ring.by_slot(3).tolist()
    ring.add(9, "a", 1)  # older than the oldest slot
    assert 8 == ring.window(3).sum()
    ring.advance(1_000)
    assert 0 == ring.window(3).sum()


def test_a_ring_grows_with_its_keys() -> None:
    ring: Ring[int] = Ring(10, 2, 2)
    for key in range(1_000):
        ring.add(5, key, 1, key)
    assert [1_000, 499_500] == ring.window(1).sum(axis=0).tolist()


def test_groups_by_slot_follow_what_is_counted_and_the_clock() -> None:
    ring: Ring[str] = Ring(10, 2, 1)
    groups = Groups(ring, lambda key: key[0])
    for at, key, counted in (
        (0, "ab", {"a": [[0], [1]]}),
        (0, "ac", {"a": [[0], [2]]}),
        (10, "b", {"a": [[2], [0]], "b": [[0], [1]]}),
    ):
        ring.add(at, key, 1)
        for _ in range(2):
            found = groups.by_slot(2)
            assert counted == {group: rows.tolist() for group, rows in found.items()}
            found.clear()  # what was handed out is the asker's own
    ring.advance(20)
    assert ["b"] == list(groups.by_slot(2))


def test_a_commit_that_spans_more_than_an_hour_is_placed_nowhere() -> None:
    recent = Recent()
    assert not recent.add(Increment(NOW, NOW - HOUR_US - 1, {NWE: [5, 1]}))
    assert recent.add(Increment(NOW, NOW - HOUR_US, {NWE: [3, 1]}))
    assert ([[3, 1]], [[1]]) == (recent.minutes.window(MINUTES).tolist(), recent.left_out.window(SLOTS).tolist())


def test_after_a_commit_that_spans_too_much_an_hour_is_whole_when_an_hour_has_passed() -> None:
    recent = Recent()
    recent.add(Increment(NOW, NOW - MINUTE_US))
    recent.add(Increment(NOW + 2 * HOUR_US, NOW))
    assert 0 == recent.seen_minutes()
    recent.add(Increment(NOW + 2 * HOUR_US + 12 * MINUTE_US, NOW + 2 * HOUR_US))
    assert 12 == recent.seen_minutes()
    recent.add(Increment(NOW + 3 * HOUR_US, NOW + 2 * HOUR_US + 12 * MINUTE_US))
    assert MINUTES == recent.seen_minutes()


def test_what_no_line_has_is_told_as_long_as_lines_reach_back(model: Model) -> None:
    model.absorb(0, Increment(NOW, NOW - MINUTE_US, {NWE: [1, 0]}, missed=2), 2)
    model.absorb(0, Increment(NOW + HOUR_US + 1, NOW, {NWE: [1, 0]}), 3)
    assert 3 == seen(model).trust.left_out
    for hour in range(2, 8):
        model.absorb(0, Increment(NOW + hour * HOUR_US, NOW + (hour - 1) * HOUR_US), 2 + hour)
    assert 0 == seen(model).trust.left_out


@pytest.fixture
def model(tmp_path: Path) -> Iterator[Model]:
    """A model that has begun, with four weeks behind it in which NWE ended 600 an hour and 12 of them failed."""
    history = History(tmp_path / "hours.sqlite", "dcca-ledger")
    for week in range(1, 5):
        for back in (0, 1):
            history.add(HourKey(HOUR - week * HOURS_A_WEEK - back, "NWE", "IS", "Meter Reads"), 600, 12)
    history.read_up_to(0, 1)
    made = Model("dcca", 1, history)
    made.begin({0: 1})
    yield made
    history.__exit__(None, None, None)


def hour_of(model: Model, line: LineKey, failed_a_minute: dict[int, int]) -> None:
    """Let an hour go by in which ten of a line end each minute, and so many of them fail."""
    for minute in range(61):
        model.absorb(0, added(NOW - (60 - minute) * MINUTE_US, line, 10, failed_a_minute.get(minute, 0)), minute)


def seen(model: Model) -> Now:
    return Viewer(model, stale_after_s=3.0).now(NOW, "1")


def test_an_unusual_user_comes_first_with_where_since_when_and_why(model: Model) -> None:
    hour_of(model, BHG, dict.fromkeys(range(61), 1))
    hour_of(model, NWE, dict.fromkeys(range(31, 61), 4))
    now = seen(model)
    first, second = now.users
    assert ("NWE", "BHG") == (first.party, second.party)
    assert "failures 20.0% instead of 2.0%" == first.unusual
    assert first.surprise == first.failure_surprise > 20
    assert "2027-01-15T07:30:00.000Z" == first.since_at
    assert (600, 120, 0.2) == (first.last_hour.ended, first.last_hour.failures, first.last_hour.failure_rate)
    assert (50, 20) == (first.last_5_minutes.ended, first.last_5_minutes.failures)
    by_region = {each.region: each for each in first.regions}
    assert (600, 0) == (by_region["North"].last_hour.ended, by_region["South"].last_hour.ended)
    assert by_region["North"].surprise > 20 > by_region["South"].surprise
    assert (1200, 180) == (now.all.last_hour.ended, now.all.last_hour.failures)
    (service,) = now.services
    assert ("4.8.1", 2, 2) == (service.srv, service.users, service.users_failing)
    (reason,) = now.reasons
    assert ("E54", 2, ["4.8.1"]) == (reason.reason_code, reason.users, reason.srvs)
    (device,) = now.devices
    assert ("Acme", "M-1", "1E10") == (device.manufacturer, device.model, device.firmware_version)


def test_a_user_that_falls_silent_is_unusual(model: Model) -> None:
    hour_of(model, BHG, {})
    first = seen(model).users[0]
    assert ("NWE", "0 ended instead of 600") == (first.party, first.unusual)
    assert first.surprise == first.volume_surprise > 3


def test_lines_are_six_hours_with_the_newest_slot_last(model: Model) -> None:
    hour_of(model, NWE, {})
    (user,) = seen(model).users
    assert SLOTS == len(user.line.ended)
    assert ([50] * 12 + [10])[-13:] == user.line.ended[-13:]
    assert "2027-01-15T02:05:00.000Z" == user.line.from_at
