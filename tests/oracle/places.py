"""Round trips as a table, each with its Member, facts, process and target (contract sections 2, 4 and 8).

What hangs on two tables is a join: facts as of a leg's start, a gain within the thirty days before. What Python decides
from a few columns it decides once for each combination of them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import polars as pl

from tests.oracle.domain import OTHER, rows_of, target_us
from tests.oracle.estate import INSTALLING, with_facts
from tests.oracle.matching import DAY_US, Trip
from tests.oracle.members import Directory

_GAINED_US: Final = 30 * DAY_US
_TRIP: Final = {
    "user": pl.String, "role": pl.String, "srv": pl.String, "leg": pl.String, "start_us": pl.Int64,
    "device": pl.String, "mode": pl.String, "outcome": pl.String, "reason": pl.String, "warning": pl.Boolean,
    "fault": pl.Boolean, "time_us": pl.Int64,
}  # fmt: skip
_PARAMETERS: Final = {
    "payment_mode": pl.String, "credential_type": pl.String, "remote_party_role": pl.String,
    "top_up_pence": pl.Float64, "other_device": pl.String,
}  # fmt: skip


def place_all(trips: Sequence[Trip], known: pl.DataFrame, directory: Directory) -> pl.DataFrame:
    """Return a row for each trip, placed.

    Args:
        trips: which.
        known: the versions of Devices.
        directory: whose Users are.

    Returns:
        Columns: those of a trip, its parameters and facts, ``party``, ``role``, ``group``, ``process``, ``variant`` and
        ``target_us``, null without a target.
    """
    legs = with_facts(_table(trips), known)
    legs = with_made(
        legs, ("user", "role", "device_type", "srv"), directory.member, {"party": pl.String, "role_of": pl.String}
    )
    legs = legs.with_columns(role=pl.col("role_of")).drop("user", "role_of")
    legs = with_made(legs, ("party",), lambda party: (directory.group(party),), {"group": pl.String})
    legs = _with_contexts(legs, known)
    asked = ("srv", *(name for name in _PARAMETERS if name != "other_device"), "joins", "installing", "gained")
    legs = with_made(legs, asked, _process, {"process": pl.String, "variant": pl.String})
    return with_made(
        legs, ("srv", "mode", "smets_version", "role"), lambda *of: (target_us(*of),), {"target_us": pl.Int64}
    )


def _table(trips: Sequence[Trip]) -> pl.DataFrame:
    rows = [
        (
            trip.user, trip.role or "", trip.srv, trip.leg, trip.start_us, trip.device, trip.mode, trip.outcome,
            trip.reason, trip.warning, trip.fault, trip.time_us, *map(trip.parameters.get, _PARAMETERS),
        )
        for trip in trips
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=_TRIP | _PARAMETERS, orient="row")


def with_made(
    legs: pl.DataFrame, of: Sequence[str], make: Callable[..., Sequence[Any]], names: Mapping[str, type[pl.DataType]]
) -> pl.DataFrame:
    """Return legs with columns made of others, once for each combination of these."""
    combinations = legs.select(of).unique()
    made = pl.DataFrame([make(*row) for row in combinations.iter_rows()], schema=dict(names), orient="row")
    return legs.join(combinations.hstack(made), on=of, how="left", nulls_equal=True)


def _with_contexts(legs: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return legs with what their process may hang on: ``installing``, ``gained`` and ``joins``."""
    gains = legs.filter(srv="6.23", leg="command", outcome="success").drop_nulls("device")
    gains = gains.select("party", "role", "device", gained_us="start_us").sort("gained_us")
    legs = legs.sort("start_us").join_asof(
        gains, left_on="start_us", right_on="gained_us", by=["party", "role", "device"], strategy="backward",
        tolerance=_GAINED_US, check_sortedness=False,
    )  # fmt: skip
    others = with_facts(legs.select("start_us", device="other_device").unique(), known)
    others = others.select("start_us", other_device="device", other_type="device_type")
    legs = legs.join(others, on=("start_us", "other_device"), how="left")
    types = pl.concat_str("device_type", "other_type", separator="+", ignore_nulls=True)
    return legs.with_columns(
        installing=pl.col("start_us") <= pl.col(INSTALLING),
        gained=pl.col("gained_us").is_not_null(),
        joins=types.is_in(["GPF+GSME", "GSME+GPF"]),
    ).drop("gained_us", "other_type", INSTALLING)


def _process(  # noqa: PLR0917 (a row of what it hangs on)
    srv: str, payment_mode: str | None, credential_type: str | None, remote_party_role: str | None,
    top_up_pence: float | None, joins: bool, installing: bool, gained: bool,  # noqa: FBT001
) -> tuple[str, str]:  # fmt: skip
    """Return process and variant: the one row of Table 1 whose qualifier and context hold."""
    told = {
        "payment_mode": payment_mode, "credential_type": credential_type, "remote_party_role": remote_party_role,
    }  # fmt: skip
    holds = {"": True, "joins=GPF+GSME": joins, "top_up_pence>0": top_up_pence is None or top_up_pence > 0}
    holds |= {f"{name}={value}": True for name, value in told.items()}
    contexts = {"installing": installing, "gained": gained, "otherwise": True, "": True}
    rows = [row for row in rows_of(srv) if holds.get(row["qualifier"], False)]
    for context, is_so in contexts.items():
        for row in rows:
            if row["context"] == context and is_so:
                name, _, value = row["qualifier"].partition("=")
                return row["process"], value if name == "credential_type" else ""
    return OTHER, ""
