"""``dcca top``: the screens, and the program that holds them."""

from typing import ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import DataTable, Input, Static

from dcc_analytics.live.state import Now, UserDetail
from dcc_analytics.live.terminal.client import Client, State
from dcc_analytics.live.terminal.followed import Followed, titles
from dcc_analytics.live.terminal.grid import Grid
from dcc_analytics.live.terminal.tables import SORTS, detail_lines, detail_panes, everything, panes, users

_KEYS = "j k move  Enter User  / filter  s sort  1-5 pane  p pause  r interval  ? help  q end"
_KEYS_OF_A_USER = "j k move  1-6 pane  p pause  r interval  Esc back  ? help  q end"


class Everything(Followed):
    """All Members, and beneath them Regions, SRVs, reasons, Models and Incidents."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", show=False),
        Binding("s", "sort", show=False),
        Binding("escape", "all", show=False),
    ]

    def __init__(self, client: Client, interval_s: float) -> None:
        """Show what a server knows."""
        super().__init__(client, interval_s=interval_s)
        self.sort = "surprise"

    def compose(self) -> ComposeResult:
        """Lay it out in the order of the questions."""
        yield Static(id="band")
        yield Static(id="title", classes="title")
        yield Input(placeholder="Party, Role or name", id="filter")
        yield Grid("users")
        yield Static(id="panes", classes="title")
        yield Grid("pane")
        yield Static(_KEYS, id="keys")

    def on_mount(self) -> None:
        """Begin with the Members; Textual calls the base's of itself."""
        self.query_one("#filter").display = False
        self.query_one("#users").focus()

    def draw(self) -> None:
        """Draw Members and the chosen pane."""
        if not isinstance(self.state, Now):
            return
        table = users(self.state, self.sort, self.query_one(Input).value)
        heading = Text(f"{table.title}. {everything(self.state)}", style="bold", no_wrap=True, overflow="ellipsis")
        self.query_one("#title", Static).update(heading)
        self.query_one("#users", Grid).show(table)
        lower = panes(self.state)
        self.pane = min(self.pane, len(lower) - 1)
        names = [f"{each.title} {len(each.rows)}" for each in lower]
        self.query_one("#panes", Static).update(titles(names, self.pane, self.size.width))
        self.query_one("#pane", Grid).show(lower[self.pane])

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """Open the User of a row."""
        table = event.data_table
        if isinstance(table, Grid) and (table.id == "users" or self.pane == 0):
            party, _, role = table.key.rpartition("/")
            if party:
                _ = self.app.push_screen(OneUser(self._client, party, role, self.interval_s))

    def action_filter(self) -> None:
        """Ask for a filter."""
        self.query_one(Input).display = True
        self.query_one(Input).focus()

    def on_input_changed(self) -> None:
        """Filter while it is typed."""
        self.redraw()

    def on_input_submitted(self) -> None:
        """Go back to the Members, filtered."""
        self.query_one("#users").focus()

    def action_all(self) -> None:
        """Filter nothing."""
        self.query_one(Input).value = ""
        self.query_one(Input).display = False
        self.query_one("#users").focus()

    def action_sort(self) -> None:
        """Sort by the next."""
        names = list(SORTS)
        self.sort = names[(names.index(self.sort) + 1) % len(names)]
        self.redraw()


class OneUser(Followed):
    """One Member, with the figures of its coming pack."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", show=False)]

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield Static(id="band")
        yield Static(id="lines", classes="title")
        yield Static(id="panes", classes="title")
        yield Grid("pane")
        yield Static(_KEYS_OF_A_USER, id="keys")

    def on_mount(self) -> None:
        """Begin with the pane; Textual calls the base's of itself."""
        pane = self.query_one("#pane")
        pane.styles.height = "1fr"
        pane.focus()

    def draw(self) -> None:
        """Draw what is said of it and the chosen pane."""
        if not isinstance(self.state, UserDetail):
            return
        said = Text("\n".join(detail_lines(self.state)), no_wrap=True, overflow="ellipsis")
        self.query_one("#lines", Static).update(said)
        all_panes = detail_panes(self.state)
        self.pane = min(self.pane, len(all_panes) - 1)
        names = [each.title.partition(" ")[0] for each in all_panes]
        self.query_one("#panes", Static).update(titles(names, self.pane, self.size.width))
        self.query_one("#pane", Grid).show(all_panes[self.pane])

    def action_back(self) -> None:
        """Go back to all Members, where there are any to see."""
        if len(self.app.screen_stack) > 2:
            _ = self.dismiss()


class Top(App[str]):
    """The program."""

    TITLE = "dcca top"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Screen { layout: vertical; }
    #band { height: auto; max-height: 6; padding: 0 1; background: $panel; }
    .title { height: auto; padding: 0 1; }
    Grid { height: 1fr; }
    #pane { height: 7; }
    #filter { height: 1; border: none; padding: 0 1; }
    #filter:focus { border: none; }
    #keys { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
    .old #band { text-style: reverse; }
    .old Grid { text-opacity: 50%; }
    Help { align: center middle; }
    #help { width: auto; height: auto; padding: 0 1; border: solid $foreground; background: $panel; }
    """

    def __init__(self, client: Client, first: State, interval_s: float) -> None:
        """Show a server.

        Args:
            client: asks it.
            first: what it said when it was asked first, which tells whether all may be seen or one User.
            interval_s: between two drawings.
        """
        super().__init__()
        self._client = client
        self._first = first
        self._interval_s = interval_s

    def on_mount(self) -> None:
        """Show all Members, or the one that may be seen."""
        _ = self.push_screen(self._begin())

    def _begin(self) -> Screen[None]:
        if isinstance(self._first, UserDetail):
            user = self._first.user
            return OneUser(self._client, user.party, user.role, self._interval_s)
        return Everything(self._client, self._interval_s)
