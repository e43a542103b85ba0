"""Table 1, and where each Service Request counts: contract sections 4 and 8."""

from itertools import product

import pytest

from dcc_analytics.catalogue.processes import (
    HELD_SRVS,
    OTHER,
    PROCESSES,
    TABLE_1,
    Placement,
    TableRow,
    place,
    place_held,
)
from dcc_analytics.catalogue.service_requests import SERVICE_REQUESTS
from dcc_analytics.stream.events import NO_PARAMETERS, Parameters

INSTALL = "Install and Commission"
GAIN = "Change of Supplier (Gain)"
SECURITY = "Security and Key Management"
NETWORKS = "Distribution Networks Post I&C Activity"
SUPPLIER = Parameters(remote_party_role="supplier")


def test_table_1_has_its_71_rows_in_order() -> None:
    assert [row.number for row in TABLE_1] == list(range(1, 72))
    assert [row.number for row in TABLE_1 if row.derived] == [10, 11, 12, 16, 17]


def test_the_processes_stand_in_the_order_of_table_1_and_end_with_the_others() -> None:
    assert (PROCESSES[0], PROCESSES[1], PROCESSES[-1]) == (INSTALL, GAIN, OTHER)
    assert len(PROCESSES) == 16


def test_the_requests_that_rows_or_measures_name_are_those_marked_as_in_table_1() -> None:
    named = {srv for row in TABLE_1 for srv in row.srvs}
    assert named == {srv for srv, kind in SERVICE_REQUESTS.items() if kind.in_table_1}


def test_a_row_that_is_no_measure_names_one_request() -> None:
    assert {len(row.srvs) for row in TABLE_1 if not row.derived} == {1}


def test_requests_that_only_facts_can_place_are_held() -> None:
    assert HELD_SRVS == {"1.1.1", "6.8", "6.21", "8.7.2"}
    by_facts = {row.srvs[0] for row in TABLE_1 if row.context or row.qualifier.startswith("joins")}
    assert by_facts == HELD_SRVS


@pytest.mark.parametrize(
    ("srv", "process"),
    [(row.srvs[0], row.process) for row in TABLE_1 if not (row.derived or row.qualifier or row.context)],
)
def test_a_row_without_condition_places_its_request_whatever_the_message_says(srv: str, process: str) -> None:
    assert place(srv, NO_PARAMETERS) == Placement(process)
    assert place(srv, SUPPLIER) == Placement(process)


@pytest.mark.parametrize(
    ("expected", "srv", "said"),
    [
        (Placement("Prepayment"), "1.6", Parameters(payment_mode="prepayment")),
        (Placement(OTHER), "1.6", Parameters(payment_mode="credit")),
        (Placement(OTHER), "1.6", NO_PARAMETERS),
        (Placement("Prepayment"), "2.2", Parameters(top_up_pence=1)),
        (Placement("Prepayment"), "2.2", Parameters(top_up_pence=0.5)),
        (Placement("Prepayment"), "2.2", NO_PARAMETERS),
        (Placement(OTHER), "2.2", Parameters(top_up_pence=0)),
        (Placement(OTHER), "2.2", Parameters(top_up_pence=-500)),
        (Placement(NETWORKS), "6.15.1", Parameters(remote_party_role="network_operator")),
        (Placement(OTHER), "6.15.1", SUPPLIER),
        (Placement(OTHER), "6.15.1", NO_PARAMETERS),
        (Placement(SECURITY, "digital_signature"), "6.15.2", Parameters(credential_type="digital_signature")),
        (Placement(SECURITY, "key_agreement"), "6.15.2", Parameters(credential_type="key_agreement")),
        (Placement(SECURITY, "digital_signature"), "6.17", Parameters(credential_type="digital_signature")),
        (Placement(SECURITY, "key_agreement"), "6.17", Parameters(credential_type="key_agreement")),
        (Placement(OTHER), "6.17", NO_PARAMETERS),
        (Placement(OTHER), "6.17", Parameters(credential_type="other")),
        (Placement(NETWORKS), "6.22", NO_PARAMETERS),
        (Placement(NETWORKS), "6.22", SUPPLIER),
    ],
)
def test_a_qualifier_lets_in_what_the_message_says_r_pp_1_r_sec_1_r_dn_1(
    expected: Placement, srv: str, said: Parameters
) -> None:
    assert place(srv, said) == expected


@pytest.mark.parametrize("srv", ["8.14.2", "3.1", "6.11", "8.5", "99.1", "", "=1+1"])
def test_what_no_row_names_is_under_other_srvs(srv: str) -> None:
    assert place(srv, NO_PARAMETERS) == Placement(OTHER)


@pytest.mark.parametrize("srv", sorted(set(SERVICE_REQUESTS) - HELD_SRVS))
def test_every_request_has_a_process_of_table_1(srv: str) -> None:
    assert place(srv, NO_PARAMETERS).process in PROCESSES


@pytest.mark.parametrize(
    ("srv", "installing", "gained", "neither"),
    [
        ("1.1.1", INSTALL, GAIN, "Tariff Updates"),
        ("6.8", INSTALL, GAIN, OTHER),
        ("6.21", INSTALL, SECURITY, SECURITY),
    ],
)
def test_installation_comes_before_gain_and_gain_before_the_rest_r_ic_4_r_sec_2(
    srv: str, installing: str, gained: str, neither: str
) -> None:
    def found(*, install: bool, gain: bool) -> Placement:
        return place_held(srv, SUPPLIER, installing=install, gained=gain, joins_gpf_with_gsme=False)

    assert found(install=True, gain=True) == Placement(installing)
    assert found(install=True, gain=False) == Placement(installing)
    assert found(install=False, gain=True) == Placement(gained)
    assert found(install=False, gain=False) == Placement(neither)


@pytest.mark.parametrize("row", [row for row in TABLE_1 if row.context], ids=lambda row: f"row {row.number}")
def test_a_row_with_a_context_is_where_its_request_counts_in_that_context(row: TableRow) -> None:
    installing, gained = row.context == "installing", row.context == "gained"
    found = place_held(row.srvs[0], SUPPLIER, installing=installing, gained=gained, joins_gpf_with_gsme=False)
    assert found == Placement(row.process)


@pytest.mark.parametrize("said", [NO_PARAMETERS, Parameters(remote_party_role="network_operator")])
def test_a_handover_to_no_supplier_is_under_other_srvs_whatever_the_facts(said: Parameters) -> None:
    for installing, gained in product((False, True), repeat=2):
        found = place_held("6.21", said, installing=installing, gained=gained, joins_gpf_with_gsme=False)
        assert found == Placement(OTHER)


def test_a_join_counts_as_installation_when_it_joins_a_gpf_with_a_gsme() -> None:
    for installing, gained in product((False, True), repeat=2):
        joins = place_held("8.7.2", NO_PARAMETERS, installing=installing, gained=gained, joins_gpf_with_gsme=True)
        other = place_held("8.7.2", NO_PARAMETERS, installing=installing, gained=gained, joins_gpf_with_gsme=False)
        assert (joins, other) == (Placement(INSTALL), Placement(OTHER))


def test_the_rules_place_a_request_under_each_row_that_names_it_and_under_no_other() -> None:
    """The data's qualifiers and contexts and the code's rules are one table said twice: neither may move alone."""
    said = [
        Parameters(payment_mode=payment, credential_type=credential, remote_party_role=remote, top_up_pence=pence)
        for payment, credential, remote, pence in product(
            (None, "prepayment", "credit"),
            (None, "digital_signature", "key_agreement"),
            (None, "supplier", "network_operator"),
            (None, -1, 1),
        )
    ]
    for srv in SERVICE_REQUESTS:
        if srv in HELD_SRVS:
            reached = {
                place_held(srv, each, installing=installing, gained=gained, joins_gpf_with_gsme=joins)
                for each in said
                for installing, gained, joins in product((False, True), repeat=3)
            }
        else:
            reached = {place(srv, each) for each in said}
        rows = {
            Placement(row.process, row.qualifier.partition("credential_type=")[2])
            for row in TABLE_1
            if not row.derived and srv in row.srvs
        }
        assert reached - {Placement(OTHER)} == rows - {Placement(OTHER)}, srv
