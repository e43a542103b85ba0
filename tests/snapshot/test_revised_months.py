"""Months frozen twice, worked out by hand: what is listed as another figure, and the cause that is named."""

from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest

from dcc_analytics.render.snapshot_folder import SnapshotFolder
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.rules import RuleSet
from tests.desk import DEVICE, NOON, USER, S
from tests.records import text
from tests.snapshot.revised_month import RevisedMonth, changes
from tests.story import FINAL, at

pytestmark = pytest.mark.slow

DAY = 86_400 * S
SERVICE = "process=Meter Reads; srv=4.8.1; variant="
SPLIT = f"day=2026-10-05; {SERVICE}; meter_type=Electricity; region=North; smets_version=SMETS2+"


@pytest.fixture
def month(tmp_path: Path) -> RevisedMonth:
    made = RevisedMonth(tmp_path)
    made.story.device(import_supplier_id=USER)
    made.story.user()
    return made


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def counts(snapshot: SnapshotFolder) -> tuple[int, int, int]:
    told: dict[str, Any] = snapshot.manifest["changes"]
    return told["figures"], told["rows_came"], told["rows_gone"]


def own_changes(revision: SnapshotFolder) -> list[tuple[Any, ...]]:
    """Return what changed of the counts and times of round trips; what is said of them follows."""
    said = {"failure_rate_low", "failure_rate_high", "compared"}
    return [each for each in changes(revision, "round_trips_monthly") if each[2] not in said]


def test_an_answer_that_comes_later_turns_open_into_a_success(month: RevisedMonth) -> None:
    month.story.request()
    month.story.let_time_pass(NOON + 60 * S)
    month.take()
    month.story.response(sent=NOON + 9 * S)
    second = month.take()
    why = "service-responses +1"
    assert [
        (SERVICE, "changed", column, was, now, why)
        for column, was, now in (
            ("successes", "0", "1"), ("open", "1", "0"), ("success_rate", None, "1.0"), ("failure_rate", None, "0.0"),
            ("in_time", "0", "1"), ("rtt_n", "0", "1"), ("rtt_best_ms", None, "9000"), ("rtt_worst_ms", None, "9000"),
            ("rtt_mean_ms", None, "9000"), ("rtt_median_ms", None, "9000"), ("rtt_p5_ms", None, "9000"),
            ("rtt_p95_ms", None, "9000"),
        )
    ] == own_changes(second)  # fmt: skip
    assert {"service-responses": why} == second.manifest["causes"]
    assert 2 == second.manifest["revision"]
    assert 1 == second.manifest["revision_of"]["revision"]


def test_a_leg_nobody_answers_fails_when_the_clock_has_passed_its_time_out(month: RevisedMonth) -> None:
    month.story.request()
    month.story.let_time_pass(NOON + 60 * S)
    month.take()
    month.story.let_time_pass(FINAL)
    second = month.take()
    clock = f"stream's clock {at(NOON + 60 * S)} → {at(FINAL)}, provisional → final"
    why = f"alerts +1, {clock}"
    assert [
        (SERVICE, "changed", "failures", "0", "1", why),
        (SERVICE, "changed", "open", "1", "0", why),
        (SERVICE, "changed", "success_rate", None, "0.0", why),
        (SERVICE, "changed", "failure_rate", None, "1.0", why),
    ] == own_changes(second)
    ((key, row, column, was, now, said),) = (each for each in changes(second, "failures") if each[2] == "failures")
    assert "reason_code=NO-RESPONSE; " in key
    assert ("came", "failures", None, "1", why) == (row, column, was, now, said)
    assert {"alerts": "alerts +1", "clock": clock} == second.manifest["causes"]


def test_the_clock_is_no_cause_of_a_failure_with_another_reason(month: RevisedMonth) -> None:
    month.story.request()
    month.story.let_time_pass(NOON + 60 * S)
    month.take()
    month.story.response(code="E20", sent=NOON + 9 * S)
    month.story.let_time_pass(NOON + DAY)
    second = month.take()
    assert {"service-responses +1, alerts +1"} == {each[-1] for each in changes(second, "failures")}


def nation(month: RevisedMonth, *, answered: int) -> None:
    """Tell of twelve Parties of one Role with forty requests each, so many of the last Party's answered."""
    for party in range(12):
        user = f"90-B3-D5-1F-30-01-00-{party:02X}"
        month.story.user(user, f"P{party:02}")
        for number in range(40):
            month.story.request(100 * party + number, user=user)
            if number < (answered if party == 11 else 36):
                month.story.response(100 * party + number, user=user)
    month.story.let_time_pass(NOON + 60 * S)


def test_another_rule_set_is_the_only_cause_of_what_it_withholds(month: RevisedMonth) -> None:
    nation(month, answered=36)
    month.take()
    second = month.take(rules=_stricter())
    assert {"rules": "rule set dcca-default 1 → 2"} == second.manifest["causes"]
    listed = pl.read_parquet(second.path / "changes.parquet")
    assert {"rule set dcca-default 1 → 2"} == set(listed["why"])
    own = listed.filter(~pl.col("column").str.contains("^(industry|peer|benchmark|compared|mix_)"))
    assert {"peer_values"} == set(own["table"])
    row = (SERVICE, "changed", "peer_failure_rate_median", "0.0", None)
    assert row in {each[:-1] for each in changes(second, "round_trips_monthly")}


def test_other_parameters_under_the_same_version_are_told(month: RevisedMonth) -> None:
    nation(month, answered=36)
    month.take()
    second = month.take(rules=msgspec.structs.replace(_stricter(), version=1))
    assert {"rules": "rule set dcca-default 1 with other parameters"} == second.manifest["causes"]


def _stricter() -> RuleSet:
    rules = read_rules()
    peers = msgspec.structs.replace(rules.peers, median_groups=20, quartile_groups=20)
    return msgspec.structs.replace(rules, version=2, peers=peers)


def test_what_another_member_was_answered_changes_the_figures_of_others_alone(month: RevisedMonth) -> None:
    nation(month, answered=36)
    month.take()
    month.story.response(1139, user="90-B3-D5-1F-30-01-00-0B", code="E20")
    second = month.take()
    listed = pl.read_parquet(second.path / "changes.parquet").filter(table="round_trips_monthly")
    first = listed.filter(party="P00")
    assert {"others' figures: service-responses +1"} == set(first["why"])
    assert "industry_failure_rate" in first["column"]
    last = listed.filter(party="P11")
    assert {"failures", "open", "success_rate", "failure_rate"} <= set(
        last.filter(why="service-responses +1")["column"]
    )
    assert {"own and others' figures: service-responses +1"} == set(
        last.filter(pl.col("column").str.contains("^industry|^peer"))["why"]
    )


def test_a_new_version_of_a_device_is_told_of_the_device_and_of_its_model(month: RevisedMonth) -> None:
    month.story.let_time_pass(NOON)
    month.take()
    month.story.device(as_of=NOON + DAY, import_supplier_id=USER, device_firmware_version="2E10")
    second = month.take()
    found = changes(second, "inventory")
    assert (f"device={DEVICE}", "changed", "device_firmware_version", "1E10", "2E10", "devices +1") in found
    assert {"devices +1"} == {each[-1] for each in found}
    assert [{"party": "NWE", "role": "IS", "came": 0, "gone": 0, "changed": 1, "listed": 1}] == second.manifest[
        "changes"
    ]["devices"]
    models = {each[:2] for each in changes(second, "inventory_models")}
    model = "device_type=ESME; manufacturer=Acme; model=M-1; firmware_version="
    assert {(f"{model}1E10", "gone"), (f"{model}2E10", "came")} == models
    assert (0, 1, 1) == counts(second)


def test_an_incident_changes_the_category_of_its_days(month: RevisedMonth) -> None:
    month.story.request()
    month.story.let_time_pass(NOON + 60 * S)
    month.take()
    said = {"incident": "INC1", "category": 1, "opened_at": at(NOON), "regions": ["North"], "as_of": at(NOON)}
    month.story.tell("incidents", text(said), NOON, key=b"INC1")
    second = month.take()
    assert [(SPLIT, "changed", "incident_category", None, "1", "incidents +1")] == changes(
        second, *second.manifest["tables"]
    )
    assert (1, 0, 0) == counts(second)


def test_a_member_that_joins_is_a_row_that_came(month: RevisedMonth) -> None:
    month.story.let_time_pass(NOON)
    month.take()
    month.story.user("90-B3-D5-1F-30-01-00-77", "NEW", "GS", party_name="New Gas")
    second = month.take()
    assert [
        ("", "came", "party_name", None, "New Gas", "users +1"),
        ("", "came", "folder", None, "NEW-GS", "users +1"),
    ] == changes(second, *second.manifest["tables"])
    assert (0, 1, 0) == counts(second)
    month.story.user("90-B3-D5-1F-30-01-00-77", "NEW", "GS", as_of=NOON, party_name="Newer Gas")
    third = month.take()
    assert [("", "changed", "party_name", "New Gas", "Newer Gas", "users +1")] == changes(third, "members")


def test_the_same_ledger_leaves_the_folder_as_it_is(month: RevisedMonth) -> None:
    month.story.request()
    month.story.let_time_pass(NOON + 60 * S)
    month.take()
    month.story.response()
    first = month.take()
    before = contents(month.folder)
    assert first.identity == month.take().identity
    assert before == contents(month.folder)
    assert {"2026-10", "2026-10.revision-1"} == {path.name for path in month.folder.iterdir()}


def test_a_clock_that_moves_no_figure_makes_no_revision(month: RevisedMonth) -> None:
    month.story.request()
    month.story.let_time_pass(NOON + 60 * S)
    month.take()
    month.story.response()
    second = month.take()
    month.story.let_time_pass(FINAL - DAY)
    third = month.take()
    assert second.manifest["tables"] == third.manifest["tables"]
    assert (at(FINAL - DAY), 2) == (third.manifest["stream_clock"], third.manifest["revision"])
    assert second.manifest["changes"] == third.manifest["changes"]
    names = ("2026-10", "2026-10.revision-1")
    assert set(names) == {path.name for path in month.folder.iterdir()}
    assert changes(second, "round_trips_monthly") == changes(third, "round_trips_monthly")


def test_a_month_that_becomes_final_is_a_revision_though_no_figure_changed(month: RevisedMonth) -> None:
    month.story.request()
    month.story.response()
    month.story.let_time_pass(NOON + 60 * S)
    month.take()
    month.story.let_time_pass(FINAL)
    second = month.take()
    assert (2, (0, 0, 0)) == (second.manifest["revision"], counts(second))
    assert "provisional → final" in second.manifest["causes"]["clock"]


def test_each_revision_kept_is_whole(month: RevisedMonth) -> None:
    month.story.request()
    month.story.let_time_pass(NOON + 60 * S)
    kept = []
    for number in range(1, 4):
        kept.append(contents(month.take().path))
        month.story.response(number)
        month.story.request(number + 1)
    month.take()
    folders = [month.folder / f"2026-10.revision-{number}" for number in range(1, 4)]
    assert kept == [contents(folder) for folder in folders]
    assert [1, 2, 3] == [SnapshotFolder.open(folder).manifest["revision"] for folder in folders]
