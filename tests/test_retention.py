"""A Device leaves the inventory, months pass, Kafka compacts: its id is in no byte that we keep (real broker).

And where a rule does not drop, ``dcca retention prove`` finds what was left behind.
"""

import asyncio
import contextlib
import json
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.record.memory_records import MemoryRecords
from typer.testing import CliRunner, Result

from dcc_analytics.aggregators.checkpoint import Checkpointer
from dcc_analytics.aggregators.runner import WorkerSettings
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.aggregators.worker import Worker
from dcc_analytics.catalogue.months import Month
from dcc_analytics.commands.main import app
from dcc_analytics.render.device_search import rows_in_snapshot
from dcc_analytics.snapshot.collect import collect
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.take import freeze, write
from dcc_analytics.stream.broker.node import BrokerStatus, embedded_broker
from dcc_analytics.stream.estate_store import EstateStore
from dcc_analytics.stream.instants import DAY_US, HOUR_US, instant_text, instant_us
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.retention import set_settings
from dcc_analytics.stream.topics import create_topics
from tests.conftest import APPLICATION
from tests.letters import letter, send
from tests.records import text

pytestmark = [pytest.mark.broker, pytest.mark.slow]

PARTITIONS = 2
PATIENCE_S = 60.0
#: A year ago: brokers refuse records from the future, and months have to pass.
NOON = instant_us(datetime(2025, 10, 5, 12, tzinfo=UTC))
OCTOBER = Month(2025, 10)
USER = "90-B3-D5-1F-30-01-00-00"
#: They differ in their first digits, since RocksDB writes of a key only what is not as in the one before it.
METER, HUB, STAYS = "88-73-84-90-6A-10-02-DB", "42-73-84-00-00-00-00-10", "D1-73-84-90-6A-10-02-EE"
LEDGER = f"{APPLICATION}-ledger"
#: Which Device is asked what, hour by hour: reads, a gain, what is held for the snapshot, an install, and no answer.
ASKED = ((METER, "4.8.1"), (METER, "6.23"), (METER, "1.1.1"), (HUB, "8.14.1"), (STAYS, "4.8.1"), (METER, "7.4"))


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerStatus]:
    """A broker whose cleaner looks twice a second."""
    with embedded_broker(tmp_path_factory.mktemp("kafka") / "broker", fast_cleanup=True) as running:
        yield running


@pytest.fixture
async def living(connection: Connection) -> Connection:
    """A connection with the product's topics."""
    await create_topics(connection, partitions=PARTITIONS, application=APPLICATION, keep_recorded=True)
    return connection


# -- a home, and months after it ---------------------------------------------------------------------------


def home() -> Iterator[tuple[str, str, bytes | None, int]]:
    """Yield what is told of a meter, its hub and another meter: topic, subject, value and instant."""
    yield "users", USER, text({"user": USER, "party": "NWE", "roles": ["IS"], "as_of": instant_text(NOON)}), NOON
    for device, kind in ((METER, "ESME"), (HUB, "CHF"), (STAYS, "ESME")):
        yield "devices", device, version(device, kind, NOON - 400 * DAY_US), NOON - DAY_US
    for number, (device, srv) in enumerate(ASKED, 1):
        at_us = NOON + number * HOUR_US
        of = {"request_id": f"{USER}:{device}:{number}"}
        asked = {
            **of,
            "received_at": instant_text(at_us),
            "srv": srv,
            "command_variant": 1,
            "role": "IS",
            "device": device,
        }
        yield "service-requests", device, text(asked), at_us
        if srv != "7.4":  # which is never answered
            yield "service-responses", device, text({**of, "sent_at": instant_text(at_us + 1), "code": "I0"}), at_us + 1
    yield "alerts", METER, alert(f"of-{METER}", METER, NOON + 9 * HOUR_US, "N16"), NOON + 9 * HOUR_US


def version(device: str, kind: str, as_of_us: int, **more: object) -> bytes:
    said = {"device": device, "as_of": instant_text(as_of_us), "device_type": kind, "status": "Commissioned"}
    return text(
        {**said, "csp_region": "North", "import_supplier_id": USER, **({"chf": HUB} if device == METER else {}), **more}
    )


def alert(alert_id: str, device: str | None, at_us: int, code: str) -> bytes:
    at, said = instant_text(at_us), {"alert_id": alert_id, "kind": "dcc", "code": code, "recipient": USER, "role": "ED"}
    return text(
        {**said, "raised_at": at, "ended_at": at, "outcome": "delivered", **({"device": device} if device else {})}
    )


async def tell(connection: Connection, *told: tuple[str, str, bytes | None, int]) -> None:
    async with AIOKafkaProducer(**connection.options()) as producer:
        for topic, subject, value, at_us in told:
            partition = 0 if topic == "users" else None
            await producer.send_and_wait(connection.topic(topic), value, subject.encode(), partition, at_us // 1000)


async def let_time_pass(connection: Connection, until_us: int) -> None:
    """Let the clock of every shard come to an instant, by an Alert of its own."""
    async with AIOKafkaProducer(**connection.options()) as producer:
        for partition in range(PARTITIONS):
            value = alert(f"clock-{until_us}-{partition}", None, until_us, "CLOCK")
            await producer.send_and_wait(connection.topic("alerts"), value, USER.encode(), partition, until_us // 1000)


@contextlib.asynccontextmanager
async def working(connection: Connection, state: Path) -> AsyncIterator[Worker]:
    """A worker, which at the end commits and lets go."""
    worker = Worker(connection, WorkerSettings(APPLICATION, state, commit_every_s=0.05, session_timeout_s=3.0))
    running = asyncio.ensure_future(worker.run(until_caught_up=False))
    try:
        yield worker
    finally:
        worker.stop()
        await running


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 (of a broker)
            await asyncio.sleep(0.05)


def passed(worker: Worker, instant_us: int) -> bool:
    """Return whether all shards have committed with a horizon at an instant."""
    shards = [runner.shard for runner in worker._runners.values()]
    return len(shards) == PARTITIONS and all(
        shard is not None and shard.state.horizon_us >= instant_us and not shard.has_changes() for shard in shards
    )


async def live_on(connection: Connection, state: Path) -> None:
    """Have the home fold, leave the inventory a month later, and ten months pass."""
    left_us = NOON + 30 * DAY_US
    async with working(connection, state) as worker:
        for days in (40, 110, 190, 310):
            if days == 40:
                await tell(
                    connection,
                    ("devices", METER, version(METER, "ESME", left_us, removed=True), left_us),
                    ("devices", HUB, None, left_us),
                )
            await let_time_pass(connection, NOON + days * DAY_US)
            await until(lambda: passed(worker, NOON + days * DAY_US))  # noqa: B023 (awaited here)


async def begin(connection: Connection, folder: Path) -> Path:
    """Fold the home, freeze its month; return the folder of snapshots' output."""
    await tell(connection, *home())
    await Worker(connection, WorkerSettings(APPLICATION, folder / "state")).run(until_caught_up=True)
    await freeze_month(connection, OCTOBER, folder / "out")
    return folder / "out"


async def freeze_month(connection: Connection, month: Month, out: Path) -> None:
    write(freeze(await collect(connection, APPLICATION), month, read_rules()), out / "snapshots")


# -- where an id is ----------------------------------------------------------------------------------------


def values_in(segment: bytes) -> Iterator[bytes]:
    """Yield keys and values of the records in a segment of a log, unpacked, whatever became of their transactions."""
    batches = MemoryRecords(segment)
    while (batch := batches.next_batch()) is not None:
        for record in batch:
            yield record.key or b""
            yield record.value or b""


def unpacked(values: Iterable[bytes]) -> Iterator[bytes]:
    """Yield values, and deltas as they were before they were packed by those before them."""
    window = b""
    for value in values:
        yield value
        if value[:1] not in {b"\x83", b"\xc3"}:
            continue
        before = window if value[:1] == b"\xc3" else b""
        try:
            whole = zlib.decompressobj(-zlib.MAX_WBITS, zdict=before).decompress(value[1:])
        except zlib.error:  # its chain has lost its beginning, or it is a piece of something else
            window = b""
            continue
        window = (before + whole)[-(1 << 15) :]
        yield whole


def in_ledger(kafka: BrokerStatus, connection: Connection, device: str) -> set[str]:
    """Return the files of the ledger's logs that hold an id, packed or not."""
    found = set()
    for folder in (Path(kafka.data) / "logs").glob(f"{connection.topic(LEDGER)}-*"):
        for file in folder.iterdir():
            with contextlib.suppress(FileNotFoundError):  # which the cleaner has just replaced
                held = file.read_bytes()
                values = list(unpacked(values_in(held))) if file.suffix == ".log" else []
                if any(device.encode() in each for each in (held, *values)):
                    found.add(f"{folder.name}/{file.name}")
    return found


def in_estates(connection: Connection, state: Path, device: str) -> set[str]:
    """Return the files of the estates that hold an id."""
    files = (state / connection.own(APPLICATION)).glob("estate-*/*")
    return {path.name for path in files if device.encode() in path.read_bytes()}


async def prove(connection: Connection, folder: Path, *words: str) -> tuple[Result, dict[str, Any]]:
    """Return how ``dcca retention prove`` ended, and what it said."""
    where = ["--bootstrap", connection.bootstrap, "--prefix", connection.prefix, "--out", str(folder / "out")]
    command = ["retention", "prove", *where, "--state", str(folder / "state"), "--json", *words]
    ended = await asyncio.to_thread(lambda: CliRunner().invoke(app, command))
    assert ended.stdout, ended.exception
    return ended, json.loads(ended.stdout)


def kinds(said: dict[str, Any], name: str = "beyond") -> set[str]:
    return {each["kind"] for each in said["found"] if each[name]}


async def compact(kafka: BrokerStatus, connection: Connection, state: Path) -> None:
    """Have Kafka compact the ledger as it will in a week, and go on folding so that its last segment is closed."""
    admin = AIOKafkaAdminClient(**connection.options())
    await admin.start()
    quick = {"min.compaction.lag.ms": "0", "max.compaction.lag.ms": "500", "delete.retention.ms": "0"}
    await set_settings(admin, connection.topic(LEDGER), quick)
    await admin.close()
    deadline = time.monotonic() + PATIENCE_S
    at_us = NOON + 310 * DAY_US
    async with working(connection, state) as worker:
        while any(in_ledger(kafka, connection, device) for device in (METER, HUB)):
            assert time.monotonic() < deadline, in_ledger(kafka, connection, METER)
            at_us += HOUR_US
            await let_time_pass(connection, at_us)
            await until(lambda: passed(worker, at_us))  # noqa: B023 (awaited here)
            await asyncio.sleep(1)


# -- the tests ---------------------------------------------------------------------------------------------


async def test_a_device_that_left_is_in_no_byte_of_ledger_estate_and_kept_snapshots(
    kafka: BrokerStatus, living: Connection, tmp_path: Path
) -> None:
    state, out = tmp_path / "state", await begin(living, tmp_path)
    for device in (METER, HUB):  # or nothing would be proved by not finding it
        assert in_ledger(kafka, living, device)
        assert in_estates(living, state, device)
        assert 0 < rows_in_snapshot(out / "snapshots" / str(OCTOBER), device)
    ended, said = await prove(living, tmp_path, "--device", METER, "--as-of", "2025-11-30")
    assert (0, set()) == (ended.exit_code, kinds(said))
    assert {"ended", "estate", "held", "legs", "reads", "records", "snapshots"} <= kinds(said, "of_device")

    await live_on(living, state)
    await compact(kafka, living, state)
    for device in (METER, HUB):
        assert (set(), set()) == (in_ledger(kafka, living, device), in_estates(living, state, device))
    assert in_ledger(kafka, living, USER)  # whose own figures are kept
    assert in_estates(living, state, STAYS)

    await freeze_month(living, Month(2026, 8), out)
    apply = ["retention", "apply", "--out", str(out), "--as-of", "2026-12-01", "--delete", "--json"]
    assert [str(out / "snapshots" / str(OCTOBER))] == json.loads(CliRunner().invoke(app, apply).stdout)["deleted"]
    (kept,) = (out / "snapshots").iterdir()
    assert (0, 0, 1) == tuple(rows_in_snapshot(kept, each) for each in (METER, HUB, STAYS))
    for device in (METER, HUB):
        ended, said = await prove(living, tmp_path, "--device", device)
        assert (0, 0, False) == (ended.exit_code, said["beyond"], said["device"]["found"]), said
    assert not said["device"]["in_devices"]["in_the_inventory"]


@pytest.mark.parametrize(
    ("where", "drop", "instead", "left"),
    [
        (ShardState, "forget_outdated", None, {"estate", "held", "installs", "reads", "records"}),
        (EstateStore, "left_before", [], {"estate", "installs"}),
        (Checkpointer, "outlived", False, {"alerts", "closed", "ended", "held", "legs", "reads", "records"}),
    ],
)
async def test_what_a_rule_that_is_switched_off_left_behind_is_found(
    living: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *,
    where: type, drop: str, instead: object, left: set[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(where, drop, lambda *_: instead)
    await begin(living, tmp_path)
    await live_on(living, tmp_path / "state")
    ended, said = await prove(living, tmp_path)
    assert (1, "RetentionError") == (ended.exit_code, type(ended.exception).__name__)
    assert left == kinds(said)


async def test_what_kafka_has_not_compacted_is_found_and_named_once_it_should_have(
    living: Connection, tmp_path: Path
) -> None:
    await begin(living, tmp_path)
    await live_on(living, tmp_path / "state")
    today = datetime.now(UTC).date()
    _, said = await prove(living, tmp_path, "--as-of", str(today), "--device", METER)
    (replaced, *_) = [each for each in said["found"] if each["kind"] == "replaced" and each["of_device"]]
    assert (0, True) == (replaced["beyond"], replaced["until"] > today.isoformat())
    later = datetime.fromtimestamp(time.time() + 9 * 86_400, UTC).date()
    _, said = await prove(living, tmp_path, "--as-of", str(later), "--snapshot-months", "24")
    assert {"replaced"} == kinds(said)
    whys = {each["why"] for each in said["found"] if each["kind"] == "replaced"}
    assert any("max.compaction.lag.ms" in why for why in whys)


async def test_dead_letters_are_judged_by_when_they_were_set_aside_and_looked_into(
    living: Connection, tmp_path: Path
) -> None:
    await begin(living, tmp_path)
    await send(living, letter("alerts", 1, b"k", f'{{"device": "{METER.lower()}'.encode()))
    _, said = await prove(living, tmp_path, "--device", METER)
    (found,) = [each for each in said["found"] if each["kind"] == "dead-letters"]
    assert (1, 1, 0) == (found["entries"], found["of_device"], found["beyond"])
    later = datetime.fromtimestamp(time.time() + 32 * 86_400, UTC).date()
    _, said = await prove(living, tmp_path, "--as-of", str(later))
    assert "dead-letters" in kinds(said)


async def test_a_device_that_is_told_to_have_left_long_ago_is_kept_until_a_month_is_closed(
    living: Connection, tmp_path: Path
) -> None:
    await begin(living, tmp_path)
    gone = METER[:-1] + "C"  # all but a digit as another's
    async with working(living, tmp_path / "state") as worker:
        await until(lambda: passed(worker, NOON))
        said_at = NOON + 10 * HOUR_US
        await tell(living, ("devices", gone, version(gone, "ESME", NOON - 700 * DAY_US, removed=True), said_at))
        await until(lambda: any(r._estate and gone in r._estate.marks() for r in worker._runners.values()))
    ended, said = await prove(living, tmp_path, "--as-of", "2025-11-30", "--device", gone)
    assert (0, set()) == (ended.exit_code, kinds(said))
    assert "estate" in kinds(said, "of_device")
    ended, said = await prove(living, tmp_path, "--as-of", "2025-11-30", "--device", METER[:-1] + "A")
    assert (0, False) == (ended.exit_code, said["device"]["found"])


async def test_an_estate_whose_partition_another_worker_folds_now_is_found(living: Connection, tmp_path: Path) -> None:
    await begin(living, tmp_path)
    for device in (f"88-73-84-90-6A-10-03-{number:02X}" for number in range(8)):
        await tell(living, ("devices", device, version(device, "ESME", NOON), NOON))
    await Worker(living, WorkerSettings(APPLICATION, tmp_path / "elsewhere")).run(until_caught_up=True)
    ended, said = await prove(living, tmp_path)
    assert ({"estate"}, 1) == (kinds(said), ended.exit_code)
    assert {"no worker has it any more, another folds its partition: delete it"} == {
        each["why"] for each in said["found"] if each["beyond"]
    }
