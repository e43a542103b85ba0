"""Simulated markets: who sends how much of what, from a seed; and their packs, made by the product's own benchmarks.

46 import suppliers, seven of them with 92 % of the market; 14 distributors in six owner groups; a Role of two. What a
Member uses a service for, and how often its requests fail, is its own: its share of a service is not that of the
market. Volumes of services span four decades, as they do in Table 1.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from fastdigest import TDigest
from numpy.random import Generator

from dcc_analytics.catalogue.months import Month
from dcc_analytics.catalogue.processes import TABLE_1
from dcc_analytics.render.csv_files import write_csv
from dcc_analytics.render.files import FILES
from dcc_analytics.snapshot.alert_tables import alert_tables
from dcc_analytics.snapshot.alerts import SIGNIFIERS, Alerts
from dcc_analytics.snapshot.benchmarks import (
    DAILY_KEY,
    SERVICE_KEY,
    by_member,
    daily_benchmarks,
    monthly_benchmarks,
)
from dcc_analytics.snapshot.earlier import NOTHING_TOLD
from dcc_analytics.snapshot.gate_file import GateFile, Known
from dcc_analytics.snapshot.inventory_models import FIRMWARE_KEY, MODEL_KEY, MODELS, _benchmarks, counts_of_firmware
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.tables import DAILY, MONTHLY, _compared, _own, _own_times, _sorted

RULES: Final = read_rules()
REGIONS: Final = ("North", "Central", "South")
#: Of the seven large import suppliers, in percent.
LARGE: Final = (24, 19, 16, 12, 9, 7, 5)
SERVICES: Final = tuple(dict.fromkeys((row.process, srv) for row in TABLE_1 if not row.derived for srv in row.srvs))
#: Services that are split by day and Region; the others are of one day, to keep a month small.
SPLIT: Final = 12


@dataclass(frozen=True)
class Trader:
    """A Member of a market, and its share of it."""

    known: Known
    share: float


def market(chance: Generator) -> list[Trader]:
    """Return the Members of all three Roles."""
    tail = chance.lognormal(0, 0.8, 39)
    shares = {"IS": [*(each / 100 for each in LARGE), *(0.08 * tail / tail.sum())]}
    shares["ED"] = list(chance.dirichlet(np.full(14, 8.0)))
    shares["GT"] = [0.6, 0.4]
    groups = {"ED": [f"Wires {number}" for number in (1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6)]}
    return [
        Trader(_known(role, place, groups.get(role, [])), share)
        for role, of_role in shares.items()
        for place, share in enumerate(of_role)
    ]


def _known(role: str, place: int, groups: list[str]) -> Known:
    party = f"{role}{place + 1:02d}"
    name = {"IS": "Supply Company", "ED": "Network Company", "GT": "Pipeline Company"}[role]
    user = f"90-B3-D5-1F-40-{['IS', 'ED', 'GT'].index(role):02X}-00-{place:02X}"
    return Known(party, role, f"{name} {place + 1:02d}", groups[place] if groups else party, (user,))


def month_cells(traders: Iterable[Trader], month: Month, chance: Generator) -> pl.DataFrame:
    """Return the cells of a month as the snapshot has them, before Members are added up."""
    traders = list(traders)
    volumes = np.exp(chance.uniform(np.log(300), np.log(2_000_000), len(SERVICES)))
    faults = chance.beta(1.5, 40, len(traders))
    frames = []
    for number, ((process, srv), volume) in enumerate(zip(SERVICES, volumes, strict=True)):
        days = month.days if number < SPLIT else month.days[:1]
        regions = REGIONS if number < SPLIT else REGIONS[:1]
        usage = chance.lognormal(0, 0.4, len(traders)) * (chance.random(len(traders)) > 0.05)
        means = np.array([each.share for each in traders]) * volume * usage
        splits = chance.dirichlet(np.full(len(days) * len(regions), 5.0), len(traders))
        requests = chance.poisson(means[:, None] * splits)
        failing = np.clip(faults * chance.lognormal(0, 0.5, len(traders)), 0, 0.6)
        failures = chance.binomial(requests, failing[:, None])
        who, where = np.nonzero(requests)
        frames.append(
            pl.DataFrame(
                {
                    "party": [traders[place].known.party for place in who],
                    "role": [traders[place].known.role for place in who],
                    "group": [traders[place].known.group for place in who],
                    "day": [days[place // len(regions)] for place in where],
                    "region": [regions[place % len(regions)] for place in where],
                    "requests": requests[who, where], "failures": failures[who, where],
                    "rtt_sum_us": (requests - failures)[who, where] * chance.integers(2_000_000, 9_000_000, len(who)),
                },
            ).with_columns(process=pl.lit(process), srv=pl.lit(srv))
        )  # fmt: skip
    return with_times(pl.concat(frames))


def with_times(counts: pl.DataFrame) -> pl.DataFrame:
    """Return cells with all columns: what has not failed succeeded, and has a time."""
    done = pl.col("requests") - pl.col("failures")
    return counts.with_columns(
        variant=pl.lit(""), meter_type=pl.lit("Electricity"), smets_version=pl.lit("SMETS2+"), open=pl.lit(0),
        in_time=pl.lit(0), targeted=pl.lit(0), successes=done, rtt_n=done,
        rtt_min_us=pl.when(done > 0).then(412_345), rtt_max_us=pl.when(done > 0).then(61_234_567),
    )  # fmt: skip


def tables(cells: pl.DataFrame) -> Mapping[str, pl.DataFrame]:
    """Return the tables of a month's round trips, as the snapshot makes them."""
    monthly, daily = by_member(cells, SERVICE_KEY), by_member(cells, DAILY_KEY)
    digests = {
        tuple(of): TDigest.from_values([sum_us / number])
        for *of, number, sum_us in monthly.select("party", *SERVICE_KEY, "rtt_n", "rtt_sum_us").iter_rows()
        if number
    }
    benchmarks, peer_values = monthly_benchmarks(monthly, digests, RULES)
    days = daily_benchmarks(daily, monthly, RULES)
    rows = _own(monthly).join(_own_times(digests), on=("party", *SERVICE_KEY), how="left")
    split = _own(daily).join(days, on=DAILY_KEY, how="left").with_columns(incident_category=pl.lit(None, pl.Int64))
    sent = monthly.select("party", *SERVICE_KEY)
    return {
        "round_trips_monthly": _sorted(
            _compared(rows.join(benchmarks, on=SERVICE_KEY, how="left"), daily, days, RULES), MONTHLY
        ),
        "round_trips_daily": _sorted(split, DAILY),
        "peer_values": _sorted(sent.join(peer_values, on=SERVICE_KEY), tuple(peer_values.columns[1:])),
    }


def alert_rows(cells: pl.DataFrame) -> Mapping[str, pl.DataFrame]:
    """Return the tables of a month's Alerts, as the snapshot makes them; cells are those of ``with_times``."""
    signifiers = [pl.lit("").alias(name) for name in SIGNIFIERS if name not in cells.columns]
    counted = cells.with_columns(*signifiers, pl.col("requests").alias("represented"))
    made, _ = alert_tables(Alerts(counted, {}), RULES, _nothing_before)
    return {name: made[name] for name in ("alerts_monthly", "alerts_daily")}


def _nothing_before(name: str, now: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    return NOTHING_TOLD.withheld(name, now, key, Directory([]), RULES.earlier)


def model_rows(members: pl.DataFrame) -> Mapping[str, pl.DataFrame]:
    """Return the table of a month's Models, as the snapshot makes it, of ``devices`` by Member and firmware."""
    models = members.group_by("party", "group", *MODEL_KEY).agg(pl.col("devices").sum().alias("of_model"))
    rows = members.join(models, on=("party", "group", *MODEL_KEY)).with_columns(
        share=pl.col("devices") / pl.col("of_model")
    )
    beside = rows.join(_benchmarks(members, models, counts_of_firmware(members), RULES, None), on=FIRMWARE_KEY)
    return {"inventory_models": beside.select("party", "role", *MODELS).sort("party", "role", *MODELS)}


def write_market(
    folder: Path,
    made: Mapping[str, pl.DataFrame],
    members: Iterable[Known],
    snapshot: str = "s",
    *,
    revision: int = 1,
) -> Path:
    """Write the packs of a month into its folder: the files of its tables, and what the gate goes by."""
    folder.mkdir(parents=True)
    members = tuple(members)
    (folder / "gate.json").write_bytes(GateFile(members, RULES).as_bytes())
    for member in members:
        pack = folder / f"{member.party}-{member.role}"
        pack.mkdir()
        for name, frame in made.items():
            own = frame.filter(party=member.party, role=member.role)
            write_csv(own, FILES[name], pack / f"{name}.csv")
        made_of = {"month": folder.name[:7], "snapshot": snapshot, "revision": revision}
        said = {**made_of, "party": member.party, "role": member.role, "files": {}}
        (pack / "manifest.json").write_text(json.dumps(said))
    return folder
