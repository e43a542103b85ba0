"""The made month that worked examples are of: few enough events to count by hand, all of October 2026.

Twelve import suppliers, A to L, of which A is the reader; two distributors, X and Y. Nobody of them exists.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from dcc_analytics.catalogue.months import Month

MONTH: Final = Month(2026, 10)
SUPPLIERS: Final = tuple("ABCDEFGHIJKL")
READER: Final = "A"
DISTRIBUTORS: Final = ("X", "Y")
#: Reads of the reader: sent and failed in each Region; others' are worked out in ``_reads``.
NORTH: Final = (60, 24)
SOUTH: Final = (40, 6)
OTHERS_READS: Final = 40
#: Devices of each supplier, and how many of the reader's have the old firmware.
DEVICES: Final = 40
OLD_FIRMWARE: Final = 10
#: Installs on the Mondays of the eight weeks before the month, and on Monday, 5 October.
MONDAYS: Final = (2, 4, 3, 3, 2, 4, 3, 3)
INSTALLS: Final = 5
#: Alerts to each supplier; of the reader's so many are given up, of the others' one.
ALERTS: Final = 40
GIVEN_UP: Final = 8
THROTTLED: Final = 5
#: A success that took two hours.
SLOW_S: Final = 7200
_MODEL: Final = {
    "device_type": "ESME", "status": "Commissioned", "smets_version": "SMETS2+", "device_manufacturer": "Maker",
    "device_model": "M-1", "date_commissioned": "2025-01-01",
}  # fmt: skip
_LONG_AGO: Final = datetime(2026, 1, 1, tzinfo=UTC)
_DCC: Final = "90-B3-D5-1F-30-00-00-02"

Value = dict[str, Any]


def user(party: str) -> str:
    """Return the User id of a Party."""
    return f"90-B3-D5-1F-30-{ord(party):02X}-00-01"


def device(party: str, number: int, *, kind: int = 0) -> str:
    """Return the id of a Device that stands for one of a Party's; kinds keep numbers apart."""
    return f"88-73-84-00-00-{ord(party):02X}-{kind:02X}-{number:02X}"


#: Kinds of Devices beside the electricity meters.
HUB: Final = 1
HUB_METER: Final = 2
FIRMWARE_HUB: Final = 3


def at(day: int, hour: int = 9, minute: int = 0, *, month: int = 10) -> datetime:
    """Return an instant of 2026 in UTC."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def write_made_month(folder: Path) -> None:
    """Write the events as recorded ones, each topic in the order of time."""
    made = _Made()
    _directory(made)
    _reads(made)
    _installs(made)
    _gains(made)
    _firmware(made)
    _alerts(made)
    _networks(made)
    for topic, records in made.records.items():
        lines = [json.dumps(record) for record in sorted(records, key=lambda each: each["timestamp"])]
        (folder / f"{topic}.ndjson").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


class _Made:
    """Records by topic; ids and counters are given here, so that none is there twice."""

    def __init__(self) -> None:
        self.records: dict[str, list[Value]] = defaultdict(list)
        self._counter = 0

    def add(self, topic: str, key: str, when: datetime, **value: object) -> None:
        record = {"key": key, "timestamp": round(when.timestamp() * 1000), "value": value}
        self.records[topic].append(record)

    def request(
        self, party: str, role: str, srv: str, about: str, when: datetime, *, took_s: float | None, code: str = "I0",
        target: str = "", devices: Sequence[str] = (),
    ) -> str:  # fmt: skip
        """Add a Service Request and, unless it took no time, its response; return the request id."""
        self._counter += 1
        request_id = f"{user(party)}:{target or about}:{self._counter}"
        more = {"parameters": {"devices": devices}} if devices else {}
        self.add(
            "service-requests", about, when, request_id=request_id, received_at=_text(when), srv=srv,
            command_variant=1, role=role, device=about, **more,
        )  # fmt: skip
        if took_s is not None:
            ended = when + timedelta(seconds=took_s)
            self.add(
                "service-responses", about, ended, request_id=request_id, sent_at=_text(ended), code=code, device=about
            )
        return request_id

    def alert(
        self, party: str, role: str, code: str, about: str, when: datetime, *, took_s: float = 1, failed: bool = False,
        throttled: int = 0, parameters: Value | None = None,
    ) -> None:  # fmt: skip
        self._counter += 1
        ended = when + timedelta(seconds=took_s)
        self.add(
            "alerts", about, ended, alert_id=f"made-{self._counter}", kind="dcc" if code[0] in "AN" else "device",
            code=code, recipient=user(party), role=role, device=about, raised_at=_text(when), ended_at=_text(ended),
            outcome="failed" if failed else "delivered", throttled_count=throttled, parameters=parameters,
        )  # fmt: skip

    def record_of(self, device_id: str, **fields: object) -> None:
        """Add a Device's record, the same all year."""
        self.add("devices", device_id, _LONG_AGO, device=device_id, as_of=_text(_LONG_AGO), **{**_MODEL, **fields})


def _text(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03}Z"


def _directory(made: _Made) -> None:
    for parties, role in ((SUPPLIERS, "IS"), (DISTRIBUTORS, "ED")):
        for party in parties:
            made.add(
                "users", user(party), _LONG_AGO, user=user(party), party=party, party_name=party, roles=[role],
                size="large", as_of=_text(_LONG_AGO),
            )  # fmt: skip
    made.add(
        "incidents", "made", at(5, 8), incident="made", category=1, opened_at=_text(at(5, 8)),
        closed_at=_text(at(5, 10)), regions=["North"], summary="Made", as_of=_text(at(5, 8)),
    )  # fmt: skip


def _reads(made: _Made) -> None:
    """Add the reads of 5 October: the nth supplier's take n seconds, the reader's from one second to four."""
    for number, party in enumerate(SUPPLIERS, 1):
        old = OLD_FIRMWARE if party == READER else 2 * number
        for index in range(DEVICES):
            made.record_of(
                device(party, index), csp_region="North" if index < DEVICES // 2 else "South",
                device_firmware_version="1.0" if index < old else "2.0", import_supplier_id=user(party),
            )  # fmt: skip
        if party == READER:
            for first, (sent, failed) in ((0, NORTH), (DEVICES // 2, SOUTH)):
                _own_reads(made, first, sent, failed)
        else:
            for first, failed in ((0, number - 1), (DEVICES // 2, 1)):
                outcomes = ["E20"] * failed + ["I0"] * (OTHERS_READS - failed)
                for minute, code in enumerate(outcomes):
                    about = device(party, first + (code == "I0"))
                    made.request(party, "IS", "4.8.1", about, at(5, 9, minute), took_s=number, code=code)
    made.request(READER, "IS", "4.8.1", device(READER, DEVICES - 1), at(31, 23), took_s=None)


def _own_reads(made: _Made, first: int, sent: int, failed: int) -> None:
    """Add the reader's reads in a Region: in the North one is never answered, and the last takes two hours."""
    north = first == 0
    for place in range(sent):
        about = device(READER, first + (place >= failed))
        took_s: float | None = 1 + place % 4
        if north and place == 0:
            took_s = None
        if north and place == sent - 1:
            took_s = SLOW_S
        code = "E20" if place < failed else "I0"
        made.request(READER, "IS", "4.8.1", about, at(5, 9 + place // 60, place % 60), took_s=took_s, code=code)


def install_days() -> Iterator[tuple[datetime, int]]:
    """Yield the Mondays before the month with the number of installs."""
    for week, number in enumerate(MONDAYS):
        yield at(10, month=8) + timedelta(weeks=week), number


def _installs(made: _Made) -> None:
    """Add installs of the reader; of those whose thirtieth day is in October the first alone is never read."""
    hub = 0
    for day, number in install_days():
        for _ in range(number):
            hub += 1
            _install(made, hub, day)
            if day.month == 9 and hub != sum(MONDAYS[:4]) + 1:
                made.request(
                    READER, "IS", "4.1.1", device(READER, hub, kind=HUB_METER), day + timedelta(days=2), took_s=2
                )
    for number in range(INSTALLS + 1):
        hub += 1
        _install(made, hub, at(5, 10), srv="8.14.1" if number < INSTALLS else "8.14.2")


def _install(made: _Made, hub: int, day: datetime, srv: str = "8.14.1") -> None:
    hub_id, meter = device(READER, hub, kind=HUB), device(READER, hub, kind=HUB_METER)
    made.record_of(hub_id, device_type="CHF", device_model="H-1", csp_region="North", chf=hub_id)
    made.record_of(meter, csp_region="North", device_model="M-2", chf=hub_id)
    made.request(READER, "IS", srv, hub_id, day, took_s=1, target=_DCC)


def _gains(made: _Made) -> None:
    """Add two gains of the reader from B: of a Device read two weeks before, and of one left without being read."""
    for number, (srv, day) in enumerate((("8.14.1", 20), ("8.14.2", 21)), 1):
        hub, meter = device("B", number, kind=HUB), device("B", number, kind=HUB_METER)
        made.record_of(hub, device_type="CHF", device_model="H-1", csp_region="North", chf=hub)
        made.record_of(meter, csp_region="North", device_model="M-2", chf=hub)
        made.request("B", "IS", srv, hub, at(3, month=8), took_s=1, target=_DCC)
        if number == 1:
            made.request("B", "IS", "4.1.1", meter, at(6), took_s=2)
        made.request(READER, "IS", "6.23", meter, at(day, 10), took_s=5)


#: Days after the request on which the hubs of the firmware report success; one never does.
DELIVERED_DAYS: Final[Sequence[int | None]] = (2, 6, None)


def _firmware(made: _Made) -> None:
    hubs = [device(READER, number, kind=FIRMWARE_HUB) for number in range(1, len(DELIVERED_DAYS) + 1)]
    for hub in hubs:
        made.record_of(hub, device_type="CHF", device_model="H-1", csp_region="North", chf=hub)
    request_id = made.request(READER, "IS", "11.1", user(READER), at(12), took_s=1, target=_DCC, devices=hubs)
    for hub, days in zip(hubs, DELIVERED_DAYS, strict=True):
        if days is not None:
            told = {"request_id": request_id, "target_device": hub, "result": "success"}
            made.alert(READER, "IS", "N60", hub, at(12 + days), parameters=told)


def _alerts(made: _Made) -> None:
    """Add the Alerts of 7 October; of two of the reader's one takes two seconds and one four."""
    for number, party in enumerate(SUPPLIERS, 1):
        failed = GIVEN_UP if party == READER else 1
        for place in range(ALERTS):
            made.alert(
                party, "IS", "8145", device(party, 0), at(7, 9, place), failed=place < failed,
                took_s=2 + 2 * (place % 2) if party == READER else number,
                throttled=THROTTLED if party == READER and place == ALERTS - 1 else 0,
            )  # fmt: skip


#: Requests of each distributor, and how many fail; the first one's failures in each of the twelve months before.
NETWORK_REQUESTS: Final = 40
NETWORK_FAILURES: Final = {"X": 8, "Y": 1}
FAILURES_BEFORE: Final = (2, 3) * 6


def _networks(made: _Made) -> None:
    """Add what distributors get: N13 and N55, N16 and N42, outages; and their requests."""
    for number, supplier in enumerate("CCD", 1):
        made.record_of(
            device("X", number), csp_region="North", device_model="M-3", device_firmware_version="5.0",
            import_supplier_id=user(supplier), network_operator_id=user("X"), chf=device("X", number, kind=HUB),
        )  # fmt: skip
    for party, failed in NETWORK_FAILURES.items():
        for place in range(NETWORK_REQUESTS):
            code = "E20" if place < failed else "I0"
            made.request(party, "ED", "6.5", device("X", 1), at(13, 9, place), took_s=2, code=code)
    for minute, code in enumerate(("N13", "N13", "N13", "N55")):
        made.alert("X", "ED", code, device("X", 1), at(14, 9, minute))
    for number, follows in ((1, 3), (2, None), (3, 10)):
        made.alert("X", "ED", "N16", device("X", number), at(10))
        if follows is not None:
            made.alert(
                "X",
                "ED",
                "N42",
                device("X", number),
                at(10 + follows),
                parameters={"remote_party_role": "network_operator"},
            )
    for number, day in ((1, 19), (2, 20)):
        hub = device("X", number, kind=HUB)
        told = {"started_at": _text(at(day, 12)), "mpxn": f"100000000000{number}"}
        made.alert("X", "ED", "AD1", hub, at(day, 12, 3), parameters=told)
    back = {"interrupted_at": _text(at(19, 12)), "restored_at": _text(at(19, 14))}
    made.alert("X", "ED", "8F36", device("X", 1), at(19, 14, 1), parameters=back)
