"""What a round trip counts as: contract sections 3.3 to 3.8 and 8 (Ends), from bytes to the month's rows."""

import pytest

from dcc_analytics.catalogue.months import Month
from tests.desk import DAY, DEVICE, MIN, NOON, OTHER_DEVICE, OTHER_USER, H, S
from tests.records import USER, text
from tests.story import FINAL, OCTOBER, Story, at

COUNTS = ("requests", "successes", "failures", "open")
TIMES = ("rtt_n", "rtt_sum_us", "rtt_min_us", "rtt_max_us")
NOVEMBER = Month.parse("2026-11")


@pytest.fixture
def story() -> Story:
    return Story()


# -- 3.8: requests = command legs + failed transform legs = successes + failures + open --------------------


def critical(story: Story, pre_command: str | None = "I0", response: str | None = "I0") -> None:
    """Tell a critical request: two seconds for its Pre-Command, fifty for the User, seven for the response."""
    story.request(srv="1.2.1", command_variant=4)
    if pre_command:
        story.response(kind="pre_command", code=pre_command, sent=NOON + 2 * S)
    if response:
        story.request(srv="1.2.1", command_variant=5, received=NOON + 52 * S)
        story.response(code=response, sent=NOON + 59 * S)
    story.run()


def test_a_successful_transform_leg_adds_to_no_count_and_no_time(story: Story) -> None:
    critical(story)
    assert [(1, 1, 0, 0)] == story.rows(*COUNTS)
    assert [(1, 7 * S, 7 * S, 7 * S)] == story.rows(*TIMES)


def test_successful_transform_legs_have_figures_of_their_own(story: Story) -> None:
    critical(story)
    transforms = story.month().transforms
    assert [(1, 0, 1, 2 * S)] == transforms.select("successes", "failures", "rtt_n", "rtt_sum_us").rows()


def test_successful_transform_legs_add_nothing_to_the_median_either(story: Story) -> None:
    critical(story)
    (digest,) = story.month().digests.values()
    assert (1, 7 * S) == (digest.n_values, digest.quantile(0.5))


def test_of_transform_legs_of_one_day_only_the_failed_ones_count(story: Story) -> None:
    story.request(2, srv="1.2.1", command_variant=4)
    story.response(2, kind="pre_command", code="E20", sent=NOON + 3 * S)
    critical(story)
    assert [(2, 1, 1, 0)] == story.rows(*COUNTS)
    assert [(1, 7 * S, 7 * S, 7 * S)] == story.rows(*TIMES)


def test_a_failed_transform_leg_is_a_request_and_a_failure_and_has_no_time(story: Story) -> None:
    critical(story, pre_command="E20", response=None)
    assert [(1, 0, 1, 0)] == story.rows(*COUNTS)
    assert [(0, 0, None, None)] == story.rows(*TIMES)
    assert [("E20", 1)] == story.failures("reason_code", "failures")


def test_a_transform_leg_without_pre_command_fails_when_it_times_out_and_is_nothing_before(story: Story) -> None:
    story.let_time_pass(NOON + DAY)
    critical(story, pre_command=None, response=None)
    assert story.rows(*COUNTS) == []
    story.let_time_pass(NOON + DAY + MIN)
    story.run()
    assert [(1, 0, 1, 0)] == story.rows(*COUNTS)
    assert [("NO-RESPONSE", 1)] == story.failures("reason_code", "failures")


def test_two_legs_of_one_request_that_both_fail_are_two_requests(story: Story) -> None:
    critical(story, pre_command="E20", response="E30")
    assert [(2, 0, 2, 0)] == story.rows(*COUNTS)


def test_requests_are_successes_failures_and_open_ones_and_rates_leave_the_open_out(story: Story) -> None:
    """Three successes (one with a warning), two failures, one open."""
    for number, code in enumerate(("I0", "I0", "W110101", "E20", "X1")):
        story.request(number)
        story.response(number, code=code)
    story.request(5)
    story.run()
    assert [(6, 3, 2, 1)] == story.rows(*COUNTS)
    assert [(1,)] == story.rows("warnings")
    assert [("E20", 1), ("X1", 1)] == story.failures("reason_code", "failures")


# -- 3.3 to 3.5: times -------------------------------------------------------------------------------------


def test_times_are_over_successful_legs_alone_and_exact(story: Story) -> None:
    """1 s, 2.5 s and 4 s are successes, 90 s is a failure: three times, 7.5 s in all."""
    for number, (ms, code) in enumerate(((1_000, "I0"), (2_500, "I0"), (90_000, "E20"), (4_000, "I0"))):
        story.request(number)
        story.response(number, code=code, sent=NOON + ms * 1000)
    story.run()
    assert [(3, 7_500_000, 1_000_000, 4_000_000)] == story.rows(*TIMES)


def test_a_negative_time_counts_but_is_no_time_and_a_clock_fault(story: Story) -> None:
    story.request()
    story.response(sent=NOON - 1000)
    story.run()
    assert [(1, 1, 0, 0)] == story.rows(*COUNTS)
    assert [(0, 0, None, None)] == story.rows(*TIMES)
    assert [(1,)] == story.rows("clock_faults")


def test_a_time_of_nothing_is_a_time(story: Story) -> None:
    story.request()
    story.response(sent=NOON)
    story.run()
    assert [(1, 0, 0, 0)] == story.rows(*TIMES)
    assert [(0,)] == story.rows("clock_faults")


def test_a_future_dated_round_trip_runs_from_its_execution(story: Story) -> None:
    story.request(execute_at=at(NOON + DAY))
    story.response(kind="future_dated", sent=NOON + DAY + 6 * S, instruction={"number": 1, "total": 1, "alert": "8F66"})
    story.run()
    assert [(1, 6 * S, 6 * S, 6 * S)] == story.rows(*TIMES)


def test_a_refusal_before_execution_is_a_failure_in_count_and_a_clock_fault_in_time(story: Story) -> None:
    story.request(execute_at=at(NOON + DAY))
    story.response(code="E20", sent=NOON + S)
    story.run()
    assert [(1, 0, 1, 0)] == story.rows(*COUNTS)
    assert [(1,)] == story.rows("clock_faults")


@pytest.mark.parametrize(("faults", "stamped"), [(0, NOON - DAY), (1, NOON - DAY - 1000)])
def test_an_event_time_more_than_a_day_after_its_timestamp_is_counted_and_not_timed(
    story: Story, faults: int, stamped: int
) -> None:
    value = text({"request_id": f"{USER}:{DEVICE}:1", "received_at": at(NOON), "srv": "4.8.1", "command_variant": 1,
                  "role": "IS", "device": DEVICE})  # fmt: skip
    story.tell("service-requests", value, stamped, subject=DEVICE)
    story.response()
    story.run()
    assert [(1, 1 - faults, faults)] == story.rows("successes", "rtt_n", "clock_faults")


# -- 3.6: day and month ------------------------------------------------------------------------------------


def test_a_round_trip_belongs_to_the_day_and_month_of_its_receipt_whenever_it_ends(story: Story) -> None:
    story.request(received=OCTOBER.end_us - 1000)
    story.response(sent=OCTOBER.end_us + 2 * S)
    story.request(2, received=OCTOBER.end_us)
    story.response(2, sent=OCTOBER.end_us + 3 * S)
    story.run()
    assert ["2026-10-31"] == [str(day) for (day,) in story.rows("day")]
    assert ["2026-11-01"] == [str(day) for (day,) in story.rows("day", month=NOVEMBER)]


def test_a_future_dated_round_trip_belongs_to_the_day_and_month_of_its_execution(story: Story) -> None:
    story.request(execute_at=at(OCTOBER.end_us))
    story.run()
    assert story.rows(*COUNTS) == []
    assert [(1, 0, 0, 1)] == story.rows(*COUNTS, month=NOVEMBER)


def test_what_a_settled_month_says_is_what_it_said_when_it_was_final(story: Story) -> None:
    """A leg without response, one an Alert ended, one answered: read on the day of finality and a week after."""
    story.request(1)
    story.request(2)
    story.alert(request_id=f"{USER}:{DEVICE}:2", raised=NOON + H)
    story.request(3)
    story.response(3)
    story.let_time_pass(FINAL)
    story.run()
    expected = [(3, 1, 2, 0)]
    assert expected == story.rows(*COUNTS)
    story.let_time_pass(FINAL + 7 * DAY)
    story.run()
    assert expected == story.rows(*COUNTS)
    assert [("N13", 1), ("NO-RESPONSE", 1)] == story.failures("reason_code", "failures")


# -- whose, and of what ------------------------------------------------------------------------------------


def test_all_users_of_a_party_in_one_role_count_together(story: Story) -> None:
    story.user(USER, "NWE", "IS")
    story.user(OTHER_USER, "NWE", "IS")
    story.request()
    story.request(user=OTHER_USER)
    story.request(2, user=OTHER_USER, role="ES")
    story.run()
    assert [("NWE", "ES", 1), ("NWE", "IS", 2)] == story.rows("party", "role", "requests")


def test_a_failure_carries_every_signifier_of_its_device(story: Story) -> None:
    story.device(csp_region="4G South")
    story.request()
    story.response(code="E20")
    story.run()
    names = ("meter_type", "region", "smets_version", "device_type", "manufacturer", "model", "firmware_version")
    assert [("Electricity", "South", "SMETS2+", "ESME", "Acme", "M-1", "1E10")] == story.failures(*names)


@pytest.mark.parametrize(
    ("expected", "device_type"),
    [("Electricity", "ESME"), ("Gas", "GSME"), ("Gas", "GPF"), ("None", "CHF"), ("None", "PPMID"), ("None", "XYZ")],
)
def test_meter_type_is_electricity_for_esme_gas_for_gsme_and_gpf_and_else_the_word_none(
    story: Story, expected: str, device_type: str
) -> None:
    story.device(device_type=device_type)
    story.request()
    story.run()
    assert [(expected,)] == story.rows("meter_type")


@pytest.mark.parametrize("device", [None, OTHER_DEVICE])
def test_without_a_device_or_with_one_in_no_inventory_every_fact_is_unknown(story: Story, device: str | None) -> None:
    story.device()
    story.request(device=device)
    story.run()
    assert [("Unknown", "Unknown", "Unknown")] == story.rows("meter_type", "region", "smets_version")


@pytest.mark.parametrize("partitions", [1, 3, 8])
def test_partitions_change_no_figure(partitions: int) -> None:
    """Sixty Devices, a request each: every third fails; the times are 1 to 60 s."""
    story = Story(partitions)
    for number in range(1, 61):
        device = f"{DEVICE[:-2]}{number:02X}"
        story.device(device)
        story.request(number, target=device, received=NOON + number * S)
        code = "E20" if number % 3 == 0 else "I0"
        story.response(number, target=device, sent=NOON + 2 * number * S, code=code)
    story.run(fetch=7)
    seconds = [number for number in range(1, 61) if number % 3]
    assert [(60, 40, 20, 0)] == story.rows(*COUNTS)
    assert [(40, sum(seconds) * S, S, 59 * S)] == story.rows(*TIMES)
    (digest,) = story.month().digests.values()
    assert digest.n_values == 40
    assert 29 * S <= digest.quantile(0.5) <= 31 * S
