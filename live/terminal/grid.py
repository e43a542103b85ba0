"""A pane on the screen: rows are changed where they stand, so that nobody's place in it is lost."""

from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

from dcc_analytics.live.terminal.tables import Column, Table


class Grid(DataTable[Text]):
    """Shows one ``Table`` at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
    ]

    def __init__(self, name: str) -> None:
        """Make an empty one whose id is ``name``."""
        super().__init__(id=name, cursor_type="row", zebra_stripes=False, cell_padding=1)
        self._shown: Table | None = None

    @property
    def key(self) -> str:
        """What the row under the cursor is; empty without rows."""
        if self._shown is None or not 0 <= self.cursor_row < len(self._shown.keys):
            return ""
        return self._shown.keys[self.cursor_row]

    def show(self, table: Table) -> None:
        """Show a table; the cursor stays on what it was on."""
        before, key = self._shown, self.key
        if before is not None and before.columns == table.columns and before.keys == table.keys:
            self._change(before, table)
        else:
            top = self.scroll_y if before is not None and before.columns == table.columns else 0
            self._draw(table)
            if key in table.keys:
                self.move_cursor(row=list(table.keys).index(key), scroll=False)
            self.scroll_to(y=top, animate=False)
        self._shown = table

    def _change(self, before: Table, after: Table) -> None:
        for row, (old, new) in enumerate(zip(before.rows, after.rows, strict=True)):
            for at, column in enumerate(after.columns):
                if old[at] != new[at]:
                    self.update_cell_at((row, at), _cell(new[at], column), update_width=column.width is None)  # type: ignore[arg-type]

    def _draw(self, table: Table) -> None:
        self.clear(columns=True)
        for column in table.columns:
            self.add_column(_cell(column.heading, column), width=column.width)
        for row in table.rows:
            self.add_row(*(_cell(cell, column) for cell, column in zip(row, table.columns, strict=True)))


def _cell(text: str, column: Column) -> Text:
    return Text(text, justify="right" if column.right else "left", no_wrap=True, overflow="ellipsis")
