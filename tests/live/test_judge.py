"""What is said to be wrong: nobody commits, nobody owns, Kafka away, behind, quiet, damaged, legs lost."""

import pytest

from dcc_analytics.live.judge import Outside, conservation_of, judge
from dcc_analytics.live.shard import FollowedShard
from dcc_analytics.live.trust import Trust, ownerless
from dcc_analytics.stream.instants import HOUR_US, US_PER_S
from dcc_analytics.stream.strays import SOURCES
from tests.desk import NOON

PARTITIONS = 2
TOPIC = next(iter(SOURCES))


def shards() -> dict[int, FollowedShard]:
    """Return shards that have folded ten records of each topic until noon, and committed then."""
    found = {}
    for partition in range(PARTITIONS):
        shard = found[partition] = FollowedShard(partition)
        list(shard.begin())
        assert shard.state is not None
        shard.state.applied = {f"{topic}/{partition}": 10 for topic in SOURCES}
        shard.state.clock_us = NOON
        shard.state.seq = 7
        shard.committed_ms = NOON // 1000
    return found


def outside(**fields: object) -> Outside:
    """Return what is known when all is well."""
    known = Outside(
        tops={(topic, partition): 10 for topic in SOURCES for partition in range(PARTITIONS)},
        ends=dict.fromkeys(range(PARTITIONS), 50), read=dict.fromkeys(range(PARTITIONS), 50),
        owners=dict.fromkeys(range(PARTITIONS), "worker at host"), heard_us=NOON, begun=True,
    )  # fmt: skip
    for name, value in fields.items():
        setattr(known, name, value)
    return known


def judged(known: Outside, now_us: int = NOON + US_PER_S, followed: dict[int, FollowedShard] | None = None) -> Trust:
    return judge(known, followed or shards(), now_us, stale_after_s=3.0, letters_last_hour=0, left_out=0)


def said(trust: Trust) -> tuple[str, list[str]]:
    return trust.status, [reason.code for reason in trust.reasons]


def with_waiting(number: int) -> dict[tuple[str, int], int]:
    return outside().tops | {(TOPIC, 1): 10 + number}


def test_all_is_well() -> None:
    trust = judged(outside())
    assert ("current", []) == said(trust)
    assert (1.0, 1.0, 1.0, 0, 0) == (
        trust.event_age_s, trust.commit_age_s, trust.heard_age_s, trust.behind, trust.unread,
    )  # fmt: skip
    assert ["worker at host"] * 2 == [each.owner for each in trust.partitions]


def test_a_worker_that_was_killed_is_noticed_within_the_time_given() -> None:
    known, followed = outside(tops=with_waiting(4), heard_us=NOON + 9 * US_PER_S), shards()
    known.note_waiting(followed, NOON + 5 * US_PER_S)
    assert ("current", []) == said(judged(known, NOON + 8 * US_PER_S, followed))
    known.note_waiting(followed, NOON + 6 * US_PER_S)
    trust = judged(known, NOON + 9 * US_PER_S, followed)
    assert ("stale", ["no_commits"]) == said(trust)
    assert "nothing was committed for 4 s in partitions 1; see to the workers" in trust.reasons[0].text
    assert 4 == trust.behind


def test_a_commit_begins_the_wait_anew_and_folding_all_ends_it() -> None:
    known, followed = outside(tops=with_waiting(4)), shards()
    known.note_waiting(followed, NOON)
    known.commit_heard_us[1] = NOON + 8 * US_PER_S
    known.note_waiting(followed, NOON + 9 * US_PER_S)
    assert {0: 0, 1: NOON + 8 * US_PER_S} == known.waiting_since_us
    known.tops = outside().tops
    known.note_waiting(followed, NOON + 9 * US_PER_S)
    assert {0: 0, 1: 0} == known.waiting_since_us


@pytest.mark.parametrize(
    ("known", "after_s", "status", "codes"),
    [
        (outside(heard_us=0), 1, "disconnected", ["kafka_away"]),
        (outside(), 4, "disconnected", ["kafka_away"]),
        (outside(begun=False), 1, "starting", ["ledger_unread"]),
        (outside(owners={0: "a"}), 1, "stale", ["no_owner"]),
        (outside(owners=None), 1, "current", []),
        (outside(tops=with_waiting(1), heard_us=NOON + 61 * US_PER_S), 61, "behind", ["behind"]),
        (outside(tops=with_waiting(1), heard_us=NOON + 59 * US_PER_S), 59, "current", []),
        (outside(heard_us=NOON + HOUR_US), 3600, "stale", ["quiet"]),
        (outside(damage="the ledger is damaged"), 1, "damaged", ["ledger_damaged"]),
        (
            outside(damage="the ledger is damaged", owners={}),
            4,
            "damaged",
            ["ledger_damaged", "kafka_away"],
        ),
        (outside(owners={}, begun=False), 1, "starting", ["ledger_unread"]),
    ],
)
def test_each_fault_has_its_status_and_the_gravest_leads(
    known: Outside, after_s: int, status: str, codes: list[str]
) -> None:
    assert (status, codes) == said(judged(known, NOON + after_s * US_PER_S))


def test_a_leg_that_was_lost_is_damage() -> None:
    followed = shards()
    state = followed[0].state
    assert state is not None
    for _ in range(3):
        state.counters.note(("leg_opened", TOPIC))
    state.counters.fold(state.counters.cut())
    assert conservation_of(followed).holds is False
    trust = judged(outside(), followed=followed)
    assert ("damaged", ["conservation"]) == said(trust)
    assert trust.reasons[0].text.startswith("3 legs were opened and are neither ended nor open")
    state.dropped_us = 1
    assert conservation_of(followed).holds is None, "what was held may be gone by rule"


def test_what_was_never_told_is_said_in_words_of_its_own() -> None:
    fresh = {0: FollowedShard(0)}
    list(fresh[0].begin())
    known = outside(tops={(topic, 0): 10 for topic in SOURCES}, owners={0: "worker at host"})
    (reason,) = judged(known, followed=fresh).reasons
    assert f"{10 * len(SOURCES)} records are there and not folded; none is folded yet" == reason.text
    (reason,) = judged(outside(tops={}, owners={0: "worker at host"}), followed=fresh).reasons
    assert "nothing has come yet; see to the feed" == reason.text


def test_partitions_nobody_could_ask_for_are_not_called_without_owner() -> None:
    assert 0 == ownerless(judged(outside()))
    assert 1 == ownerless(judged(outside(owners={0: "a"})))
    assert PARTITIONS == ownerless(judged(outside(owners={})))
    assert ownerless(judged(outside(owners=None))) is None
