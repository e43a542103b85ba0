"""Cancellations: which future dated request each withdraws (contract 3.12; section 8, Ends).

A cancellation withdraws the newest future dated request of its originator, target and SRV that was received before it
and had not ended by then. What had ended by then may only be known later, since topics are read independently: so a
withdrawn leg whose end turns out to be earlier is freed, and its cancellation goes to the next; and a leg that an
Alert had ended takes its cancellation back when a response, which beats the Alert, ends it after all.
"""

from dcc_analytics.stream.legs import Leg
from dcc_analytics.stream.memory import Memory


class Cancellations:
    """Withdraws legs held in one shard's memory."""

    def __init__(self, memory: Memory) -> None:
        """Withdraw in ``memory``."""
        self._memory = memory

    def withdraw(self, request_id: str, srv: str, cancelled_us: int, stamp_us: int) -> None:
        """Withdraw the newest future dated request received before an instant and not ended by then.

        Args:
            request_id: of any request with the originator and target meant.
            srv: whose request is cancelled.
            cancelled_us: when the cancellation was received.
            stamp_us: the timestamp of the record that is being folded.
        """
        received = sorted(
            ((key, leg) for key, leg in self._memory.future_dated(request_id, srv) if leg.received_us < cancelled_us),
            key=lambda item: (item[1].received_us, item[0]),
            reverse=True,
        )
        for key, leg in received:
            if leg.cancelled_us is not None:
                continue
            if not _ended_by(leg, cancelled_us):
                leg.cancelled_us = cancelled_us
                self._memory.settle_later(key, leg, stamp_us)
                return
            if leg.outcome is None:  # by an Alert alone
                leg.spared_us = cancelled_us
                self._memory.legs.put(key, leg)

    def end_changed(self, key: str, leg: Leg, stamp_us: int) -> None:
        """Look again at what is withdrawn, now that more is known of a future dated leg's end."""
        cancelled_us, spared_us = leg.cancelled_us, leg.spared_us
        if cancelled_us is not None and _ended_by(leg, cancelled_us):
            leg.cancelled_us = None
            leg.spared_us = cancelled_us
            self.withdraw(key, leg.srv, cancelled_us, stamp_us)
        elif cancelled_us is None and spared_us is not None and not _ended_by(leg, spared_us):
            for other_key, other in self._memory.future_dated(key, leg.srv):
                if other.cancelled_us == spared_us:
                    other.cancelled_us = None
                    self._memory.legs.put(other_key, other)
            leg.cancelled_us = spared_us


def _ended_by(leg: Leg, instant_us: int) -> bool:
    outcome = leg.outcome or leg.by_alert
    return outcome is not None and outcome.ended_us is not None and outcome.ended_us <= instant_us
