"""``dcca explain`` over packs the product made, on a real broker."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from dcc_analytics.aggregators.runner import WorkerSettings
from dcc_analytics.aggregators.worker import Worker
from dcc_analytics.render.packs import write_pack
from dcc_analytics.render.pdf.fonts import FontFolder
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from dcc_analytics.snapshot.collect import collect
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.take import freeze, write
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.publish import publish
from tests.conftest import APPLICATION
from tests.expected_figures import read
from tests.recorded_sample import MONTH, SAMPLE

pytestmark = [pytest.mark.broker, pytest.mark.slow]

COMMAND = (sys.executable, "-m", "dcc_analytics.commands.main", "explain")


def explain(connection: Connection, file: Path, row: int, *options: str) -> subprocess.CompletedProcess[str]:
    where = ("--bootstrap", connection.bootstrap, "--prefix", connection.prefix)
    command = [*COMMAND, str(file), str(row), *where, *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)


async def pack_of(connection: Connection, folder: Path) -> Path:
    await publish(connection, SAMPLE)
    await Worker(connection, WorkerSettings(APPLICATION, folder / "state")).run(until_caught_up=True)
    frozen = freeze(await collect(connection, APPLICATION), MONTH, read_rules())
    snapshot = SnapshotFolder.open(write(frozen, folder / "snapshots"))
    pack, fonts = folder / "NWE-IS", folder / "fonts"
    for each in (pack, fonts):
        each.mkdir()
    member = next(each for each in snapshot.members() if each.folder == pack.name)
    write_pack(snapshot, member, pack, FontFolder.make(fonts))
    return pack


async def remove_half(connection: Connection, name: str) -> None:
    """Take the older half of a topic's records away, as retention does."""
    async with Extents(connection) as extents:
        places = [(name, partition) for partition in range(await extents.partitions(name))]
        tops = await extents.tops(places)
    admin = AIOKafkaAdminClient(**connection.options())
    await admin.start()
    try:
        await admin.delete_records(
            {
                TopicPartition(connection.topic(name), partition): RecordsToDelete(before_offset=top // 2)
                for (_, partition), top in tops.items()
            }
        )
    finally:
        await admin.close()


async def test_a_row_of_a_pack_is_explained_record_by_record(made: Connection, tmp_path: Path) -> None:
    pack = await pack_of(made, tmp_path)
    monthly = pack / "round_trips_monthly.csv"
    rows = read(monthly)
    number, row = max(enumerate(rows, 1), key=lambda each: int(each[1]["failures"]))

    ended = explain(made, monthly, number, "--limit", "3")
    assert 0 == ended.returncode, ended.stderr
    assert f"requests {row['requests']} = {row['requests']} in the file" in ended.stdout.splitlines()
    assert f"{int(row['requests']) - 3:,} more round trips are not shown; --limit shows them" in ended.stdout

    ended = explain(made, monthly, number, "--json", "--figure", "failures", "--limit", "1000000")
    said = json.loads(ended.stdout)
    assert int(row["failures"]) == len(said["shown"])
    assert {"failure"} == {trip["outcome"] for trip in said["shown"]}
    assert "opened the leg" in {record["did"] for trip in said["shown"] for record in trip["records"]}

    ended = explain(made, monthly, number, "--figure", "industry_success_rate", "--limit", "0")
    assert 0 == ended.returncode, ended.stderr

    for name, what in (
        ("alerts_monthly", "counted: delivered in "), ("cos_gains", "gained: 6.23"),
        ("inventory", "version that held at the month's end"),
    ):  # fmt: skip
        ended = explain(made, pack / f"{name}.csv", 1)
        assert 0 == ended.returncode, ended.stderr
        assert what in ended.stdout
        assert " in the file" in ended.stdout.splitlines()[-1]

    spoiled = pack / "failures.csv"
    first = read(spoiled)[0]
    text = spoiled.read_text().splitlines()
    text[1] = text[1].removesuffix(f",{first['failures']}") + ",999"
    spoiled.write_text("\r\n".join(text) + "\r\n")
    ended = explain(made, spoiled, 1)
    assert 1 == ended.returncode
    assert f"failures {first['failures']}, but 999 in the file" in ended.stderr

    alerts = pack / "alerts_monthly.csv"
    most, _ = max(enumerate(read(alerts), 1), key=lambda each: int(each[1]["delivered"]))
    await remove_half(made, "alerts")
    ended = explain(made, alerts, most, "--limit", "0")
    assert 1 == ended.returncode
    assert re.search(
        r"do not sum up to the row \(.*alerts, partition \d begins at offset \d+ now and .* explained any more\n$",
        ended.stderr,
    )
    assert re.search(r"(?m)^\S*alerts, partition \d begins at offset \d+ now: what stood before", ended.stdout)
    ended = explain(made, pack / "inventory.csv", 1)
    assert 0 == ended.returncode, ended.stderr
    assert "what stood before" not in ended.stdout

    away = explain(Connection("127.0.0.1:1"), monthly, 1)
    assert 1 == away.returncode
    assert (
        "dcca: no Kafka answers at 127.0.0.1:1; check --bootstrap and the broker, and that it speaks "
        "PLAINTEXT\n" == away.stderr.splitlines(keepends=True)[-1]
    )
