"""What failure rates would be for other time-outs: each edge worked by hand, from bytes to the table."""

import pytest

from tests.desk import DAY, DEVICE, NOON, USER, H, S
from tests.records import Fields
from tests.snapshot.time_outs import (
    FAILED,
    IN_TIME,
    NOTHING,
    STILL_OPEN,
    Counts,
    answered,
    clock_at,
    counts,
    exactly,
    printed,
    rows,
)
from tests.story import FINAL, Story

#: A response that says the one instruction of a future dated request was done.
DONE: Fields = {"kind": "future_dated", "instruction": {"number": 1, "total": 1, "alert": "8F66"}}


@pytest.fixture
def story() -> Story:
    return Story()


# -- answered ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "after_us"),
    [
        ([IN_TIME, IN_TIME, IN_TIME], 0),
        ([IN_TIME, IN_TIME, IN_TIME], H),
        ([FAILED, IN_TIME, IN_TIME], H + 1),
        ([FAILED, IN_TIME, IN_TIME], 24 * H),
        ([FAILED, FAILED, IN_TIME], 24 * H + 1),
        ([FAILED, FAILED, IN_TIME], 120 * H),
        ([FAILED, FAILED, FAILED], 120 * H + 1),
    ],
)
@pytest.mark.parametrize("code", ["I0", "W110101"])
def test_a_success_is_one_up_to_the_time_out_and_a_failure_a_microsecond_later(
    story: Story, expected: list[Counts], after_us: int, code: str
) -> None:
    """In the month's own row it is a success whenever it came: a late answer ends the leg with its own code."""
    story.request()
    answered(story, after_us, code=code)
    story.run()
    assert [IN_TIME] == printed(story)
    assert expected == counts(story)


@pytest.mark.parametrize("after_us", [S, H + 1, 2 * DAY, 6 * DAY])
@pytest.mark.parametrize("end", ["response", "alert"])
def test_a_failure_is_one_whenever_it_came_and_counted_once(story: Story, after_us: int, end: str) -> None:
    story.request()
    if end == "response":
        answered(story, after_us, code="E20")
    else:
        story.alert(raised=NOON + after_us, request_id=f"{USER}:{DEVICE}:1")
    story.run()
    assert [FAILED] == printed(story)
    assert [FAILED, FAILED, FAILED] == counts(story)


def test_a_firmware_delivery_told_by_an_alert_is_a_success_that_may_be_late(story: Story) -> None:
    story.request(srv="11.1")
    story.alert(
        raised=NOON + 2 * DAY, request_id=f"{USER}:{DEVICE}:1",
        parameters={"request_id": f"{USER}:{DEVICE}:1", "target_device": DEVICE, "result": "success"},
    )  # fmt: skip
    story.run()
    assert [IN_TIME] == printed(story)
    assert [FAILED, FAILED, IN_TIME] == counts(story)


@pytest.mark.parametrize("sent", [NOON - S, NOON + 2 * DAY])
def test_a_success_without_a_time_counts_as_in_time(story: Story, sent: int) -> None:
    """One ends before it starts; the other ends two days later by an instant a day and more ahead of its record."""
    story.request()
    story.response(sent=min(sent, NOON + S), sent_at=exactly(sent))
    story.run()
    assert [(1, 1)] == story.rows("successes", "clock_faults")
    assert [IN_TIME, IN_TIME, IN_TIME] == counts(story)


def test_a_future_dated_round_trip_is_waited_for_from_its_execution(story: Story) -> None:
    execution = NOON + 2 * DAY
    story.request(srv="1.2.2", command_variant=5, execute_at=exactly(execution))
    story.response(sent=execution + H + 1, sent_at=exactly(execution + H + 1), **DONE)
    story.run()
    assert [FAILED, IN_TIME, IN_TIME] == counts(story)


def test_an_end_held_for_an_earlier_cancellation_counts_as_it_does_when_it_is_settled(story: Story) -> None:
    story.request(srv="1.2.2", command_variant=5, execute_at=exactly(NOON + H))
    story.response(sent=NOON + 3 * H, **DONE)
    story.run()
    assert 1 == len(story.driver.shards[0].state.memory.legs)
    held = rows(story)
    clock_at(story, NOON + DAY)
    assert 0 == len(story.driver.shards[0].state.memory.legs)
    assert held == rows(story)
    assert [FAILED, IN_TIME, IN_TIME] == counts(story)


# -- unanswered --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "own", "passed_us"),
    [
        ([STILL_OPEN, STILL_OPEN, STILL_OPEN], STILL_OPEN, H),
        ([FAILED, STILL_OPEN, STILL_OPEN], STILL_OPEN, H + 1),
        ([FAILED, STILL_OPEN, STILL_OPEN], STILL_OPEN, 24 * H),
        ([FAILED, FAILED, STILL_OPEN], FAILED, 24 * H + 1),
        ([FAILED, FAILED, STILL_OPEN], FAILED, 120 * H),
        ([FAILED, FAILED, FAILED], FAILED, 120 * H + 1),
        ([FAILED, FAILED, FAILED], FAILED, FINAL + 7 * DAY - NOON),
    ],
)
def test_what_nothing_has_ended_is_open_until_the_clock_has_passed_the_time_out(
    story: Story, expected: list[Counts], own: Counts, passed_us: int
) -> None:
    """The last is read when the month was settled for good."""
    story.request()
    clock_at(story, NOON + passed_us)
    assert [own] == printed(story)
    assert expected == counts(story)


def test_for_the_time_out_of_the_catalogue_only_late_answers_make_a_difference(story: Story) -> None:
    """11.1 is waited for five days: after two its row is open, and a failure for a day."""
    story.request(srv="11.1")
    clock_at(story, NOON + 2 * DAY)
    assert [STILL_OPEN] == printed(story)
    assert [FAILED, FAILED, STILL_OPEN] == counts(story)


def test_one_whose_execution_is_to_come_is_open_for_every_time_out(story: Story) -> None:
    story.request(srv="1.2.2", command_variant=5, execute_at=exactly(NOON + 9 * DAY))
    clock_at(story, NOON + 8 * DAY)
    assert [STILL_OPEN, STILL_OPEN, STILL_OPEN] == counts(story)


def test_one_that_was_withdrawn_is_no_round_trip_for_any_time_out(story: Story) -> None:
    story.request(1, srv="1.2.2", command_variant=5, execute_at=exactly(NOON + 2 * H))
    story.request(2, srv="1.2.2", command_variant=5, execute_at="3000-12-31T00:00:00Z", received=NOON + S)
    clock_at(story, NOON + 7 * DAY)
    assert [] == rows(story)


def test_a_code_that_reads_like_no_response_is_an_answer(story: Story) -> None:
    story.request()
    answered(story, S, code="NO-RESPONSE")
    clock_at(story, NOON + 2 * S)
    assert [FAILED, FAILED, FAILED] == counts(story)


# -- transform legs ----------------------------------------------------------------------------------------


def test_of_transform_legs_the_failures_count_and_nothing_else(story: Story) -> None:
    """A Pre-Command after 2 h, and one that has not come for 3 h, beside a command leg that succeeded."""
    story.request(1, srv="1.2.1", command_variant=4)
    answered(story, 2 * H, kind="pre_command")
    story.request(2, srv="1.2.1", command_variant=4)
    story.request(1, srv="1.2.1", command_variant=5, received=NOON + 2 * H + S)
    story.response(1, sent=NOON + 2 * H + 2 * S)
    clock_at(story, NOON + 3 * H)
    assert [IN_TIME] == printed(story)
    assert [(1, 2, 0), (1, 0, 0), (1, 0, 0)] == counts(story)


def test_a_transform_leg_that_failed_as_unanswered_counts_nothing_until_a_longer_time_out_has_passed(
    story: Story,
) -> None:
    story.request(srv="1.2.1", command_variant=4)
    clock_at(story, NOON + H)
    assert (0, 0) == (story.month().transforms.height, story.month().cells.height)
    clock_at(story, NOON + 2 * DAY)
    assert [FAILED] == printed(story)
    assert [FAILED, FAILED, NOTHING] == counts(story)
    assert [1.0, 1.0, None] == [row.rate for row in rows(story)]
