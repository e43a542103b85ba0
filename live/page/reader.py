"""Who looks at a page: when it is due to be told something, and what. Pure."""

from typing import Final

from dcc_analytics.live.packed import Message
from dcc_analytics.live.page.asked import Asked
from dcc_analytics.live.page.parts import Messages, Shown, Update, event
from dcc_analytics.live.trust import Status

#: A page hears something so often, or knows that the connection is lost (``live.js`` waits four seconds).
ALIVE_S: Final = 1.5
#: Of an interval: states come twice a second, and one that comes a little early is not left for the next.
_EARLY_S: Final = 0.1
_ALIVE: Final = Message.of(b"event: alive\ndata:\n\n")


class Reader:
    """One page that is open."""

    def __init__(self, asked: Asked, messages: Messages, began_s: float) -> None:
        """Open a page that shows nothing yet.

        Args:
            asked: the view.
            messages: shared with those who look at the same.
            began_s: by a clock that only goes on.
        """
        self._asked = asked
        self._messages = messages
        self._shown: Shown | None = None
        self._told_s = self._heard_s = began_s

    def is_due(self, state: str, status: Status, now_s: float) -> bool:
        """Return whether a state is to be told: in turn; at once if it is the first, or its status is another."""
        if self._shown is None:
            return True
        if state == self._shown.id:
            return False
        in_turn = not self._asked.paused and now_s - self._told_s >= self._asked.every_s - _EARLY_S
        return in_turn or status != self._shown.status

    def told(self, new: Shown, now_s: float) -> Message:
        """Return what leads to what is to be shown; a page that is paused is told what is wrong, and nothing else."""
        if self._asked.paused and self._shown is not None:
            message = event("update", Update(new.id, new.status, new.says, {"trust": new.sections["trust"]}))
        else:
            message = self._messages.between(self._shown, new)
        self._shown, self._told_s, self._heard_s = new, now_s, now_s
        return message

    def alive(self, now_s: float) -> Message | None:
        """Return a sign of life when one is due."""
        if now_s - self._heard_s < ALIVE_S:
            return None
        self._heard_s = now_s
        return _ALIVE
