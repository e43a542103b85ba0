"""Days on which a Device was read, as bits."""

from hypothesis import given, settings
from hypothesis import strategies as st

from dcc_analytics.aggregators.reads import WINDOW_DAYS, days_of, forgotten_by, newest_day, with_day

DAY = 20_700


def noted(days: list[int]) -> bytes | None:
    """Return what is kept after days were noted one by one."""
    kept: bytes | None = None
    for day in days:
        kept = with_day(kept, day) or kept
    return kept


def test_a_device_never_read_has_no_days() -> None:
    assert [] == days_of(None)


def test_days_come_back_in_order_whatever_the_order_they_were_noted_in() -> None:
    assert [DAY - 30, DAY - 1, DAY, DAY + 2] == days_of(noted([DAY, DAY - 30, DAY + 2, DAY - 1]))


def test_a_day_that_is_known_changes_nothing() -> None:
    assert with_day(noted([DAY, DAY - 3]), DAY - 3) is None


def test_days_older_than_the_window_are_forgotten_and_never_taken_in() -> None:
    kept = noted([DAY, DAY + WINDOW_DAYS - 1])
    assert [DAY, DAY + WINDOW_DAYS - 1] == days_of(kept)
    assert [DAY + WINDOW_DAYS - 1, DAY + WINDOW_DAYS] == days_of(noted([DAY, DAY + WINDOW_DAYS - 1, DAY + WINDOW_DAYS]))
    assert with_day(kept, DAY - 1) is None
    assert [DAY + 10 * WINDOW_DAYS] == days_of(noted([DAY, DAY + 10 * WINDOW_DAYS]))


def test_what_a_later_day_makes_forget_is_known_before() -> None:
    kept = noted([DAY, DAY + 3, DAY + 5])
    assert forgotten_by(None, DAY) is None
    assert forgotten_by(kept, DAY + WINDOW_DAYS - 1) is None
    assert DAY == forgotten_by(kept, DAY + WINDOW_DAYS)
    assert DAY + 3 == forgotten_by(kept, DAY + WINDOW_DAYS + 4)


def test_days_kept_by_an_older_release_in_fewer_bytes_go_on() -> None:
    kept = (DAY + 100).to_bytes(4, "little") + (1 << 100 | 1).to_bytes(16, "little")
    assert [DAY, DAY + 100, DAY + 140] == days_of(with_day(kept, DAY + 140))


@settings(derandomize=True, max_examples=80)
@given(days=st.lists(st.integers(min_value=DAY, max_value=DAY + 2 * WINDOW_DAYS), min_size=1, max_size=40))
def test_what_is_kept_is_the_set_of_days_within_the_window_of_the_newest(days: list[int]) -> None:
    kept = noted(days)
    assert kept is not None
    assert 24 == len(kept)
    assert max(days) == newest_day(kept)
    assert sorted({day for day in days if max(days) - day < WINDOW_DAYS}) == days_of(kept)


@settings(derandomize=True, max_examples=80)
@given(
    days=st.lists(st.integers(min_value=DAY, max_value=DAY + WINDOW_DAYS - 1), min_size=1, max_size=40),
    day=st.integers(min_value=DAY - 1, max_value=DAY + 3 * WINDOW_DAYS),
)
def test_what_is_forgotten_is_the_newest_day_kept_that_lies_outside_the_new_window(days: list[int], day: int) -> None:
    assert max((each for each in days if each <= day - WINDOW_DAYS), default=None) == forgotten_by(noted(days), day)
