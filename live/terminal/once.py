"""A state printed once, as tables that a pipe keeps whole."""

from rich.console import Console
from rich.table import Table as Drawn
from rich.text import Text

from dcc_analytics.live.state import Now
from dcc_analytics.live.terminal.client import State
from dcc_analytics.live.terminal.tables import Table, detail_lines, detail_panes, everything, panes, users
from dcc_analytics.live.terminal.words import band


def print_state(state: State, console: Console) -> None:
    """Print a state, trust first."""
    for line in band(state.trust, 0.0):
        console.print(Text(line), soft_wrap=True)
    lines = [everything(state)] if isinstance(state, Now) else detail_lines(state)
    for line in lines:
        console.print(Text(line), soft_wrap=True)
    for table in [users(state), *panes(state)] if isinstance(state, Now) else detail_panes(state):
        console.print()
        if table.rows:
            console.print(drawn(table))
        else:
            console.print(Text(f"{table.title}: none"))


def drawn(table: Table) -> Drawn:
    """Return a pane as rich draws it."""
    made = Drawn(title=table.title, title_justify="left", box=None, pad_edge=False)
    for column in table.columns:
        made.add_column(column.heading, justify="right" if column.right else "left", no_wrap=True)
    for row in table.rows:
        made.add_row(*(Text(cell) for cell in row))
    return made
