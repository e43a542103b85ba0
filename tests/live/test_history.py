"""The file of hours: each commit once, the same hour of the weeks before, and what it refuses."""

import sqlite3
from pathlib import Path

import pytest

from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.live.history import HOURS_A_WEEK, History, HourKey
from dcc_analytics.live.surprise import WEEKS, Hour
from dcc_analytics.stream.instants import HOUR_US, MINUTE_US

#: Any hour; the minute in it weighs the two hours of the clock that an hour's window lies in.
NOW = 500_000
LEDGER = "dcca-ledger"


def opened(folder: Path, ledger: str = LEDGER) -> History:
    return History(folder / "live" / "hours.sqlite", ledger)


def fill(history: History, hour: int, ended: int, failures: int, *, party: str = "NWE") -> None:
    history.add(HourKey(hour, party, "IS", "Meter Reads"), ended, failures)
    history.read_up_to(0, hour)


def test_the_same_hour_of_the_weeks_before_is_weighed_of_two_hours_of_the_clock(tmp_path: Path) -> None:
    with opened(tmp_path) as history:
        for week in (1, 3):
            fill(history, NOW - week * HOURS_A_WEEK, 100 * week, 4)
            fill(history, NOW - week * HOURS_A_WEEK - 1, 200 * week, 8)
        fill(history, NOW - HOURS_A_WEEK, 40, 1, party="BHG")
        weeks = history.weeks(NOW * HOUR_US + 15 * MINUTE_US)
        assert [Hour(175.0, 7.0), Hour(525.0, 7.0)] == weeks.of(("NWE", "IS"))
        assert [Hour(10.0, 0.25), Hour(0, 0)] == weeks.of(("BHG", "IS"))
        assert [Hour(185.0, 7.25), Hour(525.0, 7.0)] == weeks.of_all()


def test_a_week_of_which_an_hour_is_missing_does_not_count(tmp_path: Path) -> None:
    with opened(tmp_path) as history:
        fill(history, NOW - HOURS_A_WEEK, 100, 4)
        assert [] == history.weeks(NOW * HOUR_US).of(("NWE", "IS"))


def test_weeks_and_offsets_outlive_the_process(tmp_path: Path) -> None:
    with opened(tmp_path) as history:
        fill(history, NOW, 5, 1)
        fill(history, NOW, 7, 2)
        history.read_up_to(3, 77)
    with opened(tmp_path) as again:
        assert {0: NOW, 3: 77} == again.offsets()
        assert {("NWE", "IS"): [12, 3]} == again.today(NOW * HOUR_US)
        fill(again, NOW, 1, 0)
        assert {("NWE", "IS"): [13, 3]} == again.today(NOW * HOUR_US)


def test_what_was_gathered_and_not_written_is_gone_with_its_offset(tmp_path: Path) -> None:
    history = opened(tmp_path)
    fill(history, NOW, 5, 1)
    history._file.close()
    with opened(tmp_path) as again:
        assert {} == again.offsets()
        assert {} == again.today(NOW * HOUR_US)


def test_hours_older_than_the_weeks_kept_are_forgotten(tmp_path: Path) -> None:
    with opened(tmp_path) as history:
        for hour in (NOW - (WEEKS + 1) * HOURS_A_WEEK, NOW - WEEKS * HOURS_A_WEEK, NOW):
            fill(history, hour, 5, 1)
    kept = sqlite3.connect(tmp_path / "live" / "hours.sqlite")
    assert [(NOW - WEEKS * HOURS_A_WEEK,), (NOW,)] == kept.execute("select hour from hours order by hour").fetchall()
    kept.close()


def test_hours_of_another_ledger_are_refused(tmp_path: Path) -> None:
    opened(tmp_path).__exit__(None, None, None)
    with pytest.raises(StateError, match="holds the hours of dcca-ledger in format 1, not of other-ledger; give"):
        opened(tmp_path, "other-ledger")


def test_a_file_that_is_none_of_sqlite_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "live" / "hours.sqlite"
    path.parent.mkdir()
    path.write_bytes(b"no database " * 100)
    with pytest.raises(StateError, match="can't be used: file is not a database"):
        opened(tmp_path)
    assert path.read_bytes().startswith(b"no database")
