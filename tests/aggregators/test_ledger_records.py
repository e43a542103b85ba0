"""Records of a ledger that do not belong there are refused, and none of ours grows beyond what a topic takes."""

import pytest

from dcc_analytics.aggregators import checkpoint
from dcc_analytics.aggregators.checkpoint import delta_records, read_back
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.catalogue.errors import StateError
from tests.aggregators.test_checkpoint import contents
from tests.records import DEVICE
from tests.story import Story


@pytest.mark.parametrize("key", [b"d|", b"d|1|2", b"d|one|0|1"])
def test_a_key_no_release_has_written_is_refused(key: bytes) -> None:
    with pytest.raises(StateError, match="the ledger's records do not fit together"):
        read_back({key: b"x"})


def test_a_delta_under_the_key_of_another_is_refused() -> None:
    state = ShardState()
    records = {key: value or b"" for _ in range(2) for key, value in delta_records(state.cut())}
    one, other = (key for key in records if key.startswith(b"d|"))
    swapped = {**records, one: records[other], other: records[one]}
    assert 2 == read_back(records).seq
    with pytest.raises(StateError, match="the ledger holds delta 2 under the key of delta 1"):
        read_back(swapped)


def test_entries_that_are_large_make_pieces_of_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "MAP_PIECE_BYTES", 20_000)
    told = Story()
    for number in range(40):
        told.request(number, srv="11.1", parameters={"devices": [DEVICE] * (2_000 if number == 7 else 100)})
    told.run()
    (shard,), (ledger,) = told.driver.shards, told.driver.ledgers
    told.driver.commit(shard, checkpoint=True)
    sizes = sorted(len(value) for key, value in ledger.items() if key.startswith(b"m|legs|"))
    assert sizes[-1] > 2_000 * len(DEVICE)  # one entry, however large, is one piece
    assert max(sizes[:-1]) <= 20_000
    assert contents(shard.state) == contents(read_back(dict(ledger)))
