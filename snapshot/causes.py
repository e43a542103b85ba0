"""Why a figure is another than in the revision before: what the two manifests say has moved since. Pure.

Evidence, not proof: a cause is named with a figure if it has moved and can touch the figure at all. What has not moved
is never named.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from dcc_analytics.aggregators.observe import is_held
from dcc_analytics.catalogue.service_requests import may_be_future_dated
from dcc_analytics.snapshot.changes import CHANGED, MEMBER
from dcc_analytics.snapshot.history import HISTORY

DEVICES: Final = "devices"
INCIDENTS: Final = "incidents"
USERS: Final = "users"
CLOCK: Final = "clock"
RULES: Final = "rules"
MONTHS: Final = "months_before"
METRIC: Final = "metric"
ENTRIES: Final = "metrics"
CATALOGUE: Final = "catalogue"
FORMAT: Final = "format"
RELEASE: Final = "release"

_REQUESTS: Final = "service-requests"
_RESPONSES: Final = "service-responses"
_ALERTS: Final = "alerts"
#: Records keyed wrongly, of any of the three; what they are of is not known from offsets.
_STRAYS: Final = "strays"
_EVENTS: Final = (_REQUESTS, _RESPONSES, _ALERTS, _STRAYS)
#: What can touch any figure.
_ALL: Final = (METRIC, CATALOGUE, FORMAT, RELEASE)
#: Every cause, in the order in which they are told.
CAUSES: Final = (*_EVENTS, DEVICES, USERS, INCIDENTS, CLOCK, RULES, MONTHS, ENTRIES, *_ALL)

#: Its letters are drawn by all Members' records, so a record of any kind may change whose a letter is.
_OF_LETTERS: Final = "n42_after_n16"
_ROUND_TRIPS: Final = (*_EVENTS, DEVICES, USERS, CLOCK)
_SENT_ALERTS: Final = (_ALERTS, _STRAYS, USERS)
#: What can touch a Member's own figures, by table, besides what can touch any. A table that is not named: everything.
_OWN: Final[Mapping[str, tuple[str, ...]]] = {
    "round_trips_monthly": _ROUND_TRIPS,
    "round_trips_daily": _ROUND_TRIPS,
    "failures": _ROUND_TRIPS,
    "peer_values": _ROUND_TRIPS,
    "time_out_sensitivity": _ROUND_TRIPS,
    "named_comparison": (*_ROUND_TRIPS, RULES),
    "metrics": (*_ROUND_TRIPS, ENTRIES),
    "alerts_monthly": _SENT_ALERTS,
    "alerts_daily": _SENT_ALERTS,
    "alerts": _SENT_ALERTS,
    "n13_n55": _SENT_ALERTS,
    "installs_daily": (*_EVENTS, USERS),
    "installs_without_read": (*_EVENTS, DEVICES, USERS),
    "cos_gains": (*_EVENTS, DEVICES, USERS),
    "firmware_delivery": (*_EVENTS, DEVICES, USERS),
    _OF_LETTERS: (*_EVENTS, DEVICES, USERS, RULES),
    "outages_unrestored": (_ALERTS, _STRAYS, DEVICES, USERS),
    "inventory": (DEVICES, USERS),
    "inventory_models": (DEVICES, USERS),
    "members": (*_EVENTS, DEVICES, USERS),
}
#: Columns that less can touch than their table.
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "incident_category": (INCIDENTS,),
    "party_name": (USERS,),
    "folder": (USERS,),
    **dict.fromkeys(HISTORY, (*_ROUND_TRIPS, RULES, MONTHS)),
}
#: A time-out gives a leg an outcome, but neither a success nor a time.
_UNTOUCHED_BY_CLOCK: Final = r"^successes$|^in_time$|rtt_"
_TIME_OUT: Final = "reason_code=NO-RESPONSE;"
_OF_TIMES: Final = "measure=rtt_"
#: Tables in which Device records move only what is placed at the snapshot: what is held for it, and what was to be
#: executed in the month and has no answer.
_OF_ROUND_TRIPS: Final = frozenset(table for table, touching in _OWN.items() if touching is _ROUND_TRIPS)
#: Columns that say something of others, and tables of nothing else.
_OF_OTHERS: Final = r"^industry_|^peer_|^peers$|^benchmark_status$|^compared$|^mix_adjusted_gap$"
_TABLE_OF_OTHERS: Final = "peer_values"
#: What tells entries of a table apart when causes are chosen, besides their column.
_KIND: Final = ("of_others", "srv", "timed_out", "of_times", "own")
_ESTIMATED: Final = r"rtt_(median|p5|p95)_ms$|delivery_median_ms$"
UNKNOWN: Final = "nothing the manifests tell"
ESTIMATED: Final = "estimated again from the same records"


def causes(was: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, str]:
    """Return what has moved from one snapshot of a month to the next: in words, by cause.

    Args:
        was: manifest of the older.
        now: manifest of the newer.
    """
    found = {}
    for topic in (*_EVENTS, DEVICES, USERS, INCIDENTS):
        moved = _offsets(now, topic) - _offsets(was, topic)
        if moved:
            found[topic] = f"{topic} {moved:+,}"
    if clock := _moved(was, now, "stream_clock"):
        found[CLOCK] = f"stream's clock {clock}"
    if status := _moved(was, now, "status"):
        found[CLOCK] = ", ".join(filter(None, (found.get(CLOCK), status)))
    for name, in_words in ((RULES, _rules), (MONTHS, _months), (ENTRIES, _entries)):
        if words := in_words(was, now):
            found[name] = words
    if both := _moved({"metric_version": 1, **was}, {"metric_version": 1, **now}, "metric_version"):
        found[METRIC] = f"metric {both}"
    for name, said in ((CATALOGUE, "catalogue_version"), (FORMAT, "format"), (RELEASE, "product_version")):
        if both := _moved(was, now, said):
            found[name] = f"{name} {both}"
    return {name: found[name] for name in CAUSES if name in found}


def _moved(was: Mapping[str, Any], now: Mapping[str, Any], name: str) -> str:
    """Return what a manifest says and what it said before; empty if that is the same."""
    before, after = was.get(name, "?"), now.get(name, "?")
    return "" if before == after else f"{before} → {after}"


def _offsets(manifest: Mapping[str, Any], topic: str) -> int:
    return sum(manifest.get("offsets", {}).get(topic, {}).values())


def _months(was: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    before, after = (each.get("months_before", {}) for each in (was, now))
    others = [month for month in sorted({*before, *after}) if before.get(month) != after.get(month)]
    return f"snapshots of {', '.join(others)}" if others else ""


def _entries(was: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Return which metrics of the catalogue have come, gone or were amended; empty if none."""
    before, after = ({entry["id"]: entry for entry in each.get("metrics", [])} for each in (was, now))
    others = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    return f"metrics {', '.join(others)}" if others else ""


def _rules(was: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    before, after = (each.get("rule_set", {}) for each in (was, now))
    if before == after:
        other = was.get("rule_set_sha256", now.get("rule_set_sha256")) != now.get("rule_set_sha256")
        return f"rule set {after.get('id')} {after.get('version')} with other parameters" if other else ""
    first, second = before.get("version"), after.get("version")
    if before.get("id") != after.get("id"):
        first, second = f"{before.get('id')} {first}", f"{after.get('id')} {second}"
        return f"rule set {first} → {second}"
    return f"rule set {after.get('id')} {first} → {second}"


def with_why(entries: pl.DataFrame, table: str, moved: Mapping[str, str]) -> pl.DataFrame:
    """Return entries of a table with ``why``, the causes that have moved and can have touched each.

    Args:
        entries: as ``table_changes`` returns them.
        table: its name.
        moved: as ``causes`` returns them.
    """
    whole_table = pl.lit(table == _TABLE_OF_OTHERS)
    judged = entries.with_columns(
        (whole_table | (pl.col("column").str.contains(_OF_OTHERS) & (pl.col("row") == CHANGED))).alias("of_others"),
        pl.col("key").str.extract(r"(?:^|; )srv=([^;]*)").fill_null("").alias("srv"),
        (pl.col("key") + ";").str.contains(_TIME_OUT, literal=True).alias("timed_out"),
        pl.col("key").str.contains(_OF_TIMES, literal=True).alias("of_times"),
    ).with_columns((~pl.col("of_others")).any().over(*MEMBER, "key").alias("own"))
    kinds = judged.select("row", "column", *_KIND).unique()
    why = [_why(table, moved, **kind) for kind in kinds.iter_rows(named=True)]
    told = kinds.with_columns(pl.Series("why", why, pl.String))
    return judged.join(told, on=kinds.columns, how="left", maintain_order="left").drop(_KIND)


def _why(
    table: str, moved: Mapping[str, str], *, row: str, column: str, of_others: bool, srv: str, timed_out: bool,
    of_times: bool, own: bool,
) -> str:  # fmt: skip
    """Return the causes of entries of a kind, in words."""
    named = row == CHANGED
    touching = set(_COLUMNS.get(column, ())) if named else set()
    touching = touching or set(_OWN.get(table, CAUSES))
    if table in _OF_ROUND_TRIPS and not (is_held(srv) or may_be_future_dated(srv)):
        touching.discard(DEVICES)
    if (table == "failures" and not timed_out) or of_times or (named and re.search(_UNTOUCHED_BY_CLOCK, column)):
        touching.discard(CLOCK)
    if of_others:
        touching.add(RULES)
    found = [cause for cause in moved if cause in touching or cause in _ALL]
    words = ", ".join(moved[cause] for cause in found)
    if not words:
        return ESTIMATED if of_times or (named and re.search(_ESTIMATED, column)) else UNKNOWN
    if table == _OF_LETTERS and not {*found} <= {RULES, *_ALL}:
        return f"{words} (letters are drawn anew)"
    if of_others and not {*found} <= {RULES, *_ALL}:
        return f"{'own and others' if own else 'others'}' figures: {words}"
    return words
