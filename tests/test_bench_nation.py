"""The nation in small: every step of a month, an estate beside it, and what an event costs the ledger."""

import pytest

from bench.__main__ import LEAST_EVENTS
from bench.figures import PartFailedError
from bench.parts import ledger, nation
from tests.test_bench import bench, figures_of

#: Of a month of Great Britain, one event in so many: 54,000 events with packs, 2.7 million without.
WITH_PACKS, WITHOUT = 50_000, 1_000


@pytest.mark.slow
def test_packing_by_the_deltas_before_is_what_spares_the_ledger_most() -> None:
    found = ledger.measured(3_000, seconds=3600)
    for every_s in ("0.5", "1"):
        unpacked, written, stored = (
            found[f"commits every {every_s} s: {what}"] for what in ("unpacked", "written", "in the topic")
        )
        assert written < 0.75 * unpacked
        assert written < stored
    assert found["commits every 1 s: written"] <= found["commits every 0.5 s: written"]


def agreed(*options: str, scale: int, steps: tuple[str, ...], patience_s: float) -> dict[str, float]:
    """Take a month through its steps, and return what was measured; each fails unless it agrees with the one before."""
    ended = bench("nation", "--scale", str(scale), *options, "--json", patience_s=patience_s)
    found = {name: figure["value"] for (part, name), figure in figures_of(ended).items() if part == "nation"}
    assert found["events"] == pytest.approx(nation.EVENTS / scale, rel=0.1)
    assert found["requests a batch counts, of the product's"] == pytest.approx(100, abs=0.3)
    assert set(steps) == {name.partition(":")[0] for name in found if name.endswith(": CPU")}
    for step in steps:
        assert min(found[f"{step}: {what}"] for what in ("time", "CPU", "most memory")) > 0, step
    assert 10 < found["worker: ledger"] < 1_000
    return found


@pytest.mark.slow
@pytest.mark.broker
def test_a_month_of_one_event_in_a_thousand_is_proven_and_agrees_with_a_batch() -> None:
    steps = ("simulate", "publish", "worker", "snapshot", "audit")
    found = agreed("--no-packs", scale=WITHOUT, steps=steps, patience_s=900)
    assert "packs" not in found


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.broker
def test_a_month_in_small_goes_through_all_steps_and_agrees_with_a_batch() -> None:
    steps = ("simulate", "publish", "worker", "snapshot", "audit", "render")
    found = agreed(scale=WITH_PACKS, steps=steps, patience_s=400)
    assert found["Users"] > 100 > found["packs"] / 2


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.broker
def test_an_estate_of_the_devices_asked_for_is_taken_in_and_frozen() -> None:
    devices = 30_000
    ended = bench("estate", "--events", str(LEAST_EVENTS), "--devices", str(devices), "--json", patience_s=300)
    found = {name: figure["value"] for (part, name), figure in figures_of(ended).items() if part == "estate"}
    assert devices <= found["Devices"] <= found["Device records"]
    assert found["snapshot: rows of its inventory"] > devices
    assert 0 < found["snapshot: most memory"] < 4_000


@pytest.mark.parametrize(("found", "expected"), [({"alerts": 3}, {"alerts": 4}), (5, 6), ("differs", "proven")])
def test_a_step_that_says_something_else_than_the_one_before_fails(found: object, expected: object) -> None:
    with pytest.raises(PartFailedError, match=r"records: .* was expected"):
        nation._same("records", found, expected)
    nation._same("records", expected, expected)
