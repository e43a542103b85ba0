"""Counting Alerts, told record by record through the real core.

Requirements: R-AL-1, R-AL-2, R-AL-3 (the counts behind them).
"""

import pytest

from dcc_analytics.aggregators.cells import ALERT_COLUMNS
from tests.desk import DAY, DEVICE, NOON, USER, S
from tests.records import text
from tests.story import Story, at


def cells(story: Story) -> list[dict[str, int]]:
    """Return the columns of all cells of Alerts."""
    story.run()
    rows = (counts for shard in story.driver.shards for _, counts in shard.state.alerts.rows())
    return [dict(zip(ALERT_COLUMNS, counts, strict=True)) for counts in rows]


def test_a_delivered_alert_is_a_success_with_a_time_and_one_given_up_a_failure_without() -> None:
    story = Story()
    story.alert("a-1", ended=NOON + 3 * S)
    story.alert("a-2", ended=NOON + 5 * S)
    story.alert("a-3", outcome="failed", ended=NOON + 90 * S)
    (cell,) = cells(story)
    assert (2, 1, 2) == (cell["successes"], cell["failures"], cell["rtt_n"])
    assert (8 * S, 3 * S, 5 * S) == (cell["rtt_sum_us"], cell["rtt_min_us"], cell["rtt_max_us"])


def test_what_an_alert_stands_for_is_added_up_beside_it_however_much_it_is() -> None:
    story = Story()
    story.alert("a-1", throttled_count=25)
    story.alert("a-2", throttled_count=10**12, outcome="failed")
    story.alert("a-3")
    (cell,) = cells(story)
    assert (2, 1, 10**12 + 25) == (cell["successes"], cell["failures"], cell["weight"])


def test_an_alert_that_ended_before_it_was_raised_counts_and_has_no_time() -> None:
    story = Story()
    story.alert("a-1", ended=NOON - S)
    (cell,) = cells(story)
    assert (1, 0, 0) == (cell["successes"], cell["rtt_n"], cell["rtt_sum_us"])


@pytest.mark.parametrize(("late_us", "timed"), [(0, 1), (1000, 0)])
def test_an_alert_that_ended_more_than_a_day_after_its_record_counts_and_has_no_time(late_us: int, timed: int) -> None:
    story = Story()
    said = {
        "alert_id": "a-1", "kind": "dcc", "code": "N13", "recipient": USER, "role": "IS", "device": DEVICE,
        "raised_at": at(NOON), "ended_at": at(NOON + DAY + late_us), "outcome": "delivered",
    }  # fmt: skip
    story.tell("alerts", text(said), NOON, subject=DEVICE)
    (cell,) = cells(story)
    assert (1, timed) == (cell["successes"], cell["rtt_n"])


def test_alerts_of_other_days_devices_and_users_have_cells_of_their_own() -> None:
    story = Story()
    story.device()
    story.alert("a-1")
    story.alert("a-2", raised=NOON + DAY, ended=NOON + DAY + S)
    story.alert("a-3", device="88-73-84-00-00-00-FF-FF")
    story.alert("a-4", recipient="90-B3-D5-1F-30-09-00-00")
    story.alert("a-5", code="N12")
    assert [1] * 5 == [cell["successes"] for cell in cells(story)]


def test_the_digest_of_a_month_has_the_delivery_times_of_all_its_days() -> None:
    story = Story()
    for number in range(9):
        story.alert(f"a-{number}", raised=NOON + number * DAY, ended=NOON + number * DAY + (number + 1) * S)
    story.run()
    (digest,) = (each for shard in story.driver.shards for _, each in shard.state.alert_digests.items())
    assert (9, 5 * S) == (digest.n_values, round(digest.quantile(0.5)))


def test_a_count_beyond_reason_is_refused_and_adds_to_nothing() -> None:
    story = Story()
    story.alert("a-1", throttled_count=10**12 + 1)
    story.alert("a-2", throttled_count=10**30)
    story.run()
    assert 2 == len(story.reasons())
    assert [] == cells(story)
