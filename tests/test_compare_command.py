"""``dcca compare``: snapshots of four partitions and of six have the same figures, and what is another is told.

Requirements: R-MON-1.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from dcc_analytics.catalogue.errors import DccaError, FiguresDiffer, SnapshotError, UsageError
from dcc_analytics.commands.main import app
from dcc_analytics.render.files import KEYS
from dcc_analytics.snapshot.files import checksum
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.take import freeze, write
from tests.golden_ledgers import FEED, MONTH
from tests.recorded_sample import published
from tests.snapshot.revised_month import read_up_to

pytestmark = pytest.mark.slow


def compare(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["compare", *map(str, words)])


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """The golden feed's month, folded by so many partitions."""
    found = {}
    for partitions in (4, 6):
        driver, _ = published(partitions, FEED)
        driver.run(50)
        folder = tmp_path_factory.mktemp("snapshots")
        found[partitions] = write(freeze(read_up_to(driver), MONTH, read_rules()), folder, KEYS)
    return found


@pytest.fixture
def other(months: dict[int, Path], tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(months[6], tmp_path / "2026-10"))


def told(path: Path, **changed: object) -> None:
    """Change what a manifest says."""
    manifest = json.loads((path / "manifest.json").read_text())
    (path / "manifest.json").write_text(json.dumps({**manifest, **changed}))


def rewritten(path: Path, name: str, *, without: str = "", **columns: pl.Expr) -> None:
    """Write a table with other columns."""
    file = path / f"{name}.parquet"
    table = pl.read_parquet(file).with_columns(**columns).drop(*filter(None, [without]))
    table.write_parquet(file)
    tables = json.loads((path / "manifest.json").read_text())["tables"]
    told(path, tables={**tables, name: {"rows": table.height, "sha256": checksum(file)}})


def removed(path: Path, name: str) -> None:
    """Take a table away."""
    tables = json.loads((path / "manifest.json").read_text())["tables"]
    (path / f"{name}.parquet").unlink()
    told(path, tables={each: said for each, said in tables.items() if each != name})


def test_four_partitions_and_six_have_the_same_figures_and_counts(months: dict[int, Path]) -> None:
    ended = compare(months[4], months[6], "--totals", "--json")
    assert 0 == ended.exit_code, ended.output
    said: dict[str, Any] = json.loads(ended.stdout)
    assert (True, {}, [], {}) == (said["equal"], said["totals"], said["differences"], said["made_by"])
    assert {"rows": 112, "changed": 0, "came": 0, "gone": 0} == said["tables"]["round_trips_monthly"]


def test_a_figure_that_is_another_is_told_with_its_row_and_exit_code_7(months: dict[int, Path], other: Path) -> None:
    table = pl.read_parquet(other / "round_trips_monthly.parquet")
    rewritten(other, "round_trips_monthly", failures=pl.col("failures") + (pl.int_range(pl.len()) == 5))
    ended = compare(months[4], other)
    assert isinstance(ended.exception, FiguresDiffer)
    assert 7 == ended.exception.exit_code
    words = str(ended.exception)
    assert words.startswith("2026-10 differs in 1 places, the first in round_trips_monthly, ")
    row = table.row(5, named=True)
    assert words.endswith(f"failures was {row['failures']} and is {row['failures'] + 1} (row changed)")
    assert "2026-10 has OTHER FIGURES" in ended.stdout


@pytest.mark.parametrize(  # one median is 0
    ("median", "others"), [(pl.col("rtt_median_ms") * 100, 82), (pl.lit(None, pl.Int64), 83)]
)
def test_medians_beyond_the_bound_of_estimates_are_other_figures(
    months: dict[int, Path], other: Path, median: pl.Expr, others: int
) -> None:
    rewritten(other, "round_trips_monthly", rtt_median_ms=median)
    ended = compare(months[4], other)
    assert isinstance(ended.exception, FiguresDiffer), ended.output
    assert str(ended.exception).startswith(f"2026-10 differs in {others} places, the first in round_trips_monthly, ")


def test_medians_within_the_bound_of_estimates_are_counted_apart(months: dict[int, Path], other: Path) -> None:
    best, worst = pl.col("rtt_best_ms"), pl.col("rtt_worst_ms")
    rewritten(other, "round_trips_monthly", rtt_median_ms=(pl.col("rtt_median_ms") * 1.04).cast(int).clip(best, worst))
    ended = compare(months[4], other)
    assert 0 == ended.exit_code
    assert " estimates within their bounds are others" in ended.stdout


def test_a_column_that_one_lacks_is_named_and_no_figure_the_same(months: dict[int, Path], other: Path) -> None:
    rewritten(other, "round_trips_monthly", without="failures")
    words = "round_trips_monthly.failures"
    ended = compare(months[4], other)
    assert f"2026-10 differs in 1 places: {words} (in WAS only)" == str(ended.exception)
    assert f"{words} is in WAS only\n" in ended.stdout
    assert f"2026-10 differs in 1 places: {words} (in NOW only)" == str(compare(other, months[4]).exception)


@pytest.mark.parametrize("name", ["incidents", "time_out_sensitivity", "metrics"])
def test_a_table_that_one_lacks_is_named_whichever_it_is(months: dict[int, Path], other: Path, name: str) -> None:
    removed(other, name)
    for pair, which in (((months[4], other), "WAS"), ((other, months[4]), "NOW")):
        ended = compare(*pair, "--json")
        assert isinstance(ended.exception, FiguresDiffer), ended.output
        assert {name: which} == json.loads(ended.stdout)["missing"]


def test_a_count_of_the_whole_stream_that_is_another_is_told_where_both_have_it_all(
    months: dict[int, Path], other: Path
) -> None:
    totals = json.loads((other / "totals.json").read_text())
    (other / "totals.json").write_text(json.dumps({**totals, "duplicate_alerts": totals["duplicate_alerts"] + 1}))
    assert 0 == compare(months[4], other).exit_code
    ended = compare(months[4], other, "--totals")
    assert "2026-10 differs in 1 places: duplicate_alerts" == str(ended.exception)


def test_counts_of_compacted_topics_and_strays_hang_on_the_topics_and_are_left_out(
    months: dict[int, Path], other: Path
) -> None:
    totals = json.loads((other / "totals.json").read_text())
    totals["lines"] |= {"users": 1, "devices": 1, "incidents": 1}
    totals["strays"] += 1
    (other / "totals.json").write_text(json.dumps(totals))
    assert 0 == compare(months[4], other, "--totals").exit_code
    totals["lines"]["alerts"] += 1
    (other / "totals.json").write_text(json.dumps(totals))
    assert "2026-10 differs in 1 places: lines" == str(compare(months[4], other, "--totals").exception)


def test_what_another_rule_set_made_is_said(months: dict[int, Path], other: Path) -> None:
    told(other, rule_set={"id": "ours", "version": 2})
    ended = compare(months[4], other)
    assert 0 == ended.exit_code
    assert "made by another rule_set: " in ended.stdout


@pytest.mark.parametrize(
    ("changed", "kind", "words"),
    [
        ({"month": "2026-11"}, UsageError, r"is of 2026-10, .* of 2026-11; give two of one month$"),
        (
            {"stream_clock_us": 1, "stream_clock": "1970-01-01T00:00:00.000Z", "status": "provisional"},
            SnapshotError,
            r"^2026-10 is final at .*, provisional at .* final in both, or stop publishing until both have folded all",
        ),
        (
            {"tables": {"members": {"rows": 62, "sha256": "0"}}},
            SnapshotError,
            r"is damaged .*; take the snapshot again",
        ),
    ],
)
def test_what_can_not_be_compared_is_refused_with_what_to_do(
    months: dict[int, Path], other: Path, changed: dict[str, object], kind: type[DccaError], words: str
) -> None:
    told(other, **changed)
    ended = compare(months[4], other)
    assert isinstance(ended.exception, kind), ended.output
    with pytest.raises(kind, match=words):
        raise ended.exception


def test_a_folder_without_snapshot_is_named(months: dict[int, Path], tmp_path: Path) -> None:
    ended = compare(months[4], tmp_path)
    assert f"{tmp_path} holds no manifest.json; give the folder of a snapshot of one month" == str(ended.exception)
