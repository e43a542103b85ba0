"""What the rows of Alerts and of the inventory are said to hang on, each in a log of a few records."""

from dcc_analytics.render.files import FILES
from tests.desk import DAY, DEVICE, NOON, OTHER_USER, USER, S
from tests.explain.explained_story import explained, figures, items, told, whats
from tests.story import OCTOBER, Story, at


def test_each_alert_is_told_with_how_it_counts() -> None:
    story = Story()
    story.user()
    story.device()
    story.alert("in time", raised=NOON, ended=NOON + 3 * S, throttled_count=4)
    story.alert("in time", raised=NOON, ended=NOON + 5 * S)
    story.alert("given up", raised=NOON + S, outcome="failed")
    story.alert("too soon", raised=NOON + 2 * S, ended=NOON)
    story.alert("of another code", raised=NOON, code="N14")
    story.alert("to another", raised=NOON, recipient=OTHER_USER)
    printed = {
        "kind": "dcc", "code": "N13", "delivered": "2", "failed": "1", "represented": "7", "success_rate": "0.666667",
        "delivery_n": "1", "delivery_best_s": "3.000", "delivery_worst_s": "3.000", "delivery_mean_s": "3.000",
    }  # fmt: skip
    said = explained(story, "alerts_monthly", printed)
    assert [
        "counted: delivered in 3.000 s",
        "duplicate of an Alert",
        "counted: delivery failed",
        "counted: delivered; clock fault, not timed",
    ] == told(said)
    assert [True] * 8 == [each.agrees for each in said.sums]
    assert "stands for 4 more" in items(said)[0].head
    assert not said.of_others


def test_of_a_device_the_version_that_holds_at_month_end_is_told_beside_the_others() -> None:
    story = Story()
    story.user()
    for as_of in (NOON - DAY, OCTOBER.end_us - S, OCTOBER.end_us):
        story.device(as_of=as_of, import_supplier_id=USER, device_model=f"of {at(as_of)}")
    said = explained(story, "inventory", _inventory(device_model=f"of {at(OCTOBER.end_us - S)}"))
    assert [
        "version that was replaced",
        "version that held at the month's end",
        "version that holds only after the month",
    ] == whats(said)
    assert f"of {at(OCTOBER.end_us - S)}" == figures(said)["device_model"]
    assert [("devices", 0, 1)] == [each.position[:3] for each in items(said)[1].records]


def test_a_device_that_has_left_is_no_row() -> None:
    story = Story()
    story.user()
    story.device(as_of=NOON, import_supplier_id=USER)
    story.device(as_of=NOON + DAY, import_supplier_id=USER, removed=True)
    assert {"rows": "0"} == figures(explained(story, "inventory", _inventory()))


def _inventory(**values: str) -> dict[str, str]:
    return dict.fromkeys(FILES["inventory"].header, "") | {"device": DEVICE} | values


def test_the_devices_of_a_model_are_told_one_by_one_and_make_its_share() -> None:
    story = Story()
    story.user()
    for number in range(4):
        story.device(
            f"88-73-84-90-6A-10-04-0{number}", import_supplier_id=USER,
            device_firmware_version="new" if number else "old", device_model="M-2",
        )  # fmt: skip
    story.device(import_supplier_id=USER)
    row = {
        "device_type": "ESME", "manufacturer": "Acme", "model": "M-2", "firmware_version": "new", "devices": "3",
        "share": "0.750000",
    }  # fmt: skip
    said = explained(story, "inventory_models", row)
    assert [f"88-73-84-90-6A-10-04-0{number}" for number in (1, 2, 3)] == [each.data["device"] for each in items(said)]
    assert {"devices": "3", "share": "0.750000"} == figures(said)
