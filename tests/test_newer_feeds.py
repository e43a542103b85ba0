"""A newer feed: fields nobody knows change no figure, and each word nobody knows leads to what the contract says.

A month of one request and one Alert is told in words that are known. Told again with one that is not, what was counted
under the known word is counted where the contract puts the other (sections 1, 2, 3.3, 4 and 8), and nothing else moved.
"""

import re
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.take import Snapshot, freeze
from tests.aggregators.test_golden_ledgers import differing, said
from tests.driver import Driver
from tests.golden_ledgers import FEED, FETCH, IN_THE_END, PARTITIONS, figures, taken
from tests.in_process import collected, write_packs
from tests.recorded_sample import TOPICS, lines
from tests.records import DEVICE, Fields
from tests.story import OCTOBER, Story

# -- fields ------------------------------------------------------------------------------------------------

#: What a newer feed may add to any object of a record.
MORE: Final = b'"colour":"red","x_trace":null,"shade":{"device":"none","srv":[1,2.5,{}]},"Srv":"9.9","":true'
_OBJECT: Final = re.compile(rb'(^|"(?:parameters|instruction)":\s*)\{(\s*\})?')


def newer(value: bytes) -> bytes:
    """Return a record as a newer feed may send it: its own objects have more fields, of every type."""
    return _OBJECT.sub(lambda found: found[1] + b"{" + MORE + (b"}" if found[2] else b","), value)


@pytest.mark.slow
def test_fields_nobody_knows_in_every_record_change_no_figure() -> None:
    driver, changed = Driver(PARTITIONS), 0
    for topic in TOPICS:
        for line in lines(topic, FEED):
            value = None if line.value is None else newer(line.value)
            changed += value != line.value
            driver.publish(topic, line.key, value, line.timestamp_ms)
    assert changed > 1_000
    driver.run(FETCH)
    assert [] == differing(said(IN_THE_END), figures(taken(driver)))


# -- words -------------------------------------------------------------------------------------------------


class Case(NamedTuple):
    """One word that is not known.

    Attributes:
        where: the record it stands in.
        fields: with the word.
        moved: what is another in the month than it is in known words: (table, columns that differ, as they are now).
        known: fields both times, where the word needs a message of another kind.
    """

    where: str
    fields: Fields
    moved: dict[str, Fields]
    known: Fields = {}  # noqa: RUF012 (of a tuple)


_OTHER: Final[Fields] = {"process": "Other SRVs", "in_time": None}
_FAILED: Final[Fields] = {"successes": 0, "failures": 1, "in_time": 0}
CASES: Final = {
    "SRV": Case(
        "request", {"srv": "99.1"}, {"round_trips_monthly": {**_OTHER, "srv": "99.1"}},
    ),
    "Role of a request": Case("request", {"role": "XX"}, {"round_trips_monthly": {"role": "XX"}}),
    "payment mode": Case(
        "request", {"parameters": {"payment_mode": "hybrid"}}, {"round_trips_monthly": _OTHER},
        {"srv": "1.6", "parameters": {"payment_mode": "prepayment"}},
    ),
    "credential type": Case(
        "request", {"parameters": {"credential_type": "quantum"}}, {"round_trips_monthly": {**_OTHER, "variant": ""}},
        {"srv": "6.17", "parameters": {"credential_type": "key_agreement"}},
    ),
    "remote party role": Case(
        "request", {"parameters": {"remote_party_role": "prosumer"}}, {"round_trips_monthly": _OTHER},
        {"srv": "6.15.1", "parameters": {"remote_party_role": "network_operator"}},
    ),
    "code of class I": Case("response", {"code": "I7"}, {}),
    "code of class W": Case("response", {"code": "W999999"}, {}),
    "code of class E": Case("response", {"code": "E4711"}, {"round_trips_monthly": _FAILED}),
    "code of no class": Case("response", {"code": "X7"}, {"round_trips_monthly": _FAILED}),
    "Alert code": Case("alert", {"code": "N99"}, {"alerts": {"code": "N99", "name": ""}}),
    "Device Alert code": Case(
        "alert", {"code": "8FEE"}, {"alerts": {"code": "8FEE", "name": ""}}, {"kind": "device", "code": "8F36"}
    ),
    "Role of an Alert": Case("alert", {"role": "XX"}, {"alerts": {"role": "XX"}}),
    "Device Type": Case(
        "device", {"device_type": "SAPC"},
        {"round_trips_daily": {"meter_type": "None"}, "alerts": {"device_type": "SAPC", "meter_type": "None"}},
    ),
    "Region": Case(
        "device", {"csp_region": "East"}, {"round_trips_daily": {"region": "East"}, "alerts": {"region": "East"}}
    ),
    "SMETS version": Case(
        "device", {"smets_version": "SMETS3"},
        {
            "round_trips_monthly": {"in_time": None}, "round_trips_daily": {"smets_version": "SMETS3"},
            "alerts": {"smets_version": "SMETS3"},
        },
    ),
    "status": Case("device", {"status": "Dormant"}, {}),
    "size of a Party": Case("user", {"size": "tiny"}, {}),
}  # fmt: skip

#: Of each table what is the Members' own, without what follows from a word that is in another column.
COLUMNS: Final = {
    "round_trips_monthly": (
        "party", "role", "process", "srv", "variant", "requests", "successes", "failures", "open", "in_time",
    ),
    "round_trips_daily": (
        "party", "day", "meter_type", "region", "smets_version", "requests",
    ),
    "alerts": (
        "party", "role", "day", "kind", "code", "name", "device_type", "meter_type", "region", "smets_version",
        "manufacturer", "model", "firmware_version", "delivered", "failed", "represented",
    ),
}  # fmt: skip


def month(where: str = "", fields: Fields | None = None) -> tuple[Story, Snapshot]:
    """Tell a month with fields that are others in one record."""
    given = {where: fields or {}}
    story = Story(2)
    story.device(**given.get("device", {}))
    story.user(**given.get("user", {}))
    story.request(**given.get("request", {}))
    story.response(**given.get("response", {}))
    story.alert(**given.get("alert", {}))
    story.let_time_pass()
    story.run()
    story.run()
    return story, freeze(collected(story.driver), OCTOBER, read_rules())


def rows(snapshot: Snapshot, table: str) -> list[dict[str, Any]]:
    found = snapshot.tables.by_name[table].select(COLUMNS[table]).to_dicts()
    return [row for row in found if row.get("requests") != 0 and row.get("code") != "CLOCK"]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_word_nobody_knows_is_counted_where_the_contract_says_and_moves_nothing_else(
    case: Case, tmp_path: Path
) -> None:
    _, known = month(case.where, case.known)
    story, found = month(case.where, {**case.known, **case.fields})
    assert [] == story.reasons()
    for table in COLUMNS:
        (row,) = rows(known, table)
        assert [{**row, **case.moved.get(table, {})}] == rows(found, table)
    counts = found.totals["month"]
    assert (1, 0) == (counts["requests"], counts["open"])
    write_packs(found, tmp_path / "packs")


def test_a_code_nobody_knows_is_the_reason_of_its_failures_and_a_warning_is_one() -> None:
    for code, reasons in (("X7", {"X7": 1}), ("E4711", {"E4711": 1}), ("i0", {"i0": 1}), ("I7", {})):
        assert reasons == month("response", {"code": code})[1].totals["reasons"]
    assert 1 == month("response", {"code": "W999999"})[1].totals["month"]["warnings"]


def test_a_status_nobody_knows_is_not_yet_commissioned_only_as_the_date_says() -> None:
    """1.1.1 is Install and Commission on a Device that is not commissioned (contract sections 4 and 8)."""

    def process(**device: Any) -> str:  # noqa: ANN401 (fields of a record)
        story = Story()
        story.device(**device)
        story.user()
        story.request(srv="1.1.1")
        story.response()
        story.let_time_pass()
        story.run()
        story.run()
        (row,) = rows(freeze(collected(story.driver), OCTOBER, read_rules()), "round_trips_monthly")
        return str(row["process"])

    assert "Install and Commission" == process(status="Pending")
    assert "Tariff Updates" == process(status="Commissioned") == process(status="Dormant")
    assert "Install and Commission" == process(status="Dormant", date_commissioned="2026-10-05")
    assert "Tariff Updates" == process(status="Dormant", date_commissioned=...)


#: Words that decide how a record is read: one nobody knows makes it a dead letter (section 8).
REFUSED: Final[list[tuple[str, str, Fields]]] = [
    ("service-requests", "request", {"command_variant": 9}),
    ("service-responses", "response", {"kind": "part"}),
    ("service-responses", "response", {"device_result": "maybe"}),
    (
        "service-responses", "response",
        {"kind": "future_dated", "instruction": {"number": 1, "total": 1, "alert": "8F68"}},
    ),
    ("alerts", "alert", {"kind": "hub"}),
    ("alerts", "alert", {"outcome": "queued"}),
    ("alerts", "alert", {"parameters": {"target_device": DEVICE, "result": "partly"}}),
]  # fmt: skip


@pytest.mark.parametrize(("topic", "where", "fields"), REFUSED, ids=lambda each: str(each)[:40])
def test_a_word_that_decides_how_a_record_is_read_makes_a_dead_letter_of_it(
    topic: str, where: str, fields: Fields
) -> None:
    story, found = month(where, fields)
    assert {topic: 1} == found.totals["dead_letters"]
    assert 1 == len(story.reasons())
    without = {"request": 0, "response": 1, "alert": 1}[where]
    assert without == found.totals["month"]["requests"]
    assert (where != "alert") == bool(rows(found, "alerts"))
    assert {"response": {"NO-RESPONSE": 1}}.get(where, {}) == found.totals["reasons"]


def test_a_role_nobody_knows_in_the_directory_is_a_member_and_takes_no_message_that_says_none(tmp_path: Path) -> None:
    """None of the Party's roles may send the SRV: it counts as OU (contract section 2)."""
    story = Story()
    story.device()
    story.user("90-B3-D5-1F-30-01-00-00", "NWE", "XX")
    story.request(role=...)
    story.response()
    story.let_time_pass()
    story.run()
    story.run()
    found = freeze(collected(story.driver), OCTOBER, read_rules())
    assert [("NWE", "OU"), ("NWE", "XX")] == found.tables.by_name["members"].select("party", "role").rows()
    (row,) = rows(found, "round_trips_monthly")
    assert ("OU", 1) == (row["role"], row["requests"])
    write_packs(found, tmp_path / "packs")
    assert {"NWE-OU", "NWE-XX"} == {path.name for path in (tmp_path / "packs").iterdir()}
