"""EUI-64 ids and request ids: contract section 1."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dcc_analytics.stream.identity import IdentityError, eui64, is_eui64, originator_of, request_id, target_of

USER = "90-B3-D5-1F-30-01-00-00"
DEVICE = "88-73-84-90-6A-10-02-DB"

EUIS = st.binary(min_size=8, max_size=8).map(lambda raw: raw.hex("-").upper())
COUNTERS = st.integers(min_value=0, max_value=2**64 - 1)


@settings(derandomize=True, max_examples=40)
@given(eui=EUIS, upper=st.lists(st.booleans(), min_size=23, max_size=23))
def test_an_eui_64_in_any_case_is_held_in_upper_case(eui: str, upper: list[bool]) -> None:
    mixed = "".join(each if up else each.lower() for each, up in zip(eui, upper, strict=True))
    assert eui == eui64(mixed)
    assert is_eui64(mixed)


@pytest.mark.parametrize(
    "text",
    [
        "", "88", DEVICE[:-1], DEVICE + "0", f"{DEVICE}\n", f" {DEVICE}", DEVICE.replace("-", ":"),
        DEVICE.replace("-", ""), DEVICE.replace("B", "G"), DEVICE.replace("8", "８"), DEVICE.replace("DB", "ſS"),
        f"{DEVICE}-00",
    ],
)  # fmt: skip
def test_anything_else_is_no_eui_64(text: str) -> None:
    assert not is_eui64(text)
    with pytest.raises(IdentityError, match="not an EUI-64"):
        eui64(text)


def test_a_long_text_is_shown_only_in_part() -> None:
    with pytest.raises(IdentityError) as refused:
        eui64("x" * 10_000)
    assert len(str(refused.value)) < 120


@settings(derandomize=True, max_examples=40)
@given(originator=EUIS, target=EUIS, counter=COUNTERS, zeros=st.integers(min_value=0, max_value=20))
def test_a_request_id_is_upper_case_and_its_counter_has_no_leading_zeros(
    originator: str, target: str, counter: int, zeros: int
) -> None:
    checked = f"{originator}:{target}:{counter}"
    digits = str(counter).rjust(min(20, zeros + len(str(counter))), "0")
    assert checked == request_id(f"{originator}:{target}:{digits}".lower())
    assert (originator, target) == (originator_of(checked), target_of(checked))


@pytest.mark.parametrize("counter", ["0", "00", str(2**64 - 1)])
def test_a_counter_goes_from_0_to_2_to_the_64th_less_1(counter: str) -> None:
    assert request_id(f"{USER}:{DEVICE}:{counter}") == f"{USER}:{DEVICE}:{int(counter)}"


@pytest.mark.parametrize("counter", [str(2**64), "99999999999999999999"])
def test_a_counter_above_is_refused(counter: str) -> None:
    with pytest.raises(IdentityError, match=r"counter above 2\^64 - 1"):
        request_id(f"{USER}:{DEVICE}:{counter}")


@pytest.mark.parametrize("counter", ["", "-1", "+1", "1.0", "0x1", "1 ", "١", "123456789012345678901"])
def test_a_counter_that_is_no_whole_number_in_decimal_is_refused(counter: str) -> None:
    with pytest.raises(IdentityError, match="not a request id"):
        request_id(f"{USER}:{DEVICE}:{counter}")


def test_two_writings_of_one_request_id_are_one() -> None:
    assert request_id(f"{USER}:{DEVICE}:007") == request_id(f"{USER}:{DEVICE}:7".lower())
