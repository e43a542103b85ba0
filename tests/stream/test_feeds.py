"""A worker whose transport is not there any more says so, and names the one that is."""

import ast
import subprocess
import sys
from collections.abc import Iterator

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError
from typer.testing import CliRunner

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.commands.main import app
from dcc_analytics.stream import feeds
from dcc_analytics.stream.feeds import INSIDES, SHARED, feed_of, missing
from dcc_analytics.stream.owner import Transport, is_of_before
from tests.architecture.tree import ROOT

FETCHER = "aiokafka.consumer.fetcher:PartitionRecords"


def private_names(tree: ast.AST) -> Iterator[str]:
    """Yield the names that begin with one underscore and are used, or defined as a method."""
    for node in ast.walk(tree):
        name = ""
        if isinstance(node, ast.Attribute):
            name = node.attr
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            name = node.name
        if name[:1] == "_" != name[1:2]:
            yield name


def test_every_inside_the_batch_transport_uses_is_looked_for_when_a_worker_starts() -> None:
    used = set(private_names(ast.parse((ROOT / "stream" / "transport.py").read_text(encoding="utf-8"))))
    of_its_own = {"_exclusive", "_fetch", "_message", "_next"}
    looked_for = {name for names in INSIDES.values() for name in names}
    assert looked_for == used - of_its_own, "stream/feeds.py lists what stream/transport.py leans on"


def test_all_of_it_is_there() -> None:
    assert [] == [*missing(INSIDES), *missing(SHARED)]


def test_what_is_gone_is_named_with_its_class() -> None:
    gone = {FETCHER: ("_consumer_record", "_gone"), "aiokafka.nowhere:Fetcher": ("_a",), "aiokafka:Nobody": ("_b",)}
    assert ["PartitionRecords._gone", "aiokafka.nowhere.Fetcher", "aiokafka.Nobody"] == list(missing(gone))


def test_a_worker_without_its_insides_ends_with_the_setting_to_give(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "INSIDES", {FETCHER: ("_gone",)})
    with pytest.raises(UsageError, match=r"aiokafka 0\..* no longer have: PartitionRecords._gone;.*--transport public"):
        feed_of(Transport.BATCHES)
    assert feed_of(Transport.PUBLIC).__name__ == "PublicFeed"  # type: ignore[attr-defined]  # it is a class


@pytest.mark.parametrize("transport", list(Transport))
def test_what_every_worker_needs_is_no_matter_of_the_transport(
    monkeypatch: pytest.MonkeyPatch, transport: Transport
) -> None:
    monkeypatch.setattr(feeds, "SHARED", {FETCHER: ("_gone",)})
    with pytest.raises(UsageError, match=r"^a worker leans on .*PartitionRecords._gone; install the versions of"):
        feed_of(transport)


def test_a_transport_there_is_none_of_is_refused_with_those_there_are() -> None:
    ended = CliRunner().invoke(app, ["worker", "--transport", "rockets"])
    assert ended.exit_code == 2
    assert all(str(each) in ended.output for each in Transport)


@pytest.mark.slow
def test_the_public_transport_leaves_aiokafka_as_it_is_and_loads_no_faust() -> None:
    program = (
        "import sys; from dcc_analytics.commands import main; from dcc_analytics.stream.feeds import feed_of\n"
        "from dcc_analytics.stream.owner import Transport; from aiokafka.consumer import fetcher\n"
        "before = fetcher.PartitionRecords; feed_of(Transport.PUBLIC)\n"
        "assert before is fetcher.PartitionRecords and 'faust' not in sys.modules\n"
        "feed_of(Transport.BATCHES); assert before is not fetcher.PartitionRecords\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


def test_what_is_said_of_the_groups_offset_is_told_from_what_is_gone_where_a_shard_reads() -> None:
    begun, other = TopicPartition("alerts", 0), TopicPartition("alerts", 1)
    assert is_of_before(NoOffsetForPartitionError(begun), {begun: 5})
    assert is_of_before(OffsetOutOfRangeError({begun: 3}), {begun: 5})
    assert is_of_before(OffsetOutOfRangeError({other: 5}), {begun: 5})
    assert not is_of_before(OffsetOutOfRangeError({other: 1, begun: 5}), {begun: 5})
    assert not is_of_before(KafkaError("of another kind"), {begun: 5})
