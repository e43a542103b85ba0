"""The page that only a distributor's pack has."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from dcc_analytics.render.pdf import n42, networks
from dcc_analytics.render.pdf.flow import Flow
from dcc_analytics.render.pdf.networks import draw_networks
from tests.render.drawn_text import figures_from, texts, words
from tests.render.snapshot_maker import Row

N13: Row = {"code": "N13", "meter_type": "Electricity", "manufacturer": "Acme", "model": "M-1", "firmware_version": "2"}
DEVICES: Row = {
    "device_type": "ESME", "manufacturer": "Acme", "model": "M-1", "firmware_version": "2", "devices": 400,
}  # fmt: skip


def pairs(supplier: str, within: int, later: int, none: int) -> Row:
    return {"supplier": supplier, "n16": within + later + none, "within_7_days": within, "later": later, "none": none}


def outage(number: int, age_h: str | None) -> Row:
    age = None if age_h is None else Decimal(age_h)
    return {
        "chf": f"88-73-84-00-00-00-00-{number:02}", "mpxn": "1800000010008",
        "started_at": datetime(2026, 10, 1, tzinfo=UTC), "age_hours": age,
    }  # fmt: skip


def test_n13_and_n55_are_ranked_with_the_devices_they_come_from_r_al_4(tmp_path: Path, flow: Flow) -> None:
    alerts = [N13 | {"alerts": 8}, N13 | {"code": "N55", "model": "M-9", "alerts": 9}]
    draw_networks(flow, figures_from(tmp_path, "ED", n13_n55=alerts, inventory_models=[DEVICES]))
    found = texts(flow)
    assert found.index("N55 Electricity: Acme M-9 2") < found.index("N13 Electricity: Acme M-1 2")
    assert {"8", "20.0 per 1,000 Devices", "9", "no such Device"} <= set(found)
    assert "8 N13 and 9 N55 sent to you" in found


def test_suppliers_are_ranked_by_the_share_of_n42_in_time_r_al_5(tmp_path: Path, flow: Flow) -> None:
    rows = [pairs("A", 9, 1, 0), pairs("B", 1, 1, 2), pairs("C", 0, 0, 0), pairs("D", 10, 0, 0)]
    figures = figures_from(tmp_path, "ED", n42_after_n16=rows)
    draw_networks(flow, figures)
    assert "20 of 24 N16 were followed by an N42 within seven days (83.3%)" in words(flow)
    ranked = n42.ranked(figures.table("n42_after_n16"))
    assert ["B", "A", "D"] == [row.supplier for row in ranked]  # C had no N16
    assert "B: 25.0% of 4 N16; A: 90.0% of 10 N16; D: 100% of 10 N16." == n42.alternative(ranked)


def test_outages_are_counted_by_age_and_not_named_r_al_6(tmp_path: Path, flow: Flow) -> None:
    ages = ("-0.5", "23.999", "24", "71", "200.291", "690.795", None)
    figures = figures_from(tmp_path, "ED", outages_unrestored=[outage(*each) for each in enumerate(ages)])
    draw_networks(flow, figures)
    found = words(flow)
    assert "7 power outages without a restoration by the end of the month" in found
    assert "88-73" not in found
    assert "1800000010008" not in found
    bars = networks.outage_bars(figures.table("outages_unrestored"))
    assert [2, 2, 0, 1, 1] == [size for _, size, _, _ in bars]


@pytest.mark.parametrize("role", ["IS", "ED"])
def test_other_roles_and_those_without_rows_have_no_page(tmp_path: Path, flow: Flow, role: str) -> None:
    rows = [pairs("A", 1, 0, 0)] if role != "ED" else []
    draw_networks(flow, figures_from(tmp_path, role, n42_after_n16=rows))
    assert 1 == flow.paper.pages


def test_the_words_in_place_of_bars_tell_their_figures(tmp_path: Path) -> None:
    figures = figures_from(tmp_path, "ED", n13_n55=[N13 | {"alerts": 8}], inventory_models=[DEVICES])
    bars = networks.model_bars(figures.table("n13_n55"), figures.models)
    assert "N13 Electricity: Acme M-1 2: 8 20.0 per 1,000 Devices." == networks.bars_words(bars)
