"""What failures have in common: kinds of Device that fail more than their share of the estate."""

from pathlib import Path

from dcc_analytics.render.pdf.common_theme import Theme, striking, theme_table, themes
from tests.render.drawn_text import figures_from
from tests.render.snapshot_maker import Row, failure

ESTATE = [
    {"device_type": "ESME", "manufacturer": "Acme", "model": model, "firmware_version": "2", "devices": devices}
    for model, devices in (("M-1", 50), ("M-2", 950))
]


def failed(model: str, failures: int, **values: object) -> Row:
    said = {"manufacturer": "Acme", "model": model, "firmware_version": "2", "failures": failures}
    return failure("A", "IS", 1, "Meter Reads", "4.8.1", **said, **values)


def found(path: Path, *rows: Row, estate: list[Row] | None = None) -> list[Theme]:
    figures = figures_from(path, failures=rows, inventory_models=ESTATE if estate is None else estate)
    return themes(figures.failed, figures.table("inventory_models"))


def test_a_model_with_far_more_failures_than_devices_stands_first_r_bp_4(tmp_path: Path) -> None:
    rows = (failed("M-2", 60), failed("M-1", 30, region="South"), failed("M-1", 10, reason_code="E21"))
    (first,) = found(tmp_path, *rows)  # M-2 has fewer than its share
    assert ("ESME Acme M-1 2", 40, 0.4, 0.05) == (first.device, first.failures, first.share, first.estate)
    assert (("E20", 0.75), ("South", 0.75)) == (first.reason, first.region)
    assert "ESME Acme M-1 2 has 40.0% of its type's failures and 5.0% of the Devices." == striking([first])


def test_a_model_that_fails_as_often_as_others_is_not_put_into_a_sentence(tmp_path: Path) -> None:
    assert [] == found(tmp_path, failed("M-2", 95), failed("M-1", 5))
    assert not striking(found(tmp_path / "more", failed("M-2", 91), failed("M-1", 9)))  # fewer than ten
    assert not striking(found(tmp_path / "near", failed("M-2", 910), failed("M-1", 90)))  # not twice as often
    assert not striking([])


def test_devices_of_whose_type_the_recipient_has_none_have_no_share(tmp_path: Path) -> None:
    (theme,) = found(tmp_path, failed("M-1", 40, region=None), estate=[])
    assert (None, None) == (theme.estate, theme.region[0])
    assert not striking([theme])
    assert ["\N{EN DASH}"] == theme_table([theme]).rows[0][3]
    assert ["Unknown (100%)"] == theme_table([theme]).rows[0][5]


def test_one_failure_is_no_theme(tmp_path: Path) -> None:
    assert [] == found(tmp_path, failed("M-1", 1))
    assert [] == found(tmp_path / "none")
