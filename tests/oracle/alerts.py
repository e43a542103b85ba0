"""Alerts judged: each counted once for whom it was sent to, by day, code and Device (contract sections 2, 4, 6 to 8).

An Alert is a row with the columns that figures of round trips are made of: delivered is its success, failed its
failure, the delivery time its time; so its benchmarks are made as those are. What throttled Alerts stand for is added
up by itself, in whole numbers of any size. Where the contract is silent it is taken so:

- An Alert has the name its code has in the catalogue, whatever its kind.
- ``n13_n55`` counts what was received, whether delivery succeeded or not; what throttled ones stand for is no part.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import polars as pl

from tests.oracle.alert_rows import daily_row, failed_command_row, monthly_row, own_row
from tests.oracle.estate import with_facts
from tests.oracle.figures import Benchmark, Figures, Key, benchmarks, by_member, with_rests
from tests.oracle.matching import DAY_US
from tests.oracle.members import Directory, Member
from tests.oracle.places import with_made
from tests.oracle.print import Row
from tests.oracle.reading import Event

_MONTHLY: Final = ("kind", "code")
_DAILY: Final = ("day", *_MONTHLY)
_OWN: Final = (
    *_DAILY, "device_type", "meter_type", "region", "smets_version", "manufacturer", "model", "firmware_version",
)  # fmt: skip
_FAILED_COMMAND: Final = ("code", "meter_type", "manufacturer", "model", "firmware_version")
_FAILED_COMMANDS: Final = ("N13", "N55")
_ALERT: Final = {
    "user": pl.String, "role": pl.String, "device": pl.String, "start_us": pl.Int64, "kind": pl.String,
    "code": pl.String, "outcome": pl.String, "time_us": pl.Int64, "place": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True)
class Alerts:
    """The Alerts raised in a month.

    Attributes:
        table: ``place_alerts`` of the month.
        represented: by ``place``, how many each stands for, itself included.
    """

    table: pl.DataFrame
    represented: Sequence[int]

    def members(self) -> set[Member]:
        """Return to whom any were sent."""
        return set(self._monthly)

    def monthly_rows(self, member: Member, *, disclosed: bool = False) -> list[Row]:
        """Return ``alerts_monthly``."""
        return [
            monthly_row(
                cell, figures, self._monthly_represented[member, cell], self._monthly_benchmarks[member.role, cell],
                disclosed=disclosed,
            )
            for cell, figures in sorted(self._monthly.get(member, {}).items())
        ]  # fmt: skip

    def daily_rows(self, member: Member, *, disclosed: bool = False) -> list[Row]:
        """Return ``alerts_daily``."""
        return [
            daily_row(cell, figures, self._daily_benchmarks[member.role, cell], disclosed=disclosed)
            for cell, figures in sorted(self._daily.get(member, {}).items())
        ]

    def own_rows(self, member: Member) -> list[Row]:
        """Return ``alerts``."""
        return [
            own_row(_OWN, cell, figures, self._own_represented[member, cell])
            for cell, figures in sorted(self._own.get(member, {}).items())
        ]

    def failed_command_rows(self, member: Member) -> list[Row]:
        """Return ``n13_n55``, which an Electricity Distributor gets."""
        rows = self._failed_commands.get(member, {}) if member.role == "ED" else {}
        return [failed_command_row(_FAILED_COMMAND, cell, figures) for cell, figures in sorted(rows.items())]

    @cached_property
    def _monthly(self) -> dict[Member, dict[Key, Figures]]:
        return by_member(self.table, _MONTHLY)

    @cached_property
    def _daily(self) -> dict[Member, dict[Key, Figures]]:
        return by_member(self.table, _DAILY)

    @cached_property
    def _own(self) -> dict[Member, dict[Key, Figures]]:
        return by_member(self.table, _OWN)

    @cached_property
    def _failed_commands(self) -> dict[Member, dict[Key, Figures]]:
        return by_member(self.table.filter(pl.col("code").is_in(_FAILED_COMMANDS)), _FAILED_COMMAND)

    @cached_property
    def _monthly_benchmarks(self) -> dict[tuple[str, Key], Benchmark]:
        return benchmarks(self.table, _MONTHLY, self._monthly)

    @cached_property
    def _daily_benchmarks(self) -> dict[tuple[str, Key], Benchmark]:
        found = benchmarks(self.table, _DAILY, self._daily)
        groups = dict(self.table.select("party", "group").unique().iter_rows())
        return with_rests(found, self._daily, self._monthly, lambda cell: cell[1:], groups.__getitem__)

    @cached_property
    def _monthly_represented(self) -> Counter[tuple[Member, Key]]:
        return self._summed(_MONTHLY)

    @cached_property
    def _own_represented(self) -> Counter[tuple[Member, Key]]:
        return self._summed(_OWN)

    def _summed(self, key: Sequence[str]) -> Counter[tuple[Member, Key]]:
        counts: Counter[tuple[Member, Key]] = Counter()
        for place, party, role, *cell in self.table.select("place", "party", "role", *key).iter_rows():
            counts[Member(party, role), tuple(cell)] += self.represented[place]
        return counts

    def of_month(self, start_us: int, end_us: int) -> "Alerts":
        """Return those raised between two instants, the second excluded."""
        raised_in_it = (start_us <= pl.col("start_us")) & (pl.col("start_us") < end_us)
        return Alerts(self.table.filter(raised_in_it), self.represented)


def place_alerts(alerts: Sequence[Event], known: pl.DataFrame, directory: Directory) -> Alerts:
    """Return all Alerts, of whatever month.

    Args:
        alerts: without the repeats.
        known: the versions of Devices.
        directory: whose Users are.

    Returns:
        Alerts in a table of ``party``, ``role``, ``group``, ``day``, ``kind``, ``code``, the facts of the Device,
        ``outcome``, ``time_us`` (null unless timed) and ``place`` among ``alerts``.
    """
    rows = [
        (
            each["recipient"], each.get("role") or "", each.get("device"), each["raised_at"], each["kind"],
            each["code"], "success" if each["outcome"] == "delivered" else "failure", _time_us(each), place,
        )
        for place, each in enumerate(alerts)
    ]  # fmt: skip
    table = with_facts(pl.DataFrame(rows, schema=_ALERT, orient="row"), known).with_columns(
        day=(pl.col("start_us") // DAY_US).cast(pl.Int32).cast(pl.Date), target_us=pl.lit(None, pl.Int64)
    )

    def recipient(user: str, role: str, device_type: str) -> Member:
        return directory.member(user, role, device_type, None)

    said = ("user", "role", "device_type")
    table = with_made(table, said, recipient, {"party": pl.String, "role_of": pl.String})
    table = table.with_columns(role=pl.col("role_of")).drop("user", "role_of")
    table = with_made(table, ("party",), lambda party: (directory.group(party),), {"group": pl.String})
    return Alerts(table, [1 + each.get("throttled_count", 0) for each in alerts])


def _time_us(alert: Event) -> int | None:
    """Return the delivery time of an Alert that was delivered, None where one of its clocks is at fault."""
    raised_us, ended_us = alert["raised_at"], alert["ended_at"]
    ahead = max(raised_us, ended_us) > alert["timestamp_us"] + DAY_US
    timed = alert["outcome"] == "delivered" and not ahead and ended_us >= raised_us
    return ended_us - raised_us if timed else None
