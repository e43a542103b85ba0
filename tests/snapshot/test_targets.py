"""Target Response Times as the month counts them: contract sections 3.5 and 8 (Targets)."""

import pytest

from tests.desk import DEVICE, NOON, H, S
from tests.records import USER, text
from tests.story import Story, at


@pytest.fixture
def story() -> Story:
    return Story()


def timed(story: Story, us: int, **fields: object) -> tuple[int, int]:
    """Return (with a target, in time) of one successful request answered after so long."""
    story.request(**fields)  # type: ignore[arg-type]  # fields of the record
    story.response(sent=NOON + us)
    story.run()
    ((targeted, in_time),) = story.rows("targeted", "in_time")
    return targeted, in_time


@pytest.mark.parametrize(("in_time", "us"), [(1, 5_600 * S), (0, 5_600 * S + 1000)])
def test_a_success_is_in_time_if_not_later_than_its_target(story: Story, in_time: int, us: int) -> None:
    story.device()
    assert (1, in_time) == timed(story, us)


@pytest.mark.parametrize(("in_time", "us"), [(1, 16 * S), (0, 17 * S)])
def test_the_target_is_that_of_the_smets_version(story: Story, in_time: int, us: int) -> None:
    story.device(smets_version="SMETS1")
    assert (1, in_time) == timed(story, us)


def test_a_failure_is_never_in_time(story: Story) -> None:
    story.device()
    story.request()
    story.response(code="E20")
    story.run()
    assert [(1, 0)] == story.rows("targeted", "in_time")


def test_a_round_trip_without_time_is_not_in_time(story: Story) -> None:
    story.device()
    assert (1, 0) == timed(story, -S)


@pytest.mark.parametrize(
    "fields",
    [{"srv": "99.9"}, {"srv": "4.1.1", "role": "OU"}, {"role": "MDR"}, {"srv": "11.1"}],
    ids=lambda fields: "-".join(fields.values()),
)
def test_there_is_no_target_where_none_is_known(story: Story, fields: dict[str, object]) -> None:
    story.device()
    assert (0, 0) == timed(story, S, **fields)


def test_there_is_no_target_for_a_device_of_unknown_version(story: Story) -> None:
    assert (0, 0) == timed(story, S)


def test_a_blank_role_holds_for_all_but_mdr_which_has_its_own_on_smets1(story: Story) -> None:
    story.device(smets_version="SMETS1")
    assert (1, 1) == timed(story, 86_400 * S, role="MDR")


def test_a_target_on_demand_is_none_of_a_future_dated_or_scheduled_round_trip(story: Story) -> None:
    story.device()
    story.request(execute_at=at(NOON + H))
    story.response(sent=NOON + H + S)
    story.tell("service-responses", text({
        "kind": "scheduled", "user": USER, "role": "IS", "srv": "4.8.1", "device": DEVICE, "planned_at": at(NOON),
        "sent_at": at(NOON + S), "code": "I0",
    }), NOON + S, subject=DEVICE)  # fmt: skip
    story.run()
    assert [(2, 0, 0)] == story.rows("successes", "targeted", "in_time")


@pytest.mark.parametrize(("expected", "role"), [((1, 1), "IS"), ((0, 0), "OU")])
def test_a_role_nobody_said_is_known_at_the_snapshot_and_with_it_the_target(
    story: Story, expected: tuple[int, int], role: str
) -> None:
    story.device()
    story.user(USER, "NWE", role)
    assert expected == timed(story, S, srv="4.1.1", role=None)
    assert [(role,)] == story.rows("role")
