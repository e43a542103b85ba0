"""The Alerts of a month, from the shards' states: each given to the Member it was sent to (contract section 7.7).

An Alert delivered stands where a success does, one given up where a failure does, and its delivery time where a
Round Trip Time does, so that comparisons are made by the same lines.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import polars as pl
from fastdigest import TDigest

from dcc_analytics.aggregators.cells import ALERT_COLUMNS
from dcc_analytics.aggregators.keys import AlertDigestKey
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.catalogue.codes import alert_name
from dcc_analytics.catalogue.months import Month, day_of
from dcc_analytics.snapshot.digests import merged_digests
from dcc_analytics.snapshot.exact import mean_ms, rounded_ms, share
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.snapshot.texts import CODES, as_text

#: Signifiers of the Device an Alert is about.
SIGNIFIERS: Final = (
    "device_type", "meter_type", "region", "smets_version", "manufacturer", "model", "firmware_version",
)  # fmt: skip
_SENT: Final = ("party", "role", "group", "kind", "code")
_EXTREMES: Final = ("rtt_min_us", "rtt_max_us")
ALERT_CELL: Final = ("party", "role", "group", "day", "kind", "code", *SIGNIFIERS)
#: Failed requests and SMETS1 faults, told apart by what the meter is (R-AL-4).
_OF_METERS: Final = ("N13", "N55")
_METER: Final = ("code", "meter_type", "manufacturer", "model", "firmware_version")
AlertDigestOf = tuple[str, str, str, str]


class Alerts(NamedTuple):
    """A month's Alerts.

    Attributes:
        cells: counts and sums by ``ALERT_CELL``, a row for each, texts as codes: requests (all received), successes,
            failures, represented, rtt_….
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
    """Return the cells of all shards.

    They are by far the most a month has: until each stands there once, they say by number whose they are and what they
    are about.
    """
    sent, about = _Numbered(_SENT), _Numbered(SIGNIFIERS)
    added = [name for name in ALERT_COLUMNS if name not in _EXTREMES]
    cells = (
        pl.concat([_of_shard(state, month, directory, sent, about) for state in states])
        .group_by("day", "sent", "about")
        .agg(*(pl.col(name).sum() for name in added), pl.col("rtt_min_us").min(), pl.col("rtt_max_us").max())
    )
    received = pl.col("successes") + pl.col("failures")
    return cells.with_columns(*sent.texts(cells["sent"]), *about.texts(cells["about"])).select(
        *ALERT_CELL, received.alias("requests"), *ALERT_COLUMNS[:-1],
        (received + pl.col("weight")).alias("represented"),
    )  # fmt: skip


def _of_shard(
    state: ShardState, month: Month, directory: Directory, sent: "_Numbered", about: "_Numbered"
) -> pl.DataFrame:
    """Return a shard's cells by day and the numbers in ``sent`` and ``about``, with ``ALERT_COLUMNS``."""
    inside = pl.col("day").is_between(day_of(month.start_us), day_of(month.end_us) - 1)
    cells = pl.DataFrame(state.alerts.by_column()).filter(inside)
    of_sent: dict[int, int] = {}
    for number in cells["digest"].unique():
        key = state.alert_digests.keys.key(number)
        member = directory.member(key.recipient, key.role, None)
        of_sent[number] = sent.number((*member, directory.party(member.party).group, key.kind, key.code))
    of_about = {
        number: about.number(tuple(getattr(state.facts.keys[number], name) for name in SIGNIFIERS))
        for number in cells["facts"].unique()
    }
    timed = pl.col("rtt_n") > 0
    return cells.select(
        pl.col("day").cast(pl.Date),
        pl.col("digest").replace_strict(of_sent, return_dtype=pl.Int32).alias("sent"),
        pl.col("facts").replace_strict(of_about, return_dtype=pl.Int32).alias("about"),
        *(pl.when(timed).then(name).alias(name) if name in _EXTREMES else name for name in ALERT_COLUMNS),
    )


class _Numbered:
    """Texts of some columns, each combination numbered once for all shards."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns
        self._numbers: dict[tuple[str, ...], int] = {}

    def number(self, texts: tuple[str, ...]) -> int:
        """Return the number of a combination."""
        return self._numbers.setdefault(texts, len(self._numbers))

    def texts(self, numbers: pl.Series) -> list[pl.Series]:
        """Return the columns of combinations that are said by number, texts as codes."""
        known = pl.DataFrame(list(self._numbers), dict.fromkeys(self._columns, CODES), orient="row")
        return [column.gather(numbers) for column in known]


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
    codes = frame.select("kind", "code").unique()
    names = pl.Series("name", [alert_name(*code) for code in codes.iter_rows()], frame.schema["code"])
    return frame.join(codes.with_columns(names), on=("kind", "code"), how="left", maintain_order="left")


def n13_n55(cells: pl.DataFrame) -> pl.DataFrame:
    """Return how many N13 and N55 each Electricity Distributor was sent, by what the meter is (R-AL-4)."""
    sent = cells.filter((pl.col("role") == "ED") & pl.col("code").is_in(_OF_METERS))
    return as_text(sent.group_by("party", "role", *_METER).agg(pl.col("requests").sum().alias("alerts")))
