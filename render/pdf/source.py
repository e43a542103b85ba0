"""The line below a figure: the file it is drawn from, and what of it is only there."""

from dcc_analytics.render.pdf.flow import Flow
from dcc_analytics.render.pdf.said import counted, named, said
from dcc_analytics.render.pdf.sources import Source
from dcc_analytics.render.pdf.style import MUTED, SMALL_PT


def draw_source(
    flow: Flow, file: str, *, more: int = 0, shown: int = 0, of: str = "count(*)", where: str = "", one: str = "row",
    many: str = "",
) -> None:  # fmt: skip
    """Write it.

    Args:
        flow: where.
        file: the name of the file beside the pack, without ``.csv``.
        more: how many of what the figure has are left out of it.
        shown: how many it shows.
        of: all of them, as SQL over the file.
        where: of which rows.
        one: what one of them is.
        many: what several are, if not that with an s.
    """
    left = counted(more, f"more {one}", Source(file, where, f"{of} - {shown}"), many and f"more {many}")
    rest = said("; {} there", left) if more > 0 else ""
    flow.space(1)
    flow.paragraph(said("From {}{}.", named(f"{file}.csv"), rest), size_pt=SMALL_PT, colour=MUTED)
