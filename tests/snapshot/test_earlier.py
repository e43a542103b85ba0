"""What was told before: re-issues by the difference, and who joined or left since the month before. R-OUT-2."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl
import pytest

from dcc_analytics.catalogue.errors import SnapshotError
from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.benchmarks import SERVICE_KEY, by_member, monthly_benchmarks
from dcc_analytics.snapshot.earlier import BEFORE, Earlier
from dcc_analytics.snapshot.inventory_models import FIRMWARE_KEY, counts_of_firmware
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.rules import EarlierRules
from dcc_analytics.snapshot.told import told_before
from tests.snapshot.counted_members import Row, equal_members, frame, member

NAME = "round_trips_monthly"
NOBODY = Directory([])
CHANGED, JOINED = EarlierRules(changed_groups=10), EarlierRules(joined_groups=2)


def counts(members: Sequence[Row]) -> pl.DataFrame:
    return by_member(frame(members), SERVICE_KEY)


def withheld(now: Sequence[Row], told: Earlier, rules: EarlierRules) -> bool:
    """Return whether the one cell is withheld for what was told."""
    found = told.withheld(NAME, counts(now), SERVICE_KEY, NOBODY, rules)
    assert found.height <= 1
    assert {"complement"} >= set(found[BEFORE])
    return found.height == 1


def changed(members: int) -> list[Row]:
    """Return twelve Members, so many of which have one failure more."""
    return [member(n, requests=101, failures=n + 1) for n in range(1, members + 1)] + equal_members(12)[members:]


@pytest.mark.parametrize(("expected", "members"), [(False, 0), (True, 1), (True, 9), (False, 10)])
def test_a_cell_told_again_is_withheld_where_few_groups_have_changed(*, expected: bool, members: int) -> None:
    told = Earlier(versions=({NAME: counts(equal_members(12))},))
    assert expected == withheld(changed(members), told, CHANGED)
    assert not withheld(changed(members), told, EarlierRules())
    assert not withheld(changed(members), Earlier(), CHANGED)


def test_who_came_and_who_went_since_the_version_before_have_changed() -> None:
    told = Earlier(versions=({NAME: counts(equal_members(12))},))
    assert withheld(equal_members(13), told, CHANGED)
    assert withheld(equal_members(11), told, CHANGED)


def test_what_the_first_version_told_is_not_forgotten_when_the_second_withheld_it() -> None:
    first, second = counts(equal_members(12)), counts(changed(1))
    assert withheld(changed(1), Earlier(versions=({NAME: first}, {NAME: second.clear()})), CHANGED)
    assert withheld(changed(1), Earlier(versions=({NAME: second}, {NAME: first})), CHANGED)


def test_a_cell_that_was_never_told_is_not_withheld() -> None:
    told = Earlier(versions=({NAME: counts(equal_members(12, srv="4.8.2"))},))
    assert not withheld(equal_members(12), told, CHANGED)


@pytest.mark.parametrize(("expected", "members"), [(False, 12), (True, 13), (True, 14), (False, 15), (True, 10)])
def test_one_or_two_that_joined_or_left_since_the_month_before_are_withheld(*, expected: bool, members: int) -> None:
    told = Earlier(month={NAME: counts(equal_members(12))})
    more = [{**row, "requests": row["requests"] + 7} for row in equal_members(members)]
    assert expected == withheld(more, told, JOINED)


def test_a_party_that_joined_an_owner_group_of_the_cell_is_no_group_that_joined() -> None:
    told = Earlier(month={NAME: counts(equal_members(12))})
    assert not withheld([*equal_members(12), member(13, group="P01")], told, JOINED)


@pytest.mark.parametrize("few", [True, False])
def test_all_figures_of_others_are_withheld_and_the_values_of_peers_with_them(*, few: bool) -> None:
    now = counts(changed(1 if few else 12))
    before = Earlier(versions=({NAME: counts(equal_members(12))},)).withheld(NAME, now, SERVICE_KEY, NOBODY, CHANGED)
    cells, values = monthly_benchmarks(now, {}, read_rules(), before)
    figures = [cell for name, cell in cells.to_dicts()[0].items() if name.startswith(("industry_", "peer_failure"))]
    assert ("complement" if few else "ok", few) == (cells["benchmark_status"].item(), values.is_empty())
    assert few == (set(figures) == {None})


def test_a_share_of_a_firmware_changes_with_the_devices_of_its_model() -> None:
    """P01 has one Device more of the other firmware: its share of this one is another too."""
    key = dict(zip(FIRMWARE_KEY, ("IS", "ESME", "Acme", "M-1"), strict=False))
    was = [(f"P{n:02}", firmware, 40) for n in range(1, 13) for firmware in ("1.0", "1.1")]
    now = [("P01", "1.1", 41) if row[:2] == ("P01", "1.1") else row for row in was]
    before, after = (
        counts_of_firmware(
            pl.DataFrame([{"party": p, "group": p, **key, "firmware_version": f, "devices": n} for p, f, n in rows])
        )
        for rows in (was, now)
    )
    told = Earlier(versions=({"inventory_models": before},))
    withheld_cells = told.withheld("inventory_models", after, FIRMWARE_KEY, NOBODY, CHANGED)
    assert ["1.0", "1.1"] == sorted(withheld_cells["firmware_version"])
    assert told.withheld("inventory_models", before, FIRMWARE_KEY, NOBODY, CHANGED).is_empty()


def written(folder: Path, spoil: Callable[[Path], object] = lambda _: None) -> Path:
    """Write the tables of two months of a snapshots folder, one cell of which was shown and one was not."""
    shown = counts(equal_members(12)).with_columns(industry_success_rate=0.5)
    hidden = counts(equal_members(3, srv="4.8.2")).with_columns(industry_success_rate=pl.lit(None, pl.Float64))
    for month in ("2025-12", "2026-01"):
        (folder / month).mkdir()
        for name in ("round_trips_monthly", "round_trips_daily"):
            pl.concat([shown, hidden]).write_parquet(folder / month / f"{name}.parquet")
        alerts = shown.drop("requests").rename({"successes": "delivered", "failures": "failed"})
        for name in ("alerts_monthly", "alerts_daily"):
            alerts.write_parquet(folder / month / f"{name}.parquet")
        models = [
            {"party": "P01", **dict.fromkeys(FIRMWARE_KEY, name), "devices": 7, "industry_share": share}
            for name, share in (("shown", 0.5), ("hidden", None))
        ]
        pl.DataFrame(models).write_parquet(folder / month / "inventory_models.parquet")
    spoil(folder / "2026-01" / "alerts_daily.parquet")
    return folder


def test_only_what_the_rules_ask_is_read_and_only_what_was_shown_was_told(tmp_path: Path) -> None:
    written(tmp_path)
    assert Earlier() == told_before(tmp_path, Month(2026, 1), EarlierRules())
    assert Earlier() == told_before(tmp_path, Month(2020, 1), EarlierRules(10, 2))
    told = told_before(tmp_path, Month(2026, 1), EarlierRules(10, 2))
    assert ([5], 2) == ([len(each) for each in told.versions], len(told.month))
    assert [("shown", 7, 7)] == told.versions[0]["inventory_models"].select("model", "requests", "successes").rows()
    assert {"4.8.1"} == set(told.versions[0][NAME]["srv"])
    (tmp_path / "2026-01").rename(tmp_path / "2026-01.revision-1")
    assert 1 == len(told_before(tmp_path, Month(2026, 1), EarlierRules(10, 2)).versions)
    shutil.copytree(tmp_path / "2026-01.revision-1", tmp_path / "2026-01")
    assert 2 == len(told_before(tmp_path, Month(2026, 1), EarlierRules(10, 2)).versions)
    alerts = told.month["alerts_monthly"]
    assert (alerts["requests"] == alerts["successes"] + alerts["failures"]).all()


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"PAR1")])
def test_a_snapshot_that_cannot_be_read_is_named(tmp_path: Path, spoil: Callable[[Path], object]) -> None:
    written(tmp_path, spoil)
    with pytest.raises(SnapshotError, match=r"2026-01 can't be read .*set changed_groups and joined_groups to 0"):
        told_before(tmp_path, Month(2026, 1), EarlierRules(changed_groups=10))
