"""The Alerts of a month, from the shards' states: each given to the Member it was sent to (contract section 7.7).

An Alert delivered stands where a success does, one given up where a failure does, and its delivery time where a
Round Trip Time does, so that comparisons are made by the same lines.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np
import polars as pl
from fastdigest import TDigest

from dcc_analytics.aggregators.cells import ALERT_COLUMNS
from dcc_analytics.aggregators.keys import AlertDigestKey, AlertKey
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.catalogue.codes import alert_name
from dcc_analytics.catalogue.months import Month, day_of
from dcc_analytics.snapshot.digests import merged_digests
from dcc_analytics.snapshot.exact import mean_ms, rounded_ms, share
from dcc_analytics.snapshot.members import Directory

#: Signifiers of the Device an Alert is about.
SIGNIFIERS: Final = (
    "device_type", "meter_type", "region", "smets_version", "manufacturer", "model", "firmware_version",
)  # fmt: skip
ALERT_CELL: Final = ("party", "role", "group", "day", "kind", "code", *SIGNIFIERS)
#: Failed requests and SMETS1 faults, told apart by what the meter is (R-AL-4).
_OF_METERS: Final = ("N13", "N55")
_METER: Final = ("code", "meter_type", "manufacturer", "model", "firmware_version")
AlertDigestOf = tuple[str, str, str, str]


class Alerts(NamedTuple):
    """A month's Alerts.

    Attributes:
        cells: counts and sums by ``ALERT_CELL``: requests (all received), successes, failures, represented, rtt_….
        digests: delivery times in microseconds by (party, role, kind, code).
    """

    cells: pl.DataFrame
    digests: dict[AlertDigestOf, TDigest]


def month_alerts(states: Iterable[ShardState], month: Month, directory: Directory) -> Alerts:
    """Return the Alerts raised in a month.

    Args:
        states: of all shards.
        month: which.
        directory: whose Users are.
    """
    states = list(states)
    return Alerts(_cells(states, month, directory), _digests(states, month, directory))


def _cells(states: Sequence[ShardState], month: Month, directory: Directory) -> pl.DataFrame:
    cells = pl.concat([_of_shard(state, month, directory) for state in states])
    timed = pl.col("rtt_n") > 0
    received = pl.col("successes") + pl.col("failures")
    return cells.with_columns(
        received.alias("requests"),
        (received + pl.col("weight")).alias("represented"),
        *(pl.when(timed).then(pl.col(name)).alias(name) for name in ("rtt_min_us", "rtt_max_us")),
    ).drop("weight")


def _of_shard(state: ShardState, month: Month, directory: Directory) -> pl.DataFrame:
    """Return a shard's cells by ``ALERT_CELL``, with ``ALERT_COLUMNS``.

    They are by far the most a month has, so what their numbers stand for is joined to them, not written out for each.
    """
    table = state.alerts
    keys = np.array(table.keys.keys, np.int64).reshape(-1, len(AlertKey._fields))
    numbered = {name: keys[:, at] for at, name in enumerate(AlertKey._fields)} | table.counts()
    inside = pl.col("day").is_between(day_of(month.start_us), day_of(month.end_us) - 1)
    cells = pl.DataFrame(numbered).filter(inside).with_columns(pl.col("day").cast(pl.Int32).cast(pl.Date))
    sent: list[tuple[object, ...]] = []
    for number in cells["digest"].unique():
        key = state.alert_digests.keys.key(number)
        member = directory.member(key.recipient, key.role, None)
        sent.append((number, *member, directory.party(member.party).group, key.kind, key.code))
    facts = [
        (number, *(getattr(state.facts.keys[number], name) for name in SIGNIFIERS))
        for number in cells["facts"].unique()
    ]
    of_digest = {"digest": pl.Int64} | dict.fromkeys(("party", "role", "group", "kind", "code"), pl.String)
    of_facts = {"facts": pl.Int64} | dict.fromkeys(SIGNIFIERS, pl.String)
    return (
        cells.join(pl.DataFrame(sent, of_digest, orient="row"), on="digest")
        .join(pl.DataFrame(facts, of_facts, orient="row"), on="facts")
        .select(*ALERT_CELL, *ALERT_COLUMNS)
    )


def _digests(states: Sequence[ShardState], month: Month, directory: Directory) -> dict[AlertDigestOf, TDigest]:
    def of(key: AlertDigestKey) -> AlertDigestOf | None:
        if key.month != month.number:
            return None
        member = directory.member(key.recipient, key.role, None)
        return member.party, member.role, key.kind, key.code

    return merged_digests((state.alert_digests for state in states), of)


def own_figures(members: pl.DataFrame) -> pl.DataFrame:
    """Return Members' own figures of Alerts, under the names they are printed by."""
    return members.with_columns(
        pl.col("successes").alias("delivered"),
        pl.col("failures").alias("failed"),
        share(pl.col("successes"), pl.col("requests")).alias("success_rate"),
        pl.col("rtt_n").alias("delivery_n"),
        rounded_ms("rtt_min_us").alias("delivery_best_ms"),
        rounded_ms("rtt_max_us").alias("delivery_worst_ms"),
        mean_ms("rtt_sum_us", "rtt_n").alias("delivery_mean_ms"),
    )


def named(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a table with the name of each Alert beside its kind and code, empty where none is verified."""
    names = [alert_name(kind, code) for kind, code in frame.select("kind", "code").iter_rows()]
    return frame.with_columns(pl.Series("name", names, pl.String))


def n13_n55(cells: pl.DataFrame) -> pl.DataFrame:
    """Return how many N13 and N55 each Electricity Distributor was sent, by what the meter is (R-AL-4)."""
    sent = cells.filter((pl.col("role") == "ED") & pl.col("code").is_in(_OF_METERS))
    return sent.group_by("party", "role", *_METER).agg(pl.col("requests").sum().alias("alerts"))
