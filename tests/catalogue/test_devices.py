"""The fields of a Device's record."""

import re

from dcc_analytics.catalogue.devices import DEVICE_FIELDS

NAMES = [field.name for field in DEVICE_FIELDS]


def test_there_are_44_fields_the_inventory_file_begins_with_device_type_and_status_r_inv_3() -> None:
    assert len(set(NAMES)) == len(NAMES) == 44
    assert NAMES[:3] == ["device", "device_type", "status"]


def test_names_are_snake_case_with_acronyms_as_one_word() -> None:
    assert [] == [name for name in NAMES if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name)]
    assert [] == [name for name in NAMES if re.search(r"(^|_)[a-z](_|$)", name)]


def test_the_names_the_contract_gives_are_there() -> None:
    assert {
        "csp_region", "smets_chts_version", "import_mpxn", "cpl_status", "device", "device_type", "status", "chf",
        "post_code", "address_identifier", "date_commissioned", "import_supplier_id", "export_supplier_id",
        "gas_supplier_id", "network_operator_id", "smets_version", "meter_type",
    } <= set(NAMES)  # fmt: skip


def test_each_field_says_what_it_means_and_where_that_is_from() -> None:
    assert all(field.meaning and field.source and field.kind for field in DEVICE_FIELDS)
    assert {field.name for field in DEVICE_FIELDS if not field.verified} >= {
        "hardware_version",
        "payment_mode",
    }
