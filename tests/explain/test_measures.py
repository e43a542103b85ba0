"""What the rows of the special measures are said to hang on, each in a log of a few records."""

from datetime import date

import pytest

from dcc_analytics.aggregators.device_records import INSTALL_SRV, Install
from dcc_analytics.catalogue.errors import SnapshotError
from dcc_analytics.catalogue.months import Month, date_of, day_of
from dcc_analytics.explain.explanation import Explanation
from dcc_analytics.explain.installs import days_foretelling
from dcc_analytics.snapshot.installs import installs_daily
from dcc_analytics.snapshot.members import Directory, Member
from dcc_analytics.stream.instants import DAY_US
from tests.desk import DAY, DEVICE, MIN, NOON, OTHER_USER, USER, H, S, rid
from tests.explain.explained_story import explained, figures, told, whats
from tests.story import Story, at

HUB = "88-73-84-90-6A-10-0C-0F"
ED = "90-B3-D5-1F-30-09-00-00"


@pytest.mark.parametrize("first", ["2026-04-01", "2026-05-21", "2026-10-26", "2026-11-15", "2026-11-30", "2026-12-03"])
@pytest.mark.parametrize("month", [Month(2026, 12), Month(2026, 5)])
def test_the_days_that_foretell_a_day_are_those_the_product_goes_by(month: Month, first: str) -> None:
    first_day = (date.fromisoformat(first) - date_of(0)).days
    start_day = day_of(month.start_us)
    made = [
        Install(USER, "IS", INSTALL_SRV, HUB, day * DAY_US, succeeded=True)
        for day in range(first_day, start_day)
        for _ in range(1 + (day * 7) % 5)
    ] or [Install(USER, "IS", INSTALL_SRV, HUB, first_day * DAY_US, succeeded=True)]
    daily = installs_daily(made, month, Directory([]))
    counts = {day: sum(each.received_us == day * DAY_US for each in made) for day in range(start_day - 60, start_day)}
    for day, predicted in daily.select("day", "predicted").iter_rows():
        back = days_foretelling(month, day, first_day)
        expected = None if not back else round(sum(counts[each] for each in back) / len(back), 3)
        assert expected == (None if predicted is None else float(predicted))


def test_a_day_of_installs_is_told_with_the_weeks_that_foretell_it() -> None:
    story = Story()
    story.user()
    story.device(HUB, device_type="CHF")
    for number, received in enumerate((NOON - 14 * DAY, NOON - 7 * DAY, NOON - 7 * DAY + H, NOON, NOON + H), 1):
        story.request(number, received=received, target=HUB, srv="8.14.2" if number == 5 else "8.14.1")
        story.response(number, sent=received + S, target=HUB)
    printed = {
        "day": "2026-10-05", "install_and_commission": "1", "install_and_leave": "1", "predicted": "1.500",
        "predicted_low": "0.086", "predicted_high": "2.914",
    }  # fmt: skip
    said = explained(story, "installs_daily", printed)
    assert [
        "install of the day: 8.14.1",
        "install of the day: 8.14.2",
        "foretold by 2026-09-28: 2 Install and Commission",
        "foretold by 2026-09-21: 1 Install and Commission",
    ] == whats(said)
    assert printed == {"day": "2026-10-05"} | figures(said)
    assert ["2 weeks to go by: no install by anyone is known before"] == list(said.remarks)


def test_reads_that_do_not_count_for_an_install_are_told_with_why() -> None:
    story = Story()
    story.user()
    installed = NOON - 10 * DAY
    story.device(HUB, device_type="CHF")
    story.device(as_of=installed, chf=HUB)
    story.request(1, received=installed, target=HUB, srv="8.14.1")
    story.response(1, sent=installed + S, target=HUB)
    for number, received in ((2, installed - DAY), (3, installed + 31 * DAY)):
        story.request(number, received=received)
        story.response(number, sent=received + S)
    row = {"chf": HUB, "installed_at": at(installed), "window_ended_on": "2026-10-25"}
    said = explained(story, "installs_without_read", row)
    assert [
        "installed: 8.14.1",
        "meter of the hub",
        "read that does not count, on a day before the install or after the window: 4.8.1",
        "read that does not count, on a day before the install or after the window: 4.8.1",
    ] == whats(said)
    assert {"window_ended_on": "2026-10-25"} == figures(said)


def test_an_install_whose_meter_was_read_is_no_row() -> None:
    story = Story()
    story.user()
    installed = NOON - 10 * DAY
    story.device(HUB, device_type="CHF")
    story.device(chf=HUB)
    story.request(1, received=installed, target=HUB, srv="8.14.1")
    story.response(1, sent=installed + S, target=HUB)
    story.request(2, received=installed + 30 * DAY)
    story.response(2, sent=installed + 30 * DAY + S)
    row = {"chf": HUB, "installed_at": at(installed), "window_ended_on": "2026-10-25"}
    assert {"rows": "0"} == figures(explained(story, "installs_without_read", row))


def test_a_gain_is_told_with_the_reads_before_it_and_the_installs_of_its_hub() -> None:
    story = Story()
    story.user()
    story.user(OTHER_USER, "OTH")
    story.device(HUB, device_type="CHF")
    story.device(chf=HUB)
    for number, user, srv, received in (
        (1, OTHER_USER, "8.14.2", NOON - 40 * DAY), (2, USER, "8.14.1", NOON - 39 * DAY),
        (3, OTHER_USER, "4.8.1", NOON - 31 * DAY), (4, OTHER_USER, "4.8.1", NOON - DAY), (5, USER, "4.8.1", NOON - H),
        (6, USER, "6.23", NOON),
    ):  # fmt: skip
        target = HUB if srv.startswith("8") else DEVICE
        story.request(number, received=received, user=user, target=target, srv=srv)
        story.response(number, sent=received + S, user=user, target=target)
    printed = {"read_within_30_days": "true", "last_install_srv": "8.14.2"}
    said = explained(story, "cos_gains", {"device": DEVICE, "gained_at": at(NOON), **printed})
    assert [
        "gained: 6.23",
        f"Device gained, its hub then {HUB}",
        "read within the days before: 4.8.1",
        "received for its hub, of another Member: 8.14.2",
        "received for its hub, own: 8.14.1",
    ] == whats(said)
    assert printed == figures(said)
    assert said.of_others


def test_a_delivery_is_told_with_every_report_on_its_hub() -> None:
    story = Story()
    story.user()
    story.device(HUB, device_type="CHF")
    story.request(1, target=HUB, srv="11.1", parameters={"devices": [HUB, DEVICE]})
    for number, (hub, result) in enumerate(((HUB, "failure"), (DEVICE, "success"), (HUB, "success")), 1):
        story.alert(
            f"a-{number}", raised=NOON + number * DAY, code="N60", device=HUB, request_id=rid(target=HUB),
            parameters={"target_device": hub, "result": result},
        )  # fmt: skip
    printed = {"received_at": at(NOON), "delivered_at": at(NOON + 3 * DAY), "within_five_days": "true"}
    said = explained(story, "firmware_delivery", {"request_id": rid(target=HUB), "chf": HUB, **printed})
    assert ["update: 11.1", "reported failure for the hub", "reported success for the hub"] == whats(said)
    assert [True] * 3 == [each.agrees for each in said.sums]


def test_a_restoration_of_another_outage_is_told_as_no_end() -> None:
    story = Story()
    story.user(ED, "GRID", "ED")
    story.device(HUB, device_type="CHF")
    story.device(chf=HUB)
    story.alert("before", raised=NOON - H, code="8F36", kind="device", recipient=ED, role="ED",
                parameters={"interrupted_at": at(NOON - 2 * H), "restored_at": at(NOON - H)})  # fmt: skip
    story.alert("out", raised=NOON + 3 * MIN, code="AD1", device=HUB, recipient=ED, role="ED",
                parameters={"started_at": at(NOON)})  # fmt: skip
    row = {"chf": HUB, "mpxn": "", "started_at": at(NOON), "age_hours": "636.000"}
    said = explained(story, "outages_unrestored", row, user=ED, member=Member("GRID", "ED"))
    assert [
        "outage",
        f"a restoration that is not its end, without power from {at(NOON - 2 * H)} to {at(NOON - H)}",
        "the Device restored",
    ] == whats(said)
    assert {"age_hours": "636.000"} == figures(said)
    story.alert("after", raised=NOON + H, code="8F36", kind="device", recipient=ED, role="ED",
                parameters={"interrupted_at": at(NOON), "restored_at": at(NOON + H)})  # fmt: skip
    said = explained(story, "outages_unrestored", row, user=ED, member=Member("GRID", "ED"))
    assert {"rows": "0"} == figures(said)


def paired(*suppliers: tuple[str, str, int | None]) -> Story:
    """Tell an N16 for each Device and its supplier, and an N42 so many days after it."""
    story = Story()
    story.user(ED, "GRID", "ED")
    for number, (party, device, days) in enumerate(suppliers, 1):
        user = f"90-B3-D5-1F-30-0A-00-{number:02X}"
        story.user(user, party)
        story.device(device, import_supplier_id=user)
        story.alert(f"n16-{number}", raised=NOON, code="N16", device=device, recipient=ED, role="ED")
        if days is not None:
            after = NOON + days * DAY
            story.alert(f"n42-{number}", raised=after, code="N42", device=device, recipient=ED, role="ED")
    return story


def of_supplier(story: Story, supplier: str, n16: int, *columns: int) -> Explanation:
    values = dict(zip(("n16", "within_7_days", "later", "none"), map(str, (n16, *columns)), strict=True))
    row = {"supplier": supplier, **values}
    return explained(story, "n42_after_n16", row, user=ED, member=Member("GRID", "ED"))


ONE, TWO, THREE = (f"88-73-84-90-6A-10-03-0{number}" for number in (1, 2, 3))


def test_each_n16_is_told_with_the_n42_that_followed_and_whom_the_letter_stands_for() -> None:
    story = paired(("AAA", ONE, 7), ("AAA", TWO, 8), ("AAA", THREE, None))
    said = of_supplier(story, "A", 3, 1, 1, 1)
    assert ["AAA: within 7 days", "AAA: later", "AAA: none"] == whats(said)
    assert [
        "counted: delivered in 1.000 s",
        "N42, counted: delivered in 1.000 s",
        "counted: delivered in 1.000 s",
        "N42, counted: delivered in 1.000 s",
        "counted: delivered in 1.000 s",
    ] == told(said)
    assert ["supplier A is AAA"] == list(said.remarks)
    assert said.of_others


def test_a_supplier_that_is_named_needs_no_letter() -> None:
    said = of_supplier(paired(("AAA", ONE, 7)), "AAA", 1, 1, 0, 0)
    assert [] == list(said.remarks)
    assert [True] * 4 == [each.agrees for each in said.sums]


def test_a_letter_that_was_drawn_by_more_is_told_by_its_figures_or_not_at_all() -> None:
    told_apart = paired(("AAA", ONE, 7), ("BBB", TWO, None))
    assert ["supplier C is BBB: the one whose figures these are"] == list(
        of_supplier(told_apart, "C", 1, 0, 0, 1).remarks
    )
    alike = paired(("AAA", ONE, 7), ("BBB", TWO, 7))
    with pytest.raises(SnapshotError, match=r"supplier C of row 1 can't be told: .* 2 suppliers have the figures"):
        of_supplier(alike, "C", 1, 1, 0, 0)
