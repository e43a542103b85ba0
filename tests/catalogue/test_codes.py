"""Codes: their class for every text, their words only where these are verified."""

import pytest

from dcc_analytics.catalogue.codes import alert_name, outcome_class, reason_text
from dcc_analytics.catalogue.tables import Row, read_table

RESPONSES = tuple(read_table("response_codes.csv", ("code", "meaning")))
DCC_ALERTS = tuple(read_table("dcc_alerts.csv", ("code", "name", "recipients", "payload")))
DEVICE_ALERTS = tuple(
    read_table(
        "device_alerts.csv",
        ("code", "name", "device_types", "category", "recipient_role", "criticality", "delivery"),
    )
)


@pytest.mark.parametrize(("count", "rows"), [(194, RESPONSES), (66, DCC_ALERTS), (189, DEVICE_ALERTS)])
def test_every_code_is_there_once(count: int, rows: tuple[Row, ...]) -> None:
    assert len({row.text("code") for row in rows}) == len(rows) == count


@pytest.mark.parametrize(
    ("expected", "code"),
    [
        ("success", "I0"), ("success", "I99"), ("warning", "W110101"), ("failure", "E20"), ("failure", "DE300"),
        ("failure", "i0"), ("failure", ""), ("failure", "0"),
    ],
)  # fmt: skip
def test_the_letter_of_a_code_is_its_class_and_what_begins_otherwise_is_a_failure(expected: str, code: str) -> None:
    assert outcome_class(code) == expected


@pytest.mark.parametrize(
    ("begins", "code"),
    [
        ("Failed authorisation: the Device does not exist", "E19"),
        ("Communications failure: no Response received from the Device", "E21"),
        ("Failure to receive Response from Device", "N13"),
        ("SMETS1 Service Provider (S1SP)", "N55"),
    ],
)
def test_a_verified_reason_has_its_words(begins: str, code: str) -> None:
    assert reason_text(code).startswith(begins)


@pytest.mark.parametrize("code", ["NO-RESPONSE", "I0-DEVICE", "8F67"])
def test_the_reasons_of_our_own_rules_have_words_of_our_own(code: str) -> None:
    assert reason_text(code)


@pytest.mark.parametrize("code", ["E65", "E1003", "E120201", "N12", "N53", "N60", "DE300", "", "E999999"])
def test_an_unverified_or_unknown_reason_has_none(code: str) -> None:
    assert reason_text(code) == ""


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        ("Failure to receive Response from Device", "dcc", "N13"),
        ("Supply Outage Restored - Outage >= 3 minutes", "device", "8F36"),
        ("", "dcc", "AD1"),
        ("", "dcc", "N12"),
        ("", "dcc", "N32"),
        ("", "dcc", "8F36"),
        ("", "device", "N13"),
        ("", "device", "9ABC"),
    ],
)
def test_an_alert_has_its_name_where_it_is_verified(name: str, kind: str, code: str) -> None:
    assert alert_name(kind, code) == name


def test_the_dcc_alerts_with_a_name_to_print_are_those_the_modification_report_names() -> None:
    assert {row.text("code") for row in DCC_ALERTS if alert_name("dcc", row.text("code"))} == {
        "N13", "N16", "N42", "N55",
    }  # fmt: skip


def test_no_word_of_an_unverified_row_is_ever_given_out() -> None:
    for row in (*RESPONSES, *DCC_ALERTS):
        if not row.flag("verified"):
            assert reason_text(row.text("code")) == "", row
    for kind, rows in (("dcc", DCC_ALERTS), ("device", DEVICE_ALERTS)):
        for row in rows:
            expected = row.optional("name") if row.flag("verified") else ""
            assert alert_name(kind, row.text("code")) == expected


def test_no_text_to_print_says_that_it_was_not_obtained() -> None:
    texts = [reason_text(row.text("code")) for row in RESPONSES]
    assert [] == [text for text in texts if "not obtained" in text]
    assert sum(map(bool, texts)) == 15
