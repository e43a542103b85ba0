"""The plots beside the rows of a table: together one figure on each page, described when its last row is known."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, TypeVar

from dcc_analytics.render.pdf.flow import Flow
from dcc_analytics.render.pdf.paper import box
from dcc_analytics.render.pdf.structure import FIGURE
from dcc_analytics.render.pdf.style import LEFT_MM, WIDTH_MM

Row = TypeVar("Row")


class Plots(Generic[Row]):
    """The plots of a table that is about to be drawn, over as many pages as it takes."""

    def __init__(self, flow: Flow, describe: Callable[[Sequence[Row]], str]) -> None:
        """Begin the figure of the current page.

        Args:
            flow: where the table will be.
            describe: says in words what the plots of some rows show.
        """
        self._flow = flow
        self._describe = describe
        self._holder = flow.paper.structure.innermost
        self.begin()

    def begin(self) -> None:
        """Begin the figure of another page; that of the page before must have been ended."""
        structure = self._flow.paper.structure
        with structure.within(self._holder):
            self._figure = structure.placed(FIGURE)
        self._rows: list[Row] = []
        self._top_mm = self._foot_mm = self._flow.y_mm

    @contextmanager
    def marks(self, height_mm: float, row: Row | None = None) -> Iterator[None]:
        """Draw a part of the figure from the flow's place down: a row's marks, or what belongs to none, as its key."""
        if row is not None:
            self._rows.append(row)
        self._foot_mm = self._flow.y_mm + height_mm
        with self._flow.paper.structure.within(self._figure):
            yield

    def end(self) -> None:
        """Describe the figure of the page."""
        with self._flow.paper.structure.within(self._figure):
            self._flow.paper.describe(self._figure, self._describe(self._rows))
        self._figure.box = box(LEFT_MM, self._top_mm, WIDTH_MM, self._foot_mm - self._top_mm)
