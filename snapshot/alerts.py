"""The Alerts of a month, from the shards' states: each given to the Member it was sent to (contract section 7.7).

An Alert delivered stands where a success does, one given up where a failure does, and its delivery time where a
Round Trip Time does, so that comparisons are made by the same lines.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import polars as pl
from fastdigest import TDigest

from dcc_analytics.aggregators.cells import ALERT_COLUMNS
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.catalogue.codes import alert_name
from dcc_analytics.catalogue.months import Month, date_of, day_of
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
    first, last = day_of(month.start_us), day_of(month.end_us) - 1
    rows = []
    for state in states:
        for sent, day, facts, values in state.alert_rows():
            if first <= day <= last:
                member = directory.member(sent.recipient, sent.role, None)
                group = directory.party(member.party).group
                of = (member.party, member.role, group, date_of(day), sent.kind, sent.code)
                signifiers = (getattr(facts, name) for name in SIGNIFIERS)
                rows.append((*of, *signifiers, *values))
    schema = dict.fromkeys(ALERT_CELL, pl.String) | dict.fromkeys(ALERT_COLUMNS, pl.Int64) | {"day": pl.Date}
    cells = pl.DataFrame(rows, schema=schema, orient="row")
    timed = pl.col("rtt_n") > 0
    received = pl.col("successes") + pl.col("failures")
    return cells.with_columns(
        received.alias("requests"),
        (received + pl.col("weight")).alias("represented"),
        *(pl.when(timed).then(pl.col(name)).alias(name) for name in ("rtt_min_us", "rtt_max_us")),
    ).drop("weight")


def _digests(states: Sequence[ShardState], month: Month, directory: Directory) -> dict[AlertDigestOf, TDigest]:
    merged: dict[AlertDigestOf, TDigest] = {}
    keyed = [item for state in states for item in state.alert_digests.items()]
    for key, digest in sorted(keyed, key=lambda item: item[0]):
        if key.month == month.number and digest.n_values:
            member = directory.member(key.recipient, key.role, None)
            of = member.party, member.role, key.kind, key.code
            if of in merged:
                merged[of].merge_inplace(digest)
            else:
                merged[of] = digest.copy()
    return merged


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
