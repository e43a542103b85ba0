"""Packs made from the run's snapshot and attacked by the gate, as many at a time as there are cores."""

import os
import time
from pathlib import Path

from pypdf import PdfReader

from bench.figures import Figure
from bench.processes import Peak, in_own_process
from bench.run import Run, say
from dcc_analytics.render.packs import render_packs
from dcc_analytics.render.snapshot_folder import SnapshotFolder


def measure(run: Run) -> list[Figure]:
    _ = run.frozen
    say("rendering packs")
    out = run.folder / "out"
    found = in_own_process("bench.parts.render", every_core=True, snapshot=str(run.snapshots / run.month), out=str(out))
    pages = sum(len(PdfReader(path).pages) for path in out.rglob("*.pdf"))
    packs = [path.parent for path in out.rglob("manifest.json")]
    return [
        Figure("render", "packs", found["packs"] / found["made_s"], "packs/s"),
        Figure("render", "pages", pages / found["made_s"], "pages/s"),
        Figure("render", "pages of a pack", pages / found["packs"], "pages/pack"),
        Figure("render", "packs attacked", found["packs"] / found["attacked_s"], "packs/s"),
        Figure("render", "largest process", found["peak_mb"], "MB"),
        Figure("render", "largest pack without inventory.csv", max(map(_pack_mb, packs)), "MB"),
    ]


def _pack_mb(pack: Path) -> float:
    return sum(path.stat().st_size for path in pack.rglob("*") if path.is_file() and path.name != "inventory.csv") / 1e6


def measured(snapshot: str, out: str) -> dict[str, float]:
    """Render every pack; return how many, the seconds to make and to attack them, and the largest process."""
    opened, made_at = SnapshotFolder.open(Path(snapshot)), [0.0]

    def made(_: str) -> None:
        made_at[0] = time.perf_counter()

    began = time.perf_counter()
    with Peak() as peak:
        render_packs(opened, Path(out), processes=len(os.sched_getaffinity(0)), progress=made)
    attacked_s = time.perf_counter() - made_at[0]
    return {
        "packs": len(opened.members()), "made_s": made_at[0] - began, "attacked_s": attacked_s, "peak_mb": peak.peak_mb,
    }  # fmt: skip
