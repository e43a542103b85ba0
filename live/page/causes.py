"""SRVs, reasons, kinds of Devices and Incidents, of all or of one User. Pure."""

from collections.abc import Iterable

from dcc_analytics.live.figures import DeviceNow, IncidentNow, ReasonNow, ServiceNow
from dcc_analytics.live.page.marks import icon, sparkline
from dcc_analytics.live.page.markup import Html, el
from dcc_analytics.live.wording import count_text, minute_text, of_text, rate_text


def listed(name: str, title: str, heads: Iterable[tuple[str, str]], rows: list[Html], empty: str) -> Html:
    """Return a section with a table.

    Args:
        name: its id.
        title: its heading.
        heads: of the columns, with their classes.
        rows: of the table.
        empty: what is said instead of a table without rows.
    """
    heading = el("h2", title, id=f"{name}-title")
    inside = el("p", empty, cls="muted")
    if rows:
        head = el("thead", el("tr", *(el("th", each, scope="col", cls=cls or None) for each, cls in heads)))
        table = el("table", head, el("tbody", *rows))
        inside = el("div", table, cls="scroll", tabindex=0, role="group", aria_labelledby=f"{name}-title")
    return el("section", heading, inside, id=name, cls="data", aria_labelledby=f"{name}-title")


def services(found: list[ServiceNow], *, of_all: bool) -> Html:
    """Return the SRVs; how many Users fail only where there is more than one."""
    heads = [("SRV", ""), ("Six hours", "mid"), ("Failed, last hour", "num")]
    if of_all:
        heads.append(("Users that fail", "num"))
    rows = [
        el(
            "tr",
            el("th", each.srv, el("small", each.name), scope="row"),
            el("td", sparkline(each.line), cls="line mid"),
            el("td", el("b", rate_text(each.last_hour.failure_rate)), el("small", of_text(each.last_hour)), cls="num"),
            el("td", count_text(each.users_failing), el("small", f"of {count_text(each.users)}"), cls="num")
            if of_all
            else None,
        )
        for each in found
    ]
    return listed("services", "Which SRVs?", heads, rows, "Nothing ended in the last six hours.")


def reasons(found: list[ReasonNow], now: str | None, *, of_all: bool) -> Html:
    """Return the reasons of failures."""
    heads = _heads("Reason", of_all=of_all)
    rows = [
        _row(each.reason_code, "; ".join(filter(None, (each.reason, ", ".join(each.srvs)))), each, now, of_all=of_all)
        for each in found
    ]
    return listed("reasons", "Why?", heads, rows, "Nothing failed in the last six hours.")


def devices(found: list[DeviceNow], now: str | None, *, of_all: bool) -> Html:
    """Return the kinds of Devices that fail."""
    heads = _heads("Device", of_all=of_all)
    rows = [
        _row(
            f"{each.manufacturer or 'unknown maker'} {each.model}",
            f"{each.device_type}, firmware {each.firmware_version or 'unknown'}", each, now, of_all=of_all,
        )
        for each in found
    ]  # fmt: skip
    return listed("devices", "On which Devices?", heads, rows, "No kind of Device failed in the last six hours.")


def _heads(of: str, *, of_all: bool) -> list[tuple[str, str]]:
    heads = [(of, ""), ("Last hour", "num"), ("Six hours", "num mid"), ("Since", "num")]
    return [*heads, ("Users", "num")] if of_all else heads


def _row(name: str, about: str, each: ReasonNow | DeviceNow, now: str | None, *, of_all: bool) -> Html:
    return el(
        "tr",
        el("th", name, el("small", about), scope="row"),
        el("td", el("b", count_text(each.failures_last_hour)), cls="num"),
        el("td", count_text(each.failures_last_6_hours), cls="num mid"),
        el("td", minute_text(each.since_at, now=now), cls="num"),
        el("td", count_text(each.users), cls="num") if of_all else None,
    )


def incidents(found: list[IncidentNow], now: str | None) -> Html:
    """Return the Incidents that are open."""
    heads = [("Incident", ""), ("Category", "num"), ("Opened", "num"), ("Regions", "")]
    rows = [
        el(
            "tr",
            el("th", each.incident, el("small", each.summary), scope="row"),
            el("td", icon("warn" if each.category <= 2 else "none"), f" {each.category}", cls="num"),
            el("td", minute_text(each.opened_at, now=now), cls="num"),
            el("td", ", ".join(each.regions) or "all"),
        )
        for each in found
    ]
    return listed("incidents", "Does anybody know? Open Incidents", heads, rows, "No Incident is open.")
