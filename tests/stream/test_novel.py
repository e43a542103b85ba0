"""What a record says that is not known: fields and words, told once, and nothing of what may be somebody's."""

import json

import pytest

from dcc_analytics.stream.novel import NOT_SHOWN, FieldWatch, novelties
from dcc_analytics.stream.recorded import MadeRecord
from tests.records import ALERT, DEVICE, REQUEST, RESPONSE, SCHEDULED, USER, Fields, text

AS_OF = "2026-01-01T00:00:00Z"
KNOWN: dict[str, list[Fields]] = {
    "service-requests": [
        {**REQUEST, "role": "IS", "execute_at": None, "schedule_id": "4"},
        {**REQUEST, "parameters": {"payment_mode": "credit", "devices": [DEVICE], "remote_party_role": "supplier"}},
    ],
    "service-responses": [
        RESPONSE,
        SCHEDULED,
        {**RESPONSE, "code": "W110101", "instruction": {"number": 1, "total": 1, "alert": "8F66"}},
    ],
    "alerts": [ALERT, {**ALERT, "kind": "device", "code": "8F36", "parameters": {"restored_at": AS_OF}}],
    "devices": [
        {"device": DEVICE, "as_of": AS_OF, "device_type": "ESME", "status": "Commissioned", "csp_region": "4G North",
         "gsp_group": "_A", "esme_variant": "ADE", "smets_version": "SMETS2+"},
    ],
    "incidents": [{"incident": "I-1", "category": 1, "opened_at": AS_OF, "as_of": AS_OF, "regions": ["North"]}],
    "users": [{"user": USER, "party": "NWE", "roles": ["IS", "GS"], "as_of": AS_OF, "size": "large", "group": "G"}],
}  # fmt: skip


@pytest.mark.parametrize(("topic", "fields"), [(topic, each) for topic, found in KNOWN.items() for each in found])
def test_of_what_the_contract_names_all_is_known(topic: str, fields: Fields) -> None:
    assert [] == novelties(topic, text(fields))


@pytest.mark.parametrize(
    ("topic", "changed", "expected"),
    [
        ("service-requests", {"srv": "99.1"}, [("word", "srv", "99.1")]),
        ("service-requests", {"parameters": {"payment_mode": "hybrid", "x": 1}},
         [("field", "parameters.x", ""), ("word", "parameters.payment_mode", "hybrid")]),
        ("service-responses", {"code": "E4711"}, [("word", "code", "E4711")]),
        ("service-responses", {"instruction": {"step": 3}}, [("field", "instruction.step", "")]),
        ("alerts", {"code": "8F36"}, [("word", "code", "8F36")]),  # a Device Alert's, and said of the DCC's
        ("alerts", {"role": "XX", "Role": "IS"}, [("field", "Role", ""), ("word", "role", "XX")]),
        ("devices", {"device_type": "SAPC", "status": "Dormant"},
         [("word", "device_type", "SAPC"), ("word", "status", "Dormant")]),
        ("incidents", {"regions": ["North", "East"]}, [("word", "regions", "East")]),
        ("users", {"roles": ["IS", "XX"], "size": None}, [("word", "roles", "XX")]),
    ],
)  # fmt: skip
def test_what_is_not_known_is_told_with_its_path(
    topic: str, changed: Fields, expected: list[tuple[str, str, str]]
) -> None:
    fields = {**KNOWN[topic][0], **changed}
    found = novelties(topic, text(fields))
    assert expected == [each[:3] for each in found]
    assert all(each.comes_of_it for each in found)


@pytest.mark.parametrize("word", [DEVICE, "1012345678903", "10 Elm Road, Mrs\nGrey", "x" * 60, "é", "\x1b[2J", "'"])
def test_what_may_be_somebodys_is_not_shown(word: str) -> None:
    assert [("word", "role", NOT_SHOWN)] == [each[:3] for each in novelties("alerts", text(ALERT, role=word))]
    assert [("field", NOT_SHOWN, "")] == [each[:3] for each in novelties("alerts", text({**ALERT, word: 1}))]


@pytest.mark.parametrize("value", [b"", b"<a/>", b"[]", b"null", b"\xff", b'{"a":', b"[" * 20_000, b'{"code": 5}'])
def test_of_what_is_no_record_nothing_is_told(value: bytes) -> None:
    assert [] == [each for each in novelties("service-responses", value) if each.path != "code"]


def records(*values: bytes | None) -> list[MadeRecord]:
    return [MadeRecord(number, 0, None, value) for number, value in enumerate(values)]


def test_a_field_is_told_once_and_a_topic_is_looked_at_once_in_a_while() -> None:
    watch = FieldWatch(every_s=1.0)
    newer, newest = text({**ALERT, "x": 1}), text({**ALERT, "x": 1, "y": 2})
    assert ["x"] == watch.look("alerts", records(text(ALERT), newer), 0.0)
    assert [] == watch.look("alerts", records(newest), 0.9)
    assert ["y"] == watch.look("alerts", records(newest), 1.0)
    assert [] == watch.look("alerts", records(newest), 5.0)
    assert ["x"] == watch.look("service-responses", records(text({**RESPONSE, "x": 1})), 5.0)


def test_a_feed_that_makes_up_names_is_told_of_up_to_a_bound() -> None:
    watch = FieldWatch(every_s=0.0, most=3)
    names = [
        name for n in range(9) for name in watch.look("alerts", records(json.dumps({f"n{n}": 1}).encode()), float(n))
    ]
    assert ["n0", "n1", "n2"] == names


def test_nothing_is_told_of_no_records_of_records_without_value_and_of_strays() -> None:
    watch = FieldWatch(every_s=0.0)
    assert [] == watch.look("alerts", [], 0.0)
    assert [] == watch.look("alerts", records(None), 0.0)
    assert [] == watch.look("strays", records(b'{"x": 1}'), 0.0)
