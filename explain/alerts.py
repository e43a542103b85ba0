"""Explaining rows of Alerts: by month, by day, by Device, and N13 and N55 of distributors."""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from typing import ClassVar, Final

import polars as pl

from dcc_analytics.aggregators.keys import AlertKey
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.catalogue.months import Month, day_of, day_text
from dcc_analytics.explain.choose import narrowed
from dcc_analytics.explain.concern import ALERT_SOURCES, Concern
from dcc_analytics.explain.explanation import Explanation
from dcc_analytics.explain.replay import Folded
from dcc_analytics.explain.row import Row
from dcc_analytics.explain.stories import AlertStory
from dcc_analytics.explain.tables import industry_sums, own_rows, table_sums
from dcc_analytics.explain.telling import alert_item
from dcc_analytics.snapshot.alerts import ALERT_CELL, SIGNIFIERS, month_alerts, n13_n55, own_figures
from dcc_analytics.snapshot.benchmarks import ALERT_DAILY_KEY, ALERT_KEY, by_member
from dcc_analytics.stream.events import Alert
from dcc_analytics.stream.instants import DAY_US

#: Which Alerts of a row a column is over; all of them, where a column is not named.
BEHIND: Final[Mapping[str, Callable[[AlertStory], bool]]] = {
    "delivered": lambda story: story.alert.delivered,
    "failed": lambda story: not story.alert.delivered,
    "delivery": lambda story: story.timed,
}
#: The tables of Alerts as the snapshot makes them, before others are set beside.
_TABLES: Final[Mapping[str, Callable[[pl.DataFrame], pl.DataFrame]]] = {
    "alerts_monthly": lambda cells: own_figures(by_member(cells, ALERT_KEY)),
    "alerts_daily": lambda cells: own_figures(by_member(cells, ALERT_DAILY_KEY)),
    "alerts": lambda cells: own_figures(by_member(cells, ("role", *ALERT_CELL[3:]))),
    "n13_n55": n13_n55,
}
_INDUSTRY: Final = ("success_rate", "delivery_mean_s")


class AlertsConcern(Concern):
    """What concerns the Alerts of a code sent to some Users."""

    first_reading: ClassVar[tuple[str, ...]] = ("alerts",)
    sources: ClassVar[tuple[str, ...]] = ALERT_SOURCES

    def __init__(self, month: Month, code: str, users: Collection[str] | None) -> None:
        """Begin with nothing found.

        Args:
            month: of the row.
            code: of the row.
            users: User ids of the Member; None for all Users.
        """
        super().__init__()
        self._month = month
        self._code = code
        self._users = users

    def wants_alert(self, alert: Alert) -> bool:
        """Return whether it has the code, went to one of the Users, and is of the month or may repeat one that is."""
        near = self._month.start_us - DAY_US <= alert.raised_us < self._month.end_us + DAY_US
        return near and alert.code == self._code and (self._users is None or alert.recipient in self._users)


def concern(row: Row, users: Collection[str]) -> Concern:
    """Return what concerns a row of Alerts."""
    return AlertsConcern(row.pack.month, row.key["code"], None if row.of_role else users)


def explained(row: Row, folded: Folded) -> Explanation:
    """Return the Alerts behind a row, and the figures they make."""
    chosen = sorted(_chosen(row, folded), key=lambda story: (story.alert.raised_us, story.alert.alert_id))
    directory = folded.directory
    shown = narrowed(row.figure, chosen, BEHIND)
    items = [
        partial(
            alert_item, each, of=directory.member(each.alert.recipient, each.sent.role, None) if row.of_role else None
        )
        for each in shown
    ]
    cells = month_alerts([_state_of(chosen)], row.pack.month, directory).cells
    if not row.of_role:
        return Explanation("Alerts", items, table_sums(row, _TABLES[row.file](cells)))
    as_one = cells.with_columns(pl.lit(row.pack.member.party).alias("party"), pl.lit("").alias("group"))
    found = next(own_rows(row, _TABLES[row.file](as_one)), {})
    sums = industry_sums(row, dict.fromkeys(_INDUSTRY, "") | found, _INDUSTRY)
    return Explanation("Alerts", items, sums, of_others=True)


def _chosen(row: Row, folded: Folded) -> Iterable[AlertStory]:
    month, wanted, whose = row.pack.month, row.key, row.pack.member
    for story in folded.alerts:
        if month.start_us <= story.alert.raised_us < month.end_us:
            member = folded.directory.member(story.alert.recipient, story.sent.role, None)
            if member.role == whose.role and (row.of_role or member == whose):
                has = _key(story)
                if all(has[name] == value for name, value in wanted.items()):
                    yield story


def _key(story: AlertStory) -> dict[str, str]:
    day = day_text(day_of(story.alert.raised_us))
    of_device = {name: getattr(story.facts, name) for name in SIGNIFIERS}
    return {"day": day, "kind": story.alert.kind, "code": story.alert.code, **of_device}


def _state_of(chosen: Iterable[AlertStory]) -> ShardState:
    """Return a shard's state that has counted these Alerts, each as it was counted, and nothing else."""
    state = ShardState()
    for story in chosen:
        day, facts = day_of(story.alert.raised_us), state.facts.number(story.facts)
        key = AlertKey(state.alert_digests.keys.number(story.sent), day, facts)
        state.alerts.append(state.alerts.keys.number(key), story.flags, story.took_us)
        if story.alert.throttled_count:
            state.alerts.weigh(story.alert.throttled_count)
    state.cut()
    return state
