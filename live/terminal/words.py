"""Figures as a terminal says them. Pure."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from dcc_analytics.live.figures import Line
from dcc_analytics.live.trust import Trust, TrustBrief, ownerless
from dcc_analytics.live.wording import age_text, count_text

_BARS: Final = "▁▂▃▄▅▆▇█"


def clean(text: str) -> str:
    r"""Return a text whose control characters are replaced: what a server sends moves no cursor.

    >>> clean("E54\x1b[2J")
    'E54�[2J'
    """
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def sparkline(values: Sequence[int], width: int) -> str:
    """Return columns as high as the sums of equal parts, oldest first; what is nothing is a space.

    >>> sparkline([0, 0, 1, 0, 4, 4], 3)
    ' ▁█'
    """
    step = max(1, math.ceil(len(values) / width))
    sums = [sum(values[at : at + step]) for at in range(0, len(values), step)]
    most = max(sums, default=0)
    return "".join(" " if each == 0 else _BARS[math.ceil(each * len(_BARS) / most) - 1] for each in sums)


def failures_line(line: Line, width: int) -> str:
    """Return the failures of six hours as columns."""
    return sparkline(line.failures, width)


def clock(at: str | None) -> str:
    """Return hour and minute of an instant, in UTC as it came.

    >>> clock("2026-10-05T12:04:31.000Z")
    '12:04'
    """
    return "" if at is None else f"{datetime.fromisoformat(at):%H:%M}"


def instant(at: str | None) -> str:
    """Return an instant to the second.

    >>> instant("2026-10-05T12:04:31.000Z")
    '2026-10-05 12:04:31 UTC'
    """
    return "not known" if at is None else f"{datetime.fromisoformat(at):%Y-%m-%d %H:%M:%S} UTC"


def doubtful(trust: Trust | TrustBrief) -> bool:
    """Say whether what is shown is not what is now."""
    return trust.status != "current"


def band(trust: Trust | TrustBrief, since_s: float) -> list[str]:
    """Return the lines that say whether the view can be trusted, the status first.

    Args:
        trust: as it was told.
        since_s: how long ago that was; ages have grown by as much.
    """
    grown = None if trust.event_age_s is None else trust.event_age_s + since_s
    first = f"{trust.status.upper()}  clock {instant(trust.clock_at)}, {age_text(grown)} ago"
    if isinstance(trust, TrustBrief):
        return [first]
    committed = None if trust.commit_age_s is None else trust.commit_age_s + since_s
    sums = {True: "holds", False: "BROKEN", None: "can't be told"}[trust.conservation.holds]
    second = (
        f"commit {age_text(committed)} ago  behind {count_text(trust.behind)}  unread {count_text(trust.unread)}"
        f"  dead letters {count_text(trust.dead_letters)}"
    )
    alone = ownerless(trust)
    third = (
        f"open legs {count_text(trust.open_legs)}, {count_text(trust.timed_out_legs)} past time-out"
        f"  conservation {sums}{f'  {alone} partitions without owner' if alone else ''}"
    )
    return [first, second, third, *(clean(f"! {reason.text}") for reason in trust.reasons)]
