"""Requests, answers and Alerts as their feeds write them: the words the stories are told in."""

from dataclasses import dataclass
from random import Random
from typing import Any, Final

from tests.oracle.estate_maker import Cast, Home
from tests.oracle.scribe import DAY_US, DCC, MINUTE_US, SECOND_US, Scribe, Value

#: From the end of a leg to a repeat of its request; a day is the longest at which it is one.
REPEAT_WAITS_US: Final = (
    MINUTE_US, 10 * MINUTE_US, 10 * MINUTE_US + 1, 45 * MINUTE_US, DAY_US, DAY_US + 1, 3 * DAY_US,
)  # fmt: skip
YEAR_3000: Final = "3000-01-01T00:00:00Z"


@dataclass(frozen=True)
class Asked:
    """A request that was sent.

    Attributes:
        subject: what its records are keyed by.
        simple: its target is the Device, or it has none: what names only its id finds it.
    """

    request_id: str
    at_us: int
    user: str
    srv: str
    device: str | None
    subject: str
    simple: bool
    role: str | None
    record: Value


class Desk:
    """Where stories write their messages."""

    def __init__(self, scribe: Scribe, cast: Cast, span_us: tuple[int, int]) -> None:
        self.scribe = scribe
        self.cast = cast
        self.start_us, self.end_us = span_us
        self.random: Random = scribe.random
        self._alerts = 0
        self.repeat_waits_us: tuple[int, ...] = REPEAT_WAITS_US

    def home(self) -> Home:
        """Return any home."""
        return self.random.choice(self.cast.homes)

    def moment(self) -> int:
        """Return an instant of the month or a little beyond it, at times at a border."""
        dice = self.random.random()
        if dice < 0.03:
            return self.random.choice((self.start_us, self.start_us - 1, self.end_us, self.end_us - 1))
        if dice < 0.05:
            return self.start_us + self.random.randint(1, 29) * 86_400 * SECOND_US - self.random.randint(0, 1)
        span_us = self.end_us - self.start_us
        at_us = self.start_us + self.random.randint(-span_us // 40, span_us + span_us // 40)
        return at_us if dice < 0.3 else at_us // 1000 * 1000

    def ask(
        self, at_us: int, user: str, srv: str, device: str | None, *, role: str | None = None, variant: int = 1,
        plain: bool = False, like: Asked | None = None, through_dcc: bool = False, stamp_us: int | None = None,
        **fields: Any,  # noqa: ANN401 (fields of the record as they are)
    ) -> Asked:  # fmt: skip
        """Write a request.

        Args:
            at_us: when the DCC received it.
            user: originator.
            srv: as in the record.
            device: what it is about; None: nothing.
            role: said half the time.
            variant: the command variant.
            plain: keyed and timed without vices.
            like: the leg before, whose request id it has.
            through_dcc: the target is the DCC although it is about a Device.
            stamp_us: when the record arrives; None: soon, at times after its answer.
            fields: others of the record.
        """
        target = device if device and not through_dcc else DCC
        request_id = like.request_id if like else self.scribe.request_id(user, target)
        subject = device or user
        record: Value = {
            "request_id": self.scribe.any_case(request_id), "received_at": self.scribe.instant(at_us), "srv": srv,
            "command_variant": variant,
        }  # fmt: skip
        if role and self.random.random() < 0.5:
            record["role"] = role
        if device:
            record["device"] = self.scribe.any_case(device)
        record |= {name: value for name, value in fields.items() if value is not None}
        late = not plain and self.random.random() < 0.03
        delay_us = self.random.randint(1, 7) * MINUTE_US if late else self.random.randint(0, 900_000)
        arrival_us = stamp_us if stamp_us is not None else at_us + delay_us
        key = self.scribe.key(subject, plain=plain, anything=True)
        if not self.scribe.is_undecided(str(record.get("execute_at") or record["received_at"]), srv):
            self.scribe.add("service-requests", key, arrival_us, record)
        simple = target != DCC or device is None
        return Asked(request_id, at_us, user, srv, device, subject, simple, record.get("role"), record)

    def answer(
        self, asked: Asked, at_us: int, code: str = "I0", kind: str | None = None, *, plain: bool = False,
        stamp_us: int | None = None, **fields: Any,  # noqa: ANN401 (fields of the record as they are)
    ) -> None:  # fmt: skip
        """Write a message sent back for a request."""
        record: Value = {
            "request_id": self.scribe.any_case(asked.request_id), "sent_at": self.scribe.instant(at_us), "code": code,
        }  # fmt: skip
        if kind or self.random.random() < 0.3:
            record["kind"] = kind or "response"
        told = asked.device is not None and self.random.random() < 0.8
        if told:
            record["device"] = self.scribe.any_case(asked.device or "")
        record |= {name: value for name, value in fields.items() if value is not None}
        # Without the Device, an EUI-64 as the key says where the message belongs, and it must be right.
        key = self.scribe.key(asked.subject, plain=plain or not (told or asked.simple), anything=told)
        arrival_us = stamp_us if stamp_us is not None else at_us + self.random.randint(0, 1_500_000)
        self.scribe.add("service-responses", key, arrival_us, record)

    def alert(
        self, at_us: int, code: str, recipient: str, device: str | None, *, plain: bool = False,
        alert_id: str | None = None, ended_us: int | None = None, outcome: str = "delivered",
        stamp_us: int | None = None, **fields: Any,  # noqa: ANN401 (fields of the record as they are)
    ) -> str:  # fmt: skip
        """Write an Alert whose delivery has ended; return its id."""
        self._alerts += 1
        name = alert_id or f"MADE{self._alerts:07d}"
        until_us = at_us + self.random.randint(200_000, 9_000_000) if ended_us is None else ended_us
        record: Value = {
            "alert_id": name, "kind": "dcc" if code[0] in "AN" else "device", "code": code,
            "recipient": self.scribe.any_case(recipient), "raised_at": self.scribe.instant(at_us),
            "ended_at": self.scribe.instant(until_us), "outcome": outcome,
        }  # fmt: skip
        if device:
            record["device"] = self.scribe.any_case(device)
        record |= {name: value for name, value in fields.items() if value is not None}
        subject = device or recipient
        key = self.scribe.key(subject, plain=plain, anything=True)
        arrival_us = until_us + self.random.randint(0, 900_000) if stamp_us is None else stamp_us
        self.scribe.add("alerts", key, arrival_us, record)
        return name

    def end(self, asked: Asked, at_us: int | None = None) -> None:
        """Let a request end as most do: acceptance, then a response of some kind."""
        dice = self.random.random()
        until_us = asked.at_us + self.random.randint(300_000, 90_000_000) if at_us is None else at_us
        if until_us > asked.at_us and dice < 0.8:
            self.answer(asked, asked.at_us + (until_us - asked.at_us) // 3, "I99", "acknowledgement")
        if dice < 0.78:
            self.answer(asked, until_us, device_result="success" if dice < 0.1 else None)
        elif dice < 0.88:
            self.answer(asked, until_us, self.random.choice(("E20", "E21", "E1007", "X7", "E999999")))
        elif dice < 0.93:
            self.answer(asked, until_us, "W110101")
        elif dice < 0.985:
            self.answer(asked, until_us, device_result="failure")
