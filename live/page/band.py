"""The band at the top: can what is shown be trusted? Pure."""

from datetime import datetime, timedelta
from typing import Final

from dcc_analytics.live.page.marks import icon
from dcc_analytics.live.page.markup import Child, Html, el, join
from dcc_analytics.live.trust import Conservation, Status, Trust, TrustBrief, ownerless
from dcc_analytics.live.wording import age_text, clock_text, count_text, minute_text

#: A commit or an event of this age is worth a look, though folding may be on time.
_AGED_S: Final = 60.0

_TONES: Final[dict[Status, str]] = {
    "current": "good", "behind": "warn", "starting": "warn", "stale": "bad", "disconnected": "bad", "damaged": "bad",
}  # fmt: skip


def headline(trust: Trust | TrustBrief, made_at: str) -> str:
    """Return in a sentence whether it can be trusted, and if not since when.

    Args:
        trust: which.
        made_at: when the state was made.
    """
    age = age_text(trust.event_age_s)
    match trust.status:
        case "current":
            return f"Current: the newest event is {age} old"
        case "behind":
            if trust.clock_at is None:
                return "Behind: nothing is folded yet"
            return f"Behind: the newest event folded is {age} old"
        case "stale":
            return f"STALE{_since(_still_since(trust), made_at)}: what is below is old"
        case "disconnected":
            since = _since(_heard_at(trust, made_at), made_at)
            return f"DISCONNECTED{since}: Kafka does not answer, what is below is old"
        case "damaged":
            return "DAMAGED: what is below may be wrong"
        case _:
            return "Starting: the ledger is being read, what is below is not whole yet"


def _still_since(trust: Trust | TrustBrief) -> str | None:
    """Return the last sign of life: of events when none come, else of commits."""
    quiet = isinstance(trust, Trust) and any(reason.code == "quiet" for reason in trust.reasons)
    return trust.clock_at if quiet else trust.committed_at


def _heard_at(trust: Trust | TrustBrief, made_at: str) -> str | None:
    if isinstance(trust, TrustBrief) or trust.heard_age_s is None:
        return trust.committed_at
    return (datetime.fromisoformat(made_at) - timedelta(seconds=trust.heard_age_s)).isoformat()


def _since(instant: str | None, made_at: str) -> str:
    return "" if instant is None else f" since {_second_text(instant, made_at)} UTC"


def _second_text(instant: str | None, made_at: str) -> str:
    today = instant is not None and instant[:10] == made_at[:10]
    return clock_text(instant) if today else minute_text(instant, now=made_at)


def band(trust: Trust, made_at: str) -> Html:
    """Return the operator's band."""
    return _band(
        trust,
        made_at,
        el("ul", *(el("li", reason.text) for reason in trust.reasons), cls="why") if trust.reasons else None,
        _facts(trust, made_at),
        el("details", _worst(trust), _partitions(trust), _left_out(trust), id="partitions"),
    )


def brief_band(trust: TrustBrief, made_at: str) -> Html:
    """Return what a User is told."""
    clock, committed = _second_text(trust.clock_at, made_at), _second_text(trust.committed_at, made_at)
    return _band(trust, made_at, el("p", f"Stream's clock {clock}, last commit {committed}."))


def _band(trust: Trust | TrustBrief, made_at: str, *inside: Child) -> Html:
    tone = _TONES[trust.status]
    title = el("h2", icon(tone), " ", headline(trust, made_at), id="headline")
    return el("section", title, *inside, id="trust", cls=f"band {tone}", aria_labelledby="headline")


def _facts(trust: Trust, made_at: str) -> Html:
    alone, of = ownerless(trust), len(trust.partitions)
    late = trust.status in {"behind", "stale"}
    facts = (
        (_aged(trust.event_age_s), "Newest event", age_text(trust.event_age_s), _second_text(trust.clock_at, made_at)),
        (_committed(trust), "Last commit", age_text(trust.commit_age_s), _second_text(trust.committed_at, made_at)),
        ("warn" if late and trust.behind else "good", "Not folded", count_text(trust.behind), "records"),
        ("none", "Partitions owned", "not known", f"of {of}")
        if alone is None
        else ("bad" if alone else "good", "Partitions owned", f"{of - alone} of {of}", ""),
        (
            "warn" if trust.dead_letters_last_hour else "good", "Dead letters, last hour",
            count_text(trust.dead_letters_last_hour), f"{count_text(trust.dead_letters)} ever",
        ),
        (
            "none", "Open legs", count_text(trust.open_legs),
            f"{count_text(trust.timed_out_legs)} past their time-out",
        ),
        _conserved(trust.conservation),
    )  # fmt: skip
    return el(
        "dl",
        *(
            el("div", el("dt", name), el("dd", icon(tone), " ", el("b", figure), " ", el("small", more)))
            for tone, name, figure, more in facts
        ),
        cls="facts",
    )


def _aged(age_s: float | None) -> str:
    return "bad" if age_s is None else "warn" if age_s > _AGED_S else "good"


def _committed(trust: Trust) -> str:
    return "bad" if trust.status == "stale" else _aged(trust.commit_age_s)


def _conserved(sums: Conservation) -> tuple[str, str, str, str]:
    words = {True: ("good", "holds"), False: ("bad", "BROKEN"), None: ("none", "can't be told")}
    tone, said = words[sums.holds]
    return tone, "Conservation", said, f"{count_text(sums.opened)} opened, {count_text(sums.ended)} ended"


def _worst(trust: Trust) -> Html:
    if not trust.partitions:
        return el("summary", "Lag by partition: none is known yet")
    worst = max(
        trust.partitions, key=lambda each: (each.owner is None, sum(each.behind.values()), each.event_age_s or 0.0)
    )
    nobody = "owner not known" if ownerless(trust) is None else "no owner"
    return el(
        "summary", "Lag by partition: worst is ",
        f"{worst.partition} with {count_text(sum(worst.behind.values()))} records, ", worst.owner or nobody,
    )  # fmt: skip


def _left_out(trust: Trust) -> Html | None:
    if not trust.left_out:
        return None
    text = "of the last six hours are in no line and no window: each spans over an hour, or is from before this began."
    return el("p", f"{count_text(trust.left_out)} {'commit' if trust.left_out == 1 else 'commits'} {text}")


def _partitions(trust: Trust) -> Html:
    nobody = join("not known") if ownerless(trust) is None else join(icon("bad"), " none")
    heads = ("Partition", "Owner", "Clock", "Event age", "Not folded", "Last commit", "Live has not read")
    rows = (
        el(
            "tr",
            el("th", str(each.partition), scope="row"),
            el("td", each.owner or nobody),
            el("td", clock_text(each.clock_at)),
            el("td", age_text(each.event_age_s)),
            el("td", ", ".join(f"{topic} {count_text(by)}" for topic, by in each.behind.items() if by) or "0"),
            el("td", f"{count_text(each.commit)} at {clock_text(each.committed_at)}"),
            el("td", count_text(each.unread)),
        )
        for each in trust.partitions
    )
    head = el("thead", el("tr", *(el("th", name, scope="col") for name in heads)))
    return el("div", el("table", head, el("tbody", *rows)), cls="scroll", tabindex=0, role="group", aria_label="Lag")
