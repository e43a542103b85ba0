"""The table of Users: who is unusual now, since when, where, and why. Pure."""

from typing import Final
from urllib.parse import quote

from dcc_analytics.live.figures import RegionNow, UserNow
from dcc_analytics.live.page.asked import ROWS, SORTS, Asked
from dcc_analytics.live.page.marks import icon, sparkline
from dcc_analytics.live.page.markup import Html, el, join
from dcc_analytics.live.wording import NOTHING, count_text, minute_text, of_text, rate_text

#: From here on a Region's failures are called unusual, as a User's are (docs/live.md).
UNUSUAL: Final = 3.0


def href(user: UserNow) -> str:
    """Return where a User's page is."""
    return f"/users/{quote(user.party, safe='')}/{quote(user.role, safe='')}"


def row_id(user: UserNow) -> str:
    """Return the id of a User's row.

    >>> from urllib.parse import unquote
    >>> unquote("user-A%20B.IS")
    'user-A B.IS'
    """
    return f"user-{quote(user.party, safe='')}.{quote(user.role, safe='')}"


def table(rows: list[Html], heads_row: Html, found_line: Html) -> Html:
    """Return the section of rows, the row of their heads, and the line that says how many there are."""
    caption = el("caption", "Users; failure rates of the last hour, by Region too", cls="unseen")
    body = el("tbody", *rows, id="rows")
    return el(
        "section",
        el("h2", "Which Users are unusual now?", id="users-title"),
        found_line,
        el("table", caption, el("thead", heads_row), body, cls="users"),
        id="users", cls="data", aria_labelledby="users-title",
    )  # fmt: skip


def heads(regions: list[str]) -> Html:
    """Return the heads of the columns."""
    return el(
        "tr",
        el("th", "User", scope="col"),
        el("th", "Against the same hour of other weeks", scope="col"),
        el("th", "Six hours", scope="col", cls="mid"),
        el("th", "Failed, last hour", scope="col", cls="num"),
        el("th", "Usual", scope="col", cls="num mid"),
        *(el("th", region, scope="col", cls="num wide") for region in regions),
        el("th", "Past time-out", scope="col", cls="num wide"),
        id="heads",
    )


def found(users: list[UserNow], everyone: UserNow, asked: Asked, matching: int) -> Html:
    """Return how many there are, how many of them are shown, and whether it is one of them or all.

    Args:
        users: all there are.
        everyone: everything together.
        asked: which are wanted.
        matching: how many match.
    """
    unusual = sum(bool(user.unusual) for user in users)
    known = sum(user.baseline.enough for user in users)
    says = f"{count_text(unusual)} of {count_text(len(users))} Users unusual"
    if known < len(users):
        why = next(user.baseline.says for user in users if not user.baseline.enough)
        says += f" ({count_text(len(users) - known)} can't be judged: {why})"
    says += f". Everything together: {rate_text(everyone.last_hour.failure_rate)} failed"
    if everyone.baseline.enough:
        says += f", usual {rate_text(everyone.baseline.failure_rate)}"
    more = None
    if asked.q:
        says += f"; {count_text(matching)} match “{asked.q}”"
    if not asked.everyone and matching > ROWS:
        link = el("a", f"show all {count_text(matching)}", href=f"/{asked._replace(everyone=True).search()}")
        more = join(f"; the first {ROWS} by {SORTS[asked.sort][0]} are shown: ", link)
    return el("p", icon("warn" if unusual else "good" if known else "none"), " ", says, more, ".", id="found")


def row(user: UserNow, regions: list[str], top_reason: str, now: str | None) -> Html:
    """Return a User's row.

    Args:
        user: whose.
        regions: columns.
        top_reason: of its failures; empty when it is not unusual.
        now: the stream's clock.
    """
    hour = user.last_hour
    by_region = {each.region: each for each in user.regions}
    return el(
        "tr",
        el(
            "th", el("a", user.name or user.party, href=href(user)), el("small", f"{user.party}/{user.role}"),
            scope="row",
        ),
        el("td", *_says(user, top_reason, now), cls="says"),
        el("td", sparkline(user.line, user.baseline), cls="line mid"),
        el("td", el("b", rate_text(hour.failure_rate)), el("small", of_text(hour)), cls="num"),
        el("td", *_usual(user), cls="num mid"),
        *(_region(by_region.get(region)) for region in regions),
        el("td", count_text(user.timed_out_legs), el("small", f"of {count_text(user.open_legs)} open"), cls="num wide"),
        id=row_id(user), cls="unusual" if user.unusual else None,
    )  # fmt: skip


def _says(user: UserNow, top_reason: str, now: str | None) -> tuple[Html, ...]:
    if not user.baseline.enough:
        return (el("span", "not judged", cls="muted"),)  # why stands above the table, once for all
    if not user.unusual:
        return (el("span", "as usual", cls="muted"),)
    since = "" if user.since_at is None else f"since {minute_text(user.since_at, now=now)}"
    more = "; ".join(each for each in (since, top_reason) if each)
    level = el("span", f"surprise {user.surprise:.1f}", cls="level")
    return (el("b", icon("warn"), " ", user.unusual), Html(" "), level, el("small", more) if more else Html())


def _usual(user: UserNow) -> tuple[Html, ...]:
    known = user.baseline
    if not known.enough or known.ended is None:
        return (Html(NOTHING),)
    return (join(rate_text(known.failure_rate)), el("small", f"of {count_text(known.ended)}"))


def _region(now: RegionNow | None) -> Html:
    if now is None or not now.last_hour.ended:
        return el("td", NOTHING, cls="num wide muted")
    unusual = now.surprise >= UNUSUAL
    rate = rate_text(now.last_hour.failure_rate)
    inside = join(icon("warn"), " ", el("b", rate)) if unusual else join(rate)
    return el("td", inside, el("small", f"of {count_text(now.last_hour.ended)}"), cls="num wide")


def together(everyone: UserNow) -> Html:
    """Return everything together, with its Regions: is it one, or all?"""
    hour = everyone.last_hour
    usual = rate_text(everyone.baseline.failure_rate) if everyone.baseline.enough else "not known yet"
    return el(
        "section",
        el("h2", "Everything together", id="all-title"),
        el(
            "div",
            el("p", el("b", rate_text(hour.failure_rate)), f" failed, {of_text(hour)} in the last hour; usual {usual}.",
               el("br"), *_says(everyone, "", None)),
            sparkline(everyone.line, everyone.baseline),
            el("ul", *(_place(each) for each in everyone.regions if each.last_hour.ended), cls="places"),
            cls="together",
        ),
        id="all", cls="data", aria_labelledby="all-title",
    )  # fmt: skip


def _place(now: RegionNow) -> Html:
    tone = "warn" if now.surprise >= UNUSUAL else "none"
    rate = rate_text(now.last_hour.failure_rate)
    return el(
        "li", icon(tone), f" {now.region} ", el("b", rate), " ", el("small", f"of {count_text(now.last_hour.ended)}")
    )
