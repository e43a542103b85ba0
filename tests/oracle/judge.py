"""The judge: from a folder of recorded events to every Member's rows, in full or as they may be shown.

Rows are texts by column, printed as the contract says (section 8, Print). In full they have the columns of the sample's
expected files, with those that begin with ``x_``; disclosed they are what a pack may hold by section 7, rules 1 to 6
and 9.
"""

import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import polars as pl

from tests.oracle.alerts import Alerts, place_alerts
from tests.oracle.domain import reason_texts, srv_order
from tests.oracle.estate import versions
from tests.oracle.figures import DAILY, MONTHLY, Benchmark, Figures, Key, benchmarks, by_member, counted, with_rests
from tests.oracle.matching import DAY_US, Matching, final_us
from tests.oracle.members import Directory, Member
from tests.oracle.places import place_all
from tests.oracle.print import Row, daily_row, guarded, monthly_row, peer_rows
from tests.oracle.reading import TOPICS, Event, Recorded, newest, read_folder

_EPOCH: Final = date(1970, 1, 1)
#: The sample marks no day for higher numbers; the modification asks for Category 1 and 2 Incidents.
_GRAVE: Final = 2
_FAILURE: Final = (
    "day", "process", "srv", "variant", "reason_code", "meter_type", "region", "smets_version", "device_type",
    "manufacturer", "model", "firmware_version",
)  # fmt: skip


def _order(cell: Key) -> tuple[object, ...]:
    process, srv, variant = cell
    return process, srv_order(srv), variant


@dataclass
class Judged:
    """A month judged.

    Attributes:
        recorded: the events, with the dead letters.
        matching: round trips, alerts kept, and counts.
        legs: those the month's rows count, with the columns of ``place_all`` and their ``day``.
        monthly, daily: figures by Member and cell.
        monthly_benchmarks, daily_benchmarks: by Role and cell.
        failures: counts by Member and the key columns of ``failures``, as texts.
        alerts: those raised in the month.
        provisional: whether the month is not final yet.
    """

    recorded: Recorded
    matching: Matching
    directory: Directory
    legs: pl.DataFrame
    start_us: int
    end_us: int
    monthly: dict[Member, dict[Key, Figures]]
    daily: dict[Member, dict[Key, Figures]]
    monthly_benchmarks: dict[tuple[str, Key], Benchmark]
    daily_benchmarks: dict[tuple[str, Key], Benchmark]
    failures: dict[Member, dict[tuple[str, ...], int]]
    alerts: Alerts
    provisional: bool

    def members(self) -> list[Member]:
        """Return all who sent or received something in the month, and all of the directory."""
        return sorted(self.directory.members() | set(self.monthly) | self.alerts.members())

    def monthly_rows(self, member: Member, *, disclosed: bool = False) -> list[Row]:
        """Return ``round_trips_monthly``."""
        return [
            monthly_row(cell, figures, self.monthly_benchmarks[member.role, cell], disclosed=disclosed)
            for cell, figures in sorted(self.monthly.get(member, {}).items(), key=lambda each: _order(each[0]))
        ]

    def daily_rows(self, member: Member, *, disclosed: bool = False) -> list[Row]:
        """Return ``round_trips_daily``."""
        return [
            daily_row(
                cell, figures, self.daily_benchmarks[member.role, cell], self.incident(cell[0], cell[5]),
                disclosed=disclosed,
            )
            for cell, figures in sorted(
                self.daily.get(member, {}).items(), key=lambda each: (each[0][0], _order(each[0][1:4]), each[0][4:])
            )
        ]  # fmt: skip

    def failure_rows(self, member: Member, *, bare: bool = False) -> list[Row]:
        """Return ``failures``; bare texts are not guarded against spreadsheets."""
        rows = self.failures.get(member, {})
        ordered = sorted(rows, key=lambda key: (key[0], key[1], srv_order(key[2]), key[3:]))
        return [
            dict(zip(_FAILURE, key if bare else map(guarded, key), strict=True))
            | {"reason": reason_texts().get(key[4], ""), "failures": str(rows[key])}
            for key in ordered
        ]

    def peer_rows(self, member: Member, *, disclosed: bool = False) -> list[Row]:
        """Return ``peer_values`` of the cells a Member has."""
        rows: list[Row] = []
        for cell in sorted(self.monthly.get(member, {}), key=_order):
            rows += peer_rows(cell, self.monthly_benchmarks[member.role, cell], disclosed=disclosed)
        return rows

    def incident(self, day: date, region: str) -> str:
        """Return the gravest category of a Category 1 or 2 Incident that touched a Region on a day, or nothing."""
        start_us = (day - _EPOCH).days * DAY_US
        return min(
            (
                str(each["category"])
                for each in newest(self.recorded.events["incidents"], "incident").values()
                if each["category"] <= _GRAVE
                and each["opened_at"] < start_us + DAY_US
                and each.get("closed_at", start_us + 1) > start_us
                and _touches(each, region)
            ),
            default="",
        )

    def totals(self) -> dict[str, object]:
        """Return the counts over all Members, named as in the sample's ``totals.json``."""
        counts = self.matching.counts
        outcomes = Counter(self.legs["outcome"])
        dead: Counter[str] = Counter(topic for topic, _ in self.recorded.dead_letters)
        return {
            "lines": self.recorded.lines,
            "dead_letters": {topic: dead[topic] for topic in TOPICS if dead[topic]},
            "duplicate_requests": counts["duplicate_requests"],
            "duplicate_ends": counts["duplicate_ends"],
            "duplicate_alerts": counts["duplicate_alerts"],
            "unmatched_responses": counts["unmatched_responses"],
            "cancelled": counts["cancelled"],
            "late": counts["late"],
            "orphans": counts["orphans"],
            "month": {
                "clock_faults": int(self.legs.filter(leg="command")["fault"].sum()),
                "failure": outcomes["failure"],
                "open": outcomes["open"],
                "requests": self.legs.height,
                "success": outcomes["success"],
                "warnings": int(self.legs["warning"].sum()),
            },
            "reasons": dict(sorted(Counter(self.legs.filter(pl.col("reason") != "")["reason"]).items())),
            "alerts_in_month": self.alerts.table.height,
        }


def _touches(incident: Event, region: str) -> bool:
    regions = incident.get("regions")
    return not regions or region in {each.removeprefix("4G ") for each in regions}


@dataclass(frozen=True)
class Stream:
    """Recorded events matched: all round trips, with the columns of ``place_all``, and all Alerts, of any month."""

    recorded: Recorded
    matching: Matching
    directory: Directory
    legs: pl.DataFrame
    alerts: Alerts


def matched(folder: Path) -> Stream:
    """Return a folder's events matched."""
    with _all_is_kept():
        recorded = read_folder(folder)
        matching, directory = Matching(recorded), Directory(recorded.events["users"])
        known = versions(recorded.events["devices"])
        return Stream(
            recorded, matching, directory, place_all(matching.trips, known, directory),
            place_alerts(matching.alerts, known, directory),
        )  # fmt: skip


@contextmanager
def _all_is_kept() -> Iterator[None]:
    """Leave the garbage collector out: it would go through all events again and again, a third of the time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def judge(folder: Path, year: int, month: int) -> Judged:
    """Return a folder's month judged."""
    return judge_month(matched(folder), year, month)


def judge_month(stream: Stream, year: int, month: int) -> Judged:
    """Return a month of a stream judged."""
    start_us = int(datetime(year, month, 1, tzinfo=UTC).timestamp()) * 1_000_000
    end_us = int(datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
    legs = counted(stream.legs, start_us, end_us)
    monthly, daily = by_member(legs, MONTHLY), by_member(legs, DAILY)
    return Judged(
        stream.recorded, stream.matching, stream.directory, legs, start_us, end_us, monthly, daily,
        benchmarks(legs, MONTHLY, monthly),
        with_rests(
            benchmarks(legs, DAILY, daily), daily, monthly, lambda cell: cell[1:4], stream.directory.group
        ),
        _failures(legs),
        stream.alerts.of_month(start_us, end_us), stream.matching.clock_us < final_us(start_us),
    )  # fmt: skip


def _failures(legs: pl.DataFrame) -> dict[Member, dict[tuple[str, ...], int]]:
    failed = legs.filter(outcome="failure").rename({"reason": "reason_code"}).with_columns(pl.col("day").dt.to_string())
    found: dict[Member, dict[tuple[str, ...], int]] = {}
    for party, role, *key, count in failed.group_by("party", "role", *_FAILURE).agg(pl.len()).iter_rows():
        found.setdefault(Member(party, role), {})[tuple(key)] = count
    return found
