"""The process of SRVs that several name, decided at the snapshot from facts: contract section 4, first rule."""

import pytest

from tests.desk import DAY, NOON, OTHER_DEVICE, OTHER_USER, USER, H, S
from tests.story import Story, at

INSTALL = "Install and Commission"
GAIN = "Change of Supplier (Gain)"
SECURITY = "Security and Key Management"
OTHER = "Other SRVs"
REMAINING = {"1.1.1": "Tariff Updates", "6.8": OTHER, "6.21": SECURITY}
PARAMETERS = {"1.1.1": None, "6.8": None, "6.21": {"remote_party_role": "supplier"}}
#: Commissioned long ago unless a test says otherwise.
MIDNIGHT = NOON - 12 * H


@pytest.fixture
def story() -> Story:
    return Story()


def placed(story: Story, srv: str, *, start: int = NOON, **fields: object) -> str:
    """Return the process of one successful request."""
    story.request(50, srv=srv, received=start, **{"parameters": PARAMETERS.get(srv), **fields})  # type: ignore[arg-type]  # fields of the record
    story.response(50, sent=start + S)
    story.run()
    (process,) = {process for process, found in story.rows("process", "srv") if found == srv}
    return str(process)


def gain(story: Story, start: int, *, user: str = USER, code: str = "I0", number: int = 9, **fields: object) -> None:
    """Tell a Change of Supplier, answered an hour after its start."""
    story.request(number, srv="6.23", received=start, user=user, **fields)  # type: ignore[arg-type]  # as above
    story.response(number, sent=start + H, user=user, code=code)


# -- installing --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("srv", sorted(REMAINING))
@pytest.mark.parametrize("status", ["Pending", "Whitelisted", "InstalledNotCommissioned"])
def test_a_device_not_commissioned_yet_by_its_status_is_installing(story: Story, srv: str, status: str) -> None:
    story.device(status=status, date_commissioned=None)
    assert INSTALL == placed(story, srv)


@pytest.mark.parametrize("srv", sorted(REMAINING))
@pytest.mark.parametrize(
    ("installing", "start"),
    [
        (True, MIDNIGHT - DAY),  # before its commissioning
        (True, MIDNIGHT),
        (True, MIDNIGHT + 7 * DAY),
        (False, MIDNIGHT + 7 * DAY + 1000),
    ],
)
def test_a_device_is_installing_until_seven_days_after_the_midnight_of_its_commissioning_inclusive(
    story: Story, srv: str, *, installing: bool, start: int
) -> None:
    story.device(date_commissioned="2026-10-05")
    assert placed(story, srv, start=start) == (INSTALL if installing else REMAINING[srv])


@pytest.mark.parametrize("date_commissioned", ["2025-01-01", None])
@pytest.mark.parametrize("status", ["Commissioned", "Suspended", "Recovered"])
@pytest.mark.parametrize("srv", sorted(REMAINING))
def test_a_device_commissioned_long_ago_or_nobody_knows_when_is_not_installing(
    story: Story, srv: str, status: str, date_commissioned: str | None
) -> None:
    story.device(status=status, date_commissioned=date_commissioned)
    assert placed(story, srv) == REMAINING[srv]


@pytest.mark.parametrize("srv", sorted(REMAINING))
def test_a_device_in_no_inventory_is_not_installing(story: Story, srv: str) -> None:
    assert placed(story, srv) == REMAINING[srv]


def test_the_version_at_the_start_says_whether_a_device_is_installing(story: Story) -> None:
    story.device(as_of=NOON - DAY, status="Pending", date_commissioned=None)
    story.device(as_of=NOON)
    assert placed(story, "1.1.1", start=NOON - 1000) == INSTALL
    other = Story()
    other.device(as_of=NOON - DAY, status="Pending", date_commissioned=None)
    other.device(as_of=NOON)
    assert placed(other, "1.1.1", start=NOON) == "Tariff Updates"


# -- gain --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gained", "after_us"),
    [(True, 0), (True, S), (True, 30 * DAY), (False, 30 * DAY + 1000), (False, -1000)],
)
@pytest.mark.parametrize("srv", ["1.1.1", "6.8"])
def test_a_gain_holds_for_thirty_days_from_the_start_of_its_6_23_inclusive(
    story: Story, srv: str, *, gained: bool, after_us: int
) -> None:
    start = NOON + 10 * DAY
    story.device()
    gain(story, start - after_us)
    assert placed(story, srv, start=start) == (GAIN if gained else REMAINING[srv])


def test_a_handover_is_never_part_of_a_gain(story: Story) -> None:
    story.device()
    gain(story, NOON - DAY)
    assert placed(story, "6.21") == SECURITY


def test_installation_comes_before_gain(story: Story) -> None:
    story.device(date_commissioned="2026-10-05")
    gain(story, NOON - DAY)
    assert placed(story, "1.1.1") == INSTALL


def test_a_6_23_that_failed_is_no_gain(story: Story) -> None:
    story.device()
    gain(story, NOON - DAY, code="E20")
    assert placed(story, "1.1.1") == "Tariff Updates"


def test_a_6_23_on_another_device_is_no_gain_of_this_one(story: Story) -> None:
    story.device()
    gain(story, NOON - DAY, target=OTHER_DEVICE)
    story.response(9, target=OTHER_DEVICE, sent=NOON - 23 * H)
    assert placed(story, "1.1.1") == "Tariff Updates"


def test_a_6_23_of_another_member_is_no_gain_of_this_one(story: Story) -> None:
    story.device()
    gain(story, NOON - DAY, user=OTHER_USER)
    assert placed(story, "1.1.1") == "Tariff Updates"


def test_a_6_23_of_the_same_party_in_another_role_is_no_gain_of_this_member(story: Story) -> None:
    story.device()
    gain(story, NOON - DAY, role="GS")
    assert placed(story, "1.1.1") == "Tariff Updates"


def test_a_6_23_by_another_user_of_the_same_member_is_its_gain(story: Story) -> None:
    story.user(USER, "NWE", "IS")
    story.user(OTHER_USER, "NWE", "IS")
    story.device()
    gain(story, NOON - DAY, user=OTHER_USER)
    assert placed(story, "1.1.1") == GAIN


def test_a_gain_whose_answer_comes_after_the_request_is_known_at_the_snapshot_all_the_same(story: Story) -> None:
    story.device()
    story.request(50, srv="1.1.1")
    story.response(50)
    gain(story, NOON - S)
    story.run()
    assert [GAIN] == [process for process, srv in story.rows("process", "srv") if srv == "1.1.1"]


def test_a_gain_of_the_month_before_reaches_into_this_one(story: Story) -> None:
    story.device()
    gain(story, NOON - 29 * DAY)
    assert placed(story, "6.8") == GAIN


@pytest.mark.parametrize("code", ["E20", "I0"])
def test_a_failure_is_placed_like_a_success(story: Story, code: str) -> None:
    story.device()
    gain(story, NOON - DAY)
    story.request(50, srv="1.1.1")
    story.response(50, code=code)
    story.request(51, srv="6.8")
    story.let_time_pass(NOON + 2 * DAY)
    story.run()
    assert [(GAIN, "1.1.1"), (GAIN, "6.23"), (GAIN, "6.8")] == sorted(story.rows("process", "srv"))
    assert all(process == GAIN for (process,) in story.failures("process"))


# -- qualifiers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [None, "network_operator", "Supplier"])
def test_a_handover_to_no_supplier_is_under_other_srvs(story: Story, role: str | None) -> None:
    story.device(status="Pending")
    assert placed(story, "6.21", parameters={"remote_party_role": role}) == OTHER


@pytest.mark.parametrize(
    ("expected", "device_type", "other_type"),
    [
        (INSTALL, "GPF", "GSME"),
        (INSTALL, "GSME", "GPF"),
        (OTHER, "GPF", "GPF"),
        (OTHER, "ESME", "GSME"),
        (OTHER, "GPF", "PPMID"),
    ],
)
def test_an_8_7_2_counts_when_it_joins_a_gpf_with_a_gsme(
    story: Story, expected: str, device_type: str, other_type: str
) -> None:
    story.device(device_type=device_type)
    story.device(OTHER_DEVICE, device_type=other_type)
    assert placed(story, "8.7.2", parameters={"other_device": OTHER_DEVICE.lower()}) == expected


@pytest.mark.parametrize("parameters", [None, {}, {"other_device": OTHER_USER}])
def test_an_8_7_2_with_a_device_nobody_knows_is_under_other_srvs(
    story: Story, parameters: dict[str, object] | None
) -> None:
    story.device(device_type="GPF")
    assert placed(story, "8.7.2", parameters=parameters) == OTHER


def test_what_a_held_request_joins_is_known_from_another_partition() -> None:
    story = Story(6)
    story.device(device_type="GPF")
    story.device(OTHER_DEVICE, device_type="GSME")
    assert placed(story, "8.7.2", parameters={"other_device": OTHER_DEVICE}) == INSTALL


@pytest.mark.parametrize(
    ("process", "variant", "srv", "parameters"),
    [
        ("Prepayment", "", "1.6", {"payment_mode": "prepayment"}),
        (OTHER, "", "1.6", {"payment_mode": "credit"}),
        ("Prepayment", "", "2.2", None),
        (OTHER, "", "2.2", {"top_up_pence": 0}),
        (SECURITY, "digital_signature", "6.15.2", {"credential_type": "digital_signature"}),
        (SECURITY, "key_agreement", "6.17", {"credential_type": "key_agreement"}),
        (OTHER, "", "6.17", None),
    ],
)
def test_a_qualifier_shuts_out_to_other_srvs(
    story: Story, process: str, variant: str, srv: str, parameters: dict[str, object] | None
) -> None:
    story.request(srv=srv, parameters=parameters)
    story.response()
    story.run()
    assert [(process, variant, srv)] == story.rows("process", "variant", "srv")


def test_a_signed_pre_command_is_placed_by_what_its_first_leg_said(story: Story) -> None:
    story.request(srv="1.6", command_variant=4, parameters={"payment_mode": "prepayment"})
    story.response(kind="pre_command")
    story.request(srv="1.6", command_variant=5, received=NOON + 60 * S)
    story.response(sent=NOON + 65 * S)
    story.run()
    assert [("Prepayment", 1)] == story.rows("process", "requests")


def test_an_unanswered_signed_pre_command_is_placed_so_too(story: Story) -> None:
    story.request(srv="1.6", command_variant=4, parameters={"payment_mode": "prepayment"})
    story.response(kind="pre_command")
    story.request(srv="1.6", command_variant=5, received=NOON + 60 * S)
    story.let_time_pass(NOON + 2 * DAY)
    story.run()
    assert [("Prepayment", 1, 1)] == story.rows("process", "requests", "failures")


@pytest.mark.parametrize("srv", ["8.14.2", "99.1", "=1+1"])
def test_an_srv_no_row_names_is_under_other_srvs_with_its_srv(story: Story, srv: str) -> None:
    story.request(srv=srv)
    story.run()
    assert [(OTHER, srv, 1)] == story.rows("process", "srv", "requests")


def test_a_future_dated_6_23_counts_as_a_gain_from_its_execution(story: Story) -> None:
    story.device()
    story.request(9, srv="6.23", received=NOON - DAY, execute_at=at(NOON - H))
    story.response(9, sent=NOON - H + S)
    story.request(49, srv="6.8", received=NOON - 2 * H)
    story.response(49, sent=NOON - 2 * H + S)
    story.let_time_pass(NOON + DAY)
    assert placed(story, "1.1.1") == GAIN
    assert [OTHER] == [process for process, srv in story.rows("process", "srv") if srv == "6.8"]


def test_a_future_dated_6_23_is_a_gain_as_soon_as_it_has_succeeded(story: Story) -> None:
    story.device()
    story.request(9, srv="6.23", received=NOON - DAY, execute_at=at(NOON - 60 * S))
    story.response(9, sent=NOON - 59 * S)
    assert placed(story, "1.1.1") == GAIN
