"""Ids that are no Device's."""

from dcc_analytics.catalogue.identities import DCC_IDS


def test_the_dcc_is_known_by_its_id_in_upper_case() -> None:
    assert frozenset({"90-B3-D5-1F-30-00-00-02"}) == DCC_IDS
