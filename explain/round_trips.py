"""Explaining rows of round trips: by month, by day, failures, and the values of peers. Pure."""

from collections.abc import Collection
from functools import partial

from dcc_analytics.explain.choose import BEHIND, choose, narrowed
from dcc_analytics.explain.concern import Concern, RoundTripsConcern
from dcc_analytics.explain.explanation import Explanation
from dcc_analytics.explain.replay import Folded
from dcc_analytics.explain.row import Row
from dcc_analytics.explain.sums import sums
from dcc_analytics.explain.telling import trip_item


def concern(row: Row, users: Collection[str]) -> Concern:
    """Return what concerns a row of round trips."""
    return RoundTripsConcern(row.key["srv"], None if row.of_role else users)


def explained(row: Row, folded: Folded) -> Explanation:
    """Return the round trips behind a row, and the figures they make."""
    trips = choose(row, folded.stories, folded.directory, folded.replay.facts_at)
    shown = narrowed(row.figure, trips, BEHIND)
    items = [partial(trip_item, trip, of=trip.member if row.of_role else None) for trip in shown]
    return Explanation("round trips", items, sums(row, trips), of_others=row.of_role)
