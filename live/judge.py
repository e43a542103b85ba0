"""Whether what is seen can be trusted: what is known of shards, topics and owners becomes a verdict. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from dcc_analytics.live.shard import FollowedShard
from dcc_analytics.live.surprise import WEEKS
from dcc_analytics.live.trust import Conservation, Partition, Reason, Status, Trust
from dcc_analytics.stream.clock import horizon_us
from dcc_analytics.stream.fetched import Place
from dcc_analytics.stream.instants import US_PER_MS, US_PER_S, instant_text
from dcc_analytics.stream.outcomes import RecordClass
from dcc_analytics.stream.strays import SOURCES

#: Kafka that has been silent for so long is called away; it is asked twice a second, and given two seconds to answer.
AWAY_S: Final = 3.0
#: Folding that is further behind now than this is called behind: a commit is under way every second or two.
BEHIND_S: Final = 60.0
#: A feed from which nothing has come for so long is called quiet.
QUIET_S: Final = 900.0


@dataclass(slots=True)
class Outside:
    """What is known besides the ledger.

    Attributes:
        tops: by topic and partition of the sources, the offset after the last record.
        ends: by partition of the ledger, the offset up to which all is decided.
        read: by partition of the ledger, the offset read up to.
        owners: by partition, who has it; None while nobody could be asked.
        heard_us: when Kafka last answered; 0 before it has.
        commit_heard_us: by partition, when a commit came last. By the clock of this machine, as all that is compared
            with now: the broker's may go otherwise.
        waiting_since_us: by partition, since when records are there and no commit has come; 0 for none.
        begun: whether the ledger was read to its end once.
        damage: what is wrong with the ledger; empty for nothing.
    """

    tops: dict[Place, int] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)
    read: dict[int, int] = field(default_factory=dict)
    owners: dict[int, str] | None = None
    heard_us: int = 0
    commit_heard_us: dict[int, int] = field(default_factory=dict)
    waiting_since_us: dict[int, int] = field(default_factory=dict)
    begun: bool = False
    damage: str = ""

    def note_waiting(self, shards: Mapping[int, FollowedShard], now_us: int) -> None:
        """Note which shards have records waiting; a commit begins the wait anew.

        Args:
            shards: by partition.
            now_us: now.
        """
        for partition in shards:
            since_us = self.waiting_since_us.get(partition, 0)
            if not any(behind(self, shards, partition).values()):
                self.waiting_since_us[partition] = 0
            else:
                self.waiting_since_us[partition] = max(since_us or now_us, self.commit_heard_us.get(partition, 0))


def behind(outside: Outside, shards: Mapping[int, FollowedShard], partition: int) -> dict[str, int]:
    """Return by source topic how many offsets of a partition are there and not folded."""
    state = shards[partition].state
    applied = {} if state is None else state.applied
    return {
        topic: max(0, outside.tops.get((topic, partition), 0) - applied.get(f"{topic}/{partition}", 0))
        for topic in SOURCES
    }


def clock_us(outside: Outside, shards: Mapping[int, FollowedShard]) -> int:
    """Return the stream's clock over all shards, as a snapshot would have it; 0 before anything was read."""
    told = [
        (shard.state.clock_us, not any(behind(outside, shards, partition).values()))
        for partition, shard in shards.items()
        if shard.state is not None
    ]
    return max(0, horizon_us(told)) if told else 0


def judge(
    outside: Outside,
    shards: Mapping[int, FollowedShard],
    now_us: int,
    *,
    stale_after_s: float,
    letters_last_hour: int,
    left_out: int,
) -> Trust:
    """Return whether what is seen can be trusted.

    Args:
        outside: what is known besides.
        shards: by partition.
        now_us: now, by the wall's clock.
        stale_after_s: longest time records may wait without a commit.
        letters_last_hour: dead letters of the last hour.
        left_out: commits of the last six hours that no line has.
    """
    partitions = [_partition(outside, shards, number, now_us) for number in sorted(shards)]
    conservation = conservation_of(shards)
    committed_ms = max((shard.committed_ms for shard in shards.values()), default=0)
    clock = clock_us(outside, shards)
    reasons = _reasons(outside, partitions, conservation, _Times(clock, now_us, stale_after_s))
    return Trust(
        status=reasons[0][0] if reasons else "current",
        reasons=[reason for _, reason in reasons],
        clock_at=_text(clock),
        event_age_s=_age_s(clock, now_us),
        committed_at=_text(committed_ms * US_PER_MS),
        commit_age_s=_age_s(committed_ms * US_PER_MS, now_us),
        heard_age_s=_age_s(outside.heard_us, now_us),
        behind=sum(sum(each.behind.values()) for each in partitions),
        unread=sum(each.unread for each in partitions),
        partitions=partitions,
        dead_letters=_counted(shards, RecordClass.DEAD_LETTER),
        dead_letters_last_hour=letters_last_hour,
        open_legs=sum(shard.open_legs.total("open") + shard.open_legs.total("timed_out") for shard in shards.values()),
        timed_out_legs=sum(shard.open_legs.total("timed_out") for shard in shards.values()),
        conservation=conservation,
        history_weeks=WEEKS,
        left_out=left_out,
    )


def _partition(outside: Outside, shards: Mapping[int, FollowedShard], number: int, now_us: int) -> Partition:
    shard = shards[number]
    state = shard.state
    return Partition(
        partition=number,
        owner=None if outside.owners is None else outside.owners.get(number),
        clock_at=_text(0 if state is None else state.clock_us),
        event_age_s=_age_s(0 if state is None else state.clock_us, now_us),
        behind=behind(outside, shards, number),
        commit=0 if state is None else state.seq,
        committed_at=_text(shard.committed_ms * US_PER_MS),
        unread=max(0, outside.ends.get(number, 0) - outside.read.get(number, 0)),
    )


class _Times(NamedTuple):
    clock_us: int
    now_us: int
    stale_after_s: float


def _reasons(
    outside: Outside, partitions: list[Partition], conservation: Conservation, times: _Times
) -> list[tuple[Status, Reason]]:
    """Return all that speaks against trusting, gravest first."""
    found = list(_of_what_is_read(outside, partitions, conservation, times.now_us))
    if any(status in {"disconnected", "starting"} for status, _ in found):
        return found  # nothing that is known of workers is of now
    return [*found, *_of_folding(outside, partitions, times)]


def _of_what_is_read(
    outside: Outside, partitions: list[Partition], conservation: Conservation, now_us: int
) -> Iterator[tuple[Status, Reason]]:
    """Yield what is wrong with the ledger, and with reading it."""
    if outside.damage:
        yield "damaged", Reason("ledger_damaged", outside.damage)
    if conservation.holds is False:
        lost = conservation.opened - conservation.ended - conservation.held - conservation.withdrawn - conservation.open
        text = f"{lost:,} legs were opened and are neither ended nor open; run `dcca audit`"
        yield "damaged", Reason("conservation", text)
    silent_s = _age_s(outside.heard_us, now_us)
    if silent_s is None or silent_s > AWAY_S:
        since = "has not answered yet" if silent_s is None else f"has not answered for {silent_s:.0f} s"
        yield "disconnected", Reason("kafka_away", f"Kafka {since}; what is shown is what was known before")
    if not outside.begun:
        unread = sum(each.unread for each in partitions)
        yield "starting", Reason("ledger_unread", f"the ledger is being read: {unread:,} offsets are left")


def _of_folding(outside: Outside, partitions: list[Partition], times: _Times) -> Iterator[tuple[Status, Reason]]:
    """Yield what is wrong with workers and the feed."""
    clock, now_us, stale_after_s = times
    waits = {p: (now_us - since) / US_PER_S for p, since in outside.waiting_since_us.items() if since}
    if late := [partition for partition, waited_s in waits.items() if waited_s > stale_after_s]:
        text = (
            f"records wait and nothing was committed for {max(waits.values()):.0f} s in partitions {_listed(late)}; "
            "see to the workers"
        )
        yield "stale", Reason("no_commits", text)
    if outside.owners is not None and (alone := [p.partition for p in partitions if p.owner is None]):
        text = f"no worker has partitions {_listed(alone)}; start one, or wait for the rebalance"
        yield "stale", Reason("no_owner", text)
    age_s = _age_s(clock, now_us)
    left = sum(sum(each.behind.values()) for each in partitions)
    if left and (age_s is None or age_s > BEHIND_S):
        far = "none is folded yet" if age_s is None else f"the clock is {_span(age_s)} behind now"
        yield "behind", Reason("behind", f"{left:,} records are there and not folded; {far}")
    elif not left and (age_s is None or age_s > QUIET_S):
        come = "nothing has come yet" if age_s is None else f"nothing has come for {_span(age_s)}"
        yield "stale", Reason("quiet", f"{come}; see to the feed")


def conservation_of(shards: Mapping[int, FollowedShard]) -> Conservation:
    """Return whether every leg opened has ended or is open (contract 3.14)."""
    opened = _counted(shards, RecordClass.LEG_OPENED) + _counted(shards, RecordClass.SCHEDULED)
    states = [shard.state for shard in shards.values() if shard.state is not None]
    ended = sum(int(state.cells.columns[name].sum()) for state in states for name in ("successes", "failures"))
    held = sum(len(state.held) for state in states)
    withdrawn = sum(count for state in states for (name, _), count in state.counters.items() if name == "cancelled")
    still = sum(len(state.memory.legs) for state in states)
    right = opened == ended + held + withdrawn + still
    dropped = any(state.dropped_us for state in states)
    return Conservation(opened, ended, held, withdrawn, still, None if dropped and not right else right)


def _counted(shards: Mapping[int, FollowedShard], became: RecordClass) -> int:
    return sum(
        count
        for shard in shards.values()
        if shard.state is not None
        for (name, topic), count in shard.state.counters.items()
        if topic and name == became
    )


def _text(us: int) -> str | None:
    return instant_text(us) if us > 0 else None


def _age_s(us: int, now_us: int) -> float | None:
    return round((now_us - us) / US_PER_S, 3) if us > 0 else None


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 600 else f"{seconds / 3600:.1f} h"


def _listed(partitions: list[int]) -> str:
    shown = ", ".join(map(str, partitions[:10]))
    return f"{shown} and {len(partitions) - 10} more" if len(partitions) > 10 else shown
