"""States made up for tests."""

from dcc_analytics.live.figures import Baseline, Line, MonthCounts, ReasonNow, RegionNow, UserNow
from dcc_analytics.live.state import API_VERSION, Now
from dcc_analytics.live.surprise import counts
from dcc_analytics.live.trust import Conservation, Trust

AT = "2026-10-05T12:00:00.000Z"


def made_user(party: str, surprise: float) -> UserNow:
    """Return a Member that surprises so much."""
    hour = counts(100, 7)
    return UserNow(
        party=party, role="IS", name=f"The {party}", surprise=surprise, failure_surprise=surprise, volume_surprise=0.0,
        unusual="", since_at=None, last_5_minutes=counts(5, 1), last_hour=hour, today=hour,
        month=MonthCounts("2026-10", 100, 90, 7, 3, 7 / 97), baseline=Baseline(0, False, "", None, None, None, None),  # noqa: FBT003
        open_legs=3, timed_out_legs=1, alerts_last_hour=4, line=Line(AT, 300, [1] * 72, [0] * 72),
        regions=[RegionNow("North", hour, 0.0)],
    )  # fmt: skip


def made_trust() -> Trust:
    """Return the trust of a view that is current."""
    return Trust(
        status="current", reasons=[], clock_at=AT, event_age_s=0.4, committed_at=AT, commit_age_s=0.2, heard_age_s=0.1,
        behind=0, unread=0, partitions=[], dead_letters=0, dead_letters_last_hour=0, open_legs=3, timed_out_legs=1,
        conservation=Conservation(10, 6, 1, 0, 3, True), history_weeks=8,  # noqa: FBT003
    )  # fmt: skip


def made_now(state: str, users: list[UserNow]) -> Now:
    """Return a state with these Members."""
    return Now(
        version=API_VERSION, id=state, made_at=AT, application="dcca", trust=made_trust(), all=made_user("", 0.0),
        users=users, regions=["North"], services=[], reasons=[ReasonNow("E54", "words", 7, 9, 2, ["4.8.1"], AT)],
        devices=[], incidents=[],
    )  # fmt: skip
