"""What is counted apart and what together."""

import pytest

from dcc_analytics.aggregators.interned import Interned
from dcc_analytics.aggregators.keys import (
    AlertDigestKey,
    AlertKey,
    CellKey,
    DigestKey,
    FailureKey,
    digest_number,
    role_or_type,
    sharing_texts,
)
from dcc_analytics.catalogue.months import Month, day_of
from dcc_analytics.stream.estate import UNKNOWN_FACTS, Facts
from tests.desk import DAY, NOON, USER


def cell(**changed: object) -> CellKey:
    said = {
        "user": USER, "role": "IS", "process": "Meter Reads", "srv": "4.8.1", "variant": "", "transform": False,
        "day": day_of(NOON), "meter_type": "Electricity", "region": "North", "smets_version": "SMETS2+",
    }  # fmt: skip
    return CellKey(**(said | changed))  # type: ignore[arg-type]  # fields of the key


def digest_of(cell: CellKey) -> DigestKey:
    keys: Interned[DigestKey] = Interned()
    return keys.keys[digest_number(cell, keys)]


@pytest.mark.parametrize(
    ("expected", "role", "facts"),
    [
        ("IS", "IS", Facts(device_type="GSME")),
        ("?GSME", "", Facts(device_type="GSME")),
        ("?Unknown", "", UNKNOWN_FACTS),
    ],
)
def test_a_role_nobody_said_is_kept_as_the_device_type(expected: str, role: str, facts: Facts) -> None:
    assert expected == role_or_type(role, facts)


@pytest.mark.parametrize(
    "changed",
    [{"user": "U"}, {"role": "ES"}, {"process": "P"}, {"srv": "1"}, {"variant": "v"}, {"transform": True},
     {"region": "South"}, {"day": day_of(Month(2026, 11).start_us)}],
    ids=lambda changed: next(iter(changed)),
)  # fmt: skip
def test_times_of_other_users_services_legs_regions_and_months_are_kept_apart(changed: dict[str, object]) -> None:
    assert digest_of(cell()) != digest_of(cell(**changed))


@pytest.mark.parametrize(
    "changed", [{"day": day_of(NOON + 20 * DAY)}, {"meter_type": "Gas"}, {"smets_version": "SMETS1"}], ids=str
)
def test_times_of_a_months_days_meter_types_and_versions_are_kept_together(changed: dict[str, object]) -> None:
    assert digest_of(cell()) == digest_of(cell(**changed))


def test_a_digest_is_of_the_month_its_day_is_in() -> None:
    october = Month(2026, 10)
    days = (day_of(october.start_us - 1), day_of(october.start_us), day_of(october.end_us - 1), day_of(october.end_us))
    assert [-1, 0, 0, 1] == [digest_of(cell(day=day)).month - october.number for day in days]


def test_keys_keep_their_fields_in_order_for_the_ledger_reads_them_by_place() -> None:
    assert CellKey._fields == (
        "user", "role", "process", "srv", "variant", "transform", "day", "meter_type", "region", "smets_version",
    )  # fmt: skip
    assert DigestKey._fields == ("user", "role", "process", "srv", "variant", "transform", "region", "month")
    assert FailureKey._fields == ("user", "role", "process", "srv", "variant", "day", "reason", "facts")
    assert AlertDigestKey._fields == ("recipient", "role", "kind", "code", "month")
    assert AlertKey._fields == ("digest", "day", "facts")


def test_keys_that_are_read_back_share_their_texts() -> None:
    """Each is decoded with texts of its own."""
    decoded = [cell(region=str(b"North", "ascii"), srv=f"4.8.{each}") for each in (1, 1, 2)]
    shared = sharing_texts(decoded)
    assert decoded == shared
    assert {CellKey} == set(map(type, shared))
    assert 1 == len({id(key.region) for key in shared})
    assert 2 == len({id(key.srv) for key in shared})


@pytest.mark.parametrize("keys", [[], [AlertKey(1, 2, 3)], [("record", "alerts"), ("late", "alerts")]])
def test_keys_of_any_kind_are_the_same_when_they_share_their_texts(keys: list[tuple[object, ...]]) -> None:
    assert keys == sharing_texts(keys)
