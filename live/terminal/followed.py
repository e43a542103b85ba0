"""A screen that follows: it says at once when there is nothing to follow, and draws no more often than is wanted."""

import contextlib
import time
from datetime import UTC, datetime
from typing import ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from dcc_analytics.catalogue.errors import LiveError
from dcc_analytics.live.terminal.client import Client, Lost, State
from dcc_analytics.live.terminal.words import band, doubtful

#: Seconds between two drawings, as the key ``r`` goes through them.
INTERVALS: Final = (0.5, 1.0, 2.0, 5.0, 10.0)
#: Ages grow, and a connection is seen to be lost, without anything being told.
_TICK_S: Final = 0.25
_HELP: Final = """\
j k, arrows  move                  /      filter Users
Tab          other pane            s      sort Users by the next column
1 to 6       choose the lower pane p      pause, and go on
Enter        the User of the row   r      draw every 0.5, 1, 2, 5, 10 s
Esc          back, or no filter    q      end
?            this; any key closes it

surpr: -log10 of the chance of such an hour; from 3 on it is unusual.
usual: failure rate of the same hour of the weeks before.
≈: an estimate. Times are UTC."""


class Followed(Screen[None]):
    """Follows a server and keeps the newest state.

    Attributes:
        state: the newest; None before the first.
        lost_at: since when there is no connection, UTC; None while there is one.
        paused: whether figures stand still.
        interval_s: between two drawings of them.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "pause", show=False),
        Binding("r", "interval", show=False),
        Binding("question_mark", "help", show=False),
        Binding("q", "app.quit", show=False),
        *(Binding(str(number), f"pane({number - 1})", show=False) for number in range(1, 7)),
    ]

    def __init__(self, client: Client, party: str = "", role: str = "", interval_s: float = INTERVALS[1]) -> None:
        """Follow everything, or one Member."""
        super().__init__()
        self._client = client
        self._party = party
        self._role = role
        self._received_s = self._drawn_s = 0.0
        self._drawn_id = ""
        self.state: State | None = None
        self.lost_at: datetime | None = None
        self.paused = False
        self.interval_s = interval_s
        self.pane = 0

    def on_mount(self) -> None:
        """Begin."""
        self.run_worker(self._follow(), exclusive=True)
        self.set_interval(_TICK_S, self.tick)

    async def _follow(self) -> None:
        try:
            async with contextlib.aclosing(self._client.follow(self._party, self._role)) as told:
                async for heard in told:
                    if isinstance(heard, Lost):
                        self.lost_at = self.lost_at or datetime.now(UTC)
                    else:
                        if self.state is None or self.state.id != heard.id:
                            self._received_s = time.monotonic()
                        self.state, self.lost_at = heard, None
                    self.tick()
        except LiveError as refused:
            self.app.exit(str(refused))

    def tick(self) -> None:
        """Say how old what is shown is; draw it when there is newer."""
        # Textual takes a screen's widgets away before it cancels what follows for it; display is false from then on.
        if not (self.is_mounted and self.display):
            return
        self._say()
        now_s = time.monotonic()
        due = now_s - self._drawn_s >= self.interval_s - _TICK_S / 2
        if self.state is not None and self.state.id != self._drawn_id and due and not self.paused:
            self._drawn_s, self._drawn_id = now_s, self.state.id
            self.draw()

    def _say(self) -> None:
        state = self.state
        lines = [] if state is None else band(state.trust, time.monotonic() - self._received_s)
        if self.lost_at is not None:
            lines = [f"NO CONNECTION since {self.lost_at:%H:%M:%S} UTC, trying again; figures below are old", *lines]
        if self.paused:
            lines = ["PAUSED: figures stand still, p goes on", *lines]
        doubt = self.lost_at is not None or state is None or doubtful(state.trust)
        self.set_class(doubt or self.paused, "old")
        self.query_one("#band", Static).update(
            Text("\n".join(lines or ["connecting"]), no_wrap=True, overflow="ellipsis")
        )

    def draw(self) -> None:
        """Draw the newest state."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Draw what is there anew, as another order or pane was asked for."""
        if self.state is not None:
            self.draw()

    def action_pause(self) -> None:
        """Let figures stand still, or go on."""
        self.paused = not self.paused
        self._drawn_id = ""
        self.tick()

    def action_interval(self) -> None:
        """Take the next interval."""
        later = [each for each in INTERVALS if each > self.interval_s]
        self.interval_s = later[0] if later else INTERVALS[0]
        self.notify(f"drawn every {self.interval_s:g} s", timeout=2)

    def action_pane(self, pane: int) -> None:
        """Choose the lower pane."""
        self.pane = pane
        self.redraw()

    def action_help(self) -> None:
        """Say what the keys do."""
        _ = self.app.push_screen(Help())


class Help(ModalScreen[None]):
    """What the keys do."""

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield Static(Text(_HELP), id="help")

    def on_key(self) -> None:
        """Close it."""
        _ = self.dismiss()


def titles(names: list[str], chosen: int, width: int) -> Text:
    """Return the line that names panes by their digits; the chosen one in brackets, which needs no colour."""
    parts = (f"[{at} {name}]" if at == chosen + 1 else f" {at} {name} " for at, name in enumerate(names, 1))
    line = Text("".join(parts), no_wrap=True, overflow="ellipsis", style="bold")
    line.truncate(width)
    return line
