"""What lies in a ledger's log: the newest records entry by entry, what was replaced or aborted as wholes."""

import pytest

from dcc_analytics.aggregators import checkpoint
from dcc_analytics.aggregators.checkpoint import REWRITTEN_US
from dcc_analytics.aggregators.delta import HEAD
from dcc_analytics.aggregators.ledger_log import _Log, _Reader
from dcc_analytics.aggregators.packed import Packer
from dcc_analytics.aggregators.retained import Retained
from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.catalogue.retention import Found
from tests.desk import DAY, DEVICE, NOON, S
from tests.story import Story

LogRecord = tuple[bytes, bytes | None, int]
LogOf = list[LogRecord]
NOW_MS = 1_790_000_000_000
DAY_MS = 86_400_000


def log_of(*, checkpoints: bool, packer: Packer | None = None) -> LogOf:
    """Return the records of a ledger: three commits of two legs, a day apart; the third may be by a checkpoint."""
    story = Story()
    story.run()
    shard, maker = story.driver.shards[0], checkpoint.Checkpointer()
    log: LogOf = []
    for number in (1, 2, 3):
        for each in (number, number + 10):
            story.request(each, received=NOON + number * S)
        story.driver.step(shard, 500, commit=False)
        delta = shard.state.cut()
        shard.take_outgoing()
        rewritten = checkpoints and number == 3
        records = list(maker.records(shard.state) if rewritten else checkpoint.delta_records(delta, packer))
        if not rewritten:
            maker.written(key for key, _ in records)
        log += [(key, value, NOW_MS + number * DAY_MS) for key, value in records]
    return log


def read(
    log: LogOf, *, aborted: tuple[LogRecord, ...] = (), now_ms: int = NOW_MS, device: str | None = None
) -> dict[str, Found]:
    """Return what lies in a log by kind; of the ``aborted`` at its end nothing was committed."""
    seen = _Log()
    for offset, (key, value, stamp_ms) in enumerate(log):
        seen.note(key, value, offset, stamp_ms)
    reader = _Reader(seen, Retained(0, {}, device), device, now_ms)
    for offset, (key, value, stamp_ms) in enumerate([*log, *aborted]):
        if value is not None:
            reader.take(key, value, offset, stamp_ms)
    return {each.rule.id: each for each in reader.found("ledger/0") if each.entries}


def test_of_the_newest_records_every_entry_is_told_and_of_those_replaced_each_record() -> None:
    log = log_of(checkpoints=True)
    deltas = {key for key, value, _ in log if key.startswith(b"d|") and value is not None}
    found = read(log)
    assert (6, NOON + S) == (found["legs"].entries, found["legs"].oldest_us)
    assert len(deltas) == found["replaced"].entries


def test_what_was_replaced_is_beyond_eight_days_after_it_was() -> None:
    log = log_of(checkpoints=True)
    replaced_ms = NOW_MS + 3 * DAY_MS
    assert 0 == read(log, now_ms=replaced_ms + 8 * DAY_MS - 1)["replaced"].beyond
    found = read(log, now_ms=replaced_ms + 8 * DAY_MS)["replaced"]
    assert found.entries == found.beyond
    assert "max.compaction.lag.ms" in found.why


def test_what_was_aborted_lies_there_too_and_counts_as_replaced_since_it_was_written() -> None:
    log = log_of(checkpoints=False)
    assert "replaced" not in read(log)
    found = read(log[:-1], aborted=(log[-1],), now_ms=log[-1][2] + 8 * DAY_MS)
    assert (1, 1) == (found["replaced"].entries, found["replaced"].beyond)


@pytest.mark.parametrize("piece_bytes", [40, 1 << 20])
def test_a_device_is_found_in_what_was_replaced_also_where_two_pieces_share_its_id(
    piece_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "PIECE_BYTES", piece_bytes)
    log = log_of(checkpoints=True)
    whole = b"".join(value for key, value, _ in log if key.startswith(b"d|") and value is not None)
    assert DEVICE.encode() in whole
    found = read(log, device=DEVICE)
    assert found["replaced"].of_device
    assert 6 == found["legs"].of_device
    assert found["legs"].until_us is not None
    assert found["legs"].until_us > NOON + 26 * DAY


def test_a_delta_is_read_of_all_its_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read(log_of(checkpoints=False))
    monkeypatch.setattr(checkpoint, "PIECE_BYTES", 40)
    assert whole == read(log_of(checkpoints=False))


@pytest.mark.parametrize("checkpoints", [True, False])
def test_packed_deltas_tell_what_they_would_unpacked(checkpoints: bool) -> None:  # noqa: FBT001 (a parameter's value)
    packed = log_of(checkpoints=checkpoints, packer=Packer())
    deltas = [value for key, value, _ in packed if key.startswith(b"d|") and value is not None]
    assert DEVICE.encode() not in b"".join(deltas)
    assert read(log_of(checkpoints=checkpoints), device=DEVICE) == read(packed, device=DEVICE)


def test_a_replaced_delta_whose_chain_has_lost_its_beginning_is_told_as_if_it_held_the_device() -> None:
    log = log_of(checkpoints=True, packer=Packer())
    whole, first = read(log, device=DEVICE), next(at for at, (key, _, _) in enumerate(log) if key.startswith(b"d|"))
    rest = read([*log[:first], *log[first + 1 :]], device=DEVICE)
    assert (2, 2) == (whole["replaced"].entries, whole["replaced"].of_device)
    assert (1, 1) == (rest["replaced"].entries, rest["replaced"].of_device)


def test_a_delta_that_stands_and_can_t_be_unpacked_is_damage() -> None:
    log = log_of(checkpoints=False, packer=Packer())
    first = next(at for at, (key, _, _) in enumerate(log) if key.startswith(b"d|"))
    with pytest.raises(StateError, match="packed by deltas that it lacks"):
        read([*log[:first], *log[first + 1 :]])


def test_a_ledger_whose_packed_deltas_a_checkpoint_replaced_is_whole_though_some_are_compacted_away() -> None:
    log = log_of(checkpoints=True, packer=Packer())
    first = next(at for at, (key, _, _) in enumerate(log) if key.startswith(b"d|"))
    seen = _Log()
    for offset, (key, value, stamp_ms) in enumerate(log):
        if offset != first:
            seen.note(key, value, offset, stamp_ms)
    assert seen.head is not None
    head = HEAD.read(seen.head)
    assert (head.horizon_us, head.applied) == seen.standing()


def test_a_device_is_found_in_any_case_in_what_stands_and_in_what_was_replaced() -> None:
    for log in (log_of(checkpoints=True), log_of(checkpoints=False)):
        upper, lower = read(log, device=DEVICE), read(log, device=DEVICE.lower())
        assert upper["legs"].of_device
        assert {kind: each.of_device for kind, each in upper.items()} == {
            kind: each.of_device for kind, each in lower.items()
        }


def test_a_device_that_is_only_named_as_what_a_commit_dropped_is_found() -> None:
    story = Story()
    story.request(1)
    story.run()
    shard = story.driver.shards[0]
    story.response(1)
    story.driver.step(shard, 500, commit=False)
    shard.state.memory.ended.drop(next(iter(shard.state.memory.ended)))  # what the leg leaves behind
    shard.state.reads.drop(DEVICE)
    delta = shard.state.cut()
    found = read([(key, value, NOW_MS) for key, value in checkpoint.delta_records(delta)], device=DEVICE)
    assert {"rewritten"} == found.keys()
    assert (1, REWRITTEN_US) == (found["rewritten"].of_device, (found["rewritten"].until_us or 0) - delta.horizon_us)
