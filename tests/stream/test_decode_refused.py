"""Records that can't be read are refused with words, and never raise: contract section 8 (Records)."""

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dcc_analytics.stream.decode import DECODERS, decode_request, decoded
from dcc_analytics.stream.events import Rejected, Request
from tests.records import ALERT, DEVICE, KINDS, REQUEST, RESPONSE, RID, SCHEDULED, USER, Fields, text


def refused(topic: str, value: bytes | None) -> str:
    """Return why a record is refused."""
    found = decoded(DECODERS[topic], value)
    assert isinstance(found, Rejected), found
    return found.reason


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("the record has no value", None),
        ("the record's value is empty", b""),
        ("the record's value is empty", b" \n"),
        ("truncated", b"{"),
        ("truncated", b'{"alert_id": "a'),
        ("JSON is malformed", b"not json"),
        ("Expected `object`, got `array`", b"[]"),
        ("Expected `object`, got `str`", b'"text"'),
        ("Expected `object`, got `int`", b"7"),
        ("Expected `object`, got `null`", b"null"),
        ("a DUIS XML message: only JSON records are read", b'<?xml version="1.0"?><Request/>'),
        ("a DUIS XML message: only JSON records are read", b"<" + b"a" * 2_000_000),
    ],
    ids=lambda each: repr(each)[:40],
)
@pytest.mark.parametrize("topic", sorted(KINDS))
def test_what_is_no_json_object_is_refused_with_words(topic: str, words: str, value: bytes | None) -> None:
    reason = refused(topic, value)
    assert words in reason


@pytest.mark.parametrize("topic", sorted(KINDS))
def test_a_value_holds_one_object_and_nothing_after_it(topic: str) -> None:
    assert "trailing characters" in refused(topic, text(KINDS[topic]) + b" {}")


@pytest.mark.parametrize(
    ("topic", "field"),
    [
        *(("service-requests", field) for field in REQUEST),
        *(("service-responses", field) for field in RESPONSE),
        *(("alerts", field) for field in ALERT),
    ],
)
def test_a_record_without_a_required_field_is_refused_and_the_field_named(topic: str, field: str) -> None:
    assert f"missing required field `{field}`" in refused(topic, text(KINDS[topic], **{field: ...}))
    assert field in refused(topic, text(KINDS[topic], **{field: None}))


@pytest.mark.parametrize("field", ["user", "srv", "planned_at"])
@pytest.mark.parametrize("missing", [..., None])
def test_a_scheduled_result_without_user_srv_or_planned_at_is_refused(field: str, missing: object) -> None:
    expected = f"kind is scheduled, but there is no `{field}`"
    assert expected == refused("service-responses", text(SCHEDULED, **{field: missing}))


def test_a_future_dated_response_without_instruction_is_refused() -> None:
    expected = "kind is future_dated, but there is no `instruction`"
    assert expected == refused("service-responses", text(RESPONSE, kind="future_dated"))


@pytest.mark.parametrize(
    ("words", "instruction"),
    [
        ("missing required field `number`", {"total": 1, "alert": "8F66"}),
        ("missing required field `total`", {"number": 1, "alert": "8F66"}),
        ("missing required field `alert`", {"number": 1, "total": 1}),
        ("$.instruction.alert", {"number": 1, "total": 1, "alert": "8F68"}),
        ("$.instruction.number", {"number": 0, "total": 1, "alert": "8F66"}),
        ("$.instruction.number", {"number": 65_536, "total": 1, "alert": "8F66"}),
        ("$.instruction.total", {"number": 1, "total": 10**30, "alert": "8F66"}),
        ("Expected `object | null`, got `str`", "8F66"),
    ],
)
def test_an_instruction_that_is_not_whole_is_refused(words: str, instruction: object) -> None:
    assert words in refused("service-responses", text(RESPONSE, kind="future_dated", instruction=instruction))


@pytest.mark.parametrize(
    ("path", "topic", "changed"),
    [
        ("$.srv", "service-requests", {"srv": 481}),
        ("$.srv", "service-requests", {"srv": ""}),
        ("$.command_variant", "service-requests", {"command_variant": 0}),
        ("$.command_variant", "service-requests", {"command_variant": 9}),
        ("$.command_variant", "service-requests", {"command_variant": 1.5}),
        ("$.command_variant", "service-requests", {"command_variant": "1"}),
        ("$.command_variant", "service-requests", {"command_variant": True}),
        ("$.received_at", "service-requests", {"received_at": 1_791_201_600}),
        ("$.received_at", "service-requests", {"received_at": "2026-10-05T12:00:00"}),
        ("$.received_at", "service-requests", {"received_at": "5 October 2026"}),
        ("$.received_at", "service-requests", {"received_at": "2026-02-30T12:00:00Z"}),
        ("$.execute_at", "service-requests", {"execute_at": "3000"}),
        ("$.role", "service-requests", {"role": 1}),
        ("$.device", "service-requests", {"device": ["a"]}),
        ("$.parameters", "service-requests", {"parameters": "prepayment"}),
        ("$.parameters.payment_mode", "service-requests", {"parameters": {"payment_mode": True}}),
        ("$.parameters.top_up_pence", "service-requests", {"parameters": {"top_up_pence": "5"}}),
        ("$.parameters.devices", "service-requests", {"parameters": {"devices": DEVICE}}),
        ("$.parameters.devices[1]", "service-requests", {"parameters": {"devices": [DEVICE, 5]}}),
        ("$.code", "service-responses", {"code": 0}),
        ("$.code", "service-responses", {"code": ""}),
        ("$.kind", "service-responses", {"kind": "answer"}),
        ("$.kind", "service-responses", {"kind": ""}),
        ("$.device_result", "service-responses", {"device_result": "maybe"}),
        ("$.sent_at", "service-responses", {"sent_at": ""}),
        ("$.planned_at", "service-responses", {"planned_at": "today"}),
        ("$.kind", "alerts", {"kind": "DCC"}),
        ("$.outcome", "alerts", {"outcome": "lost"}),
        ("$.attempts", "alerts", {"attempts": "3"}),
        ("$.throttled_count", "alerts", {"throttled_count": -1}),
        ("$.throttled_count", "alerts", {"throttled_count": 1.5}),
        ("$.parameters.started_at", "alerts", {"parameters": {"started_at": "noon"}}),
        ("$.parameters.result", "alerts", {"parameters": {"result": "ok"}}),
    ],
)
def test_a_named_field_of_the_wrong_type_is_refused_with_its_path(path: str, topic: str, changed: Fields) -> None:
    assert f"`{path}`" in refused(topic, text(KINDS[topic], **changed))


@pytest.mark.parametrize("wrong", ["", "88-73", f"{DEVICE}-00", DEVICE.replace("-", ":"), DEVICE.replace("8", "G")])
@pytest.mark.parametrize(
    ("topic", "field"),
    [
        ("service-requests", "device"),
        ("service-responses", "device"),
        ("alerts", "device"),
        ("alerts", "recipient"),
        ("alerts", "parameters.target_device"),
        ("service-requests", "parameters.other_device"),
        ("service-requests", "parameters.devices"),
    ],
)
def test_an_id_that_is_no_eui_64_is_refused_and_shown(topic: str, field: str, wrong: str) -> None:
    name, _, parameter = field.partition(".")
    value: object = [wrong] if parameter == "devices" else wrong
    reason = refused(topic, text(KINDS[topic], **{name: {parameter: value} if parameter else value}))
    assert reason == f"not an EUI-64 (eight hyphenated hexadecimal pairs): {wrong!r}"


def test_a_scheduled_results_user_has_to_be_an_eui_64() -> None:
    assert "not an EUI-64" in refused("service-responses", text(SCHEDULED, user="NWE"))


@pytest.mark.parametrize("wrong", ["", "7", f"{USER}:{DEVICE}", f"{USER}:{DEVICE}:", f"{USER}:{DEVICE}:-1", f"{RID} "])
@pytest.mark.parametrize("topic", sorted(KINDS))
def test_a_request_id_of_another_form_is_refused(topic: str, wrong: str) -> None:
    reason = refused(topic, text(KINDS[topic], request_id=wrong))
    assert reason == f"not a request id originator:target:counter: {wrong!r}"


def test_a_counter_above_2_to_the_64th_less_1_is_refused() -> None:
    assert "counter above 2^64 - 1" in refused("service-requests", text(REQUEST, request_id=f"{USER}:{DEVICE}:{2**64}"))


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e400", b"-1e400"])
def test_a_number_that_json_has_not_is_refused_where_a_field_is_named(number: bytes) -> None:
    value = text(REQUEST)[:-1] + b', "parameters": {"top_up_pence": ' + number + b"}}"
    assert "malformed" in refused("service-requests", value) or b"1e400" in number


@pytest.mark.parametrize(
    ("topic", "path"),
    [
        ("service-requests", "role"),
        ("service-requests", "srv"),
        ("service-requests", "parameters.credential_type"),
        ("service-responses", "code"),
        ("alerts", "alert_id"),
        ("alerts", "code"),
        ("alerts", "parameters.mpxn"),
    ],
)
def test_a_text_of_more_than_128_characters_is_no_word_to_count_by(topic: str, path: str) -> None:
    *outer, name = path.split(".")

    def said(length: int) -> bytes:
        field: Fields = {name: "é" * length}
        return text(KINDS[topic], **({outer[0]: field} if outer else field))

    assert not isinstance(decoded(DECODERS[topic], said(128)), Rejected)
    assert f"$.{path}" in refused(topic, said(129))


@pytest.mark.parametrize("pence", [10**30, -(10**30), 2**64])
def test_an_amount_of_any_size_can_be_kept(pence: int) -> None:
    request = decoded(DECODERS["service-requests"], text(REQUEST, parameters={"top_up_pence": pence}))
    assert isinstance(request, Request)
    assert float(pence) == msgspec.msgpack.decode(msgspec.msgpack.encode(request.parameters.top_up_pence))


def beside(extra: bytes) -> bytes:
    """Return a request with something under a name the contract does not know."""
    return text(REQUEST)[:-1] + b', "colour": ' + extra + b"}"


@pytest.mark.parametrize(
    "extra",
    [
        b"NaN",
        b"1e400",
        b"-1E+0400",
        b"01",
        b"'red'",
        b'"\x01"',
        b"[" * 100_000 + b"]" * 100_000,
    ],
    ids=lambda extra: repr(extra[:8]),
)
def test_what_is_not_json_is_refused_under_a_name_that_is_ignored_too(extra: bytes) -> None:
    assert refused("service-requests", beside(extra))


@pytest.mark.parametrize("topic", sorted(KINDS))
@pytest.mark.parametrize("depth", [1_000, 200_000])
def test_deep_nesting_is_refused_with_words(topic: str, depth: int) -> None:
    nested = b'{"parameters":' * depth + b"1" + b"}" * depth
    assert refused(topic, nested)
    assert refused(topic, b'{"colour":' + b"[" * depth + b"]" * depth + b"}")


@pytest.mark.parametrize("wrong", [b"4.8.\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"])
def test_bytes_that_are_not_utf_8_are_refused(wrong: bytes) -> None:
    assert "utf-8" in refused("service-requests", text(REQUEST).replace(b"4.8.1", wrong))


@pytest.mark.parametrize("value", [beside(b'"\xff"'), text(REQUEST)[:-1] + b', "\xff": 1}'], ids=["value", "name"])
def test_bytes_that_are_not_utf_8_are_refused_under_a_name_that_is_ignored_too(value: bytes) -> None:
    assert refused("service-requests", value)


def test_an_instant_that_is_outside_the_calendar_in_utc_is_refused() -> None:
    assert "out of range" in refused("service-requests", text(REQUEST, received_at="9999-12-31T23:59:59-01:00"))


def test_a_byte_order_mark_is_no_json() -> None:
    assert "malformed" in refused("service-requests", b"\xef\xbb\xbf" + text(REQUEST))


@pytest.mark.parametrize("topic", sorted(KINDS))
@settings(derandomize=True, max_examples=50)
@given(value=st.binary(max_size=60) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
).map(lambda each: json.dumps(each).encode()))  # fmt: skip
def test_whatever_the_bytes_are_the_decoder_gives_a_value(topic: str, value: bytes) -> None:
    assert refused(topic, value)


@settings(derandomize=True, max_examples=50)
@given(
    field=st.sampled_from(sorted({*REQUEST, "device", "role", "execute_at", "parameters"})),
    value=st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
)
def test_whatever_a_field_holds_the_decoder_gives_a_request_or_a_reason(field: str, value: object) -> None:
    found = decoded(decode_request, text(REQUEST, **{field: value}))
    assert isinstance(found, Request) or found.reason
