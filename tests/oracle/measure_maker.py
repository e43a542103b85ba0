"""Small random months dense with the cases of the special measures: installs, reads, gains, updates and Alerts.

A few Devices, hubs and Users meet again and again, at instants that are often just at a border: midnight, five minutes,
five, seven and thirty days, the month's end and a day after it. Records of Devices change at midnight alone, so that a
read belongs to one hub whether its instant is kept or its day.
"""

from pathlib import Path
from typing import Final

from tests.oracle.scribe import DAY_US, DCC, HOUR_US, MINUTE_US, SECOND_US, Scribe, Value, month_us

_MS_US: Final = 1000
_HUBS: Final = tuple(f"88-73-84-00-00-00-00-0{number}" for number in range(1, 6))
_METERS: Final = tuple((f"88-73-84-00-00-00-01-0{number}", "ESME" if number % 3 else "GSME") for number in range(1, 9))
_SUPPLIERS: Final = tuple(f"90-B3-D5-1F-30-10-00-0{number}" for number in range(1, 6))
_DISTRIBUTORS: Final = tuple(f"90-B3-D5-1F-30-40-00-0{number}" for number in range(1, 5))
_STRANGER: Final = "90-B3-D5-1F-31-FF-00-01"
_PARTIES: Final = ("AAA", "AAA", "BBB", "CCC", "DDD")
_MPXNS: Final = ("1000000000001", "1000000000002", "1000000000003", None)
_BORDERS_US: Final = (5 * MINUTE_US, DAY_US, 5 * DAY_US, 7 * DAY_US, 30 * DAY_US, 31 * DAY_US)
_READS: Final = ("4.8.1", "4.6.1", "4.1.1", "4.10", "7.4", "6.13")
_RESTORED: Final = ("8F35", "8F36", "8F38", "8F3A", "8F3C", "8F3D")


class Maker:
    """Writes the records of a month."""

    def __init__(self, seed: int, year: int, month: int) -> None:
        self.start_us, self.end_us = month_us(year, month)
        self.scribe = Scribe(seed, self.end_us + 9 * DAY_US)
        self.random = self.scribe.random
        self._seen = [self.start_us, self.end_us, self.end_us + DAY_US, self.end_us + 8 * DAY_US]
        self._alerts = 0

    def moment(self) -> int:
        """Return an instant: at random, or a border away from one there was."""
        dice = self.random.random()
        if dice < 0.45:
            at_us = self.random.choice(self._seen)
            at_us += self.random.choice((-1, 0, 1)) * self.random.choice(_BORDERS_US)
            at_us += self.random.choice((-_MS_US, 0, 0, _MS_US))
        else:
            first, last = self.random.choice(((-70, 38), (0, 30)))
            at_us = self.start_us + self.random.randint(first, last) * DAY_US
            at_us += self.random.choice((0, DAY_US - _MS_US, 12 * HOUR_US, self.random.randint(0, DAY_US - 1)))
        at_us = min(max(at_us, self.start_us - 80 * DAY_US), self.end_us + 8 * DAY_US + HOUR_US)
        self._seen.append(at_us)
        return at_us

    def after(self, at_us: int, *spans_us: int) -> int:
        """Return an instant one of some spans after another, or a millisecond to either side."""
        return at_us + self.random.choice(spans_us) + self.random.choice((-_MS_US, 0, _MS_US))

    def role(self, said: str) -> str | None:
        """Return the role a message says, or nothing."""
        return said if self.random.random() < 0.6 else None

    def users(self) -> None:
        """Write the directory; one supplier is in none."""
        told = [*zip(_SUPPLIERS, _PARTIES, (["IS", "GS"], ["IS", "GS"], ["IS"], ["GS", "IS"], ["IS"]), strict=True)]
        told += [
            *zip(_DISTRIBUTORS, ("ED1", "ED1", "ED2", "ED3"), (["ED"], ["ED"], ["ED", "GT"], ["ED", "IS"]), strict=True)
        ]
        for user, party, roles in told:
            at_us = self.start_us - 200 * DAY_US
            value: Value = {"user": user, "party": party, "roles": roles, "as_of": self.scribe.instant(at_us)}
            self.scribe.add("users", user, at_us, value)

    def devices(self) -> None:
        """Write versions of all Devices; some begin within the month, some leave."""
        for hub in _HUBS:
            smets = self.random.choice(("SMETS2+", "SMETS2+", "SMETS2+", "SMETS1"))
            self._device(hub, self.start_us - 300 * DAY_US, {"device_type": "CHF", "smets_version": smets})
        for meter, kind in _METERS:
            first = self.random.choice((-300, -300, -300, -20, 5))
            for day in sorted({first, *(self.random.randint(-35, 33) for _ in range(self.random.randint(0, 3)))}):
                value: Value = {
                    "device_type": kind,
                    "chf": self.random.choice((*_HUBS, *_HUBS, None)),
                    "import_mpxn": self.random.choice(_MPXNS),
                    "import_supplier_id": self.random.choice((*_SUPPLIERS, *_SUPPLIERS, _STRANGER, None)),
                    "removed": self.random.random() < 0.08,
                }
                self._device(meter, self.start_us + day * DAY_US, value)

    def _device(self, device: str, at_us: int, value: Value) -> None:
        value = {"device": device, "as_of": self.scribe.instant(at_us), "status": "Commissioned"} | value
        self.scribe.add("devices", device, at_us, value)

    def request(
        self, srv: str, user: str, device: str | None, *, code: str, at_us: int | None = None, **fields: object
    ) -> tuple[str, int]:
        """Write a request and its answer, which comes three seconds later; return its id and instant."""
        at_us = self.moment() if at_us is None else at_us
        request_id = self.scribe.request_id(user, device or DCC)
        value: Value = {
            "request_id": request_id, "received_at": self.scribe.instant(at_us), "srv": srv, "device": device,
            "role": self.role(self.random.choice(("IS", "GS"))), "command_variant": 1,
        }  # fmt: skip
        self.scribe.add("service-requests", device or user, at_us, value | fields)
        if code:
            sent_us = at_us + 3 * SECOND_US
            answer = {"request_id": request_id, "sent_at": self.scribe.instant(sent_us), "code": code, "device": device}
            self.scribe.add("service-responses", device or user, sent_us, answer)
        return request_id, at_us

    def alert(self, code: str, at_us: int, recipient: str, device: str | None, *, role: str, parameters: Value) -> None:
        """Write an Alert; some deliveries fail."""
        self._alerts += 1
        value: Value = {
            "alert_id": f"m-{self._alerts}", "kind": "dcc" if code[0] in "AN" else "device", "code": code,
            "recipient": recipient, "role": self.role(role), "device": device,
            "raised_at": self.scribe.instant(at_us), "ended_at": self.scribe.instant(at_us + SECOND_US),
            "outcome": self.random.choice(("delivered", "delivered", "failed")), "parameters": parameters or None,
        }  # fmt: skip
        self.scribe.add("alerts", device or recipient, at_us + SECOND_US, value)

    def supplier(self) -> str:
        """Return a supplier's User, rarely one nobody knows."""
        return self.random.choice((*_SUPPLIERS, *_SUPPLIERS, _STRANGER))

    def install(self) -> None:
        """An 8.14.1 or 8.14.2, successful or not."""
        srv, code = self.random.choice(("8.14.1", "8.14.1", "8.14.2")), self.random.choice(("I0", "I0", "E20", ""))
        self.request(srv, self.supplier(), self.random.choice(_HUBS), code=code)

    def read(self) -> None:
        """A read, or what is none."""
        code = self.random.choice(("I0", "I0", "W110101", "E20"))
        self.request(self.random.choice(_READS), self.supplier(), self.random.choice(_METERS)[0], code=code)

    def gain(self) -> None:
        """A Change of Supplier; often a read at a border of the days before it, or an install of a hub just then."""
        code, device, dice = (
            self.random.choice(("I0", "I0", "E20")),
            self.random.choice(_METERS)[0],
            self.random.random(),
        )
        _, at_us = self.request("6.23", self.supplier(), device, code=code)
        midnight_us = at_us // DAY_US * DAY_US
        if dice < 0.5:
            ended_us = self.after(midnight_us, -31 * DAY_US, -30 * DAY_US, -29 * DAY_US, 0, HOUR_US)
            self.request("4.8.1", self.supplier(), device, code="I0", at_us=ended_us - 3 * SECOND_US)
        elif dice < 0.8:
            srv, received_us = self.random.choice(("8.14.1", "8.14.2")), self.after(at_us, 0)
            for hub in _HUBS:
                self.request(srv, self.supplier(), hub, code="I0", at_us=received_us)

    def firmware(self) -> None:
        """An 11.1 for some hubs, and what becomes of them."""
        hubs = self.random.sample(_HUBS, self.random.randint(1, 4))
        user = self.supplier()
        request_id, at_us = self.request("11.1", user, None, code="", parameters={"devices": hubs}, command_variant=8)
        for hub in self.random.choices(_HUBS, k=self.random.randint(0, 5)):
            done_us = self.after(at_us, HOUR_US, 5 * DAY_US, 9 * DAY_US, self.end_us + 8 * DAY_US - at_us)
            result = self.random.choice(("success", "success", "failure"))
            said = {"request_id": request_id, "target_device": hub, "result": result}
            self.alert("N60", done_us, user, hub, role="IS", parameters=said)

    def paired(self) -> None:
        """An N16 or an N42, to a distributor or to one who is none."""
        code, at_us, device = self.random.choice(("N16", "N16", "N42")), self.moment(), self.random.choice(_METERS)[0]
        to = self.random.choice((*_DISTRIBUTORS, *_DISTRIBUTORS, *_SUPPLIERS[:1]))
        role = "IS" if to in _SUPPLIERS else "ED"
        self.alert(code, at_us, to, device, role=role, parameters={})
        if self.random.random() < 0.6:
            of = self.random.choice((None, "network_operator", "supplier"))
            said = {"remote_party_role": of} if of else {}
            later_us = self.after(at_us, 0, DAY_US, 7 * DAY_US, self.end_us + 8 * DAY_US - at_us)
            self.alert("N42", later_us, to, device, role=role, parameters=said)

    def outage(self) -> None:
        """An AD1, and what may be its end."""
        hub, at_us = self.random.choice((*_HUBS, None)), self.moment()
        said: Value = {"mpxn": self.random.choice(_MPXNS)}
        started_us = at_us - self.random.choice((0, 3 * MINUTE_US, 3 * HOUR_US))
        if started_us != at_us:
            said["started_at"] = self.scribe.instant(started_us)
        for to in self.random.sample(_DISTRIBUTORS, self.random.randint(1, 2)):
            self.alert("AD1", at_us, to, hub, role=self.random.choice(("ED", "ED", "GT")), parameters=said)
        for _ in range(self.random.randint(0, 2)):
            interrupted_us = started_us + self.random.choice((-HOUR_US, 0, 5 * MINUTE_US, 6 * MINUTE_US))
            restored_us = started_us + self.random.choice((0, _MS_US, 2 * HOUR_US))
            ends = {
                "interrupted_at": self.scribe.instant(interrupted_us + self.random.choice((0, 0, _MS_US))),
                "restored_at": self.scribe.instant(restored_us),
            }
            ends = {name: value for name, value in ends.items() if self.random.random() < 0.95}
            until_us = self.end_us + DAY_US - restored_us
            midnight_us = -restored_us % DAY_US
            raised_us = self.after(restored_us, MINUTE_US, DAY_US, 3 * DAY_US, until_us, midnight_us)
            code, to, device = map(self.random.choice, (_RESTORED, _DISTRIBUTORS, tuple(meter for meter, _ in _METERS)))
            self.alert(code, raised_us, to, device, role="ED", parameters=ends)


def make_measures(folder: Path, *, seed: int, year: int = 2026, month: int = 10, stories: int = 400) -> dict[str, int]:
    """Write a month; the same arguments write the same events.

    Args:
        folder: where the files go.
        seed: of all that is random.
        year: of the month.
        month: 1 to 12; stories begin ten weeks before it.
        stories: how many are told.

    Returns:
        Lines by topic.
    """
    maker = Maker(seed, year, month)
    maker.users()
    maker.devices()
    tellers = (maker.install, maker.read, maker.gain, maker.firmware, maker.paired, maker.outage)
    for tell in maker.random.choices(tellers, (40, 6, 20, 12, 30, 24), k=stories):
        tell()
    return maker.scribe.write(folder)
