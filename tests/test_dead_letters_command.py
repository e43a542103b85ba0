"""``dcca dead-letters`` as its user runs it: what it shows and hides, and that nothing is counted twice.

Whatever is killed, and whoever else does the same, the figures are those of a feed that was right from the start.
"""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from dcc_analytics.aggregators.runner import WorkerSettings
from dcc_analytics.aggregators.worker import Worker
from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.collect import collect
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.take import Snapshot, freeze
from dcc_analytics.stream.dead_letters import Letter, Place, letters
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.send_back import send_back
from tests.conftest import APPLICATION, PARTITIONS
from tests.driver import Driver
from tests.in_process import collected
from tests.letters import letter, records, run, send, words_of
from tests.records import ALERT, DEVICE, NOON_US, REQUEST, RESPONSE, SCHEDULED, USER, text

pytestmark = [pytest.mark.broker, pytest.mark.slow]

KEY = DEVICE.encode()
HOME = "10 Elm Road"


@contextmanager
def held(connection: Connection, where: str, *words: str) -> Iterator["subprocess.Popen[str]"]:
    """A replay that stands before, or after, it commits; killed at the end of the context."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.replaying", where, "--", *words_of(connection, *words)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        try:
            assert process.stdout is not None
            assert "held\n" == process.stdout.readline()
            yield process
        finally:
            process.kill()


# -- nothing counts twice ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("where", "sent", "before"), [("before", 1, 0), ("after", 0, 1)])
async def test_a_replay_that_is_killed_has_sent_all_or_nothing_and_the_next_does_the_rest(
    made: Connection, where: str, sent: int, before: int
) -> None:
    await send(made, letter("alerts", 7, KEY, text(ALERT)))
    with held(made, where, "replay", "--all") as killed:
        killed.send_signal(signal.SIGKILL)
        assert -signal.SIGKILL == killed.wait()
    ended = await run(made, "replay", "--all", "--json")
    said = json.loads(ended.stdout)
    assert (0, sent, before) == (ended.exit_code, len(said["sent"]), len(said["sent_before"]))
    assert [text(ALERT)] == [record.value for _, record in await records(made, "alerts")]


async def test_of_two_replays_at_once_the_later_sends_and_the_other_says_that_it_was_shut_out(made: Connection) -> None:
    await send(made, letter("alerts", 7, KEY, text(ALERT)))
    with held(made, "before", "replay", "alerts/1/7") as first:
        second = await run(made, "replay", "alerts/1/7")
        assert 0 == second.exit_code, second.output
        assert second.stdout.startswith("1 sent back, 0 had been before, 0 can't be\n")
        _, error = await asyncio.to_thread(first.communicate, "\n", 30)
        assert 1 == first.returncode
        assert error.startswith("dcca: another `dcca dead-letters replay` has begun and shuts this one out")
        assert 1 == error.count("\n")
    assert [text(ALERT)] == [record.value for _, record in await records(made, "alerts")]


def feed() -> dict[str, list[bytes]]:
    """Return some records of each event topic, of one hour; ids tell them apart."""
    requests, responses, alerts = [], [], []
    for n in range(6):
        request_id = f"{USER}:{DEVICE}:{n}"
        requests.append(text(REQUEST, request_id=request_id))
        responses.append(text(RESPONSE, request_id=request_id, sent_at=f"2026-10-05T12:00:0{n}Z"))
        responses.append(text(SCHEDULED, planned_at=f"2026-10-05T0{n}:00:00Z"))
        alerts.append(text(ALERT, alert_id=f"a-{n}"))
    return {"service-requests": requests, "service-responses": responses, "alerts": alerts}


async def publish(connection: Connection, topics: dict[str, list[bytes]]) -> None:
    producer = AIOKafkaProducer(**connection.options())
    await producer.start()
    try:
        for topic, values in topics.items():
            for value in values:
                await producer.send_and_wait(connection.topic(topic), value, KEY, timestamp_ms=NOON_US // 1_000)
    finally:
        await producer.stop()


async def folded(connection: Connection, folder: Path) -> Snapshot:
    """Fold all there is, and freeze October."""
    settings = WorkerSettings(APPLICATION, folder / "state", commit_every_s=0.1, session_timeout_s=3.0)
    await asyncio.wait_for(Worker(connection, settings).run(until_caught_up=True), 60)
    return freeze(await collect(connection, APPLICATION), Month.parse("2026-10"), read_rules())


def figures(snapshot: Snapshot) -> dict[str, object]:
    return {name: frame.to_dicts() for name, frame in snapshot.tables.by_name.items()}


def _stands_at(place: Place, letter: Letter) -> bool:
    return place == letter.own


async def test_what_was_sent_back_gives_the_figures_it_would_have_had_in_its_time(
    made: Connection, tmp_path: Path
) -> None:
    right = feed()
    driver = Driver(PARTITIONS)
    for topic, values in right.items():
        for value in values:
            driver.publish(topic, KEY, value, NOON_US // 1_000)
    driver.run()
    expected = freeze(collected(driver), Month.parse("2026-10"), read_rules())

    wrong = {topic: [value[:-1] if n in {0, 3} else value for n, value in enumerate(right[topic])] for topic in right}
    await publish(made, wrong)
    before = await folded(made, tmp_path)
    assert figures(expected) != figures(before)
    corrected = {value[:-1]: value for values in right.values() for value in values}
    for each in [each async for each in letters(made)]:
        assert each.value is not None
        await send_back(made, partial(_stands_at, each.own), value=corrected[each.value])
    assert 6 == len((await send_back(made, lambda _: True)).before)
    after = await folded(made, tmp_path)
    assert figures(expected) == figures(after)
    assert dict.fromkeys(right, 2) == after.totals["dead_letters"]
    assert expected.totals["month"] == after.totals["month"]


# -- what is shown -----------------------------------------------------------------------------------------


async def test_a_list_counts_by_kind_and_tells_nothing_of_what_letters_hold(made: Connection) -> None:
    await send(
        made,
        *(letter("alerts", n, KEY, HOME.encode(), f"Invalid enum value '{HOME}' - at `$.outcome`") for n in (1, 2, 2)),
        letter("service-requests", 1, KEY, text(REQUEST), "a kind of old\x1b[2J"),
    )
    assert 0 == (await run(made, "replay", "--all", "--topic", "service-requests")).exit_code
    ended = await run(made, "list")
    assert 0 == ended.exit_code, ended.output
    lines = [line.split() for line in ended.stdout.splitlines()]
    stamp = "2026-09-21T14:13:20.000Z"
    assert ["alerts", "2", "0", stamp, stamp, "alerts/1/1", "Invalid", "enum", "value"] == lines[1][:9]
    assert ["service-requests", "1", "1"] == lines[2][:3]
    assert ended.stdout.splitlines()[-1].startswith("3 dead letters, 1 of them sent back; ")
    named = await run(made, "list", "--each", "--reason", "ENUM", "--month", "2026-09", "--limit", "1", "--json")
    said = json.loads(named.stdout)
    assert (2, ["alerts/1/1"]) == (said["letters"], [each["place"] for each in said["each"]])
    for output in (ended.stdout, named.stdout, (await run(made, "list", "--each")).stdout):
        assert HOME not in output
        assert "\x1b" not in output
    assert "no dead letters\n" == (await run(made, "list", "--since", "2026-10-01")).stdout


async def test_a_letter_is_shown_whole_without_what_a_terminal_obeys(made: Connection, tmp_path: Path) -> None:
    value = text(ALERT, outcome="lost", name="\x1b]0;title\x07\u202e")
    await send(made, letter("alerts", 7, b"\xff", value, "Invalid enum value 'lost'\x9b", headers=[("kind", b"\x1bc")]))
    by_record, by_letter = await run(made, "show", "alerts/1/7"), await run(made, "show", "dead-letters/0/0")
    assert (0, by_record.stdout) == (by_letter.exit_code, by_letter.stdout)
    assert all(each.isprintable() or each == "\n" for each in by_record.stdout)
    assert '  "outcome": "lost",' in by_record.stdout
    assert "ff (not UTF-8)" in by_record.stdout
    assert "This may be personal data" in by_record.stdout
    assert "It still can't be read." in by_record.stdout
    saved = tmp_path / "letter.json"
    assert 0 == (await run(made, "show", "alerts/1/7", "--save", str(saved))).exit_code
    assert value == saved.read_bytes()
    saved.write_bytes(text(ALERT))
    refused = await run(made, "replay", "alerts/1/7")
    assert (1, "0 sent back, 0 had been before, 1 can't be") == (refused.exit_code, refused.stdout.splitlines()[0])
    sent = await run(made, "replay", "alerts/1/7", "--value", str(saved))
    assert (0, "by month of the event: 2026-10 1;") == (sent.exit_code, sent.stdout.splitlines()[1][:33])
    assert "It was sent back, corrected, at " in (await run(made, "show", "alerts/1/7")).stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "alerts/7"), "is no place; give topic, partition and offset"),
        (("replay",), "name places, or give --all with or without filters; not both"),
        (("replay", "alerts/1/7", "--all"), "name places, or give --all with or without filters; not both"),
        (("replay", "--all", "--value", "letter.json"), "--value is for one named place"),
        (("replay", "alerts/1/7", "--value", "absent.json"), "--value absent.json can't be read"),
    ],
)
async def test_misuse_is_told_before_a_broker_is_asked(words: tuple[str, ...], said: str) -> None:
    ended = await run(Connection("127.0.0.1:1"), *words)
    assert isinstance(ended.exception, UsageError)
    assert said in str(ended.exception)
