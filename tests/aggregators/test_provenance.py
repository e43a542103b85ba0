"""What a ledger says of itself: partitions, and whose commits it begins with."""

import pytest

from dcc_analytics.aggregators.checkpoint import read_back
from dcc_analytics.aggregators.delta import to_bytes
from dcc_analytics.aggregators.provenance import (
    KEY,
    Before,
    Provenance,
    check_partitions,
    merged,
    provenance_of,
    provenance_record,
)
from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.snapshot.audit import Audited, ledger_sums

SAID = Provenance(4, [Before("dcca", {"alerts/0": 7})])


def test_what_is_said_is_read_back() -> None:
    key, value = provenance_record(SAID)
    assert value is not None
    assert provenance_of({key: value}) == SAID
    assert provenance_of({}) is None


def test_a_record_that_was_changed_is_refused() -> None:
    key, value = provenance_record(SAID)
    assert value is not None
    with pytest.raises(StateError, match=r"^the ledger's provenance is damaged"):
        provenance_of({key: value[:-1] + bytes((value[-1] ^ 1,))})


def test_the_state_of_a_shard_does_not_hang_on_it() -> None:
    assert 0 == read_back({b"v": to_bytes(1), KEY: to_bytes(SAID)}).seq


@pytest.mark.parametrize("said", [None, Provenance(6)])
def test_a_ledger_of_as_many_partitions_or_of_an_older_release_is_taken(said: Provenance | None) -> None:
    check_partitions(said, 6, "dcca-ledger")


def test_a_ledger_of_fewer_partitions_than_there_are_is_refused_with_what_to_do() -> None:
    with pytest.raises(
        StateError, match=r"^the ledger dcca-ledger is folded by 4 partitions, the topics have 6: .*rekey"
    ):
        check_partitions(SAID, 6, "dcca-ledger")


def test_the_audit_knows_whose_name_each_record_sent_out_carries() -> None:
    """A ledger restored twice: up to 7 by dcca, up to 9 by dcca-2, then by dcca-3."""
    said = [
        Provenance(2, [Before("dcca", {"alerts/0": 7}), Before("dcca-2", {"alerts/0": 9})]),
        Provenance(2, [Before("dcca", {"alerts/1": 3}), Before("dcca-2", {"alerts/1": 3})]),
        None,
    ]
    audit = ledger_sums([], merged(said))
    assert [{"alerts/0": 7, "alerts/1": 3}, {"alerts/0": 9, "alerts/1": 3}] == [
        each["applied"] for each in audit["before"]
    ]
    audited = Audited.of({"month": "2026-10", "application": "dcca-3", "audit": audit, "offsets": {}})
    names = [audited.folded_by(("alerts", 0), offset) for offset in (6, 7, 8, 9)]
    assert ["dcca", "dcca-2", "dcca-2", "dcca-3"] == names
    assert "dcca-3" == audited.folded_by(("alerts", 1), 3)


def test_an_audited_month_of_the_lost_ledger_is_gone_on_from_if_the_file_was_exported_after_it() -> None:
    place = ("alerts", 0)
    now = Audited("2026-11", "dcca-2", {place: 0}, {place: 9}, {}, (("dcca", {place: 7}),))
    assert now.follows(Audited("2026-10", "dcca", {place: 0}, {place: 7}, {}))
    assert not now.follows(Audited("2026-10", "dcca", {place: 0}, {place: 8}, {}))
    assert not now.follows(Audited("2026-10", "other", {place: 0}, {place: 7}, {}))
