"""Messages about one request as lines: the request in its shapes, and what comes back.

Now and then a message is sent twice, keyed in lower case, or stamped by a clock that is wrong, as the contract says
they are (sections 1, 3.4 and 3.10).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from dcc_analytics.simulator import fates
from dcc_analytics.simulator.nation import HOUR_MS, MINUTE_MS
from dcc_analytics.simulator.text import Lines, instant

_SEEN_AFTER_MS: Final = 40
_ACCEPTED_AFTER_MS: Final = 250
#: One in so many messages has a fault of its kind; primes, so that kinds of fault meet as chance has it.
_REPEATED_EVERY: Final = 1_009
_ANSWERED_TWICE_EVERY: Final = 1_013
_LOWER_CASE_EVERY: Final = 503
_WRONG_CLOCK_EVERY: Final = 2_003
_CANCELLED_EVERY: Final = 17
_INSTRUCTION_LOST_EVERY: Final = 29
_WARNING: Final = "W110101"
_ENDING_ALERTS: Final = ("N13", "N13", "N12", "N53")
YEAR_3000: Final = "3000-01-01T00:00:00.000Z"


@dataclass(frozen=True, slots=True)
class Told:
    """A request, and what all messages about it say.

    Attributes:
        request_id: its id.            at_ms: when the DCC received it.
        user: its originator.          srv: which.
        device: it is about, or None.  role: a JSON member with a comma before it, or nothing.
        parameters: likewise.          die: a number by chance, of which small things are decided.
    """

    request_id: str
    at_ms: int
    user: str
    srv: str
    device: str | None
    role: str
    parameters: str
    die: int

    @property
    def subject(self) -> str:
        """The key of its records."""
        return self.device or self.user


class Messages:
    """Where the messages of a day are written."""

    def __init__(self, lines: Lines, chance: np.random.Generator) -> None:
        self.chance = chance
        self._add = lines.add

    def request(self, told: Told, at_ms: int, variant: int, *, execute_at: str = "") -> None:
        """Write a request, or one of its two legs."""
        device = f',"device":"{told.device}"' if told.device else ""
        later = f',"execute_at":"{execute_at}"' if execute_at else ""
        fields = (
            f'"request_id":"{told.request_id}","received_at":"{instant(at_ms)}","srv":"{told.srv}",'
            f'"command_variant":{variant}{told.role}{device}{told.parameters}{later}'
        )
        self._add("service-requests", at_ms + _SEEN_AFTER_MS, told.subject, fields)
        if told.die % _REPEATED_EVERY == 0 and not later:
            self._add("service-requests", at_ms + 2_000, told.subject, fields)

    def answer(self, told: Told, at_ms: int, code: str, kind: str, *, more: str = "") -> None:
        """Write a message sent back."""
        device = f',"device":"{told.device}"' if told.device else ""
        fields = (
            f'"request_id":"{told.request_id}","sent_at":"{instant(at_ms)}","code":"{code}","kind":"{kind}"'
            f"{device}{more}"
        )
        self._add("service-responses", at_ms + _SEEN_AFTER_MS, told.subject, fields)

    def plain(self, told: Told, kind: int, took_ms: int, *, dated: bool) -> None:
        """Write a request that is accepted, and answered by its Device now or later."""
        if dated:
            self._dated_by_the_dcc(told, kind, took_ms)
            return
        self.request(told, told.at_ms, 1)
        self._end(told, told.at_ms, kind, took_ms)

    def critical(self, told: Told, kind: int, took_ms: int, *, dated: bool) -> None:
        """Write a request in two legs: the User signs the Pre-Command it gets for the first."""
        self.request(told, told.at_ms, 4)
        if kind == fates.REFUSED:
            self.answer(told, told.at_ms + 600, fates.REFUSALS[told.die % len(fates.REFUSALS)], "pre_command")
            return
        self.answer(told, told.at_ms + 600 + told.die % 900, "I0", "pre_command")
        signed_ms = told.at_ms + 3_000 + told.die % (5 * MINUTE_MS)
        if dated:
            self._dated_on_the_device(told, signed_ms, kind, took_ms)
            return
        self.request(told, signed_ms, 5)
        self._end(told, signed_ms, kind, took_ms)

    def by_the_dcc(self, told: Told, kind: int, *, answers: bool) -> None:
        """Write a request the DCC itself answers, or has done when it accepts it."""
        self.request(told, told.at_ms, 8)
        took_ms = 300 + told.die % 2_700
        if kind in {fates.REFUSED, fates.ERROR, fates.ON_DEVICE}:
            code = fates.REFUSALS[told.die % len(fates.REFUSALS)]
            self.answer(told, told.at_ms + took_ms, code, "acknowledgement")
        elif kind != fates.UNANSWERED:
            code, sort = ("I0", "response") if answers else ("I99", "acknowledgement")
            self.answer(told, told.at_ms + took_ms, code, sort)

    def _end(self, told: Told, begin_ms: int, kind: int, took_ms: int) -> None:
        """Write how a request to a Device is accepted or refused, and how it ends."""
        accepted_ms = begin_ms + _ACCEPTED_AFTER_MS + told.die % 120
        if kind == fates.REFUSED:
            self.answer(told, accepted_ms, fates.REFUSALS[told.die % len(fates.REFUSALS)], "acknowledgement")
            return
        self.answer(told, accepted_ms, "I99", "acknowledgement")
        if kind == fates.BY_ALERT:
            self._alert(told, begin_ms + took_ms)
        elif kind != fates.UNANSWERED:
            self._respond(told, begin_ms + took_ms, kind)

    def _respond(self, told: Told, at_ms: int, kind: int) -> None:
        code = "I0"
        if kind == fates.ERROR:
            code = fates.ERRORS[told.die % len(fates.ERRORS)]
        elif kind == fates.WARNING:
            code = _WARNING
        more = ',"device_result":"failure"' if kind == fates.ON_DEVICE else ""
        if told.die % _WRONG_CLOCK_EVERY == 0:
            self._answer_by_a_wrong_clock(told, at_ms, code, more)
        elif told.die % _LOWER_CASE_EVERY == 0 and told.device:
            self._answer_in_lower_case(told, at_ms, code, more)
        else:
            self.answer(told, at_ms, code, "response", more=more)
            if told.die % _ANSWERED_TWICE_EVERY == 0:
                self.answer(told, at_ms + 1_000, code, "response", more=more)

    def _answer_by_a_wrong_clock(self, told: Told, at_ms: int, code: str, more: str) -> None:
        fields = f'"request_id":"{told.request_id}","sent_at":"{instant(told.at_ms - 5_000)}","code":"{code}"{more}'
        self._add("service-responses", at_ms + _SEEN_AFTER_MS, told.subject, fields)

    def _answer_in_lower_case(self, told: Told, at_ms: int, code: str, more: str) -> None:
        fields = (
            f'"request_id":"{told.request_id.lower()}","sent_at":"{instant(at_ms)}","code":"{code}",'
            f'"device":"{told.subject}"{more}'
        )
        self._add("service-responses", at_ms + _SEEN_AFTER_MS, told.subject.lower(), fields)

    def _alert(self, told: Told, at_ms: int) -> None:
        """End a request by an Alert that names it."""
        device = f',"device":"{told.device}"' if told.device else ""
        fields = (
            f'"alert_id":"E{told.request_id[-16:]}","kind":"dcc","code":"{_ENDING_ALERTS[told.die % 4]}",'
            f'"recipient":"{told.user}","raised_at":"{instant(at_ms)}","ended_at":"{instant(at_ms + 900)}",'
            f'"outcome":"delivered"{told.role}{device},"request_id":"{told.request_id}"'
        )
        self._add("alerts", at_ms + 940, told.subject, fields)

    def _dated_by_the_dcc(self, told: Told, kind: int, took_ms: int) -> None:
        """Write a request the DCC keeps until it is due; one in so many is cancelled before."""
        execute_ms = told.at_ms + 6 * HOUR_MS + told.die % (48 * HOUR_MS)
        self.request(told, told.at_ms, 1, execute_at=instant(execute_ms))
        self.answer(told, told.at_ms + _ACCEPTED_AFTER_MS, "I99", "acknowledgement")
        if told.die % _CANCELLED_EVERY == 0:
            self._cancel(told, told.at_ms + HOUR_MS)
        elif kind == fates.BY_ALERT:
            self._alert(told, execute_ms + took_ms)
        elif kind not in {fates.UNANSWERED, fates.REFUSED}:
            self.answer(told, execute_ms + took_ms, "E30" if kind == fates.ERROR else "I0", "response")

    def _cancel(self, told: Told, at_ms: int) -> None:
        counter = int(told.request_id.rpartition(":")[2]) + 5 * 10**9
        other_id = f"{told.request_id.rpartition(':')[0]}:{counter}"
        cancelling = Told(other_id, at_ms, told.user, told.srv, told.device, told.role, told.parameters, told.die)
        self.request(cancelling, at_ms, 1, execute_at=YEAR_3000)
        self.answer(cancelling, at_ms + _ACCEPTED_AFTER_MS, "I99", "acknowledgement")

    def _dated_on_the_device(self, told: Told, signed_ms: int, kind: int, took_ms: int) -> None:
        """Write a request the Device keeps, and the outcomes of its instructions when it is due."""
        execute_ms = signed_ms + 6 * HOUR_MS + told.die % (72 * HOUR_MS)
        self.request(told, signed_ms, 5, execute_at=instant(execute_ms))
        self.answer(told, signed_ms + _ACCEPTED_AFTER_MS, "I99", "acknowledgement")
        if kind in {fates.UNANSWERED, fates.BY_ALERT}:
            return
        total = 1 + told.die % 3
        for number in range(1, total + 1):
            if number == total and told.die % _INSTRUCTION_LOST_EVERY == 0:
                return
            alert = "8F67" if kind in {fates.ERROR, fates.ON_DEVICE} and number == 1 else "8F66"
            more = f',"instruction":{{"number":{number},"total":{total},"alert":"{alert}"}}'
            self.answer(told, execute_ms + took_ms + number * 500, "I0", "future_dated", more=more)
