"""The month so far, by Member and SRV, counted as a snapshot counts it. Pure.

What a snapshot decides by looking at everything once (whose a User is, which legs have timed out, held round trips) is
kept up here as it comes, so that figures cost little each time. An SRV's sums do not depend on the process that a
snapshot gives its round trips, so they agree exactly; see docs/live.md for the one case in which they may not.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import numpy as np
from fastdigest import TDigest

from dcc_analytics.aggregators.cells import IN_TIME, OPEN, SUCCEEDED, TARGETED, TIMED, Int64s
from dcc_analytics.aggregators.digests import CENTROIDS
from dcc_analytics.aggregators.keys import CellKey, DigestKey
from dcc_analytics.aggregators.observe import Observation, observation
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.catalogue.months import Month, day_of
from dcc_analytics.live.open_legs import OpenLegs, facts_of
from dcc_analytics.snapshot.digests import merged_digests
from dcc_analytics.snapshot.members import Directory, Member
from dcc_analytics.snapshot.placing import has_target

_SUMMED: Final = ("successes", "failures", "in_time", "targeted", "rtt_n", "rtt_sum_us")
_NO_MIN: Final = 2**62


class Of(NamedTuple):
    """Whose SRV."""

    member: Member
    srv: str


class MonthFigures:
    """Counts of a Member's SRV; the names are those of a cell's columns."""

    __slots__ = (
        "failures",
        "in_time",
        "open",
        "rtt_max_us",
        "rtt_min_us",
        "rtt_n",
        "rtt_sum_us",
        "successes",
        "targeted",
    )

    def __init__(self) -> None:
        """Begin with nothing."""
        self.successes = self.failures = self.open = self.in_time = self.targeted = 0
        self.rtt_n = self.rtt_sum_us = 0
        self.rtt_min_us, self.rtt_max_us = _NO_MIN, -1

    @property
    def requests(self) -> int:
        """All of them."""
        return self.successes + self.failures + self.open

    def add(self, seen: Observation, *, targeted: bool) -> None:
        """Count a round trip; a transform leg counts if it failed."""
        failed = not seen.flags & (SUCCEEDED | OPEN)
        self.failures += failed
        if seen.transform:
            return
        self.successes += seen.flags & SUCCEEDED > 0
        self.open += seen.flags & OPEN > 0
        self.in_time += targeted and seen.flags & IN_TIME > 0
        self.targeted += targeted
        if seen.flags & TIMED:
            self.time(1, seen.rtt_us, seen.rtt_us, seen.rtt_us)

    def time(self, number: int, total_us: int, least_us: int, most_us: int) -> None:
        """Add times."""
        self.rtt_n += number
        self.rtt_sum_us += total_us
        self.rtt_min_us, self.rtt_max_us = min(self.rtt_min_us, least_us), max(self.rtt_max_us, most_us)


class _Cells:
    """What of a shard's cells does not change: whose they are, and which day."""

    def __init__(self) -> None:
        self.of: list[int] = []
        self.days: list[int] = []
        self.transform: list[bool] = []
        self.targeted: list[bool] = []


class MonthCount:
    """Counts months out of shards.

    A cell's Member and SRV are looked up once; another directory looks all of them up again.
    """

    def __init__(self, directory: Directory) -> None:
        """Count for the Members of a directory."""
        self._directory = directory
        self._groups: dict[Of, int] = {}
        self._cells: dict[int, _Cells] = {}

    def count(self, shards: Mapping[int, tuple[ShardState, OpenLegs]], month: Month) -> dict[Of, MonthFigures]:
        """Return the figures of a month.

        Args:
            shards: by partition, with their legs counted at the stream's clock.
            month: which.
        """
        found: dict[Of, MonthFigures] = {}
        summed = [self._sums(partition, state, month) for partition, (state, _) in shards.items()]
        for of, number in self._groups.items():
            figures = MonthFigures()
            for columns in summed:
                if number < len(columns["successes"]):
                    _add(figures, columns, number)
            if figures.requests or figures.rtt_n:
                found[of] = figures
        for state, legs in shards.values():
            self._add_held(found, state, month)
            self._add_legs(found, state, legs, month)
        return found

    def _sums(self, partition: int, state: ShardState, month: Month) -> dict[str, Int64s]:
        """Return the sums of a shard's cells of a month by group."""
        known = self._cells.setdefault(partition, _Cells())
        for key in state.cells.keys.keys[len(known.of) :]:
            self._know(known, key)
        days = np.array(known.days, np.int64)
        rows = np.flatnonzero((days >= day_of(month.start_us)) & (days < day_of(month.end_us)))
        of, command = np.array(known.of, np.int64)[rows], ~np.array(known.transform, bool)[rows]
        targeted = np.array(known.targeted, bool)[rows]
        sums = {}
        for name in _SUMMED:
            column = state.cells.columns[name][rows]
            if name != "failures":
                column = np.where(command, column, 0)
            if name in {"in_time", "targeted"}:
                column = np.where(targeted, column, 0)
            sums[name] = np.zeros(len(self._groups), np.int64)
            np.add.at(sums[name], of, column)
        least, most = (state.cells.columns[name][rows] for name in ("rtt_min_us", "rtt_max_us"))
        sums["rtt_min_us"] = np.full(len(self._groups), _NO_MIN, np.int64)
        sums["rtt_max_us"] = np.full(len(self._groups), -1, np.int64)
        np.minimum.at(sums["rtt_min_us"], of, np.where(command, least, _NO_MIN))
        np.maximum.at(sums["rtt_max_us"], of, np.where(command, most, -1))
        return sums

    def _know(self, known: _Cells, key: CellKey) -> None:
        member = self._directory.member(key.user, key.role, key.srv)
        known.of.append(self._groups.setdefault(Of(member, key.srv), len(self._groups)))
        known.days.append(key.day)
        known.transform.append(key.transform)
        known.targeted.append(has_target(key.role, member, key.srv, key.smets_version))

    def _add_held(self, found: dict[Of, MonthFigures], state: ShardState, month: Month) -> None:
        for seen in state.held.data.values():
            if month.start_us <= seen.start_us < month.end_us:
                self._add_one(found, seen)

    def _add_legs(self, found: dict[Of, MonthFigures], state: ShardState, legs: OpenLegs, month: Month) -> None:
        """Add the legs that have ended, but not for good, and those that have not."""
        for leg in legs.concluded.values():
            if month.start_us <= leg.start_us < month.end_us:
                self._add_one(found, observation(leg, leg.outcome or leg.by_alert, facts_of(leg, state.facts.keys)))
        for name in ("open", "timed_out"):
            for key, number in legs.counts[name].items():
                if key.month == month.number and not (key.transform and name == "open"):
                    of = Of(self._directory.member(key.user, key.role, key.srv), key.srv)
                    figures = found.setdefault(of, MonthFigures())
                    if name == "open":
                        figures.open += number
                    else:
                        figures.failures += number

    def _add_one(self, found: dict[Of, MonthFigures], seen: Observation) -> None:
        member = self._directory.member(seen.user, seen.role, seen.srv)
        targeted = bool(seen.flags & TARGETED) and has_target(seen.role, member, seen.srv, seen.facts.smets_version)
        if not seen.transform or not seen.flags & (SUCCEEDED | OPEN):
            found.setdefault(Of(member, seen.srv), MonthFigures()).add(seen, targeted=targeted)


def _add(figures: MonthFigures, columns: Mapping[str, Int64s], number: int) -> None:
    for name in ("successes", "failures", "in_time", "targeted"):
        setattr(figures, name, getattr(figures, name) + int(columns[name][number]))
    if columns["rtt_n"][number]:
        figures.time(
            int(columns["rtt_n"][number]), int(columns["rtt_sum_us"][number]),
            int(columns["rtt_min_us"][number]), int(columns["rtt_max_us"][number]),
        )  # fmt: skip


def medians_us(states: Iterable[ShardState], month: Month, directory: Directory, member: Member) -> dict[str, float]:
    """Return the estimated median Round Trip Time of a Member's SRVs in a month, in microseconds."""
    states = list(states)

    def of(key: DigestKey) -> str | None:
        of_month = key.month == month.number and not key.transform
        return key.srv if of_month and directory.member(key.user, key.role, key.srv) == member else None

    merged = merged_digests((state.digests for state in states), of)
    for state in states:
        for seen in state.held.data.values():
            timed = seen.flags & TIMED and not seen.transform and month.start_us <= seen.start_us < month.end_us
            if timed and directory.member(seen.user, seen.role, seen.srv) == member:
                merged.setdefault(seen.srv, TDigest(max_centroids=CENTROIDS)).update(float(seen.rtt_us))
    return {srv: digest.quantile(0.5) for srv, digest in merged.items()}
