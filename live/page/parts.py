"""States as parts of a page, each made once for all who look; and what of them is another for somebody. Pure.

A part is an element with an id. Rows of Users are parts of their own, since most of them stay as they are.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import msgspec
from msgspec import Struct

from dcc_analytics.live.figures import UserNow
from dcc_analytics.live.packed import Message
from dcc_analytics.live.page.asked import ROWS, Asked
from dcc_analytics.live.page.band import band, brief_band, headline
from dcc_analytics.live.page.causes import devices, incidents, reasons, services
from dcc_analytics.live.page.markup import Html
from dcc_analytics.live.page.user import benchmark_section, month_section, now_section
from dcc_analytics.live.page.users import found, heads, row, row_id, table, together
from dcc_analytics.live.state import Now, UserDetail
from dcc_analytics.snapshot.members import Member

#: Views and messages kept for others who look at the same; a view of a thousand rows holds a megabyte.
_KEPT: Final = 8

#: The reason a Member's failures have most, in words; empty for none.
TopReason = Callable[[Member], str]


class Update(Struct, frozen=True, omit_defaults=True):
    """What of a page is another.

    Attributes:
        id: of the state.
        status: of it.
        says: in a sentence.
        parts: new HTML by id of the element.
        rows: ids of the table's rows in order; null when they are as they were.
    """

    id: str
    status: str
    says: str
    parts: dict[str, Html] = {}
    rows: list[str] | None = None


class Shown(Struct, frozen=True):
    """What a page shows.

    Attributes:
        id, status, says: of the state.
        title: of the page.
        sections: by id, in order.
        rows: of Users, by id, in order.
        whole: sections with their rows in them.
    """

    id: str
    status: str
    says: str
    title: str
    sections: dict[str, Html]
    rows: dict[str, Html]
    whole: dict[str, Html]

    def since(self, before: "Shown | None") -> Update:
        """Return what makes a page that shows ``before`` show this; None shows nothing yet."""
        had = {} if before is None else {**before.sections, **before.rows}
        new = {**self.sections, **self.rows}
        parts = {name: part for name, part in new.items() if had.get(name) != part}
        same = before is not None and list(before.rows) == list(self.rows)
        return Update(self.id, self.status, self.says, parts, None if same else list(self.rows))


class Operators:
    """The operator's page of the newest state."""

    def __init__(self, top_reason: TopReason) -> None:
        """Make pages; ``top_reason`` is asked of Users that are unusual."""
        self._top_reason = top_reason
        self._rows: dict[str, tuple[UserNow, str, str, list[str], Html]] = {}
        self._shown: OrderedDict[tuple[str, Asked], Shown] = OrderedDict()
        self._state = ""
        self._common: dict[str, Html] = {}

    def shown(self, now: Now, asked: Asked) -> Shown:
        """Return what a view shows of a state."""
        view = asked._replace(every_s=1, paused=False)
        known = self._shown.get((now.id, view))
        if known is None:
            known = self._shown[now.id, view] = self._make(now, view)
            while len(self._shown) > _KEPT:
                self._shown.popitem(last=False)
        return known

    def _make(self, now: Now, asked: Asked) -> Shown:
        clock = now.trust.clock_at
        if now.id != self._state:
            self._state = now.id
            self._common = {
                "all": together(now.all),
                "services": services(now.services, of_all=True),
                "reasons": reasons(now.reasons, clock, of_all=True),
                "devices": devices(now.devices, clock, of_all=True),
                "incidents": incidents(now.incidents, clock),
            }
            there = {row_id(each) for each in now.users}
            self._rows = {name: kept for name, kept in self._rows.items() if name in there}
        matching = asked.chosen(now.users)
        regions = [each.region for each in now.all.regions if each.last_hour.ended] or now.regions
        rows = {row_id(user): self._row(user, regions, clock) for user in matching[: None if asked.everyone else ROWS]}
        trust = {"trust": band(now.trust, now.made_at)}
        line = {"found": found(now.users, now.all, asked, len(matching)), "heads": heads(regions)}
        users = table(list(rows.values()), line["heads"], line["found"])
        return Shown(
            id=now.id,
            status=now.trust.status,
            says=headline(now.trust, now.made_at),
            title="All Users",
            sections={**trust, **line, **self._common},
            rows=rows,
            whole={**trust, "users": users, **self._common},
        )

    def _row(self, user: UserNow, regions: list[str], clock: str | None) -> Html:
        """Return a User's row, as it was when it is as it was."""
        name, day = row_id(user), (clock or "")[:10]
        reason = self._top_reason(Member(user.party, user.role)) if user.unusual else ""
        kept = self._rows.get(name)
        if kept is None or kept[:4] != (user, reason, day, regions):
            kept = self._rows[name] = (user, reason, day, regions, row(user, regions, reason, clock))
        return kept[4]


def user_shown(detail: UserDetail) -> Shown:
    """Return what a User's page shows."""
    clock = detail.trust.clock_at
    sections = {
        "trust": brief_band(detail.trust, detail.made_at),
        "now": now_section(detail.user, clock),
        "month": month_section(detail.month, detail.user.month.month),
        "benchmark": benchmark_section(detail.benchmark),
        "services": services(detail.services, of_all=False),
        "reasons": reasons(detail.reasons, clock, of_all=False),
        "devices": devices(detail.devices, clock, of_all=False),
        "incidents": incidents(detail.incidents, clock),
    }
    says = headline(detail.trust, detail.made_at)
    title = f"{detail.user.name or detail.user.party} ({detail.user.party}/{detail.user.role})"
    return Shown(detail.id, detail.trust.status, says, title, sections, {}, sections)


class Messages:
    """Updates as server-sent events, encoded once for all who go from one state to the next."""

    def __init__(self) -> None:
        """Keep none yet."""
        self._kept: OrderedDict[tuple[int, int], tuple[Shown | None, Shown, Message]] = OrderedDict()

    def between(self, before: Shown | None, after: Shown) -> Message:
        """Return the event ``update`` that leads from what is shown to what is to be shown."""
        key = id(before), id(after)
        kept = self._kept.get(key)
        if kept is None:  # the values are kept beside, so that no other can have their ids
            kept = self._kept[key] = (before, after, event("update", after.since(before)))
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return kept[2]


def event(name: str, update: Update) -> Message:
    """Return a server-sent event."""
    return Message.of(b"event: %s\ndata: %s\n\n" % (name.encode(), msgspec.json.encode(update, enc_hook=str)))
