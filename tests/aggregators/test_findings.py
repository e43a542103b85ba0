"""What is found of a deployment, from facts made up for it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from dcc_analytics.aggregators.findings import Facts, Finding, State, TopicFacts, findings
from dcc_analytics.stream.permissions import Grant, Operation, Part, Resource
from dcc_analytics.stream.topics import settings_of, topics

WANTED = [replace(topic, settings=settings_of(topic)) for topic in topics("dcca")]
NAMES = {topic.name: f"x-{topic.name}" for topic in WANTED}
NOW_MS = 1_790_000_000_000
GOOD = Facts(
    3,
    {
        topic.name: TopicFacts(0, (3,) * (topic.partitions or 4), (3,) * (topic.partitions or 4), (), topic.settings)
        for topic in WANTED
    },
    members=2,
    waiting=0,
    newest_commit_ms=NOW_MS - 500,
    now_ms=NOW_MS,
    lacking=dict.fromkeys(Part, ()),
)


def found(facts: Facts, part: Part | None = None) -> list[Finding]:
    """Return what is found that is not as it has to be."""
    return [each for each in findings(facts, WANTED, NAMES, part) if each.state is not State.OK]


def with_topic(name: str, **changes: Any) -> Facts:  # noqa: ANN401 (of any field)
    """Return good facts but for a topic."""
    return replace(GOOD, topics={**GOOD.topics, name: replace(GOOD.topics[name], **changes)})


def with_setting(name: str, changes: Mapping[str, str]) -> Facts:
    """Return good facts but for settings of a topic."""
    return with_topic(name, settings={**(GOOD.topics[name].settings or {}), **changes})


def test_of_a_deployment_as_it_has_to_be_all_is_well() -> None:
    checks = [each.check for each in findings(GOOD, WANTED, NAMES, Part.WORKER)]
    assert [] == found(GOOD, Part.WORKER)
    assert ["brokers", "topics", "partitions", "settings", "lag", "clock", "permissions"] == checks


@pytest.mark.parametrize(
    ("facts", "state", "check", "words"),
    [
        (with_topic("alerts", error_code=3, copies=(), in_sync=()), State.FAULT, "topics", "missing: x-alerts"),
        (
            with_topic("alerts", error_code=29, copies=(), in_sync=()),
            State.WARNING,
            "topics",
            "may not know of: x-aler",
        ),
        (with_topic("alerts", copies=(3,) * 5, in_sync=(3,) * 5), State.FAULT, "partitions", "x-alerts 5"),
        (with_topic("users", copies=(3, 3), in_sync=(3, 3)), State.FAULT, "partitions", "x-users has 2 partitions"),
        (with_topic("alerts", leaderless=(2,)), State.FAULT, "brokers", "without a leader: x-alerts/2"),
        (with_topic("alerts", in_sync=(3, 2, 3, 3)), State.WARNING, "brokers", "not up to date: x-alerts"),
        (
            with_topic("alerts", copies=(3, 3, 1, 3), in_sync=(3, 3, 1, 3)),
            State.WARNING,
            "brokers",
            "1 copy of a topic",
        ),
        (with_topic("alerts", settings=None), State.WARNING, "settings", "may not read: x-alerts"),
        (with_setting("dcca-ledger", {"cleanup.policy": "delete"}), State.FAULT, "settings", "is to have compact"),
        (with_setting("alerts", {"cleanup.policy": "compact"}), State.FAULT, "settings", "is to have delete"),
        (with_setting("alerts", {"retention.ms": "604800000"}), State.WARNING, "settings", "for 604,800,000 ms"),
        (with_setting("dead-letters", {"retention.ms": "-1"}), State.FAULT, "settings", "longer than the rule allows"),
        (
            with_setting("dcca-ledger", {"max.compaction.lag.ms": str(2**63 - 1)}),
            State.FAULT,
            "settings",
            "ledger keeps records longer than the rule allows",
        ),
        (with_setting("dcca-ledger", {"min.compaction.lag.ms": "0"}), State.FAULT, "settings", "and needs 86400000"),
        (
            with_setting("alerts", {"max.message.bytes": "1000012"}),
            State.FAULT,
            "settings",
            "max.message.bytes 1000012",
        ),
        (replace(GOOD, waiting=None), State.WARNING, "lag", "can't be seen"),
        (replace(GOOD, members=0), State.WARNING, "lag", "0 records wait to be folded, 0 workers"),
        (replace(GOOD, members=0, waiting=1), State.FAULT, "lag", "1 record waits to be folded, 0 workers"),
        (
            replace(GOOD, waiting=5, newest_commit_ms=NOW_MS - 61_000),
            State.FAULT,
            "lag",
            "5 records wait to be folded, 2 workers; the last commit is 61 s old",
        ),
        (replace(GOOD, newest_commit_ms=NOW_MS + 3_000), State.FAULT, "clock", "from 3 s ahead"),
    ],
)
def test_what_is_not_as_it_has_to_be_is_found_with_what_to_do(
    facts: Facts, state: State, check: str, words: str
) -> None:
    (only,) = found(facts)
    assert (state, check) == (only.state, only.check)
    assert words in only.what
    assert only.why
    assert only.do


@pytest.mark.parametrize(
    "facts",
    [
        with_setting("alerts", {"retention.ms": "-1"}),
        with_setting("dead-letters", {"retention.ms": "86400000"}),
        with_setting("dcca-ledger", {"min.compaction.lag.ms": "999999999"}),
        replace(GOOD, waiting=5, newest_commit_ms=NOW_MS - 1_000),
        replace(GOOD, newest_commit_ms=NOW_MS + 1_000),
        replace(GOOD, newest_commit_ms=None),
        replace(GOOD, members=None),
    ],
)
def test_what_is_better_than_it_has_to_be_or_ordinary_is_well(facts: Facts) -> None:
    assert [] == found(facts)


def test_what_a_user_may_not_do_is_a_fault_of_the_part_it_is_for_alone() -> None:
    rule = Grant(Resource.TOPIC, "x-strays", Operation.WRITE)
    facts = replace(GOOD, lacking={**GOOD.lacking, Part.WORKER: (rule,)})
    (only,) = found(facts, Part.WORKER)
    assert (State.FAULT, "this user may not: Write to topic x-strays") == (only.state, only.what)
    assert "`dcca acl grant worker`" in only.do
    assert [] == found(facts, Part.LIVE)
    *_, last = findings(facts, WANTED, NAMES, None)
    assert "this user may run: publish, rekey, month, live, dead-letters, retention, doctor" == last.what
