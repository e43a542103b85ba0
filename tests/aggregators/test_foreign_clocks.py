"""A record on the topic of clocks that no shard has written stops the worker with words."""

import pytest

from dcc_analytics.aggregators.clocks import ShardClock, clock_of, clock_record
from dcc_analytics.catalogue.errors import StateError

CLOCK = ShardClock(5, {"alerts": 7})


def test_a_clock_that_was_told_is_read_back() -> None:
    assert (3, CLOCK) == clock_of(*clock_record(3, CLOCK), partitions=4)


@pytest.mark.parametrize("key", [None, b"", b"three", b"\xff", b"-1", b"4"])
def test_a_key_that_names_no_shard_is_refused(key: bytes | None) -> None:
    with pytest.raises(StateError, match="holds a record no shard has written, under the key"):
        clock_of(key, clock_record(3, CLOCK)[1], partitions=4)


@pytest.mark.parametrize("value", [None, b"", b"\xc1", b"\x92\x05\x81\xa1\xff\x07", b"\x93\x05\x80" + b"\x91" * 9_999])
def test_a_value_that_is_no_clock_is_refused(value: bytes | None) -> None:
    with pytest.raises(StateError, match="holds a record no shard has written, under the key b'3'"):
        clock_of(b"3", value, partitions=4)
