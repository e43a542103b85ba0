"""The language of metrics: what an entry may say, and the words for what it may not."""

from importlib.resources import files
from pathlib import Path

import msgspec
import pytest

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.catalogue.metrics import (
    DIMENSIONS,
    NEW_DIMENSION,
    NEW_OBSERVATION,
    OBSERVED,
    WITHIN,
    Metric,
    built_in_metrics,
    class_of,
    in_force,
    outside,
    parse_metrics,
)
from dcc_analytics.snapshot.alerts import ALERT_CELL
from dcc_analytics.snapshot.round_trips import CELL_KEY, FAILURE_KEY

EXAMPLE = Path(__file__).parents[2] / "docs" / "metrics-example.toml"
ENTRY = {
    "id": '"reads"', "version": "1", "title": '"Reads"', "description": '"All reads."', "source": '"a test"',
    "observed": '"round_trips"', "aggregate": '"count"', "page": '"Reads"',
}  # fmt: skip


def text(**fields: str) -> str:
    """Return a file of one entry, some of whose fields are others; an empty one is left out."""
    said = {**ENTRY, **fields}
    return "[[metrics]]\n" + "".join(f"{name} = {value}\n" for name, value in said.items() if value)


def entry(**fields: str) -> Metric:
    (metric,) = parse_metrics(text(**fields), "f.toml")
    return metric


def test_an_entry_says_what_is_counted_and_the_rest_is_left_out() -> None:
    metric = entry()
    assert (1, "count", (), {}, "none") == (
        metric.version, metric.measure, metric.dimensions, metric.filter, metric.comparison
    )  # fmt: skip
    assert WITHIN == class_of(metric)


def test_the_entries_of_the_catalogue_and_of_the_example_are_inside_the_language() -> None:
    example = parse_metrics(EXAMPLE.read_text(encoding="utf-8"), "the example")
    assert 3 == len(in_force(built_in_metrics(), example))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"version": '"1"'}, "Expected `int`, got `str` - at `$.version`"),
        ({"version": "0"}, "Expected `int` >= 1 - at `$.version`"),
        ({"id": '"Reads!"'}, "at `$.id`"),
        ({"title": '"a\\nb"'}, "at `$.title`"),
        ({"page": ""}, "missing required field `page`"),
        ({"dimension": '["day"]'}, "unknown field `dimension`; an entry has id, version, title"),
        ({"aggregate": '"median"'}, "aggregate is 'median'; allowed are 'count', 'rate', 'share', 'mean_time'"),
        ({"comparison": '"peers"'}, "comparison is 'peers'; allowed are 'none', 'industry', 'median', 'quartiles'"),
        ({"figure": '"pie"'}, "figure is 'pie'; allowed are 'bars', 'strip', 'daily', 'none'"),
        ({"filter": '{ meter_type = ["gas"] }'}, "filter.meter_type is 'gas'; allowed are 'Electricity', 'Gas'"),
        ({"filter": '{ srv = ["4.8.9"] }'}, "filter.srv is '4.8.9'; allowed are '1.1.1', "),
        ({"filter": "{ srv = [] }"}, "at `$.filter[...]`"),
        ({"filter": '{ day = ["2026-10-01"] }'}, "filter names day; a definition holds for every month"),
        ({"dimensions": '["srv", "srv"]'}, "dimensions names a column twice"),
        ({"of": '"failures"'}, "of belongs to the aggregate rate, and the aggregate is count"),
        ({"aggregate": '"share"'}, "the aggregate share needs part, what it is of"),
        ({"comparison": '"industry"'}, "comparison has to be none for a count: volumes of others are never told"),
        ({"aggregate": '"mean_time"', "comparison": '"median"'}, "comparison is none or industry for times"),
        ({"figure": '"daily"'}, 'figure daily asks for dimensions = ["day"]'),
        ({"figure": '"strip"'}, "figure strip is of rates and shares"),
        (
            {"aggregate": '"rate"', "of": '"failures"', "dimensions": '["day"]', "comparison": '"quartiles"'},
            "comparison is median at most where day is a dimension",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_file_entry_field_and_what_is_allowed(fields: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError) as refused:
        entry(**fields)
    name = fields.get("id", ENTRY["id"]).strip('"')
    assert str(refused.value).startswith(f"f.toml, {name}: ")
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("metrics = [", "f.toml is no TOML: "),
        ("rules = 1", "f.toml holds rules; a file of metrics holds"),
        ("metrics = 1", "f.toml holds metrics; "),
        ("[[metrics]]\ntitle = 1", "f.toml, entry 1: "),
        (text() * 2, "f.toml, reads: there are two entries of this id"),
    ],
)
def test_a_file_that_holds_something_else_is_refused(given: str, words: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_metrics(given, "f.toml")
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("fields", "kind", "words"),
    [
        ({"observed": '"meters"'}, NEW_OBSERVATION, "observed is 'meters'; there are round_trips, alerts, failures"),
        (
            {"dimensions": '["model"]'},
            NEW_DIMENSION,
            "round_trips are not told apart by 'model'; they are by process, srv, variant, day, meter_type, region",
        ),
        ({"filter": '{ code = ["AD1"] }'}, NEW_DIMENSION, "round_trips are not told apart by 'code'"),
        (
            {"aggregate": '"rate"', "of": '"warnings"'},
            NEW_OBSERVATION,
            "of is 'warnings', which is not counted of round_trips: there are failures, successes, in_time",
        ),
        (
            {"aggregate": '"rate"', "of": '"successes"', "observed": '"failures"'},
            NEW_OBSERVATION,
            "it has no rates; use count or share",
        ),
        ({"aggregate": '"mean_time"', "observed": '"failures"'}, NEW_OBSERVATION, "failures have no times"),
        (
            {"aggregate": '"quantile_time"', "dimensions": '["region"]'},
            NEW_DIMENSION,
            "quantiles are not told apart by 'region'; the digests are by process, srv, variant",
        ),
    ],
)
def test_what_no_cell_holds_is_outside_the_language_and_of_a_class_of_change(
    fields: dict[str, str], kind: str, words: str
) -> None:
    metric = entry(**fields)
    assert kind == class_of(metric)
    assert words in " ".join(each.words for each in outside(metric))
    with pytest.raises(UsageError, match=f"metric reads: .*of the class {kind}, which needs code"):
        in_force([metric])


def test_the_dearest_class_of_an_entry_counts() -> None:
    assert NEW_OBSERVATION == class_of(entry(dimensions='["model"]', aggregate='"rate"', of='"warnings"'))


def test_an_id_given_by_two_files_is_refused() -> None:
    with pytest.raises(UsageError, match="the metrics given, reads: there are two entries of this id"):
        in_force([entry()], [entry(version="2")])


def test_the_language_has_the_columns_of_the_cells_and_no_other() -> None:
    unsaid = {"party", "role", "group", "reason"}
    assert set(CELL_KEY) - unsaid == set(OBSERVED["round_trips"].columns)
    assert set(ALERT_CELL) - unsaid == set(OBSERVED["alerts"].columns)
    assert set(FAILURE_KEY) - unsaid == set(OBSERVED["failures"].columns)
    assert set(DIMENSIONS) == {name for each in OBSERVED.values() for name in each.columns}


def test_an_entry_written_into_a_manifest_is_read_back() -> None:
    metrics = parse_metrics(EXAMPLE.read_text(encoding="utf-8"), "the example")
    assert metrics == msgspec.convert(msgspec.to_builtins(metrics), tuple[Metric, ...])


def test_the_file_of_the_catalogue_says_where_the_language_is() -> None:
    said = (files("dcc_analytics.catalogue.data") / "metrics.toml").read_text(encoding="utf-8")
    assert "docs/changing-metrics.md" in said
