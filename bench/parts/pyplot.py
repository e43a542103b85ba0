"""The yardstick of rendering: the figures of packs as most reports draw them, by pyplot, as PNG images on pages.

It draws of a Member what ``pack.pdf`` and ``annex.pdf`` draw of its round trips: its rows among peers, its Round Trip
Times, the days of every process; of every SRV with enough outcomes its days, a figure for each panel of a split, and
its heat grid. It writes no tables and no words but those of the figures, so that it has less to do.
"""

import time
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import polars as pl
from fpdf import FPDF
from matplotlib import pyplot as plt

from bench.figures import Figure
from bench.processes import in_own_process
from bench.run import Run, say
from dcc_analytics.render.pdf.figures import ENOUGH_OUTCOMES, PackFigures, ServiceRow
from dcc_analytics.render.pdf.fonts import FontFolder
from dcc_analytics.render.pdf.pack import compose
from dcc_analytics.render.pdf.row_sums import SPLITS, RowSums
from dcc_analytics.render.pdf.sums import Part, parts
from dcc_analytics.render.snapshot_folder import SnapshotFolder

#: Members whose packs are drawn both ways: those with the most rows.
MEMBERS: Final = 2
#: Rows of a figure, as many as a page of a pack has.
ROWS: Final = 25
DPI: Final = 150
_INCHES: Final = (7.3, 9.5)
_DAILY_INCHES: Final = (7.3, 5.0)
_PANEL_INCHES: Final = (1.6, 0.8)
_GRID_INCHES: Final = (4.0, 1.6)


def measure(run: Run) -> list[Figure]:
    _ = run.frozen
    say("drawing packs, and their figures by pyplot")
    snapshot = str(run.snapshots / run.month)
    found = in_own_process("bench.parts.pyplot", snapshot=snapshot, work=str(run.folder / "fonts"))
    return [
        Figure("pyplot", "packs drawn", found["packs"] / found["ours_s"], "packs/s"),
        Figure("pyplot", "their figures by pyplot and PNG", found["packs"] / found["pyplot_s"], "packs/s"),
        Figure("pyplot", "their two PDFs, a pack", found["ours_bytes"] / found["packs"] / 1e6, "MB"),
        Figure("pyplot", "its figures as PNG", found["pyplot_bytes"] / found["packs"] / 1e6, "MB"),
    ]


def measured(snapshot: str, work: str) -> dict[str, float]:
    """Draw packs both ways; return the seconds of CPU each took, and the bytes."""
    mpl.use("Agg")
    Path(work).mkdir()
    opened, fonts = SnapshotFolder.open(Path(snapshot)), FontFolder.make(Path(work))
    read = [PackFigures.read(opened, member) for member in opened.members()]
    packs = sorted(read, key=lambda each: -len(each.rows))[:MEMBERS]
    found: dict[str, float] = {"packs": len(packs)}
    for name, draw in (("pyplot", figures_by_pyplot), ("ours", lambda each: _ours(each, fonts))):
        draw(packs[0])  # what is loaded and cached at first is not counted of either
        began = time.process_time()
        found[f"{name}_bytes"] = sum(len(draw(each)) for each in packs)
        found[f"{name}_s"] = time.process_time() - began
    return found


def _ours(pack: PackFigures, fonts: FontFolder) -> bytes:
    drawn = compose(pack, fonts)
    return drawn.data + (drawn.annex.data if drawn.annex else b"")


def figures_by_pyplot(pack: PackFigures) -> bytes:
    """Return a PDF with a figure on each page."""
    pdf = FPDF()
    for png in _figures(pack):
        pdf.add_page()
        pdf.image(BytesIO(png), x=12, y=12, w=186)
        plt.close("all")
    return bytes(pdf.output())


def _figures(pack: PackFigures) -> Iterator[bytes]:
    for rows in _pages(pack.rows):
        yield _strips(rows)
    for rows in _pages([row for row in pack.rows if row.own.known]):
        yield _ranges(rows)
    for process in pack.processes:
        yield _days(parts(pack.daily.filter(pl.col("process") == process), "day"))
    sums = RowSums.of(pack.daily)
    for row in pack.rows:
        if row.outcomes >= ENOUGH_OUTCOMES:
            yield from _annex(sums, row)


def _annex(sums: RowSums, row: ServiceRow) -> Iterator[bytes]:
    yield _days(sums.days(row))
    for column in SPLITS:
        split = sums.split(row, column)
        for days in split.values() if len(split) > 1 else ():
            yield _panel(days)
            plt.close("all")
    yield _grid(sums, row)


def _pages(rows: Sequence[ServiceRow]) -> Iterator[Sequence[ServiceRow]]:
    return (rows[start : start + ROWS] for start in range(0, len(rows), ROWS))


def _png(figure: Any) -> bytes:  # noqa: ANN401 (pyplot's)
    data = BytesIO()
    figure.tight_layout()
    figure.savefig(data, format="png", dpi=DPI, bbox_inches="tight")
    return data.getvalue()


def _strips(rows: Sequence[ServiceRow]) -> bytes:
    figure, axes = plt.subplots(figsize=_INCHES)
    for place, row in enumerate(rows):
        if row.p25 is not None and row.p75 is not None:
            axes.barh(place, row.p75 - row.p25, left=row.p25, height=0.5, color="#6BACE6")
        axes.scatter(row.peer_rates, [place] * len(row.peer_rates), marker="|", color="#787878")
        if row.median is not None:
            axes.scatter([row.median], [place], marker="|", s=200, color="#12436D")
        if row.failure_rate is not None:
            axes.scatter([row.failure_rate], [place], color="#F46A25", edgecolor="#3D3D3D")
    axes.set_yticks(range(len(rows)), [f"{row.srv} {row.label}" for row in rows])
    axes.set_xlim(left=0)
    axes.invert_yaxis()
    return _png(figure)


def _ranges(rows: Sequence[ServiceRow]) -> bytes:
    figure, axes = plt.subplots(figsize=_INCHES)
    for place, row in enumerate(rows):
        for times, shift, colour in ((row.own, 0.0, "#F46A25"), (row.industry, 0.3, "#12436D")):
            if times.best_ms is not None and times.worst_ms is not None:
                axes.hlines(place + shift, max(times.best_ms, 1), max(times.worst_ms, 1), color=colour)
            if times.p5_ms is not None and times.p95_ms is not None:
                axes.hlines(place + shift, max(times.p5_ms, 1), max(times.p95_ms, 1), color=colour, linewidth=3)
            marks = ((times.median_ms, "|"), (times.mean_ms, "D"))
            for ms, marker in marks:
                if ms is not None:
                    axes.scatter([max(ms, 1)], [place + shift], marker=marker, color=colour)
    axes.set_yticks(range(len(rows)), [f"{row.srv} {row.label}" for row in rows])
    axes.set_xscale("log")
    axes.invert_yaxis()
    return _png(figure)


def _panel(days: Sequence[Part]) -> bytes:
    figure, axes = plt.subplots(figsize=_PANEL_INCHES)
    labels = [part.label for part in days]
    for rates, colour in (
        ([part.failure_rate for part in days], "#F46A25"),
        ([part.industry_failure_rate for part in days], "#12436D"),
    ):
        axes.plot(labels, [float("nan") if rate is None else rate for rate in rates], color=colour)
    axes.set_ylim(bottom=0)
    return _png(figure)


def _grid(sums: RowSums, row: ServiceRow) -> bytes:
    cells = sums.cells(row)
    regions = sorted({str(region) for region, _, _ in cells})
    kinds = sorted({f"{meter} {smets}" for _, meter, smets in cells})
    rates = [[float("nan")] * len(kinds) for _ in regions]
    figure, axes = plt.subplots(figsize=_GRID_INCHES)
    for (region, meter, smets), part in cells.items():
        if part.failure_rate is not None:
            down, across = regions.index(str(region)), kinds.index(f"{meter} {smets}")
            rates[down][across] = part.failure_rate
            axes.text(across, down, f"{part.failure_rate:.1%}", ha="center", va="center")
    axes.imshow(rates, aspect="auto", cmap="Oranges")
    axes.set_xticks(range(len(kinds)), kinds)
    axes.set_yticks(range(len(regions)), regions)
    return _png(figure)


def _days(days: Sequence[Part]) -> bytes:
    figure, (rates, times, volumes) = plt.subplots(3, 1, figsize=_DAILY_INCHES, sharex=True)
    labels = [part.label for part in days]
    rates.plot(labels, [part.failure_rate for part in days], color="#F46A25", marker="o")
    rates.plot(labels, [part.industry_failure_rate for part in days], color="#12436D", linestyle="--")
    times.plot(labels, [part.mean_ms for part in days], color="#F46A25", marker="o")
    times.plot(labels, [part.industry_mean_ms for part in days], color="#12436D", linestyle="--")
    volumes.bar(labels, [part.requests for part in days], color="#F46A25")
    return _png(figure)
