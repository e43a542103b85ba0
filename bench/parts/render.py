"""Packs made from the run's snapshot, as many at a time as there are cores."""

import os
import time
from pathlib import Path

from pypdf import PdfReader

from bench.figures import Figure
from bench.processes import in_own_process
from bench.run import Run, say
from dcc_analytics.render.packs import render_packs
from dcc_analytics.render.snapshot_folder import SnapshotFolder


def measure(run: Run) -> list[Figure]:
    _ = run.frozen
    say("rendering packs")
    out = run.folder / "out"
    found = in_own_process("bench.parts.render", every_core=True, snapshot=str(run.snapshots / run.month), out=str(out))
    pages = sum(len(PdfReader(path).pages) for path in out.rglob("*.pdf"))
    return [
        Figure("render", "packs", found["packs"] / found["seconds"], "packs/s"),
        Figure("render", "pages", pages / found["seconds"], "pages/s"),
        Figure("render", "pages of a pack", pages / found["packs"], "pages/pack"),
    ]


def measured(snapshot: str, out: str) -> dict[str, float]:
    """Render every pack; return how many, and the seconds it took."""
    opened = SnapshotFolder.open(Path(snapshot))
    began = time.perf_counter()
    render_packs(opened, Path(out), processes=len(os.sched_getaffinity(0)))
    return {"packs": len(opened.members()), "seconds": time.perf_counter() - began}
