"""What a column and a file are."""

import pytest

from dcc_analytics.catalogue.devices import DEVICE_FIELDS
from dcc_analytics.render.columns import Column, FileDefinition, Kind
from dcc_analytics.render.files import FILES
from tests.render.snapshot_maker import SCHEMAS

#: Contract section 6, word for word.
CONTRACT = {
    "round_trips_monthly": "process, srv, variant, requests, successes, failures, open, success_rate, failure_rate, "
    "in_time, rtt_n, rtt_best_s, rtt_worst_s, rtt_mean_s, rtt_median_s, industry_success_rate, industry_failure_rate, "
    "industry_rtt_best_s, industry_rtt_worst_s, industry_rtt_mean_s, industry_rtt_median_s, peer_failure_rate_p25, "
    "peer_failure_rate_median, peer_failure_rate_p75, peers, benchmark_status",
    "peer_values": "process, srv, variant, measure, position, value",
    "round_trips_daily": "day, process, srv, variant, meter_type, region, smets_version, requests, successes, "
    "failures, success_rate, rtt_n, rtt_best_s, rtt_worst_s, rtt_mean_s, industry_success_rate, industry_rtt_mean_s, "
    "peer_failure_rate_median, incident_category, benchmark_status",
    "failures": "day, process, srv, variant, reason_code, reason, meter_type, region, smets_version, device_type, "
    "manufacturer, model, firmware_version, failures",
    "alerts_monthly": "kind, code, name, delivered, failed, represented, success_rate, delivery_n, delivery_best_s, "
    "delivery_worst_s, delivery_mean_s, delivery_median_s, industry_success_rate, industry_delivery_mean_s, "
    "peer_failure_rate_median, peers, benchmark_status, industry_delivery_best_s, industry_delivery_worst_s, "
    "industry_delivery_median_s",
    "inventory_models": "device_type, manufacturer, model, firmware_version, devices, share, industry_share, "
    "peer_share_p25, peer_share_median, peer_share_p75, peers, benchmark_status",
}


#: Files with more columns than the contract's.
OWN_COLUMNS = ("round_trips_monthly", "alerts_monthly")


@pytest.mark.parametrize("name", CONTRACT)
def test_files_have_the_columns_of_the_contract_in_its_order_and_others_to_the_right(name: str) -> None:
    expected = CONTRACT[name].split(", ")
    assert expected == list(FILES[name].header)[: len(expected)]
    assert name in OWN_COLUMNS or len(expected) == len(FILES[name].header)


@pytest.mark.parametrize("name", FILES)
def test_every_column_of_a_file_is_in_the_table_of_the_snapshot(name: str) -> None:
    assert set() == {column.source for column in FILES[name].columns} - set(SCHEMAS[name])


def test_the_inventory_begins_as_the_contract_says_and_has_every_field_of_a_device_once() -> None:
    header = FILES["inventory"].header
    assert ("device", "device_type", "status") == header[:3]
    assert tuple(field.name for field in DEVICE_FIELDS) == header
    assert "device" == FILES["inventory"].key[0]


def test_a_file_and_its_metadata_are_named_alike() -> None:
    assert ("failures.csv", "failures.csv-metadata.json") == (
        FILES["failures"].file_name,
        FILES["failures"].metadata_name,
    )


def test_a_column_of_seconds_says_so_at_the_end_of_its_name() -> None:
    with pytest.raises(ValueError, match="column mean holds seconds; its name has to end in _s"):
        Column("mean", Kind.SECONDS, "Mean")


def test_a_file_names_no_column_twice() -> None:
    with pytest.raises(ValueError, match="file f names a column twice"):
        FileDefinition.of("f", "F", "", Column("a", Kind.TEXT, "A"), Column("a", Kind.COUNT, "A"), key=1)


def test_the_key_of_a_file_names_its_columns() -> None:
    with pytest.raises(ValueError, match="file f has no column b, which its key names"):
        FileDefinition("f", "F", "", (Column("a", Kind.TEXT, "A"),), ("a", "b"))
