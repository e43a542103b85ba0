"""Cancellations: which future dated request each withdraws (contract 3.12; section 8, Ends).

A cancellation withdraws the newest future dated request of its originator, target and SRV that was received before it
and had not ended by then. Topics are read independently and a record may come late by ``strays``, so what is known of
requests, ends and cancellations may change in any order: with each change the whole is decided anew for the originator,
target and SRV concerned, the cancellations in the order in which they were received. They are few.
"""

from dcc_analytics.stream.events import Request
from dcc_analytics.stream.legs import TRANSFORM_VARIANT, Cancellation, Leg
from dcc_analytics.stream.memory import CANCELLING_US, Memory


class Cancellations:
    """Withdraws legs held in one shard's memory."""

    def __init__(self, memory: Memory) -> None:
        """Withdraw in ``memory``."""
        self._memory = memory

    def read(self, key: str, event: Request, stamp_us: int) -> None:
        """Take in a cancelling request; its command leg withdraws another, neither leg is a request itself."""
        srv = "" if event.command_variant == TRANSFORM_VARIANT else event.srv
        self._memory.cancel(key, Cancellation(event.received_us, srv), stamp_us + CANCELLING_US)
        self.decide(event.request_id, srv, stamp_us)

    def decide(self, request_id: str, srv: str, stamp_us: int) -> None:
        """Decide anew which future dated legs are withdrawn.

        Args:
            request_id: of any request with the originator and target meant.
            srv: whose requests.
            stamp_us: the timestamp of the record that is being folded.
        """
        memory = self._memory
        instants = sorted(each.received_us for _, each in memory.cancelling(request_id, srv) if not each.used)
        if not instants:
            return
        legs = sorted(
            memory.future_dated(request_id, srv), key=lambda item: (item[1].received_us, item[0]), reverse=True
        )
        withdrawn: dict[str, int] = {}
        for cancelled_us in instants:
            for key, leg in legs:
                if key not in withdrawn and leg.received_us < cancelled_us and not _ended_by(leg, cancelled_us):
                    withdrawn[key] = cancelled_us
                    break
        for key, leg in legs:
            if leg.cancelled_us != withdrawn.get(key):
                leg.cancelled_us = withdrawn.get(key)
                memory.settle_later(key, leg, stamp_us)

    def finished(self, request_id: str, leg: Leg) -> None:
        """Note that a withdrawn leg is settled: its cancellation withdraws no other."""
        for key, each in self._memory.cancelling(request_id, leg.srv):
            if not each.used and each.received_us == leg.cancelled_us:
                self._memory.use_cancellation(key)
                return


def _ended_by(leg: Leg, instant_us: int) -> bool:
    outcome = leg.outcome or leg.by_alert
    return outcome is not None and outcome.ended_us is not None and outcome.ended_us <= instant_us
