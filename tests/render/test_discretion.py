"""Nobody but the recipient is named by the words of an Incident."""

import pytest

from dcc_analytics.render.pdf.discretion import WITHHELD, discreet
from dcc_analytics.render.snapshot_folder import Incident, MemberEntry

ME = MemberEntry("ME1", "Me Energy", "IS", "ME1-IS")
ME_TOO = MemberEntry("ME1", "Me Energy", "GS", "ME1-GS")
OTHER = MemberEntry("NWE", "North West (Energy)", "IS", "NWE-IS")
TINY = MemberEntry("Q", "Q", "IS", "Q-IS")


def said(text: str) -> str:
    incident = Incident(1, "INC1", 1, 0, None, ("North",), text)
    (found,) = discreet([incident], ME, [ME, ME_TOO, OTHER, TINY])
    assert ("INC1", ("North",)) == (found.incident, found.regions)
    return found.summary


@pytest.mark.parametrize(
    "text", ["NWE is down", "at nwe, since noon", "(North West (Energy))", "NORTH WEST (ENERGY): no answer", "for NWE."]
)
def test_words_that_name_another_member_are_withheld(text: str) -> None:
    assert WITHHELD == said(text)


@pytest.mark.parametrize(
    "text", ["ME1 is down", "Me Energy, both Roles", "NWEA and XNWE", "North West England", "Q", ""]
)
def test_other_words_stay_as_they_are(text: str) -> None:
    assert text == said(text)


@pytest.mark.parametrize("device", ["90-B3-D5-1F-30-00-00-01", "90-b3-d5-1f-30-00-00-01", "90:b3:d5:1f:30:00:00:01"])
def test_ids_of_devices_are_left_out(device: str) -> None:
    assert "Hub (id not shown) and (id not shown) fail" == said(f"Hub {device} and {device} fail")


def test_ids_and_regions_of_incidents_are_words_too() -> None:
    (found,) = discreet([Incident(1, "INC-NWE-1", 1, 0, None, ("North", "NWE"), "")], ME, [ME, OTHER])
    assert (WITHHELD, ("North", WITHHELD)) == (found.incident, found.regions)


def test_alone_in_the_directory_nobody_else_can_be_named() -> None:
    incident = Incident(1, "INC1", 1, 0, None, (), "NWE is down")
    assert [incident] == discreet([incident], ME, [ME])
