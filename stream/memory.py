"""What a shard remembers between events, and for how long.

Every map here is written to the ledger by its changes and read back by them; the indexes are derived.
"""

import heapq
from collections.abc import Iterator
from hashlib import blake2b
from typing import Final

from dcc_analytics.catalogue.service_requests import time_out_us
from dcc_analytics.stream.events import Parameters
from dcc_analytics.stream.identity import originator_of, target_of
from dcc_analytics.stream.instants import DAY_US, HOUR_US, MINUTE_US
from dcc_analytics.stream.keyed import Keyed
from dcc_analytics.stream.legs import NO_RESPONSE, Cancellation, End, Ended, Leg, Outcome
from dcc_analytics.stream.timed import Timed

#: For so long a record may be younger than the clock: one topic is read ten minutes ahead of another at most, event
#: times are up to five ahead of their timestamps, and there is some to spare.
SPARED_US: Final = 30 * MINUTE_US
#: An Alert seen again within so long of the last one kept is a repeat (contract 3.10).
ALERT_REPEAT_US: Final = 10 * MINUTE_US
#: A request seen again within so long of its leg's end is a repeat (docs/adr/0010).
REPEAT_US: Final = DAY_US
#: What is told again is known by the timestamps of its records for an hour longer, in which they may be under way.
KNOWN_US: Final = REPEAT_US + HOUR_US
#: Firmware delivery statuses name their 11.1 hub by hub for weeks; 11.1 is rare and its ends cost little.
FIRMWARE_SRV: Final = "11.1"
FIRMWARE_MEMORY_US: Final = 40 * DAY_US
#: What has no request is held for seven days of the stream's clock (contract 3.9).
WAITING_US: Final = 7 * DAY_US
#: A User may take its time to sign a Pre-Command, and no clause says how much; parameters are few and small.
FIRST_LEG_US: Final = 40 * DAY_US
#: The request a cancellation withdraws may be read after it.
CANCELLING_US: Final = 8 * DAY_US
#: Long enough that an answer to a leg of a final month is known to be late and not taken for unmatched.
CLOSED_US: Final = 62 * DAY_US

Pair = tuple[str, str, str]


class Memory:
    """The maps of one shard.

    Attributes:
        legs: legs that are open or whose outcome may still change, by leg key.
        ended: ends of the last day, by leg key.
        cancellations: cancelling requests, by leg key.
        waiting: ends whose request has not been read, by leg key, in the order read.
        first_parameters: parameters of transform legs, by request id.
        first_executions: when what transform legs ask is to be executed, and whether that cancels, by request id.
        scheduled: scheduled results of the last day, by 16-byte hash.
        alerts: end of the last Alert kept, by alert id, for a day.
        closed: start of legs of final months that never were answered, by leg key.
    """

    def __init__(self) -> None:
        """Remember nothing."""
        self.legs: Keyed[str, Leg] = Keyed()
        self.ended: Timed[str, Ended] = Timed(SPARED_US)
        self.cancellations: Timed[str, Cancellation] = Timed(SPARED_US)
        self.waiting: Timed[str, list[End]] = Timed()
        self.first_parameters: Timed[str, Parameters] = Timed(SPARED_US)
        self.first_executions: Timed[str, tuple[int, bool]] = Timed(SPARED_US)
        self.scheduled: Timed[bytes, bool] = Timed(SPARED_US)
        self.alerts: Timed[str, int] = Timed(SPARED_US)
        self.closed: Timed[str, int] = Timed(SPARED_US)
        #: The maps whose entries simply go when they are due; ``waiting`` is counted when it goes.
        self.forgetting = (
            self.ended,
            self.cancellations,
            self.first_parameters,
            self.first_executions,
            self.scheduled,
            self.alerts,
            self.closed,
        )
        self._future_dated: dict[Pair, list[str]] = {}
        self._cancelling: dict[Pair, list[str]] = {}
        self._settling: list[tuple[int, str]] = []

    def restore(self, clock_us: int) -> None:
        """Derive indexes and the order of forgetting after the maps were read back at a clock."""
        for timed in (self.waiting, *self.forgetting):
            timed.restore(clock_us)
        self._future_dated, self._cancelling, self._settling = {}, {}, []
        for key, leg in self.legs.data.items():
            if leg.future_dated:
                self._future_dated.setdefault(_pair(key, leg.srv), []).append(key)
            if leg.settles_us is not None:
                self._settling.append((leg.settles_us, key))
        heapq.heapify(self._settling)
        for key, (_, cancellation) in self.cancellations.data.items():
            self._cancelling.setdefault(_pair(key, cancellation.srv), []).append(key)

    # -- legs ----------------------------------------------------------------------------------------------

    def open(self, key: str, leg: Leg) -> None:
        """Hold a leg."""
        self.legs.put(key, leg)
        if leg.future_dated:
            self._future_dated.setdefault(_pair(key, leg.srv), []).append(key)

    def shut(self, key: str, leg: Leg) -> None:
        """Hold a leg no longer."""
        self.legs.drop(key)
        if leg.future_dated:
            keys = self._future_dated[_pair(key, leg.srv)]
            keys.remove(key)
            if not keys:
                del self._future_dated[_pair(key, leg.srv)]

    def settle_later(self, key: str, leg: Leg, now_us: int) -> None:
        """Note a change of a leg that becomes definite when the clock is well past now.

        One that was withdrawn without an answer is held as long as an end is remembered, so that whether what still
        comes for it is a first end or a second does not hang on how far the clocks were known. Of several changes the
        one that is definite first counts.
        """
        due_us = now_us + SPARED_US + (REPEAT_US if leg.outcome is None else 0)
        if leg.outcome is None and leg.cancelled_us is None:
            leg.settles_us = None  # the withdrawal was taken back
        elif leg.settles_us is None or due_us < leg.settles_us:
            leg.settles_us = due_us
            heapq.heappush(self._settling, (due_us, key))
        self.legs.put(key, leg)

    def settling(self, clock_us: int) -> Iterator[tuple[str, Leg]]:
        """Yield the legs held whose end or withdrawal has become definite."""
        while self._settling and self._settling[0][0] <= clock_us:
            due_us, key = heapq.heappop(self._settling)
            leg = self.legs.get(key)
            if leg is not None and leg.settles_us == due_us:
                yield key, leg

    def future_dated(self, request_id: str, srv: str) -> Iterator[tuple[str, Leg]]:
        """Yield the future dated legs held of a request's originator, target and SRV."""
        for key in self._future_dated.get(_pair(request_id, srv), ()):
            yield key, self.legs.data[key]

    def cancel(self, key: str, cancellation: Cancellation, until_us: int) -> None:
        """Remember a cancelling request."""
        self.cancellations.remember(key, cancellation, until_us)
        self._cancelling.setdefault(_pair(key, cancellation.srv), []).append(key)

    def use_cancellation(self, key: str) -> None:
        """Note that the leg a cancellation withdrew is settled."""
        until_us, cancellation = self.cancellations.data[key]
        self.cancellations.put(key, (until_us, Cancellation(cancellation.received_us, cancellation.srv, used=True)))

    def cancelling(self, request_id: str, srv: str) -> list[tuple[str, Cancellation]]:
        """Return the cancellations remembered of a request's originator, target and SRV."""
        pair = _pair(request_id, srv)
        keys = [key for key in self._cancelling.get(pair, ()) if key in self.cancellations]
        if keys:
            self._cancelling[pair] = keys
        else:
            self._cancelling.pop(pair, None)
        return [(key, self.cancellations.data[key][1]) for key in keys]

    def unsettled(self, clock_us: int, *, before_us: int) -> Iterator[tuple[str, Leg, Outcome | None]]:
        """Yield the legs held that start before an instant, with their outcome as the clock stands.

        The outcome is None while a leg is open: within its time-out, without response or Alert (contract 3.7).
        Withdrawn legs are left out: they are no round trips.
        """
        for key, leg in self.legs.data.items():
            if leg.start_us >= before_us or leg.cancelled_us is not None:
                continue
            outcome = leg.outcome or leg.by_alert
            if outcome is None and clock_us > leg.start_us + time_out_us(leg.srv):
                outcome = Outcome(succeeded=False, reason=NO_RESPONSE, ended_us=None)
            yield key, leg, outcome

    def remember_end(self, key: str, leg: Leg, ended_us: int, now_us: int) -> None:
        """Remember that a leg has ended, so that what still comes for it is known."""
        known_us = FIRMWARE_MEMORY_US if leg.srv == FIRMWARE_SRV else REPEAT_US
        ended = Ended(ended_us, leg.command_variant, ended_us + known_us)
        self.ended.remember(key, ended, now_us + known_us + HOUR_US)

    # -- what waits and what is over -----------------------------------------------------------------------

    def wait(self, key: str, end: End, now_us: int) -> None:
        """Hold an end whose request has not been read."""
        _, ends = self.waiting.get(key) or (0, [])
        ends.append(end)
        self.waiting.remember(key, ends, now_us + WAITING_US)

    def first_of_schedule(self, identity: str, now_us: int) -> bool:
        """Return whether a scheduled result is seen for the first time, and remember it."""
        digest = blake2b(identity.encode(), digest_size=16).digest()
        if self.scheduled.value(digest, now_us):
            return False
        self.scheduled.remember(digest, value=True, until_us=now_us + KNOWN_US)
        return True


def _pair(request_id: str, srv: str) -> Pair:
    return originator_of(request_id), target_of(request_id), srv
