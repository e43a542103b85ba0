"""The page of the inventory: bars by Model, firmware beside the industry's."""

from pathlib import Path

import polars as pl

from dcc_analytics.render.pdf.flow import Flow
from dcc_analytics.render.pdf.inventory import bars_words, draw_inventory, finding
from dcc_analytics.render.pdf.inventory_rows import model_rows
from tests.render.drawn_text import figures_from, texts, words
from tests.render.snapshot_maker import Row


def version(model: str, firmware: str, devices: int, share: float, **values: object) -> Row:
    return {
        "device_type": "ESME", "manufacturer": "Acme", "model": model, "firmware_version": firmware,
        "devices": devices, "share": share, "industry_share": 0.5, "benchmark_status": "ok", **values,
    }  # fmt: skip


MODELS = [
    version("M-1", "1.10", 60, 0.6, industry_share=0.2, peer_share_p25=0.1, peer_share_median=0.2, peer_share_p75=0.3),
    version("M-1", "1.9", 25, 0.25, industry_share=0.4),
    version("M-1", "1.2", 10, 0.1, industry_share=0.2),
    version("M-1", "1.1", 3, 0.03, industry_share=0.03),
    version("M-1", "1.0", 2, 0.02, industry_share=None),
    version("M-2", "7", 400, 1.0, industry_share=1.0),
]


def test_bars_of_models_are_sorted_and_hold_every_device_r_inv_1(tmp_path: Path, flow: Flow) -> None:
    draw_inventory(flow, figures_from(tmp_path, inventory_models=MODELS))
    found = texts(flow)
    assert found.index("Acme M-2") < found.index("Acme M-1")
    assert "ESME: 500 of 2 Models" in found
    assert {"400", "100", "7: 400"} <= set(found)
    assert "1.10: 60, 1.9: 25, 1.2: 10, 2 others: 5" in found  # too narrow for its labels


def test_each_version_stands_beside_the_industry_and_the_peers_r_inv_2(tmp_path: Path, flow: Flow) -> None:
    draw_inventory(flow, figures_from(tmp_path, inventory_models=MODELS))
    found = words(flow)
    assert "500 Devices of 2 Models; M-1 1.10 is 40.0 points above the industry's share" in found
    for text in (
        "1.10 on Acme M-1",
        "60.0%",
        "20.0%",
        "+40.0 points",
        "No benchmark",
        "median of Users",
        "linear scale",
    ):
        assert text in found
    assert "7 on Acme M-2" not in found  # everybody has it


def test_versions_are_ordered_by_their_numbers_the_newest_first(tmp_path: Path) -> None:
    models = model_rows(figures_from(tmp_path, inventory_models=MODELS).table("inventory_models"))
    assert ["1.10", "1.9", "1.2", "1.1", "1.0"] == [each.version for each in models[1].versions]


def test_a_share_that_chance_may_make_is_no_finding(tmp_path: Path) -> None:
    few = [version("M-1", "2", 17, 0.567, industry_share=0.5), version("M-1", "1", 13, 0.433)]
    models = model_rows(figures_from(tmp_path, inventory_models=few).table("inventory_models"))
    assert "30 Devices of 1 Model; no version's share is clearly unlike the industry's" == finding(models)
    assert "ESME Acme M-1: 30, of these 2 17, 1 13." == bars_words(models)


def test_more_models_than_a_page_holds_are_in_the_file(tmp_path: Path, flow: Flow) -> None:
    many = [version(f"M-{number}", "1", 40 + number, 1.0) for number in range(60)]
    many += [version(f"H-{number}", "1", 5, 1.0, device_type="CHF") for number in range(9)]
    draw_inventory(flow, figures_from(tmp_path, inventory_models=many))
    assert 1 == flow.paper.pages - 1
    assert "From inventory_models.csv; 53 more Models there." in texts(flow)


def test_without_devices_there_is_no_page(tmp_path: Path, flow: Flow) -> None:
    draw_inventory(flow, figures_from(tmp_path))
    assert 1 == flow.paper.pages


def test_no_model_at_all_is_no_row() -> None:
    assert [] == model_rows(pl.DataFrame(schema={
        **dict.fromkeys(("device_type", "manufacturer", "model", "firmware_version"), pl.String), "devices": pl.Int64,
    }))  # fmt: skip
