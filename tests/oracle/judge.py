"""The judge: from a folder of recorded events to every Member's rows, in full or as they may be shown.

Rows are texts by column, printed as the contract says (section 8, Print). In full they have the columns of the sample's
expected files, with those that begin with ``x_``; disclosed they are what a pack may hold by section 7, rules 1 to 5
and 9. Rule 6 (complement) is not applied: a pack may withhold more for it, and says so.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from tests.oracle.domain import reason_texts, srv_order
from tests.oracle.figures import Benchmark, Figures, benchmarks, by_member, counted
from tests.oracle.matching import DAY_US, Matching, final_us
from tests.oracle.members import Directory, Estate, Member, Placed, place_all
from tests.oracle.print import Row, daily_row, guarded, monthly_row, peer_rows
from tests.oracle.reading import TOPICS, Event, Recorded, newest, read_folder

Cell = tuple[str, str, str]
DayCell = tuple[date, str, str, str, str, str, str]
_EPOCH: Final = date(1970, 1, 1)
#: The sample marks no day for higher numbers; the modification asks for Category 1 and 2 Incidents.
_GRAVE: Final = 2


def _day(instant_us: int) -> date:
    return _EPOCH + timedelta(days=instant_us // DAY_US)


def _day_cell(leg: Placed) -> DayCell:
    facts = leg.facts
    return (_day(leg.trip.start_us), *leg.cell, facts.meter_type, facts.region, facts.smets_version)


def _order(cell: Cell) -> tuple[object, ...]:
    process, srv, variant = cell
    return process, srv_order(srv), variant


@dataclass
class Judged:
    """A month judged.

    Attributes:
        recorded: the events, with the dead letters.
        matching: round trips, alerts kept, and counts.
        legs: those the month's rows count.
        monthly, daily: figures by Member and cell.
        monthly_benchmarks, daily_benchmarks: by Role and cell.
        provisional: whether the month is not final yet.
    """

    recorded: Recorded
    matching: Matching
    directory: Directory
    legs: list[Placed]
    start_us: int
    end_us: int
    monthly: dict[Member, dict[Cell, Figures]]
    daily: dict[Member, dict[DayCell, Figures]]
    monthly_benchmarks: dict[tuple[str, Cell], Benchmark]
    daily_benchmarks: dict[tuple[str, DayCell], Benchmark]
    provisional: bool

    def members(self) -> list[Member]:
        """Return all who did something in the month, and all of the directory."""
        return sorted(self.directory.members() | set(self.monthly))

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
        counts: Counter[tuple[str, ...]] = Counter()
        for leg in self.legs:
            if leg.member == member and leg.trip.outcome == "failure":
                facts = leg.facts
                counts[
                    _day(leg.trip.start_us).isoformat(), *leg.cell, leg.trip.reason, facts.meter_type, facts.region,
                    facts.smets_version, facts.device_type, facts.manufacturer, facts.model, facts.firmware_version,
                ] += 1  # fmt: skip
        names = (
            "day", "process", "srv", "variant", "reason_code", "meter_type", "region", "smets_version", "device_type",
            "manufacturer", "model", "firmware_version",
        )  # fmt: skip
        ordered = sorted(counts, key=lambda key: (key[0], key[1], srv_order(key[2]), key[3:]))
        return [
            dict(zip(names, key if bare else map(guarded, key), strict=True))
            | {"reason": reason_texts().get(key[4], ""), "failures": str(counts[key])}
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
        outcomes = Counter(leg.trip.outcome for leg in self.legs)
        dead: Counter[str] = Counter(topic for topic, _ in self.recorded.dead_letters)
        alerts = [alert for alert in self.matching.alerts if self.start_us <= alert["raised_at"] < self.end_us]
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
                "clock_faults": sum(leg.trip.fault for leg in self.legs if leg.trip.leg == "command"),
                "failure": outcomes["failure"],
                "open": outcomes["open"],
                "requests": len(self.legs),
                "success": outcomes["success"],
                "warnings": sum(leg.trip.warning for leg in self.legs),
            },
            "reasons": dict(sorted(Counter(leg.trip.reason for leg in self.legs if leg.trip.reason).items())),
            "alerts_in_month": len(alerts),
        }


def _touches(incident: Event, region: str) -> bool:
    regions = incident.get("regions")
    return not regions or region in {each.removeprefix("4G ") for each in regions}


def judge(folder: Path, year: int, month: int) -> Judged:
    """Return a folder's month judged."""
    start_us = int(datetime(year, month, 1, tzinfo=UTC).timestamp()) * 1_000_000
    end_us = int(datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
    recorded = read_folder(folder)
    matching = Matching(recorded)
    directory = Directory(recorded.events["users"])
    placed = place_all(matching.trips, Estate.of(recorded.events["devices"]), directory)
    legs = counted(placed, start_us, end_us)
    monthly = by_member(legs, lambda leg: leg.cell)
    daily = by_member(legs, _day_cell)
    return Judged(
        recorded, matching, directory, legs, start_us, end_us, monthly, daily, benchmarks(monthly, directory),
        benchmarks(daily, directory), matching.clock_us < final_us(start_us),
    )  # fmt: skip
