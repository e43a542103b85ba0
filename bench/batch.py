"""The batch a month-end job would run in the product's place: recorded events to round trips, by polars alone.

It imports nothing of the product, so that its memory is its own. All records of the month are at hand, so it remembers
nothing, writes nothing and begins anew each time. Its rules are simpler than the product's (``stream.match``):

- a repeated request is dropped however late it comes, and an end counts whenever it was sent;
- of two ends the one with the earlier instant counts, not the one that came first;
- a cancellation withdraws nothing: what it would have withdrawn is a request without answer;
- a request without answer is not told from one whose time-out has passed; both are requests, and no successes;
- a Device's Region is that of its newest record, not that of when the round trip began;
- no clock is taken for faulty, but a time below nothing is left out;
- processes, roles, targets, failures by reason and Alerts' own counts are not made.
"""

import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final, TypeAlias

import polars as pl

from bench.processes import peak_resident_mb

#: Names and types of the fields that are read.
Fields: TypeAlias = Mapping[str, pl.DataType | type[pl.DataType]]

_REQUEST: Final[Fields] = {
    "request_id": pl.String,
    "received_at": pl.String,
    "execute_at": pl.String,
    "srv": pl.String,
    "command_variant": pl.Int64,
    "device": pl.String,
}
_RESPONSE: Final[Fields] = {
    "request_id": pl.String,
    "sent_at": pl.String,
    "code": pl.String,
    "kind": pl.String,
    "device": pl.String,
    "device_result": pl.String,
    "instruction": pl.Struct({"number": pl.Int64, "total": pl.Int64, "alert": pl.String}),
    "user": pl.String,
    "srv": pl.String,
    "schedule_id": pl.String,
    "planned_at": pl.String,
}
_ALERT: Final[Fields] = {
    "request_id": pl.String,
    "raised_at": pl.String,
    "parameters": pl.Struct({"request_id": pl.String, "target_device": pl.String, "result": pl.String}),
}
_DEVICE: Final[Fields] = {"device": pl.String, "as_of": pl.String, "csp_region": pl.String}

#: A request and what ends it are of one leg.
_LEG: Final = ("request_id", "transform")
_TRANSFORM_VARIANT: Final = 4
_NON_DEVICE_VARIANT: Final = 8
_CANCELLING_YEAR: Final = 3000
_USER_LETTERS: Final = len("90-B3-D5-1F-40-01-00-01")


def measured(folder: str, begins: str, ends: str) -> dict[str, float]:
    """Make the round trips of a month; return how many, how many succeeded, rows, wall and CPU seconds, peak memory.

    Args:
        folder: of the events, a file of lines for each topic.
        begins: first instant of the month, as ISO 8601.
        ends: first instant after it.
    """
    began, cpu_began = time.perf_counter(), time.process_time()
    rows = by_user_srv_and_region(Path(folder), datetime.fromisoformat(begins), datetime.fromisoformat(ends))
    return {
        "seconds": time.perf_counter() - began,
        "cpu_s": time.process_time() - cpu_began,
        "peak_mb": peak_resident_mb(),
        "rows": rows.height,
        "requests": int(rows["requests"].sum()),
        "successes": int(rows["successes"].sum()),
    }


def by_user_srv_and_region(folder: Path, begins: datetime, ends: datetime) -> pl.DataFrame:
    """Return a row for each User, SRV and Region: requests, successes, and the 5th, 50th and 95th percentile in ms.

    Args:
        folder: of the events.
        begins: first instant of the month, in UTC.
        ends: first instant after it.
    """
    trips = pl.concat([_requested(folder), _scheduled(folder)]).filter(
        pl.col("start").is_between(begins, ends, closed="left"),
        ~pl.col("transform") | ~pl.col("succeeded"),  # a transform leg adds to no row unless it fails
    )
    time_ms = (pl.col("end") - pl.col("start")).dt.total_microseconds() / 1000
    timed_ms = time_ms.filter(pl.col("succeeded") & (time_ms >= 0))
    return (
        trips.join(_regions(folder), on="device", how="left")
        .group_by("user", "srv", pl.col("region").fill_null("Unknown"))
        .agg(
            pl.len().alias("requests"),
            pl.col("succeeded").sum().alias("successes"),
            *(timed_ms.quantile(rank, "linear").alias(f"p{rank * 100:.0f}_ms") for rank in (0.05, 0.5, 0.95)),
        )
        .sort("user", "srv", "region")
        .collect(engine="streaming")
    )


def _requested(folder: Path) -> pl.LazyFrame:
    """Return the legs requests have opened, with their ends."""
    legs = _requests(folder)
    accepted_only = (pl.col("code") == "I99") & (pl.col("command_variant") != _NON_DEVICE_VARIANT)
    before_execution = (pl.col("kind") == "response") & pl.col("code").str.starts_with("I")
    ends = (
        pl.concat([_responses(folder), _instructions(folder), _alerts(folder)])
        .join(legs.select(*_LEG, "command_variant", "future_dated", "start"), on=_LEG)
        .filter(~((pl.col("kind") == "acknowledgement") & accepted_only))
        .filter(~(before_execution & pl.col("future_dated") & (pl.col("end") < pl.col("start"))))
        .sort(pl.col("kind") == "alert", "end")  # a response beats an Alert, else the first end counts
        .unique(_LEG, keep="first", maintain_order=True)
        .select(*_LEG, "end", "succeeded")
    )
    return legs.join(ends, on=_LEG, how="left").select(
        "user", "srv", "device", "transform", "start", "end", pl.col("succeeded").fill_null(value=False)
    )


def _requests(folder: Path) -> pl.LazyFrame:
    """Return a line for each leg that is no cancellation, first come first."""
    execute = _instant("execute_at")
    future_dated = execute.is_not_null() & (pl.col("command_variant") != _TRANSFORM_VARIANT)
    return (
        _records(folder, "service-requests", _REQUEST)
        .filter(execute.is_null() | (execute.dt.year() < _CANCELLING_YEAR))
        .select(
            pl.col("request_id").str.to_uppercase(),
            (pl.col("command_variant") == _TRANSFORM_VARIANT).alias("transform"),
            pl.col("request_id").str.to_uppercase().str.head(_USER_LETTERS).alias("user"),
            "srv",
            "command_variant",
            pl.col("device").str.to_uppercase(),
            future_dated.alias("future_dated"),
            pl.when(future_dated).then(execute).otherwise(_instant("received_at")).alias("start"),
        )
        .unique(_LEG, keep="first", maintain_order=True)
    )


def _responses(folder: Path) -> pl.LazyFrame:
    """Return the ends single responses tell; whether one really is hangs on the request."""
    kind = pl.col("kind").fill_null("response")
    accepts = (kind == "acknowledgement") & ~pl.col("code").str.contains("^(E|I99$)")
    return (
        _records(folder, "service-responses", _RESPONSE)
        .filter(~kind.is_in(["scheduled", "future_dated"]), ~accepts)
        .select(
            pl.col("request_id").str.to_uppercase(),
            (kind == "pre_command").alias("transform"),
            kind,
            "code",
            _instant("sent_at").alias("end"),
            _succeeded().alias("succeeded"),
        )
    )


def _instructions(folder: Path) -> pl.LazyFrame:
    """Return the ends of future dated requests of which every instruction was told."""
    instruction = pl.col("instruction").struct
    return (
        _records(folder, "service-responses", _RESPONSE)
        .filter(pl.col("kind") == "future_dated")
        .group_by(pl.col("request_id").str.to_uppercase())
        .agg(
            instruction.field("number").n_unique().alias("told"),
            instruction.field("total").first(),
            _instant("sent_at").max().alias("end"),
            (instruction.field("alert") == "8F66").all().alias("succeeded"),
        )
        .filter(pl.col("told") >= pl.col("total"))
        .select(
            "request_id",
            pl.lit(value=False).alias("transform"),
            pl.lit("future_dated").alias("kind"),
            pl.lit("").alias("code"),
            "end",
            "succeeded",
        )
    )


def _alerts(folder: Path) -> pl.LazyFrame:
    """Return the ends Alerts tell: failures, but for firmware that was delivered."""
    parameters = pl.col("parameters").struct
    named = pl.coalesce("request_id", parameters.field("request_id"))
    delivered = parameters.field("target_device").is_not_null() & (parameters.field("result") == "success")
    return (
        _records(folder, "alerts", _ALERT)
        .filter(named.is_not_null())
        .select(
            named.str.to_uppercase().alias("request_id"),
            pl.lit(value=False).alias("transform"),
            pl.lit("alert").alias("kind"),
            pl.lit("").alias("code"),
            _instant("raised_at").alias("end"),
            delivered.fill_null(value=False).alias("succeeded"),
        )
    )


def _scheduled(folder: Path) -> pl.LazyFrame:
    """Return the results of DCC schedules, each a round trip of its own."""
    return (
        _records(folder, "service-responses", _RESPONSE)
        .filter(pl.col("kind") == "scheduled")
        .unique(["user", "device", "schedule_id", "srv", "planned_at"], keep="first", maintain_order=True)
        .select(
            pl.col("user").str.to_uppercase(),
            "srv",
            pl.col("device").str.to_uppercase(),
            pl.lit(value=False).alias("transform"),
            _instant("planned_at").alias("start"),
            _instant("sent_at").alias("end"),
            _succeeded().alias("succeeded"),
        )
    )


def _regions(folder: Path) -> pl.LazyFrame:
    return (
        _records(folder, "devices", _DEVICE)
        .sort(_instant("as_of"))
        .unique("device", keep="last", maintain_order=True)
        .select(pl.col("device").str.to_uppercase(), pl.col("csp_region").str.strip_prefix("4G ").alias("region"))
    )


def _records(folder: Path, topic: str, fields: Fields) -> pl.LazyFrame:
    """Return the records of a topic, without those that are no JSON."""
    path = next(folder.glob(f"{topic}.ndjson*"))
    lines = pl.scan_ndjson(path, schema={"value": pl.Struct(fields)}, ignore_errors=True)
    return lines.filter(pl.col("value").is_not_null()).unnest("value")


def _instant(name: str) -> pl.Expr:
    return pl.col(name).str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)


def _succeeded() -> pl.Expr:
    """Return whether a response tells a success: by its code, and by the Device where it says something."""
    device_failed = pl.col("device_result").fill_null("") == "failure"
    return pl.col("code").str.contains("^[IW]") & ~device_failed
