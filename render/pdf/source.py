"""The line below a figure: the file it is drawn from, and what of it is only there."""

from dcc_analytics.render.pdf.flow import Flow
from dcc_analytics.render.pdf.style import MUTED, SMALL_PT
from dcc_analytics.render.pdf.words import plural


def draw_source(flow: Flow, file_name: str, *, more: int = 0, one: str = "row", many: str = "") -> None:
    """Write it.

    Args:
        flow: where.
        file_name: of the file beside the pack.
        more: how many of what the figure has are left out of it.
        one: what one of them is.
        many: what several are, if not that with an s.
    """
    rest = f"; {plural(more, f'more {one}', many and f'more {many}')} there" if more > 0 else ""
    flow.space(1)
    flow.paragraph(f"From {file_name}{rest}.", size_pt=SMALL_PT, colour=MUTED)
