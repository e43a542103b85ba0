"""Simulated markets through the product's own benchmarks: nothing comes of any attack, and the report is not empty."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
import pytest

from dcc_analytics.catalogue.months import Month
from dcc_analytics.render.attack.finding import Verdict
from dcc_analytics.render.attack.finished import releases
from dcc_analytics.render.attack.gate import attacked
from tests.render.attack.markets import (
    SERVICES,
    alert_rows,
    market,
    model_rows,
    month_cells,
    tables,
    write_market,
)

pytestmark = pytest.mark.slow

MONTHS = (Month.parse("2026-10"), Month.parse("2026-11"))


@dataclass(frozen=True)
class Attacked:
    """Two months of the markets, their tables, and what came of the attacks on their packs."""

    tables: list[Mapping[str, pl.DataFrame]]
    verdicts: dict[str, Verdict]


def beside(drawn: pl.DataFrame) -> Mapping[str, pl.DataFrame]:
    """Return Alerts and Models whose counts are spread as those of services, each drawn for itself."""
    alerts = drawn.with_columns(kind=pl.lit("device"), code=pl.col("srv"))
    models = drawn.group_by(
        "party", "group", "role", pl.lit("ESME").alias("device_type"), pl.col("process").alias("manufacturer"),
        pl.col("srv").alias("model"), pl.col("region").alias("firmware_version"),
    ).agg(pl.col("requests").sum().alias("devices"))  # fmt: skip
    return {**alert_rows(alerts), **model_rows(models)}


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    folder, chance, others = tmp_path_factory.mktemp("markets"), np.random.default_rng(176), np.random.default_rng(177)
    traders = market(chance)
    made: list[Mapping[str, pl.DataFrame]] = [
        {**tables(month_cells(traders, month, chance)), **beside(month_cells(traders, month, others))}
        for month in MONTHS
    ]
    for month, each in zip(MONTHS, made, strict=True):
        write_market(folder / str(month), each, [trader.known for trader in traders], str(month))
    return Attacked(made, {each.attack: each for each in attacked(releases([folder]))})


@pytest.mark.parametrize("attack", ["identities", "differences", "parts", "shares", "joins", "versions"])
def test_no_attack_on_the_packs_of_two_months_succeeds(months: Attacked, attack: str) -> None:
    assert (2 * (46 + 14 + 2), (), "") == (
        months.verdicts[attack].packs, months.verdicts[attack].findings, months.verdicts[attack].remark
    )  # fmt: skip


def test_nine_of_ten_medians_of_services_are_shown_to_import_suppliers(months: Attacked) -> None:
    for made in months.tables:
        rows = made["round_trips_monthly"].filter(role="IS")
        services = rows.unique(["process", "srv", "variant"])
        shown = services["peer_failure_rate_median"].is_not_null().mean()
        assert isinstance(shown, float)
        assert len(SERVICES) == services.height
        assert 0.9 <= shown
        assert 0.9 <= rows["peer_failure_rate_median"].is_not_null().mean()  # type: ignore[operator]


def test_what_is_attacked_is_not_empty(months: Attacked) -> None:
    """Where nothing is printed all is safe: import suppliers see industry rates of month and day, and peers' values."""
    for made in months.tables:
        suppliers = {name: rows.filter(role="IS") for name, rows in made.items()}
        assert 30 < suppliers["round_trips_monthly"].unique("srv")["industry_failure_rate"].count()
        assert 1_000 < suppliers["round_trips_daily"]["industry_success_rate"].count()
        assert 10_000 < suppliers["peer_values"].height
        assert 30 < suppliers["alerts_monthly"].unique("code")["industry_success_rate"].count()
        assert 200 < suppliers["alerts_daily"].unique(["day", "code"])["industry_success_rate"].count()
        assert 30 < suppliers["inventory_models"].unique(["model", "firmware_version"])["industry_share"].count()
        assert 100 < suppliers["round_trips_monthly"]["mix_adjusted_gap"].count()


@pytest.mark.parametrize("role", ["ED", "GT"])
def test_six_groups_and_two_members_are_shown_no_industry_figure(months: Attacked, role: str) -> None:
    for made in months.tables:
        rows = made["round_trips_monthly"].filter(role=role)
        assert 0 < rows.height
        assert 0 == rows["industry_failure_rate"].count()
        assert {"few"} == set(rows["benchmark_status"])
        assert (role == "ED") == (rows["peer_failure_rate_median"].count() > 0)
