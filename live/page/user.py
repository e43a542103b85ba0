"""The page of one User: now, the coming pack, and what it is compared with. Pure."""

from dcc_analytics.live.figures import UserNow
from dcc_analytics.live.page.causes import listed
from dcc_analytics.live.page.marks import icon, sparkline
from dcc_analytics.live.page.markup import Html, el
from dcc_analytics.live.page.users import UNUSUAL
from dcc_analytics.live.state import MonthService, RoleBenchmark
from dcc_analytics.live.wording import NOTHING, count_text, minute_text, ms_text, of_text, rate_text


def now_section(user: UserNow, now: str | None) -> Html:
    """Return what a User is like now."""
    verdict = el("p", icon("good"), " As usual.")
    if user.unusual:
        since = "" if user.since_at is None else f", since {minute_text(user.since_at, now=now)}"
        verdict = el("p", el("b", icon("warn"), f" {user.unusual}{since}"), f"; surprise {user.surprise:.1f}.")
    elif not user.baseline.enough:
        verdict = el("p", icon("none"), " Not judged.")
    month = user.month
    windows = (
        ("Last 5 minutes", rate_text(user.last_5_minutes.failure_rate), of_text(user.last_5_minutes)),
        ("Last hour", rate_text(user.last_hour.failure_rate), of_text(user.last_hour)),
        ("Today", rate_text(user.today.failure_rate), of_text(user.today)),
        (
            f"Month {month.month}", rate_text(month.failure_rate),
            f"{count_text(month.failures)} of {count_text(month.requests)}, {count_text(month.open)} open",
        ),
        ("Open legs", count_text(user.open_legs), f"{count_text(user.timed_out_legs)} past their time-out"),
        ("Alerts, last hour", count_text(user.alerts_last_hour), ""),
        *(
            (f"{each.region}, last hour", rate_text(each.last_hour.failure_rate),
             ("unusual, " if each.surprise >= UNUSUAL else "") + of_text(each.last_hour))
            for each in user.regions if each.last_hour.ended
        ),
    )  # fmt: skip
    return el(
        "section",
        el("h2", "Now: failures of round trips", id="now-title"),
        verdict,
        el("p", user.baseline.says, cls="muted"),
        el("div", sparkline(user.line, user.baseline), cls="large"),
        el("dl", *(el("div", el("dt", name), el("dd", el("b", figure), " ", el("small", more)))
                   for name, figure, more in windows), cls="facts"),
        id="now", cls="data", aria_labelledby="now-title",
    )  # fmt: skip


def month_section(month: list[MonthService], of: str) -> Html:
    """Return the coming pack so far, by SRV."""
    heads = [
        ("SRV", ""), ("Requests", "num"), ("Failed", "num"), ("Open", "num"), ("In time", "num"), ("Median", "num"),
        ("Best to worst", "num"),
    ]  # fmt: skip
    rows = [
        el(
            "tr",
            el("th", each.srv, el("small", each.name), scope="row"),
            el("td", count_text(each.requests), cls="num"),
            el("td", el("b", rate_text(each.failure_rate)), el("small", count_text(each.failures)), cls="num"),
            el("td", count_text(each.open), cls="num"),
            el("td", NOTHING if each.in_time is None else count_text(each.in_time), cls="num"),
            el("td", ms_text(each.rtt_median_ms), cls="num"),
            el(
                "td",
                f"{ms_text(each.rtt_best_ms)} to {ms_text(each.rtt_worst_ms)}" if each.rtt_n else NOTHING,
                cls="num",
            ),
        )
        for each in month
    ]
    return listed("month", f"The pack of {of} so far", heads, rows, "No request this month.")


def benchmark_section(benchmark: RoleBenchmark) -> Html:
    """Return what the newest released pack compares it with."""
    heads = [("Process", ""), ("Own", "num"), ("Industry", "num"), ("Middle half of peers", "num"), ("Peers", "num")]
    rows = [
        el(
            "tr",
            el("th", each.srv, el("small", f"{each.process} {each.variant}"), scope="row"),
            el("td", el("b", rate_text(each.failure_rate)), el("small", each.status), cls="num"),
            el("td", rate_text(each.industry_failure_rate), cls="num"),
            el("td", f"{rate_text(each.peer_failure_rate_p25)} to {rate_text(each.peer_failure_rate_p75)}",
               el("small", f"median {rate_text(each.peer_failure_rate_median)}"), cls="num"),
            el("td", each.peers or NOTHING, cls="num"),
        )
        for each in benchmark.rows
    ]  # fmt: skip
    title = (
        "Benchmark"
        if benchmark.month is None
        else f"Benchmark of {benchmark.month}: failure rates as its pack has them"
    )
    return listed("benchmark", title, heads, rows, "No month with a benchmark for this User has been released.")
