"""Table 1's special measures judged: installs, gains, deliveries, N42 after N16 and outages, from recorded lines alone.

Plain Python over the judge's own round trips; rows are texts by column, printed as the contract says (sections 4, 6 and
8). Suppliers are named, as in the sample's files. A read counts for the hub its Device had at the instant it ended.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from statistics import mean, stdev
from typing import Final

from tests.oracle.bank_holidays import bank_holidays
from tests.oracle.device_lines import Records
from tests.oracle.domain import rows_of
from tests.oracle.matching import DAY_US, MINUTE_US, Matching, Trip, final_us
from tests.oracle.members import Directory, Member
from tests.oracle.reading import Event, read_folder

Row = dict[str, str]
Rows = dict[Member, list[Row]]
_EPOCH: Final = date(1970, 1, 1)
_READ_DAYS: Final = 30
_WEEKS: Final = 8
_RESTORED: Final = {"8F35", "8F36", "8F37", "8F38", "8F39", "8F3A", "8F3B", "8F3C"}


def _day(us: int) -> date:
    return _EPOCH + timedelta(days=us // DAY_US)


def _instant(us: int | None) -> str:
    """Return an instant with milliseconds, rounded half-even."""
    if us is None:
        return ""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=round(Decimal(us) / 1000))
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _three(number: Decimal) -> str:
    return str(number.quantize(Decimal("0.001"), ROUND_HALF_EVEN) + 0)


def _flag(value: object) -> str:
    return "true" if value else "false"


class Measures:
    """The measures of a month.

    Attributes:
        by_name: rows by file and Member, in the order of the file.
    """

    def __init__(self, folder: Path, year: int, month: int) -> None:
        recorded = read_folder(folder)
        matching = Matching(recorded)
        self._directory = Directory(recorded.events["users"])
        self._records = Records.of(folder)
        self._start_us = int(datetime(year, month, 1, tzinfo=UTC).timestamp()) * 1_000_000
        self._end_us = int(datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
        self._final_us = final_us(self._start_us)
        self._trips = [trip for trip in matching.trips if trip.leg == "command" and trip.outcome != "withdrawn"]
        self._alerts = matching.alerts
        self._reads = [
            (trip.device, trip.end_us)
            for trip in self._trips
            if trip.device is not None and trip.end_us is not None and trip.outcome == "success"
            and {row["process"] for row in rows_of(trip.srv)} & {"Meter Reads", "Read Registers"}
        ]  # fmt: skip
        self._installs = [trip for trip in self._trips if trip.srv in {"8.14.1", "8.14.2"} and trip.device]
        self.by_name: dict[str, Rows] = {
            "installs_daily": self._installs_daily(),
            "installs_without_read": self._without_read(),
            "cos_gains": self._gains(),
            "firmware_delivery": self._deliveries(recorded.events["service-requests"]),
            "n42_after_n16": self._pairs(),
            "outages_unrestored": self._outages(),
        }

    def _in_month(self, us: int) -> bool:
        return self._start_us <= us < self._end_us

    def _sender(self, trip: Trip) -> Member:
        kind = self._records.type_at(trip.device, trip.start_us)
        return self._directory.member(trip.user, trip.role or "", kind, trip.srv)

    def _recipient(self, alert: Event) -> Member:
        kind = self._records.type_at(alert.get("device"), alert["raised_at"])
        return self._directory.member(alert["recipient"], alert.get("role") or "", kind, None)

    def _installs_daily(self) -> Rows:
        start, end = _day(self._start_us), _day(self._end_us)
        before = start - timedelta(weeks=_WEEKS)
        counts: dict[Member, Counter[tuple[str, date]]] = defaultdict(Counter)
        first = date.max
        for trip in self._installs:
            on = _day(trip.start_us)
            if trip.outcome == "success":
                first = min(first, on) if trip.srv == "8.14.1" else first
                if before <= on < end:
                    counts[self._sender(trip)][trip.srv, on] += 1
        history = [before + timedelta(days=number) for number in range(7 * _WEEKS)]
        known = [on for on in history if _week_end(on, start) >= first]
        holidays = bank_holidays(start.year)
        found: Rows = {}
        for member, counted in counts.items():
            found[member] = []
            for number in range((end - start).days):
                on = start + timedelta(days=number)
                weekday = 6 if on in holidays else on.weekday()
                like = [Decimal(counted["8.14.1", day]) for day in known if day.weekday() == weekday]
                middle = mean(like) if like else None
                band = 2 * stdev(like) if len(like) > 1 else None
                found[member].append(
                    {
                        "day": on.isoformat(),
                        "install_and_commission": str(counted["8.14.1", on]),
                        "install_and_leave": str(counted["8.14.2", on]),
                        "predicted": "" if middle is None else _three(middle),
                        "predicted_low": "" if middle is None or band is None else _three(middle - band),
                        "predicted_high": "" if middle is None or band is None else _three(middle + band),
                    }
                )
        return found

    def _without_read(self) -> Rows:
        rows: list[tuple[Member, Row]] = []
        for trip in self._installs:
            first = _day(trip.start_us)
            last = first + timedelta(days=_READ_DAYS)
            if (
                trip.srv != "8.14.1"
                or trip.outcome != "success"
                or not _day(self._start_us) <= last < _day(self._end_us)
            ):
                continue
            if not any(
                first <= _day(us) <= last and self._records.at(device, us).get("chf") == trip.device
                for device, us in self._reads
            ):
                installed, ended = _instant(trip.start_us), last.isoformat()
                row = {"chf": str(trip.device), "installed_at": installed, "window_ended_on": ended}
                rows.append((self._sender(trip), row))
        return _sorted(rows, "chf", "installed_at")

    def _gains(self) -> Rows:
        rows: list[tuple[Member, Row]] = []
        for trip in self._trips:
            if trip.srv == "6.23" and trip.outcome == "success" and trip.device and self._in_month(trip.start_us):
                on, gainer = _day(trip.start_us), self._sender(trip)
                days = {on - timedelta(days=back) for back in range(1, _READ_DAYS + 1)}
                hub = self._records.at(trip.device, trip.start_us).get("chf")
                before = [
                    (install.start_us, install.srv)
                    for install in self._installs
                    if install.device == hub and install.start_us < trip.start_us and self._sender(install) != gainer
                ]
                row = {
                    "device": trip.device,
                    "gained_at": _instant(trip.start_us),
                    "read_within_30_days": _flag(any(_day(us) in days for of, us in self._reads if of == trip.device)),
                    "last_install_srv": max(before)[1] if before else "none",
                }
                rows.append((gainer, row))
        return _sorted(rows, "device", "gained_at")

    def _deliveries(self, requests: list[Event]) -> Rows:
        first: dict[tuple[str, str], Event] = {}
        for request in sorted(requests, key=lambda each: int(each["received_at"])):
            if request["srv"] == "11.1" and request["command_variant"] != 4:
                for hub in request.get("parameters", {}).get("devices", ()):
                    first.setdefault((request["request_id"], hub), request)
        rows: list[tuple[Member, Row]] = []
        for (request_id, hub), request in first.items():
            received_us = request["received_at"]
            if not self._in_month(received_us) or self._records.is_smets1(hub, received_us):
                continue
            done_us = min(filter(lambda us: us < self._final_us, self._delivered(request_id, hub)), default=None)
            kind = self._records.type_at(request.get("device"), received_us)
            user = request_id.split(":")[0]
            row = {
                "request_id": request_id,
                "chf": hub,
                "received_at": _instant(received_us),
                "delivered_at": _instant(done_us),
                "within_five_days": _flag(done_us is not None and done_us <= received_us + 5 * DAY_US),
            }
            rows.append((self._directory.member(user, request.get("role") or "", kind, "11.1"), row))
        return _sorted(rows, "request_id", "chf")

    def _delivered(self, request_id: str, hub: str) -> Iterator[int]:
        for alert in self._alerts:
            said = alert.get("parameters", {})
            named = alert.get("request_id") or said.get("request_id")
            if named == request_id and said.get("target_device") == hub and said.get("result") == "success":
                yield alert["raised_at"]

    def _pairs(self) -> Rows:
        counts: dict[Member, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        for alert in self._alerts:
            at_us, member = alert["raised_at"], self._recipient(alert)
            if alert["code"] != "N16" or member.role != "ED" or not alert.get("device") or not self._in_month(at_us):
                continue
            after = [
                each["raised_at"] - at_us
                for each in self._alerts
                if each["code"] == "N42"
                and each.get("device") == alert["device"]
                and at_us < each["raised_at"] < self._final_us
                and each.get("parameters", {}).get("remote_party_role", "network_operator") == "network_operator"
                and self._recipient(each) == member
            ]
            soon = "none" if not after else "within_7_days" if min(after) <= 7 * DAY_US else "later"
            user = self._records.at(alert["device"], at_us).get("import_supplier_id")
            party = "Unknown" if user is None else self._directory.member(user, "IS", "", None).party
            counts[member][party][soon] += 1
        return {
            member: [
                {"supplier": party, "n16": str(counted.total())}
                | {name: str(counted[name]) for name in ("within_7_days", "later", "none")}
                for party, counted in sorted(by_party.items())
            ]
            for member, by_party in counts.items()
        }

    def _outages(self) -> Rows:
        rows: list[tuple[Member, Row]] = []
        for alert in self._alerts:
            member = self._recipient(alert)
            if alert["code"] != "AD1" or member.role != "ED" or not self._in_month(alert["raised_at"]):
                continue
            said = alert.get("parameters", {})
            hub, mpxn = alert.get("device"), said.get("mpxn")
            started_us = said.get("started_at", alert["raised_at"])
            if not any(self._restores(each, hub, mpxn, started_us) for each in self._alerts):
                row = {
                    "chf": hub or "",
                    "mpxn": mpxn or "",
                    "started_at": _instant(started_us),
                    "age_hours": _three(Decimal(self._end_us - started_us) / Decimal(60 * MINUTE_US)),
                }
                rows.append((member, row))
        return _sorted(rows, "chf", "mpxn", "started_at")

    def _restores(self, alert: Event, hub: str | None, mpxn: str | None, started_us: int) -> bool:
        said, raised_us = alert.get("parameters", {}), alert["raised_at"]
        if alert["code"] not in _RESTORED or not {"interrupted_at", "restored_at"} <= said.keys():
            return False
        home = self._records.at(alert.get("device"), raised_us)
        joined = (hub and home.get("chf") == hub) or (mpxn and home.get("import_mpxn") == mpxn)
        in_time = raised_us <= self._end_us + DAY_US
        spans = said["interrupted_at"] <= started_us + 5 * MINUTE_US and started_us < said["restored_at"]
        return bool(joined and in_time and spans)


def _week_end(on: date, start: date) -> date:
    """Return the last day of a day's week, weeks being counted back from a month's first day."""
    return start - timedelta(days=1 + 7 * (((start - on).days - 1) // 7))


def _sorted(rows: list[tuple[Member, Row]], *key: str) -> Rows:
    found: Rows = defaultdict(list)
    order: Callable[[tuple[Member, Row]], list[str]] = lambda each: [each[1][name] for name in key]  # noqa: E731
    for member, row in sorted(rows, key=order):
        found[member].append(row)
    return dict(found)
