"""States made at most every half second, and told to whoever subscribed; who reads too slowly is let go.

A state is encoded once for all. A subscriber has a queue of a few messages; when it is full its reader is slower than
the changes, and is dropped rather than waited for: it comes back with the id it had last, and gets what it missed or,
after a while, everything.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Final

import msgspec

from dcc_analytics.live.changes import change
from dcc_analytics.live.detail import Details
from dcc_analytics.live.follow import now_us
from dcc_analytics.live.model import Model
from dcc_analytics.live.packed import Message
from dcc_analytics.live.state import Now, UserDetail
from dcc_analytics.live.trust import Trust
from dcc_analytics.live.view import Viewer
from dcc_analytics.snapshot.members import Member

log = logging.getLogger("dcca.live")

#: Between two states.
EVERY_S: Final = 0.5
#: A state of a large nation takes a while to make: for so many times as long nothing is made, and requests answered.
IDLE: Final = 2
#: Without anything new the ages are told this often.
AGES_EVERY_S: Final = 1.0
#: Messages a subscriber may have waiting: some four seconds'. One less is kept for those who come back.
WAITING: Final = 8

_encode: Final = msgspec.json.Encoder().encode


def event(name: str, state: str, data: bytes) -> Message:
    r"""Return a server-sent event.

    >>> event("now", "a-1", b"{}").plain
    b'event: now\nid: a-1\ndata: {}\n\n'
    """
    return Message.of(b"event: %s\nid: %s\ndata: %s\n\n" % (name.encode(), state.encode(), data))


class Subscriber:
    """Someone who reads the stream.

    Attributes:
        messages: for it.
        dropped: whether it was let go for reading too slowly.
    """

    def __init__(self, member: Member | None, on_drop: Callable[[], None]) -> None:
        """Subscribe for everything, or for one Member; ``on_drop`` is called when it is let go."""
        self.member = member
        self.messages: asyncio.Queue[Message] = asyncio.Queue(WAITING)
        self.dropped = False
        self._on_drop = on_drop

    def send(self, message: Message) -> bool:
        """Put a message in its queue; return False and let it go when that is full."""
        if self.dropped:
            return False
        try:
            self.messages.put_nowait(message)
        except asyncio.QueueFull:
            self.dropped = True
            self._on_drop()
            return False
        return True


def _log_status(before: Trust, after: Trust) -> None:
    """Log that what is seen can be trusted less or more than before: a log tells it when nobody looks."""
    if before.status != after.status:
        why = ",".join(reason.code for reason in after.reasons) or "-"
        log.log(
            logging.INFO if after.status == "current" else logging.WARNING,
            "status is=%s was=%s why=%s", after.status, before.status, why,
        )  # fmt: skip


class Publisher:
    """Makes states and tells them.

    Attributes:
        state: the newest.
        subscribers: who reads.
        dropped: how many were let go so far.
    """

    def __init__(self, model: Model, viewer: Viewer, details: Details) -> None:
        """Publish a model."""
        self._model = model
        self._viewer = viewer
        self._details = details
        self._begun = f"{time.time_ns() // 1_000_000:x}"
        self._number = 0
        self._seen = -1
        self._kept: deque[tuple[str, Message]] = deque(maxlen=WAITING - 1)
        self.subscribers: set[Subscriber] = set()
        self.dropped = 0
        self.state = self._make()
        self.encoded = _encode(self.state)
        self._made_s = time.monotonic()

    def _make(self) -> Now:
        self._number += 1
        self._seen = self._model.changes
        return self._viewer.now(now_us(), f"{self._begun}-{self._number}")

    async def run(self) -> None:
        """Publish until cancelled."""
        while True:
            began_s = time.monotonic()
            self.tick()
            await asyncio.sleep(max(EVERY_S, IDLE * (time.monotonic() - began_s)))

    def tick(self) -> None:
        """Make a state if there is anything new to tell, and tell it."""
        if self._seen == self._model.changes and time.monotonic() - self._made_s < AGES_EVERY_S and self._is_so_still():
            return
        before, self.state = self.state, self._make()
        self._made_s = time.monotonic()
        self.encoded = _encode(self.state)
        _log_status(before.trust, self.state.trust)
        message = event("change", self.state.id, _encode(change(before, self.state)))
        self._kept.append((before.id, message))
        parts: dict[Member, Message | None] = {}
        for each in list(self.subscribers):
            if each.member is None:
                self._tell(each, message)
            else:
                if each.member not in parts:
                    parts[each.member] = self._part(each.member)
                self._tell(each, parts[each.member])

    def _is_so_still(self) -> bool:
        """Return whether the status is what was told: time alone makes it another, and that can't wait for an age."""
        return self._viewer.trust(now_us()).status == self.state.trust.status

    def _tell(self, to: Subscriber, message: Message | None) -> None:
        if message is not None and not to.send(message):
            self.subscribers.discard(to)
            self.dropped += 1

    def detail(self, member: Member) -> UserDetail | None:
        """Return a Member's part of the newest state; None for one nobody knows."""
        return self._details.of(member, now_us(), self.state.id)

    def _part(self, member: Member) -> Message | None:
        found = self.detail(member)
        return None if found is None else event("user", found.id, _encode(found))

    def subscribe(self, subscriber: Subscriber, last_id: str) -> None:
        """Begin to tell someone: what it missed since it had a state, or everything when that is too long ago.

        Args:
            subscriber: who.
            last_id: of the state it had; empty for none.
        """
        for message in self._beginning(subscriber, last_id):
            self._tell(subscriber, message)
        if not subscriber.dropped:
            self.subscribers.add(subscriber)

    def _beginning(self, subscriber: Subscriber, last_id: str) -> list[Message | None]:
        if subscriber.member is not None:
            return [self._part(subscriber.member)]
        if last_id == self.state.id:
            return []
        missed = [number for number, (before, _) in enumerate(self._kept) if before == last_id]
        if missed:
            return [message for _, message in list(self._kept)[missed[0] :]]
        return [event("now", self.state.id, self.encoded)]
