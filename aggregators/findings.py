"""What is found of a deployment: what the brokers hold, set against what the product needs. Pure: facts in, words out.

Each finding says what is the case, why that matters and what to do; a fault is what figures, packs or people's data
suffer from, a warning what they may come to suffer from.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from dcc_analytics.stream.permissions import Grant, Part
from dcc_analytics.stream.protocol import NO_TOPIC
from dcc_analytics.stream.retention import FOR_EVER
from dcc_analytics.stream.topics import DEAD_LETTERS, Topic, kept_longer

#: A commit is under way every second or two; records that wait with none for so long are folded by nobody.
QUIET_MS: Final = 60_000
#: Clocks of machines that are kept by NTP differ by far less.
SKEW_MS: Final = 2_000
#: Fewer copies than that do not survive the loss of a broker while another is being restarted.
COPIES: Final = 3


class State(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: of what, how bad, what is the case, why it matters, what to do; both empty where all is well."""

    check: str
    state: State
    what: str
    why: str = ""
    do: str = ""


@dataclass(frozen=True, slots=True)
class TopicFacts:
    """A topic as the brokers have it.

    Attributes:
        error_code: of Kafka's protocol; 0 where it is there and we may know of it.
        copies: of each partition, how many there are to be.
        in_sync: of each partition, how many are up to date.
        leaderless: partitions that nobody leads.
        settings: by Kafka's names; None where we may not know them.
    """

    error_code: int
    copies: tuple[int, ...] = ()
    in_sync: tuple[int, ...] = ()
    leaderless: tuple[int, ...] = ()
    settings: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found out of a deployment.

    Attributes:
        brokers: how many there are.
        topics: by the product's own words for them.
        members: workers the group has; None where that is not known.
        waiting: records that are there and not folded; None where that is not known.
        newest_commit_ms: when the newest commit was made, by the clock of who made it; None without any.
        now_ms: by the clock of this machine.
        lacking: for each part what the user is not granted of what the part needs.
    """

    brokers: int
    topics: Mapping[str, TopicFacts]
    members: int | None
    waiting: int | None
    newest_commit_ms: int | None
    now_ms: int
    lacking: Mapping[Part, Sequence[Grant]] = field(default_factory=dict)


def findings(facts: Facts, wanted: Sequence[Topic], name: Mapping[str, str], part: Part | None) -> Iterator[Finding]:
    """Yield what is found.

    Args:
        facts: of the deployment.
        wanted: the topics there have to be.
        name: of each on the cluster, by the product's own word.
        part: what the user is to do; None for no part in particular.
    """
    yield from _copies(facts, wanted, name)
    yield from _there(facts, wanted, name)
    yield from _partitions(facts, wanted, name)
    yield from _settings(facts, wanted, name)
    yield _lag(facts)
    yield _clock(facts)
    yield from _permissions(facts, part)


def _visible(facts: Facts, wanted: Sequence[Topic]) -> list[tuple[Topic, TopicFacts]]:
    return [(topic, facts.topics[topic.name]) for topic in wanted if facts.topics[topic.name].error_code == 0]


def _there(facts: Facts, wanted: Sequence[Topic], name: Mapping[str, str]) -> Iterator[Finding]:
    missing = [name[t.name] for t in wanted if facts.topics[t.name].error_code == NO_TOPIC]
    hidden = [name[t.name] for t in wanted if facts.topics[t.name].error_code not in {0, NO_TOPIC}]
    if missing:
        yield Finding(
            "topics", State.FAULT, f"topics are missing: {', '.join(missing)}",
            "nothing can be folded without them, and brokers that make them by themselves make them wrongly",
            "run `dcca topics create` with the --application and --prefix of the workers",
        )  # fmt: skip
    if hidden:
        yield Finding(
            "topics", State.WARNING, f"topics this user may not know of: {', '.join(hidden)}",
            "whether they are there and what they are like can't be seen",
            "run it as a user that is granted what `dcca acl show doctor` prints",
        )  # fmt: skip
    if not missing and not hidden:
        yield Finding("topics", State.OK, f"all {len(wanted)} topics are there")


def _partitions(facts: Facts, wanted: Sequence[Topic], name: Mapping[str, str]) -> Iterator[Finding]:
    visible = _visible(facts, wanted)
    shared = {name[topic.name]: len(of.copies) for topic, of in visible if topic.partitions is None}
    singles = {name[topic.name]: len(of.copies) for topic, of in visible if topic.partitions == 1}
    wrong = False
    if len(set(shared.values())) > 1:
        wrong = True
        words = ", ".join(f"{topic} {count}" for topic, count in shared.items())
        yield Finding(
            "partitions", State.FAULT, f"co-partitioned topics differ in their numbers of partitions: {words}",
            "records of one Device would part, and no worker folds them",
            "make the topics anew with `dcca topics create` under another --prefix, and publish again",
        )  # fmt: skip
    for topic, count in singles.items():
        if count != 1:
            wrong = True
            yield Finding(
                "partitions", State.FAULT, f"topic {topic} has {count} partitions, and is to have one",
                "its records are only told in order within one partition",
                "make it anew with `dcca topics create`, and publish again",
            )  # fmt: skip
    if shared and not wrong:
        count = next(iter(shared.values()))
        yield Finding(
            "partitions", State.OK, f"{_counted(count, 'partition', 'partitions')}, which as many workers can share"
        )


def _copies(facts: Facts, wanted: Sequence[Topic], name: Mapping[str, str]) -> Iterator[Finding]:
    visible = _visible(facts, wanted)
    led = [f"{name[t.name]}/{partition}" for t, of in visible for partition in of.leaderless]
    behind = [name[t.name] for t, of in visible if any(i < c for i, c in zip(of.in_sync, of.copies, strict=True))]
    least = min((copies for _, of in visible for copies in of.copies), default=COPIES)
    if led:
        yield Finding(
            "brokers", State.FAULT, f"partitions without a leader: {', '.join(led)}",
            "they can be neither read nor written", "start the brokers that hold them",
        )  # fmt: skip
    if behind:
        yield Finding(
            "brokers", State.WARNING, f"topics with copies that are not up to date: {', '.join(behind)}",
            "with one broker more away they can't be written", "see to the brokers that are away or slow",
        )  # fmt: skip
    if least < COPIES:
        yield Finding(
            "brokers", State.WARNING, f"{_counted(facts.brokers, 'broker', 'brokers')}, and as few as "
            f"{_counted(least, 'copy', 'copies')} of a topic",
            "the loss of a disk may lose the ledger, and then a month has to be folded from its events again",
            f"use {COPIES} brokers, and make the topics with --replication {COPIES}",
        )  # fmt: skip
    elif not led and not behind:
        yield Finding("brokers", State.OK, f"{_counted(facts.brokers, 'broker', 'brokers')}, every copy up to date")


def _settings(facts: Facts, wanted: Sequence[Topic], name: Mapping[str, str]) -> Iterator[Finding]:
    visible = _visible(facts, wanted)
    hidden = [name[topic.name] for topic, of in visible if of.settings is None]
    if hidden:
        yield Finding(
            "settings", State.WARNING, f"topics whose settings this user may not read: {', '.join(hidden)}",
            "records may go too early, or stay too long, unseen",
            "run it as a user that is granted what `dcca acl show doctor` prints",
        )  # fmt: skip
    wrong = [each for topic, of in visible if of.settings for each in _of_topic(topic, of.settings, name[topic.name])]
    yield from wrong
    if visible and not hidden and not wrong:
        yield Finding("settings", State.OK, "records are kept as they have to be")


def _of_topic(topic: Topic, has: Mapping[str, str], name: str) -> Iterator[Finding]:
    """Yield what is wrong with the settings of a topic."""
    change = "change it by Kafka's own tools (`kafka-configs.sh --alter`)"
    policy, policy_wanted = has.get("cleanup.policy", ""), topic.settings["cleanup.policy"]
    if policy != policy_wanted:
        why = (
            "without compaction it grows for ever, and with deletion its oldest state is lost"
            if policy_wanted == "compact"
            else "compaction takes events away, of which each counts"
        )
        yield Finding(
            "settings", State.FAULT, f"topic {name} has cleanup.policy {policy}, and is to have {policy_wanted}", why,
            f"set cleanup.policy to {policy_wanted}: {change}",
        )  # fmt: skip
    kept, kept_wanted = int(has.get("retention.ms", FOR_EVER)), int(topic.settings.get("retention.ms", FOR_EVER))
    if policy == policy_wanted and kept_longer(topic, has):
        yield Finding(
            "settings", State.FAULT, f"topic {name} keeps records longer than the rule allows",
            "they hold personal data", "run `dcca topics create`, which sets it right",
        )  # fmt: skip
    elif topic.name != DEAD_LETTERS and policy_wanted == "delete" and FOR_EVER < kept < kept_wanted:
        yield Finding(
            "settings", State.WARNING, f"topic {name} keeps records for {kept:,} ms, and is to for {kept_wanted:,}",
            "a month can't be folded again or explained once its events are gone",
            f"raise retention.ms: {change}",
        )  # fmt: skip
    for setting in ("min.compaction.lag.ms", "max.message.bytes"):
        least = int(topic.settings.get(setting, 0))
        if int(has.get(setting, least)) < least:
            yield Finding(
                "settings", State.FAULT, f"topic {name} has {setting} {has[setting]}, and needs {least} at least",
                "a key that is rewritten may be gone while it is read" if "lag" in setting else "the largest records "
                "are refused", f"raise {setting}: {change}",
            )  # fmt: skip


def _lag(facts: Facts) -> Finding:
    if facts.waiting is None:
        return Finding(
            "lag", State.WARNING, "how many records wait to be folded can't be seen",
            "a worker that stands still would not be noticed",
            "see to the topics first, or run it as a user that is granted what `dcca acl show doctor` prints",
        )  # fmt: skip
    workers = "" if facts.members is None else f", {_counted(facts.members, 'worker', 'workers')}"
    what = f"{_counted(facts.waiting, 'record waits', 'records wait')} to be folded{workers}"
    quiet_ms = facts.now_ms - (facts.newest_commit_ms or 0)
    if facts.waiting and (facts.members == 0 or quiet_ms > QUIET_MS):
        since = "" if facts.newest_commit_ms is None else f"; the last commit is {quiet_ms / 1000:,.0f} s old"
        return Finding(
            "lag", State.FAULT, f"{what}{since}",
            "nobody folds them", "start a worker (`dcca worker`), or see in its log why it stands still",
        )  # fmt: skip
    if facts.members == 0:
        return Finding(
            "lag", State.WARNING, what, "what comes next is folded by nobody", "start a worker (`dcca worker`)"
        )
    return Finding("lag", State.OK, what)


def _clock(facts: Facts) -> Finding:
    ahead_ms = (facts.newest_commit_ms or 0) - facts.now_ms
    if ahead_ms > SKEW_MS:
        return Finding(
            "clock", State.FAULT, f"the newest commit is from {ahead_ms / 1000:,.0f} s ahead, by its worker's clock",
            "one of the two clocks is wrong, and what is stale, late or final is judged by clocks",
            "set the clocks of all machines by NTP",
        )  # fmt: skip
    newest = "no commit is known to compare with" if facts.newest_commit_ms is None else "no commit is from the future"
    return Finding("clock", State.OK, newest)


def _permissions(facts: Facts, part: Part | None) -> Iterator[Finding]:
    if part is None:
        may = [each.value for each, lacking in facts.lacking.items() if not lacking]
        yield Finding("permissions", State.OK, f"this user may run: {', '.join(may) or 'no part as a whole'}")
        return
    lacking = facts.lacking.get(part, ())
    if not lacking:
        yield Finding("permissions", State.OK, f"this user may do what {part} needs")
        return
    yield Finding(
        "permissions", State.FAULT, f"this user may not: {'; '.join(map(str, lacking))}",
        f"{part} refuses to begin without", f"run `dcca acl grant {part}` as an administrator",
    )  # fmt: skip


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
