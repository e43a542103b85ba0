"""The Role's benchmark, out of the newest month whose packs were released.

Figures of others that are made anew all the time could be taken from each other: of two told a second apart the
difference is one Member's. So nothing of others is made here. What is shown passed disclosure control when its month
was frozen and the gate when its packs were released, and stands in the Member's own pack.
"""

import json
from pathlib import Path
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from dcc_analytics.live.state import BenchmarkRow, RoleBenchmark
from dcc_analytics.snapshot.members import Member

_NONE = RoleBenchmark(None, [])
_TABLE = "round_trips_monthly"
_COLUMNS = {
    "process": "process", "srv": "srv", "variant": "variant", "status": "benchmark_status",
    "failure_rate": "failure_rate", "industry_failure_rate": "industry_failure_rate",
    "industry_rtt_median_ms": "industry_rtt_median_ms", "peer_failure_rate_p25": "peer_failure_rate_p25",
    "peer_failure_rate_median": "peer_failure_rate_median", "peer_failure_rate_p75": "peer_failure_rate_p75",
    "peers": "peers",
}  # fmt: skip


class Released:
    """Reads benchmarks of released months."""

    def __init__(self, out: Path | None) -> None:
        """Read from a folder with ``snapshots/YYYY-MM`` and ``packs/YYYY-MM``; nothing is shown without one."""
        self._out = out
        self._read: tuple[tuple[str, int], pl.DataFrame] | None = None

    def benchmark(self, member: Member) -> RoleBenchmark:
        """Return what a Member's services are compared with; nothing when in doubt."""
        found = self._newest()
        if found is None:
            return _NONE
        month, table = found
        rows = table.filter(pl.col("party") == member.party, pl.col("role") == member.role)
        picked = rows.select(pl.col(column).alias(name) for name, column in _COLUMNS.items())
        return RoleBenchmark(month, [BenchmarkRow(**row) for row in picked.iter_rows(named=True)])

    def _newest(self) -> tuple[str, pl.DataFrame] | None:
        """Return the newest final month whose packs have its name, which they get when they are released."""
        if self._out is None:
            return None
        for folder in sorted(self._out.glob("snapshots/[0-9][0-9][0-9][0-9]-[0-9][0-9]"), reverse=True):
            if not (self._out / "packs" / folder.name).is_dir():
                continue
            try:
                manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
                if manifest["status"] != "final":
                    continue
                of = folder.name, (folder / "manifest.json").stat().st_mtime_ns
                if self._read is None or self._read[0] != of:
                    self._read = of, pl.read_parquet(folder / f"{_TABLE}.parquet")
            except (OSError, ValueError, KeyError, PolarsError):
                continue
            return folder.name, self._read[1]
        return None
