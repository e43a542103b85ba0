"""What two manifests say has moved, and which of it is named with a figure."""

from typing import Any

import polars as pl
import pytest

from dcc_analytics.render.files import FILES
from dcc_analytics.snapshot.causes import CAUSES, ESTIMATED, UNKNOWN, causes, with_why
from dcc_analytics.snapshot.changes import ENTRY

MANIFEST: dict[str, Any] = {
    "format": 1, "status": "provisional", "stream_clock": "2026-10-20T00:00:00.000Z", "catalogue_version": "a",
    "product_version": "0.1.0", "rule_set": {"id": "default", "version": 1}, "rule_set_sha256": "x",
    "offsets": {"service-requests": {"0": 10, "1": 5}, "users": {"0": 3}},
}  # fmt: skip
MOVED = {name: name.upper() for name in CAUSES}


def why(
    table: str, column: str, key: str = "srv=7.4", row: str = "changed", moved: dict[str, str] | None = None
) -> str:
    """Return the causes named with a lone entry."""
    entry = pl.DataFrame(
        [("A", "IS", key, row, column, "1", "2")], schema=dict.fromkeys(ENTRY, pl.String), orient="row"
    )
    return str(with_why(entry, table, MOVED if moved is None else moved)["why"].item())


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, {}),
        ({"offsets": {"service-requests": {"0": 1010, "1": 5}, "users": {"0": 3}}},
         {"service-requests": "service-requests +1,000"}),
        ({"offsets": {"service-requests": {"0": 15}, "users": {"0": 2}}}, {"users": "users -1"}),
        ({"offsets": {**MANIFEST["offsets"], "incidents": {"0": 1}}}, {"incidents": "incidents +1"}),
        ({"stream_clock": "2026-10-21T00:00:00.000Z"},
         {"clock": "stream's clock 2026-10-20T00:00:00.000Z → 2026-10-21T00:00:00.000Z"}),
        ({"status": "final"}, {"clock": "provisional → final"}),
        ({"rule_set": {"id": "default", "version": 2}}, {"rules": "rule set default 1 → 2"}),
        ({"rule_set": {"id": "ours", "version": 1}}, {"rules": "rule set default 1 → ours 1"}),
        ({"rule_set_sha256": "y"}, {"rules": "rule set default 1 with other parameters"}),
        ({"catalogue_version": "b"}, {"catalogue": "catalogue a → b"}),
        ({"format": 2, "product_version": "0.2.0"}, {"format": "format 1 → 2", "release": "release 0.1.0 → 0.2.0"}),
    ],
)  # fmt: skip
def test_what_has_moved_is_told_in_words(change: dict[str, Any], expected: dict[str, str]) -> None:
    assert expected == causes(MANIFEST, {**MANIFEST, **change})


def test_the_manifest_of_an_older_release_lacks_what_it_did_not_say() -> None:
    older = {name: MANIFEST[name] for name in MANIFEST if name not in {"product_version", "rule_set_sha256"}}
    assert {"release": "release ? → 0.1.0"} == causes(older, MANIFEST)


EVERY = "SERVICE-REQUESTS, SERVICE-RESPONSES, ALERTS, STRAYS"
ALWAYS = "METRIC, CATALOGUE, FORMAT, RELEASE"


@pytest.mark.parametrize(
    ("table", "column", "key", "expected"),
    [
        ("round_trips_monthly", "failures", "srv=7.4", f"{EVERY}, USERS, CLOCK, {ALWAYS}"),
        ("round_trips_monthly", "successes", "srv=7.4", f"{EVERY}, USERS, {ALWAYS}"),
        ("round_trips_monthly", "rtt_mean_ms", "srv=7.4", f"{EVERY}, USERS, {ALWAYS}"),
        ("round_trips_monthly", "failures", "srv=6.8", f"{EVERY}, DEVICES, USERS, CLOCK, {ALWAYS}"),
        ("round_trips_monthly", "failures", "srv=1.2.2", f"{EVERY}, DEVICES, USERS, CLOCK, {ALWAYS}"),
        ("round_trips_daily", "incident_category", "day=2026-10-05; srv=6.8", f"INCIDENTS, {ALWAYS}"),
        ("failures", "failures", "srv=1; reason_code=NO-RESPONSE; reason=", f"{EVERY}, USERS, CLOCK, {ALWAYS}"),
        ("failures", "failures", "srv=1; reason_code=E20; reason=", f"{EVERY}, USERS, {ALWAYS}"),
        ("alerts", "delivered", "code=N13", f"ALERTS, STRAYS, USERS, {ALWAYS}"),
        ("inventory", "uprn", "device=1", f"DEVICES, USERS, {ALWAYS}"),
        ("n42_after_n16", "later", "supplier=A",
         f"{EVERY}, DEVICES, USERS, RULES, {ALWAYS} (letters are drawn anew)"),
        ("members", "party_name", "", f"USERS, {ALWAYS}"),
        ("peer_values", "value", "srv=7.4; measure=rtt_median_s; position=1",
         f"others' figures: {EVERY}, USERS, RULES, {ALWAYS}"),
        ("round_trips_monthly", "industry_rtt_mean_ms", "srv=7.4",
         f"others' figures: {EVERY}, USERS, RULES, {ALWAYS}"),
        ("a_table_of_another_release", "n", "", ", ".join(name.upper() for name in CAUSES)),
    ],
)  # fmt: skip
def test_only_what_can_touch_a_figure_is_named_with_it(table: str, column: str, key: str, expected: str) -> None:
    assert expected == why(table, column, key)


def test_a_row_that_came_is_told_by_its_table_whatever_the_column() -> None:
    assert f"{EVERY}, USERS, CLOCK, {ALWAYS}" == why("round_trips_daily", "incident_category", row="came")


def test_where_nothing_moved_that_is_said_and_an_estimate_is_called_one() -> None:
    assert UNKNOWN == why("round_trips_monthly", "failures", moved={})
    assert UNKNOWN == why("round_trips_monthly", "failures", moved={"incidents": "incidents +1"})
    assert ESTIMATED == why("round_trips_monthly", "rtt_median_ms", moved={})
    assert UNKNOWN == why("round_trips_monthly", "rtt_median_ms", row="came", moved={})
    assert ESTIMATED == why("peer_values", "value", "srv=1; measure=rtt_median_s; position=1", moved={})


def test_a_rule_set_alone_is_told_without_others() -> None:
    assert "rule set default 1 → 2" == why("round_trips_monthly", "peers", moved={"rules": "rule set default 1 → 2"})


def test_every_file_of_a_pack_has_its_causes() -> None:
    every = why("a_table_of_another_release", "n", "", row="came")
    assert [] == [name for name in FILES if why(name, "n", "", row="came").removeprefix("others' figures: ") == every]
