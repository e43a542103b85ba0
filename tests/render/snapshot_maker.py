"""A made-up snapshot folder: real Parquet tables and a manifest, small enough to know by heart."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, Final

import msgspec
import polars as pl

from dcc_analytics.catalogue.devices import DEVICE_FIELDS
from dcc_analytics.catalogue.months import Month
from dcc_analytics.catalogue.processes import TABLE_1
from dcc_analytics.snapshot.comparison import Row as Counts
from dcc_analytics.snapshot.comparison import verdicts
from dcc_analytics.snapshot.evidence import DECIMAL, INSTANT
from dcc_analytics.snapshot.intervals import wilson
from dcc_analytics.snapshot.metrics import SCHEMA as METRICS_SCHEMA
from tests.render.metric_rows import METRICS, metric_rows

MONTH: Final = Month.parse("2026-10")
CLOCK_US: Final = MONTH.end_us + 9 * 86_400_000_000

Row = dict[str, Any]

_MEMBER = {"party": pl.String, "role": pl.String}
_SERVICE = {"process": pl.String, "srv": pl.String, "variant": pl.String}
_SPLIT = {"meter_type": pl.String, "region": pl.String, "smets_version": pl.String}


def _whole(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names, pl.Int64)


def _fractions(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names, pl.Float64)


_ALERT: Final = {"kind": pl.String, "code": pl.String}
_DELIVERY: Final = _whole("delivery_n", "delivery_best_ms", "delivery_worst_ms", "delivery_mean_ms")
_DEVICE: Final = {
    "device_type": pl.String, **_SPLIT, "manufacturer": pl.String, "model": pl.String, "firmware_version": pl.String,
}  # fmt: skip
ALERTS: Final = ("alerts_monthly", "alerts_daily", "alerts", "n13_n55")
MEASURES: Final = (
    "installs_daily", "installs_without_read", "cos_gains", "firmware_delivery", "n42_after_n16", "outages_unrestored",
)  # fmt: skip
SCHEMAS: Final[Mapping[str, dict[str, Any]]] = {
    "members": {"party": pl.String, "party_name": pl.String, "role": pl.String, "folder": pl.String},
    "incidents": {
        "incident": pl.String, **_whole("category", "opened_at_us", "closed_at_us"),
        "regions": pl.List(pl.String), "summary": pl.String,
    },
    "round_trips_monthly": {
        **_MEMBER, **_SERVICE, **_whole("requests", "successes", "failures", "open"),
        **_fractions("success_rate", "failure_rate"),
        **_whole("in_time", "rtt_n", "rtt_best_ms", "rtt_worst_ms", "rtt_mean_ms", "rtt_median_ms", "rtt_p5_ms"),
        **_whole("rtt_p95_ms"), **_fractions("industry_success_rate", "industry_failure_rate"),
        **_whole("industry_rtt_best_ms", "industry_rtt_worst_ms", "industry_rtt_mean_ms", "industry_rtt_median_ms"),
        **_fractions("peer_failure_rate_p25", "peer_failure_rate_median", "peer_failure_rate_p75"),
        "peers": pl.String, "benchmark_status": pl.String, **_fractions("failure_rate_low", "failure_rate_high"),
        "compared": pl.String, "mix_adjusted_gap": DECIMAL,
        **_fractions("history_mean", "history_low", "history_high"), "history_signal": pl.String,
    },
    "round_trips_daily": {
        **_MEMBER, "day": pl.Date, **_SERVICE, **_SPLIT, **_whole("requests", "successes", "failures"),
        **_fractions("success_rate"), **_whole("rtt_n", "rtt_best_ms", "rtt_worst_ms", "rtt_mean_ms"),
        **_fractions("industry_success_rate"), **_whole("industry_rtt_mean_ms"),
        **_fractions("peer_failure_rate_median"), **_whole("incident_category"), "benchmark_status": pl.String,
    },
    "failures": {
        **_MEMBER, "day": pl.Date, **_SERVICE, "reason_code": pl.String, "reason": pl.String, **_SPLIT,
        "device_type": pl.String, "manufacturer": pl.String, "model": pl.String, "firmware_version": pl.String,
        **_whole("failures"),
    },
    "time_out_sensitivity": {
        **_MEMBER, **_SERVICE, **_whole("time_out_h", "successes", "failures", "open"), **_fractions("failure_rate"),
    },
    "named_comparison": {
        **_MEMBER, "member": pl.String, **_SERVICE, **_whole("requests"), **_fractions("success_rate", "failure_rate"),
        **_whole("rtt_median_ms"),
    },
    "inventory": {**_MEMBER, **dict.fromkeys((field.name for field in DEVICE_FIELDS), pl.String)},
    "inventory_models": {
        **_MEMBER, **dict.fromkeys(("device_type", "manufacturer", "model", "firmware_version"), pl.String),
        **_whole("devices"),
        **_fractions("share", "industry_share", "peer_share_p25", "peer_share_median", "peer_share_p75"),
        "peers": pl.String, "benchmark_status": pl.String,
    },
    "peer_values": {
        **_MEMBER, **_SERVICE, "measure": pl.String, **_whole("position"), **_fractions("value"),
    },
    "alerts_monthly": {
        **_MEMBER, **_ALERT, "name": pl.String, **_whole("delivered", "failed", "represented"),
        **_fractions("success_rate"), **_DELIVERY, **_whole("delivery_median_ms"),
        **_fractions("industry_success_rate"), **_whole("industry_delivery_mean_ms"),
        **_fractions("peer_failure_rate_median"), "peers": pl.String, "benchmark_status": pl.String,
        **_whole("industry_delivery_best_ms", "industry_delivery_worst_ms", "industry_delivery_median_ms"),
        **_fractions("failure_rate_low", "failure_rate_high"), "compared": pl.String,
    },
    "alerts_daily": {
        **_MEMBER, "day": pl.Date, **_ALERT, **_whole("delivered", "failed"), **_fractions("success_rate"),
        **_DELIVERY, **_fractions("industry_success_rate"), **_whole("industry_delivery_mean_ms"),
        "benchmark_status": pl.String,
    },
    "alerts": {
        **_MEMBER, "day": pl.Date, **_ALERT, "name": pl.String, **_DEVICE,
        **_whole("delivered", "failed", "represented"), **_DELIVERY,
    },
    "installs_daily": {
        **_MEMBER, "day": pl.Date, **_whole("install_and_commission", "install_and_leave"),
        **dict.fromkeys(("predicted", "predicted_low", "predicted_high"), DECIMAL),
    },
    "installs_without_read": {**_MEMBER, "chf": pl.String, "installed_at": INSTANT, "window_ended_on": pl.Date},
    "cos_gains": {
        **_MEMBER, "device": pl.String, "gained_at": INSTANT, "read_within_30_days": pl.Boolean,
        "last_install_srv": pl.String,
    },
    "firmware_delivery": {
        **_MEMBER, "request_id": pl.String, "chf": pl.String, "received_at": INSTANT, "delivered_at": INSTANT,
        "within_five_days": pl.Boolean,
    },
    "n42_after_n16": {**_MEMBER, "supplier": pl.String, **_whole("n16", "within_7_days", "later", "none")},
    "outages_unrestored": {
        **_MEMBER, "chf": pl.String, "mpxn": pl.String, "started_at": INSTANT, "age_hours": DECIMAL,
    },
    "metrics": dict(METRICS_SCHEMA),
    "n13_n55": {
        **_MEMBER, "code": pl.String, "meter_type": pl.String, "manufacturer": pl.String, "model": pl.String,
        "firmware_version": pl.String, **_whole("alerts"),
    },
}  # fmt: skip


def write_snapshot(
    path: Path, tables: Mapping[str, Iterable[Row]], *, status: str = "final", clock_us: int = CLOCK_US
) -> Path:
    """Write a snapshot folder; tables not given are empty, columns not given are null."""
    path.mkdir(parents=True, exist_ok=True)
    (path / "totals.json").write_text('{"duplicates": 0}\n', encoding="utf-8")
    written = {}
    for name, schema in SCHEMAS.items():
        frame = pl.DataFrame(list(tables.get(name, ())), schema=schema, orient="row")
        file = path / f"{name}.parquet"
        frame.write_parquet(file)
        written[name] = {"sha256": sha256(file.read_bytes()).hexdigest(), "rows": frame.height}
    manifest = {
        "month": str(MONTH),
        "application": "dcca",
        "status": status,
        "stream_clock_us": clock_us,
        "offsets": {"service-requests": {"0": 120, "1": 7}},
        "catalogue_version": "2026-10.1",
        "rule_set": {"id": "default", "version": "1", "parameters": {"industry_groups": 10}},
        "metrics": msgspec.to_builtins(METRICS),
        "tables": written,
    }
    (path / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True), encoding="utf-8")
    return path


def _any_row(random: Random, party: str, role: str, name: str, number: int) -> Row:
    """Return a row of a table that is only printed, filled by chance; what tells rows apart is their number."""
    row: Row = {}
    for column, kind in SCHEMAS[name].items():
        if kind == pl.Date:
            row[column] = date(2026, 10, 1 + number % 31)
        elif kind == INSTANT:
            row[column] = datetime(2026, 10, 1, 8, number, tzinfo=UTC)
        elif kind == DECIMAL:
            row[column] = random.choice((None, Decimal(random.randint(-900, 9_000)).scaleb(-3)))
        elif kind == pl.Float64:
            row[column] = random.choice((None, random.random()))
        elif kind == pl.Boolean:
            row[column] = random.random() < 0.5
        else:
            row[column] = random.randint(0, 90_000) if kind == pl.Int64 else random.choice(("Maker", "=1", "ok"))
    if name == "n42_after_n16":
        row["n16"] = row["within_7_days"] + row["later"] + row["none"]
    own = {"party": party, "role": role}
    apart = {"code": f"N{number}", "chf": f"H{number}", "device": f"D{number}", "supplier": f"S{number}"}
    words = {"kind": "dcc", "benchmark_status": "ok", "compared": "alike", "last_install_srv": "none"}
    return {**row, **own, **{name: value for name, value in (apart | words).items() if name in row}}


def member(party: str, role: str, *, name: str = "", folder: str = "") -> Row:
    """Return a row of ``members``."""
    return {"party": party, "party_name": name or party, "role": role, "folder": folder or f"{party}-{role}"}


def monthly(party: str, role: str, process: str, srv: str, **values: Any) -> Row:  # noqa: ANN401 (any column)
    """Return a row of ``round_trips_monthly`` whose counts, rates and times fit together."""
    successes, failures = values.get("successes", 95), values.get("failures", 5)
    outcomes, still_open = successes + failures, values.get("open", 0)
    timed = successes > 0
    return {
        "party": party, "role": role, "process": process, "srv": srv, "variant": "",
        "requests": outcomes + still_open, "successes": successes, "failures": failures, "open": still_open,
        "success_rate": successes / outcomes if outcomes else None,
        "failure_rate": failures / outcomes if outcomes else None,
        "in_time": None, "rtt_n": successes,
        "rtt_best_ms": 412 if timed else None, "rtt_worst_ms": 60_050 if timed else None,
        "rtt_mean_ms": 4_656 if timed else None, "rtt_median_ms": 3_001 if timed else None,
        "rtt_p5_ms": 600 if timed else None, "rtt_p95_ms": 20_000 if timed else None,
        "benchmark_status": "few", **_said(successes, failures, values.get("peer_failure_rate_median")),
        **values,
    }  # fmt: skip


def _said(successes: int, failures: int, median: float | None) -> Row:
    """Return what is said of a rate that is the only one of its Member."""
    (word,) = verdicts([Counts(successes, failures, median)], enough=30, half_unit=0.0005)
    outcomes = successes + failures
    low, high = wilson(failures, outcomes) if outcomes else (None, None)
    return {"failure_rate_low": low, "failure_rate_high": high, "compared": word}


def for_time_outs(row: Row) -> list[Row]:
    """Return the rows of ``time_out_sensitivity`` of a row of ``round_trips_monthly``; one success in 20 took 2 h."""
    outcomes, names = row["successes"] + row["failures"], ("party", "role", "process", "srv", "variant", "open")
    slow = {1: row["successes"] // 20, 24: 0, 120: 0}
    return [
        {name: row[name] for name in names} | {
            "time_out_h": hours, "successes": row["successes"] - late, "failures": row["failures"] + late,
            "failure_rate": (row["failures"] + late) / outcomes if outcomes else None,
        }
        for hours, late in slow.items()
    ]  # fmt: skip


def device(party: str, role: str, number: int, **values: Any) -> Row:  # noqa: ANN401 (any column)
    """Return a row of ``inventory`` that has every field; its texts are what a spreadsheet and a CSV reader trip on."""
    fields = {field.name: f'{field.name}, "{number}"' for field in DEVICE_FIELDS}
    said = {"device": f"88-73-84-90-6A-10-{number:02X}-DB", "device_manufacturer": "=Acme", "uprn": "1E10"}
    return {"party": party, "role": role, **fields, **said, **values}


def firmware(party: str, role: str, number: int, **values: Any) -> Row:  # noqa: ANN401 (any column)
    """Return a row of ``inventory_models``."""
    return {
        "party": party, "role": role, "device_type": "ESME", "manufacturer": "=Acme", "model": f"M-{number // 2:02}",
        "firmware_version": f"{number % 2}E10", "devices": 1 + number, "share": 0.5, "industry_share": 0.25,
        "peer_share_p25": 0.1, "peer_share_median": 0.2, "peer_share_p75": 0.3, "peers": "10-19",
        "benchmark_status": "ok", **values,
    }  # fmt: skip


OTHERS: Final[Row] = {
    "industry_success_rate": 0.97, "industry_failure_rate": 0.03, "industry_rtt_best_ms": 300,
    "industry_rtt_worst_ms": 90_000, "industry_rtt_mean_ms": 5_200, "industry_rtt_median_ms": 3_300,
    "peer_failure_rate_p25": 0.01, "peer_failure_rate_median": 0.02, "peer_failure_rate_p75": 0.04,
    "peers": "20-49", "benchmark_status": "ok",
}  # fmt: skip


def daily(party: str, role: str, day: int, process: str, srv: str, **values: Any) -> Row:  # noqa: ANN401 (any column)
    """Return a row of ``round_trips_daily``; ``day`` counts from 1."""
    successes, failures = values.get("successes", 9), values.get("failures", 1)
    outcomes = successes + failures
    return {
        "party": party, "role": role, "day": MONTH.days[day - 1], "process": process, "srv": srv, "variant": "",
        "meter_type": "Electricity", "region": "North", "smets_version": "SMETS2+",
        "requests": outcomes, "successes": successes, "failures": failures,
        "success_rate": successes / outcomes if outcomes else None, "rtt_n": successes,
        "rtt_best_ms": 412 if successes else None, "rtt_worst_ms": 60_050 if successes else None,
        "rtt_mean_ms": 4_656 if successes else None, "benchmark_status": "few",
        **values,
    }  # fmt: skip


def failure(party: str, role: str, day: int, process: str, srv: str, **values: Any) -> Row:  # noqa: ANN401 (any column)
    """Return a row of ``failures``; ``day`` counts from 1."""
    return {
        "party": party, "role": role, "day": MONTH.days[day - 1], "process": process, "srv": srv, "variant": "",
        "reason_code": "E20", "reason": "Failed to communicate with Device", "meter_type": "Electricity",
        "region": "North", "smets_version": "SMETS2+", "device_type": "ESME", "manufacturer": "=Acme",
        "model": "M-1", "firmware_version": "1E10", "failures": 1, **values,
    }  # fmt: skip


def incident(number: int, day: int, hours: float | None, **values: Any) -> Row:  # noqa: ANN401 (any column)
    """Return a row of ``incidents`` that opens at noon of a day and is closed some hours later, or open."""
    opened_us = MONTH.start_us + (day - 1) * 86_400_000_000 + 43_200_000_000
    return {
        "incident": f"INC{number:07d}", "category": 1 + number % 2, "opened_at_us": opened_us,
        "closed_at_us": None if hours is None else opened_us + round(hours * 3_600_000_000),
        "regions": ["North"], "summary": "Communications Hubs out of reach", **values,
    }  # fmt: skip


#: Every process and SRV of Table 1, and some that no row names.
SERVICES: Final = (
    *((row.process, row.srvs[0]) for row in TABLE_1 if not row.derived),
    ("Other SRVs", "1.3"), ("Other SRVs", "99.9"),
)  # fmt: skip


def busy(party: str, role: str, *, seed: int = 7) -> dict[str, list[Row]]:
    """Return tables of a Member that used everything: each SRV of Table 1, all days, all Regions, with benchmarks."""
    random = Random(seed)
    tables: dict[str, list[Row]] = {name: [] for name in SCHEMAS}
    for name in (*ALERTS, *MEASURES):
        rows = 31 if name == "installs_daily" else 45
        tables[name] = [_any_row(random, party, role, name, number) for number in range(rows)]
    tables["named_comparison"] = [
        {"party": party, "role": role, "member": f"P{number:02}", "process": "Meter Reads", "srv": "4.8.1",
         "variant": "", "requests": number, "success_rate": 0.9, "failure_rate": 0.1, "rtt_median_ms": 3_001}
        for number in range(45)
    ]  # fmt: skip
    tables["metrics"] = metric_rows(party, role)
    tables["inventory"] = [device(party, role, number) for number in range(50)]
    tables["inventory_models"] = [firmware(party, role, number) for number in range(50)]
    seen: set[tuple[str, str, str]] = set()
    for process, srv in SERVICES:
        variant = "key_agreement" if (process, srv, "") in seen else ""
        seen.add((process, srv, ""))
        scale = random.choice((1, 20, 4_000_000))
        failures = random.choice((0, 1, 3, 9)) * scale
        values: Row = {
            "variant": variant, "successes": random.randint(20, 90) * scale, "failures": failures,
            "open": random.choice((0, 2)), "rtt_worst_ms": random.choice((61_000, 4_338_180, 431_999_000)),
        }  # fmt: skip
        if random.random() < 0.8:
            values |= OTHERS | {"mix_adjusted_gap": Decimal("-0.012"), "history_signal": "short"}
        tables["round_trips_monthly"].append(monthly(party, role, process, srv, **values))
        tables["peer_values"] += [
            {"party": party, "role": role, "process": process, "srv": srv, "variant": variant,
             "measure": "failure_rate", "position": place + 1, "value": round(place * 0.002, 3)}
            for place in range(40)
        ]  # fmt: skip
        national = 200_000 if process == "Meter Reads" else 1  # hundreds of millions of requests, as large ones send
        for day in random.sample(range(1, 32), 20):
            others = {"industry_success_rate": 0.97, "industry_rtt_mean_ms": 5_200, "benchmark_status": "ok"}
            region = random.choice(("North", "Central", "South", "SMETS1", "Unknown"))
            tables["round_trips_daily"].append(
                daily(
                    party,
                    role,
                    day,
                    process,
                    srv,
                    variant=variant,
                    region=region,
                    meter_type=random.choice(("Electricity", "Gas", "None", "Unknown")),
                    smets_version=random.choice(("SMETS1", "SMETS2+", "Unknown")),
                    successes=random.randint(0, 50) * national,
                    failures=random.randint(0, 4) * national,
                    rtt_mean_ms=random.randint(400, 90_000),
                    incident_category=random.choice((None, 1)),
                    **others,
                )
            )
            tables["failures"].append(
                failure(
                    party,
                    role,
                    day,
                    process,
                    srv,
                    variant=variant,
                    region=region,
                    reason_code=random.choice(("E20", "E1", "NO-RESPONSE", "I0-DEVICE", "N13", "W110101")),
                    failures=random.randint(1, 9) * national,
                )
            )
    return tables


#: The Member that used everything; its summary page names it, and no other pack may.
BUSY: Final = member("BUSY", "IS", name="Busy Energy Supply Limited")
#: A name as long and as foreign as names get.
LONG_NAME: Final = "Żółty Prąd & Søn (Overseas) Electricity and Gas Distribution Holdings Public Limited Company " * 2
MEMBERS: Final = (
    BUSY,
    member("FEW", "GS", name="Few Requests Gas"),
    member("LONG", "IS", name=LONG_NAME),
    member("QUIET", "ED", name="Quiet Networks"),
    member("00-11-22-33-44-55-66-77", "OU"),
)  # fmt: skip


def write_month(path: Path, *, largest: bool = True, status: str = "final", incidents: int = 9) -> Path:
    """Write the month most tests read: one Member of each kind a reader may be.

    ``BUSY`` used everything, ``FEW`` made requests that no peer may be compared with, ``LONG`` has a long name and an
    SRV nobody knows, ``QUIET`` sent nothing and got what only distributors get, and the last one is a User without an
    entry in the directory.
    """
    tables = busy("BUSY", "IS") if largest else {name: [] for name in SCHEMAS}
    tables["members"] = [each for each in MEMBERS if largest or each is not BUSY]
    tables["incidents"] = [incident(number, 1 + 3 * number % 31, 5.0 * number) for number in range(1, incidents)]
    tables["incidents"] += [
        incident(90, 30, None, summary="Busy Energy Supply Limited can't reach 00-11-22-33-44-55-66-99", regions=[]),
        incident(91, 29, 2, summary="No answer from Device 90-b3-d5-1f-30-00-00-01", category=1),
        incident(92, 28, 2, summary="Minor", category=3),
    ]
    for name in ("n13_n55", "n42_after_n16", "outages_unrestored"):
        tables[name] = [*tables[name], *(_any_row(Random(number), "QUIET", "ED", name, number) for number in range(20))]
    for party, role, srv in (("FEW", "GS", "4.8.2"), ("LONG", "IS", "99.9"), ("LONG", "IS", "4.10")):
        process = "Other SRVs" if srv == "99.9" else "Meter Reads"
        tables["round_trips_monthly"].append(monthly(party, role, process, srv, successes=7, failures=2, open=1))
        tables["round_trips_daily"].append(daily(party, role, 5, process, srv, successes=7, failures=2))
        tables["failures"].append(failure(party, role, 5, process, srv, failures=2))
    tables["time_out_sensitivity"] = [each for row in tables["round_trips_monthly"] for each in for_time_outs(row)]
    return write_snapshot(path, tables, status=status)
