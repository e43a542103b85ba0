"""What a release has written every later one reads, and goes on from to the same figures (R-MON-1)."""

import gzip
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dcc_analytics.aggregators import delta
from dcc_analytics.aggregators.checkpoint import read_back
from dcc_analytics.aggregators.delta import FORMAT_VERSION
from dcc_analytics.catalogue.errors import StateError
from tests.aggregators.test_checkpoint import contents
from tests.driver import Driver
from tests.golden_ledgers import CUTS, IN_THE_END, Shelf, entries, figures, has_golden_ledgers, ledgers, opened, taken

GOLDEN_LEDGERS = ledgers()


def test_what_is_written_now_has_its_golden_ledgers() -> None:
    assert has_golden_ledgers(), "run python -m tests.golden_ledgers"
    expected = sorted(f"{cut.name}.ledger.gz" for cut in CUTS)
    for folder in {path.parent for path in GOLDEN_LEDGERS}:
        assert expected == [path.name for path in GOLDEN_LEDGERS if path.parent == folder]


def kept(path: Path) -> Shelf:
    return msgspec.msgpack.decode(gzip.decompress(path.read_bytes()), type=Shelf)


def test_one_has_deltas_only_and_the_others_a_checkpoint_with_deltas_after_it() -> None:
    for path in GOLDEN_LEDGERS:
        for records in kept(path).ledgers:
            letters = {key[:1] for key, _ in records}
            assert ({b"d"} == letters - {b"v"}) == path.name.startswith("deltas")
            assert {b"d", b"h"} <= letters or path.name.startswith("deltas")


def said(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@lru_cache
def expected(path: Path) -> dict[str, Any]:
    return said(path.with_name(path.name.replace(".ledger.gz", ".json")))


def differing(expected: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Return what is not as expected; what a later release has beside it does not count."""
    wrong = [name for name, value in expected["totals"].items() if found["totals"][name] != value]
    for name, (columns, *rows) in expected.items():
        if name not in {"totals", "holds", "writes"}:
            places = [found[name][0].index(column) for column in columns]
            if rows != [[row[place] for place in places] for row in found[name][1:]]:
                wrong.append(name)
    return wrong


@pytest.mark.parametrize("path", GOLDEN_LEDGERS, ids=lambda path: f"{path.parent.name}-{path.name}")
class TestEachGoldenLedger:
    def test_is_read_with_all_it_holds_and_the_figures_it_had(self, path: Path) -> None:
        driver = opened(path)
        holds = entries([shard.state for shard in driver.shards])
        assert expected(path)["holds"] == {name: holds[name] for name in expected(path)["holds"]}
        assert [] == differing(expected(path), figures(taken(driver)))

    def test_is_gone_on_from_to_the_figures_of_a_run_that_was_never_interrupted(self, path: Path) -> None:
        driver = opened(path)
        driver.run()
        assert [] == differing(said(IN_THE_END), figures(taken(driver)))

    def test_is_read_back_with_the_deltas_and_checkpoints_this_release_writes_after_it(self, path: Path) -> None:
        driver = opened(path)
        for shard in driver.shards:
            for checkpoint in (False, True, False):
                driver.step(shard, 20, commit=False)
                driver.commit(shard, checkpoint=checkpoint)
                assert contents(shard.state) == contents(read_back(dict(driver.ledgers[shard.partition])))


def test_a_ledger_of_a_newer_release_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    records = written_by_format(FORMAT_VERSION + 1, monkeypatch)
    with pytest.raises(StateError, match=r"has format 04, this release reads 03; run the release that wrote it, or"):
        read_back(records)


def written_by_format(version: int, monkeypatch: pytest.MonkeyPatch) -> dict[bytes, bytes]:
    """Return a ledger as a release of that format would write it."""
    with monkeypatch.context() as patch:
        patch.setattr(delta, "_VERSION", bytes((version,)))
        driver = Driver(1)
        driver.commit(driver.shards[0])
    return driver.ledgers[0]
