"""Gaps of strata that may not be told apart: each is found, and none that the product itself prints."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import polars as pl
import pytest

from dcc_analytics.snapshot.mix import usable
from tests.render.attack.markets import tables, write_market
from tests.render.attack.test_planted_figures import EVEN, FIRST, Counts, cells, in_all, members, packs, verdicts

GAP = ("round_trips_monthly.csv", "mix_adjusted_gap")


def in_south(counts: Counts, *, day: int = 0) -> pl.DataFrame:
    """Return cells of the same service in another Region, on a day."""
    return cells([counts]).with_columns(region=pl.lit("South"), day=pl.lit(FIRST).dt.offset_by(f"{day}d"))


def told(out: Path, *strata: pl.DataFrame) -> tuple[set[tuple[str, str]], list[str]]:
    """Return what subtraction finds in the packs of a month, and the gaps that are printed."""
    made = tables(pl.concat(strata))
    found = verdicts(write_market(out / "2026-10", made, members(12)))["parts"].findings
    gaps = made["round_trips_monthly"]["mix_adjusted_gap"].drop_nulls()
    return {(each.file, each.column) for each in found}, [str(each) for each in gaps]


def everything(strata: Mapping[str, Mapping[str, int]], *_: object) -> list[str]:
    return sorted(strata)


#: Members who send to the South too, and what the rest of the Role has there.
FEW: Counts = [(40, 10) if place == 3 else (3, 1) if place == 4 else (0, 0) for place in range(12)]


def test_gaps_that_the_product_prints_are_those_of_strata_that_may_be_told_apart(tmp_path: Path) -> None:
    found, gaps = told(tmp_path, cells(EVEN), in_south([(80 - place, place) for place in range(12)]))
    assert (set(), 12) == (found, len(gaps))
    assert any(gap.startswith("-") for gap in gaps)


def test_a_stratum_of_two_members_that_is_told_apart_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set() == told(tmp_path / "sound", cells(EVEN), in_south(FEW))[0]
    monkeypatch.setattr("dcc_analytics.snapshot.mix.usable", everything)
    assert {GAP} == told(tmp_path / "planted", cells(EVEN), in_south(FEW))[0]


def test_a_stratum_of_which_all_but_a_printed_day_is_one_members_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """North and its printed day give a withheld one away: it is the stratum less what is printed."""
    second = [(300, 141) if place == 7 else (0, 0) for place in range(12)]
    month = [cells([EVEN[0], second]), in_south([(40, place % 3) for place in range(12)], day=2)]
    assert set() == told(tmp_path / "sound", *month)[0]
    monkeypatch.setattr("dcc_analytics.snapshot.mix.usable", lambda strata, _, rules: usable(strata, strata, rules))
    found, gaps = told(tmp_path / "planted", *month)
    assert gaps
    assert {GAP} == found


@pytest.mark.parametrize("printed", ["0.123", "0.1234567891", "none"])
def test_a_gap_that_is_another_is_found(tmp_path: Path, printed: str) -> None:
    folder = packs(tmp_path)
    in_all(folder, "round_trips_monthly", mix_adjusted_gap=lambda frame: [printed] * frame.height)
    assert GAP in {(each.file, each.column) for each in verdicts(folder)["parts"].findings}


def test_a_gap_beside_a_withheld_rate_of_the_industry_is_found(tmp_path: Path) -> None:
    folder = packs(tmp_path)
    withheld: Callable[[pl.DataFrame], Sequence[str]] = lambda frame: [""] * frame.height  # noqa: E731
    in_all(folder, "round_trips_monthly", industry_failure_rate=withheld)
    assert GAP in {(each.file, each.column) for each in verdicts(folder)["parts"].findings}
