"""Whether what is seen can be trusted, as JSON says it. Values only; ``judge`` makes them."""

from typing import Literal

from msgspec import Struct

Status = Literal["starting", "current", "behind", "stale", "disconnected", "damaged"]


class Reason(Struct, frozen=True):
    """Why what is shown may not be taken at face value.

    Attributes:
        code: for machines, for example ``no_commits``.
        text: for people, with what to look at.
    """

    code: str
    text: str


class Partition(Struct, frozen=True):
    """How far one shard is.

    Attributes:
        partition: which.
        owner: client and host that hold it by the consumer group; null when none does, or it is not known.
        clock_at: the shard's clock; null before the first record.
        event_age_s: how long before now that is.
        behind: by source topic, offsets that are there and not folded.
        commit: number of the shard's last commit that was read.
        committed_at: when the broker took it; null when there is none.
        unread: offsets of the ledger's partition that live has not read yet.
    """

    partition: int
    owner: str | None
    clock_at: str | None
    event_age_s: float | None
    behind: dict[str, int]
    commit: int
    committed_at: str | None
    unread: int


class Conservation(Struct, frozen=True):
    """Whether every leg that was opened has ended or is open (contract 3.14).

    Attributes:
        opened: legs opened by a request, and results of schedules.
        ended: of them those counted with an outcome.
        held: ended, and counted when their process is decided at month end.
        withdrawn: cancelled before an answer.
        open: the others, as the shards hold them.
        holds: whether the sum is right; null once what was held has been dropped, when it can't be told any more.
    """

    opened: int
    ended: int
    held: int
    withdrawn: int
    open: int
    holds: bool | None


class Trust(Struct, frozen=True):
    """Whether what is shown can be trusted. Read this first.

    Attributes:
        status: ``current``; ``behind`` (records are there and not folded); ``stale`` (nothing new although there
            should be); ``disconnected`` (Kafka does not answer); ``damaged`` (the ledger can't be read); ``starting``.
        reasons: all that hold, gravest first; empty when current.
        clock_at: the stream's clock over all shards; null before the first record.
        event_age_s: how long before now that is.
        committed_at: when the newest commit of any shard was taken; null without.
        commit_age_s: how long before now that is.
        heard_age_s: how long ago Kafka last answered.
        behind: records there and not folded, of all partitions.
        unread: offsets of the ledger that live has not read.
        partitions: each shard.
        dead_letters: records that could not be read, so far.
        dead_letters_last_hour: of them those of the last hour.
        open_legs: legs without an answer, within their time-out or beyond it.
        timed_out_legs: of them those beyond it, which count as failures.
        conservation: whether nothing was lost.
        history_weeks: of how many weeks hours are remembered at most.
        left_out: commits of the last six hours that are in no line and no window, though in the month: they span more
            than an hour, or were checkpoints or settled a month's end before live began to follow.
    """

    status: Status
    reasons: list[Reason]
    clock_at: str | None
    event_age_s: float | None
    committed_at: str | None
    commit_age_s: float | None
    heard_age_s: float | None
    behind: int
    unread: int
    partitions: list[Partition]
    dead_letters: int
    dead_letters_last_hour: int
    open_legs: int
    timed_out_legs: int
    conservation: Conservation
    history_weeks: int
    left_out: int = 0


def ownerless(trust: Trust) -> int | None:
    """Return how many partitions have no worker; None while nobody could be asked."""
    alone = sum(each.owner is None for each in trust.partitions)
    known = alone < len(trust.partitions) or any(reason.code == "no_owner" for reason in trust.reasons)
    return alone if known else None


class TrustBrief(Struct, frozen=True):
    """What of ``Trust`` a User is told: nothing of partitions, owners or others' records."""

    status: Status
    clock_at: str | None
    event_age_s: float | None
    committed_at: str | None


class Ready(Struct, frozen=True):
    """Whether what is served is current.

    Attributes:
        ready: whether it is.
        reasons: why not.
    """

    ready: bool
    reasons: list[Reason]
