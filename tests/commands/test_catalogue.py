"""``dcca catalogue``: an entry is checked, a change is told, and what it costs is measured. R-CHG-1."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.commands import change_cost
from dcc_analytics.commands.main import app
from tests.recorded_sample import SAMPLE

EXAMPLE = Path(__file__).parents[2] / "docs" / "metrics-example.toml"
BY_MODEL = """
[[metrics]]
id = "by-model"
version = 1
title = "Failures by Model"
description = "Failure rate by Model."
source = "a test"
observed = "round_trips"
dimensions = ["model"]
aggregate = "rate"
of = "failures"
page = "Models"
"""
BATTERIES = """
[[metrics]]
id = "batteries"
version = 1
title = "Batteries"
description = "Reports of low batteries."
source = "a test"
observed = "battery_reports"
aggregate = "count"
page = "Batteries"
"""


def said(*arguments: str) -> str:
    """Return what a command prints."""
    result = CliRunner().invoke(app, ["catalogue", *arguments])
    if result.exception:
        raise result.exception
    return result.stdout


@pytest.fixture
def none(tmp_path: Path) -> Path:
    path = tmp_path / "none.toml"
    path.write_text("")
    return path


def written(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_inside_the_language_is_checked() -> None:
    assert "reads-in-time, version 1: Reads in time\n" in said("check", str(EXAMPLE))
    assert said("check", str(EXAMPLE)).endswith("3 metrics inside the language\n")
    assert 3 == len(json.loads(said("check", str(EXAMPLE), "--json"))["metrics"])


def test_a_file_outside_the_language_or_not_there_ends_with_words(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="metric by-model: round_trips are not told apart by 'model'"):
        said("check", written(tmp_path / "m.toml", BY_MODEL))
    with pytest.raises(UsageError, match=r"gone\.toml can't be read .*give a file of metrics"):
        said("check", str(tmp_path / "gone.toml"))


def test_a_change_is_told_with_its_class(tmp_path: Path, none: Path) -> None:
    was = 'id = "failures-without-response"\nversion = 1'
    text = EXAMPLE.read_text(encoding="utf-8").replace('["srv"]', '["srv", "model"]')
    amended = said("diff", str(EXAMPLE), written(tmp_path / "new.toml", text.replace(was, was.replace("1", "2"))))
    assert "amended   failures-without-response, version 2: within the language (version, dimensions)\n" == amended
    assert "the entries are the same\n" == said("diff", str(EXAMPLE), str(EXAMPLE))
    added = json.loads(said("diff", str(none), written(tmp_path / "m.toml", BY_MODEL), "--json"))["changes"]
    assert [{"metric": "by-model", "change": "added", "class": "new dimension", "fields": []}] == added


@pytest.fixture
def one_pack(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one pack be drawn instead of several: how long they take is no matter of a test."""
    monkeypatch.setattr(change_cost, "PACKS", 1)


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("metrics") / "new.toml"
    path.write_text(EXAMPLE.read_text(encoding="utf-8") + BY_MODEL + BATTERIES, encoding="utf-8")
    return path


@pytest.mark.slow
@pytest.mark.usefixtures("one_pack")
def test_what_a_change_costs_is_measured_on_a_sample_r_chg_1(none: Path, new: Path) -> None:
    output = said("cost", str(none), str(new), "--events", str(SAMPLE), "--month", "2026-10", "--json")
    found: dict[str, Any] = json.loads(output)
    costs = {each["id"]: each for each in found["changes"]}

    within = costs["failures-without-response"]
    assert ("added", "within the language", []) == (within["change"], within["kind"], within["why"])
    assert within["now"]["rows"] > 100
    assert within["now"]["csv_bytes"] > 50 * within["now"]["rows"]
    assert within["now"]["snapshot_bytes"] > 0
    assert {"ok", "few"} == set(within["now"]["cells"]["industry"])
    assert {"rows": 0, "packs": 0, "csv_bytes": 0, "snapshot_bytes": 0, "cells": {}} == within["was"]

    dimension = costs["by-model"]
    assert ("new dimension", None) == (dimension["kind"], dimension["now"])
    assert dimension["folds"]["model"]["cells"] > found["fold"]["cells"]
    assert dimension["folds"]["model"]["ledger_bytes"] > found["fold"]["ledger_bytes"]

    observation = costs["batteries"]
    assert ("new observation", None, {}) == (observation["kind"], observation["now"], observation["folds"])

    assert found["now"]["pages"] > found["was"]["pages"] > 0
    assert min(found["was"]["seconds"], found["now"]["seconds"], found["fold"]["seconds"]) > 0
    assert 3 * 6 + 40 + 100 == found["work"]["hours"]
    assert (15_800, "GBP", True) == tuple(found["work"][name] for name in ("price", "currency", "rates_assumed"))


@pytest.mark.slow
@pytest.mark.usefixtures("one_pack")
def test_the_form_says_what_is_known_and_what_is_assumed(tmp_path: Path, none: Path, new: Path) -> None:
    arguments = ("cost", str(none), str(new), "--events", str(SAMPLE), "--month", "2026-10")
    form = said(*arguments)
    assert "CHANGE REQUEST: metrics\n" in form
    assert "as it is: nothing is added to the fold" in form
    assert "industry: 53 of 56 cells (few 53)" in form
    assert "can be back-filled for months begun in the last 74 days" in form
    assert "not known before it is coded" in form
    assert "40 h at 100 GBP: 4,000 GBP (assumed: built in, agreed by nobody; --rates FILE gives others)" in form
    rates = 'currency = "EUR"\nper_hour = 10\n[hours]\n'
    rates += '"within the language" = 1\n"new dimension" = 2\n"new observation" = 3\n'
    agreed = said("cost", str(new), str(none), *arguments[3:], "--rates", written(tmp_path / "r.toml", rates))
    assert "removed: Reads in time" in agreed
    assert "1 h at 10 EUR: 10 EUR\n" in agreed
    assert "packs told before keep it" in agreed
    assert "assumed" not in agreed


def test_nothing_to_cost_and_rates_that_cannot_be_read_are_refused(tmp_path: Path, none: Path) -> None:
    where = ("--events", str(SAMPLE), "--month", "2026-10")
    with pytest.raises(UsageError, match="hold the same metrics; there is nothing to cost"):
        said("cost", str(none), str(none), *where)
    with pytest.raises(UsageError, match=r"can't be read .*give a file of rates"):
        said("cost", str(none), str(EXAMPLE), *where, "--rates", str(tmp_path / "gone.toml"))
