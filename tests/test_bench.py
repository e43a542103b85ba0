"""The benchmark measures what it says. No figure of speed is asserted, since machines and moments differ."""

import doctest
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bench import figures, present, stored
from bench.__main__ import LEAST_EVENTS, PARTS
from bench.figures import Figure, ratios
from bench.parts import flink, growth, kafka_streams, kills, watching
from bench.stored import machine, result_of, store
from dcc_analytics.stream.broker.jars import Jars
from tests.architecture.tree import ROOT

#: Every figure of a whole run, with its unit.
UNITS = {
    ("ratios", "worker / getmany and decoding"): "times",
    ("ratios", "worker / stock Faust, a dict"): "times",
    ("ratios", "worker / stock Faust, two Tables"): "times",
    ("ratios", "worker / a batch by polars"): "times",
    ("ratios", "two processes / one"): "times",
    ("ratios", "two processes / one, CPU of an event"): "times",
    ("ratios", "folding / decoding, no broker"): "times",
    ("ratios", "pack / its figures by pyplot and PNG"): "times",
    ("simulate", "written"): "records/s",
    ("decode", "decoded"): "events/s",
    ("fold", "folded"): "events/s",
    ("fold", "CPU"): "s/million events",
    ("fold", "of it audit sums"): "%",
    ("memory", "half through the events"): "MB",
    ("memory", "at their end"): "MB",
    ("memory", "over the second half"): "MB/million events",
    ("memory", "cells still in memory"): "% of all",
    ("bounded", "facts of a month"): "MB/million Devices",
    ("bounded", "a Device in the estate"): "bytes each",
    ("bounded", "its reads"): "bytes each",
    ("bounded", "its installs, gains, outages"): "bytes each",
    ("bounded", "an Alert, for a day"): "bytes each",
    ("bounded", "an ended leg, for a day"): "bytes each",
    ("bounded", "a scheduled result, for a day"): "bytes each",
    ("bounded", "an open leg"): "bytes each",
    ("bounded", "reads of a Device, in the ledger"): "bytes each",
    ("bounded", "an open leg, in the ledger"): "bytes each",
    ("publish", "published"): "records/s",
    ("getmany", "fetched"): "events/s",
    ("getmany", "CPU, fetched"): "s/million events",
    ("getmany", "fetched and decoded"): "events/s",
    ("getmany", "CPU, fetched and decoded"): "s/million events",
    ("faust", "folded"): "events/s",
    ("faust", "CPU"): "s/million events",
    ("faust-tables", "folded"): "events/s",
    ("faust-tables", "CPU"): "s/million events",
    ("workers", "one: folded"): "events/s",
    ("workers", "one: CPU"): "s/million events",
    ("workers", "two: folded"): "events/s",
    ("workers", "two: CPU"): "s/million events",
    ("worker", "folded"): "events/s",
    ("worker", "CPU"): "s/million events",
    ("worker", "peak memory"): "MB",
    ("worker", "memory over the second half"): "MB/million events",
    ("worker", "ledger"): "bytes/event",
    ("overload", "smaller backlog"): "events",
    ("overload", "smaller backlog: worked off"): "events/s",
    ("overload", "smaller backlog: memory beyond keeping up"): "MB",
    ("overload", "smaller backlog: lag told that is not true"): "events",
    ("overload", "smaller backlog: lag told last"): "events",
    ("overload", "larger backlog"): "events",
    ("overload", "larger backlog: worked off"): "events/s",
    ("overload", "larger backlog: memory beyond keeping up"): "MB",
    ("overload", "larger backlog: lag told that is not true"): "events",
    ("overload", "larger backlog: lag told last"): "events",
    ("live", "folded"): "events/s",
    ("live", "ledger"): "bytes/event",
    ("live", "CPU"): "% of a core",
    ("live", "CPU of an event"): "ms/event",
    ("live", "commits"): "commits/s",
    ("state", "made"): "ms",
    ("state", "its change told"): "ms",
    ("state", "its page told"): "ms",
    ("opening", "a, whatever the ledger"): "s",
    ("opening", "b, of the ledger"): "s/MB",
    ("opening", "spread about the line"): "s",
    ("opening", "largest ledger"): "MB",
    ("snapshot", "collect"): "s",
    ("snapshot", "freeze"): "s",
    ("snapshot", "write"): "s",
    ("snapshot", "all three"): "s",
    ("snapshot", "memory"): "MB",
    ("polars", "made into round trips"): "events/s",
    ("polars", "CPU"): "s/million events",
    ("polars", "peak memory"): "MB",
    ("render", "packs"): "packs/s",
    ("render", "pages"): "pages/s",
    ("render", "pages of a pack"): "pages/pack",
    ("render", "packs attacked"): "packs/s",
    ("render", "largest process"): "MB",
    ("render", "largest pack without inventory.csv"): "MB",
    ("pyplot", "packs drawn"): "packs/s",
    ("pyplot", "their figures by pyplot and PNG"): "packs/s",
    ("pyplot", "their two PDFs, a pack"): "MB",
    ("pyplot", "its figures as PNG"): "MB",
}
#: Of the page of ``dcca live`` in a browser, where there is one.
UNITS |= {
    ("watching", "sent"): "events/s",
    ("watching", "a reader that reads nothing, let go after"): "s",
    **{
        ("watching", f"{beside}: {name}"): unit
        for beside in ("alone", "beside pages", "beside streams")
        for name, unit in (
            ("event to browser, median", "s"),
            ("event to browser, 95th percentile", "s"),
            ("event to browser, longest", "s"),
            ("CPU of dcca live", "% of a core"),
            ("memory of dcca live", "MB"),
            ("readers", "readers"),
            ("told each", "messages/s"),
            ("told each, packed", "kB/s"),
        )
        if beside != "alone" or unit not in {"readers", "messages/s", "kB/s"}
    },
}
#: Yardsticks that are fetched, hundreds of megabytes: they run in the tests where they were fetched before.
FETCHED = {"quix", "kafka-streams", "flink"}
#: Slopes through few and noisy points, at the smallest size; they may come out below nothing.
SLOPES = {
    ("worker", "memory over the second half"),
    ("memory", "over the second half"),
    ("opening", "b, of the ledger"),
    ("bounded", "its installs, gains, outages"),  # fits into what the phases before have left
    ("overload", "smaller backlog: memory beyond keeping up"),
    ("overload", "larger backlog: memory beyond keeping up"),
}
#: What has to be nothing, or nearly: a few events may be folded between a commit's line in the log and the lag's.
NONE = {key for key in UNITS if "lag told" in key[1]}
FEW_EVENTS = LEAST_EVENTS // 1000


def bench(*arguments: str, patience_s: float = 120) -> "subprocess.CompletedProcess[str]":
    """Run the benchmark."""
    command = [sys.executable, "-m", "bench", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=patience_s, check=False)


def figures_of(ended: "subprocess.CompletedProcess[str]") -> dict[tuple[str, str], dict[str, Any]]:
    """Return what a run has measured, by part and name."""
    assert ended.returncode == 0, ended.stderr
    return {(figure["part"], figure["name"]): figure for figure in json.loads(ended.stdout)["figures"]}


@pytest.mark.slow
@pytest.mark.broker
def test_every_part_measures_something_in_its_unit_at_the_smallest_size() -> None:
    parts = [name for name in PARTS if name not in FETCHED]
    ended = bench(*parts, "--events", str(LEAST_EVENTS), "--json", patience_s=900)
    found = figures_of(ended)
    units = UNITS if shutil.which("chromium") else {key: unit for key, unit in UNITS.items() if key[0] != "watching"}
    assert units == {key: figure["unit"] for key, figure in found.items()}
    assert {} == {key: figure for key, figure in found.items() if not figure["value"] > 0 and key not in SLOPES | NONE}
    assert {} == {key: found[key]["value"] for key in NONE if found[key]["value"] > FEW_EVENTS}
    speeds = [found[part, name]["value"] for part, name in (("worker", "folded"), ("getmany", "fetched and decoded"))]
    assert speeds[0] / speeds[1] == pytest.approx(found["ratios", "worker / getmany and decoding"]["value"], rel=1e-3)
    assert f"part {len(parts)} of {len(parts)}: pyplot" in ended.stderr


@pytest.mark.slow
@pytest.mark.broker
@pytest.mark.parametrize(("part", "jars"), [("kafka-streams", kafka_streams.JARS), ("flink", flink.JARS)])
def test_a_yardstick_on_the_jvm_counts_what_was_sent(part: str, jars: Jars) -> None:
    if not jars.folder().is_dir():
        pytest.skip(f"{part} is not in the cache: python -m bench {part} fetches it")
    found = figures_of(bench(part, "--events", str(LEAST_EVENTS), "--json", patience_s=300))
    assert {(part, "folded"), (part, "CPU"), (part, "peak memory")} == set(found)
    assert min(figure["value"] for figure in found.values()) > 0


@pytest.mark.slow
def test_a_part_runs_alone_and_without_a_broker_where_it_needs_none() -> None:
    ended = bench("decode", "--events", str(LEAST_EVENTS), "--json")
    assert {("decode", "decoded")} == set(figures_of(ended))
    assert "Kafka" not in ended.stderr


@pytest.mark.slow
@pytest.mark.broker
def test_a_part_makes_all_it_needs_of_parts_that_were_not_asked_for() -> None:
    found = figures_of(bench("snapshot", "--events", str(LEAST_EVENTS), "--json"))
    assert {key for key in UNITS if key[0] == "snapshot"} == set(found)


@pytest.mark.slow
def test_a_part_that_fails_names_itself_and_says_what_to_do() -> None:
    failing = (
        "from bench import __main__ as bench\n"
        "from bench.figures import PartFailedError\n"
        "def fails(run):\n"
        "    raise PartFailedError('the disk is full')\n"
        "bench.PARTS['fold'] = fails\n"
        "bench.typer.run(bench.run)\n"
    )
    command = [sys.executable, "-c", failing, "decode", "fold", "--events", str(LEAST_EVENTS)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 1
    last = ended.stderr.splitlines()[-1]
    assert "part fold failed (the disk is full)" in last
    assert f"`python -m bench fold --events {LEAST_EVENTS}`" in last
    assert "decoded" in ended.stdout, "what was measured before is told"


@pytest.mark.slow
def test_a_part_that_is_none_is_refused_with_the_names_of_those_there_are() -> None:
    ended = bench("folding")
    assert ended.returncode == 2
    assert "there is no part folding; there are simulate, decode" in " ".join(ended.stderr.replace("│", " ").split())


@pytest.mark.parametrize("module", [figures, stored, present, growth, kills, watching])
def test_the_examples_in_docstrings_hold(module: ModuleType) -> None:
    ended = doctest.testmod(module)
    assert (0, True) == (ended.failed, ended.attempted > 0)


def test_a_ratio_is_given_only_where_both_were_measured() -> None:
    worker = Figure("worker", "folded", 30.0, "events/s")
    assert [] == ratios([worker])
    yardstick = Figure("getmany", "fetched and decoded", 120.0, "events/s")
    assert [Figure("ratios", "worker / getmany and decoding", 0.25, "times")] == ratios([worker, yardstick])


def test_results_of_one_day_and_size_do_not_replace_each_other(tmp_path: Path) -> None:
    result = result_of(10_000, [Figure("fold", "folded", 12_345.678, "events/s")], load_before=0.25)
    first, second = store(result, tmp_path), store(result, tmp_path)
    assert [f"{result['date']}-10000.json", f"{result['date']}-10000-2.json"] == [first.name, second.name]
    assert 12346.0 == json.loads(second.read_text(encoding="utf-8"))["figures"][0]["value"]


def test_a_result_tells_the_machine_without_naming_it() -> None:
    assert {"cores", "cpu", "memory_gb", "python", "kafka", "faust"} == set(machine())
