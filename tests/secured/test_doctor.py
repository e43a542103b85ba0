"""``dcca doctor`` on real brokers: a deployment as it has to be, and each way in which one is not."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from typer.testing import CliRunner

from dcc_analytics.aggregators.examination import examined, now_ms, spoken
from dcc_analytics.aggregators.findings import findings
from dcc_analytics.aggregators.runner import WorkerSettings
from dcc_analytics.aggregators.worker import Worker
from dcc_analytics.commands.main import app
from dcc_analytics.stream.access import granted
from dcc_analytics.stream.broker.node import BrokerStatus, start, stop
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.permissions import Part, grants
from dcc_analytics.stream.publish import publish
from dcc_analytics.stream.retention import set_settings
from dcc_analytics.stream.spoken import NEEDED, Need, Spoken
from dcc_analytics.stream.topics import create_topics, topics
from tests.conftest import APPLICATION, create_topic, remove_topics
from tests.secured.conftest import Guarded

pytestmark = pytest.mark.slow


def doctor(variables: dict[str, str], *words: str) -> tuple[int, dict[str, tuple[str, str]]]:
    """Return the exit code of ``dcca doctor``, and the first of each check's worst: state, what is the case."""
    result = CliRunner().invoke(app, ["doctor", "--json", *words], env=variables, catch_exceptions=False)
    told: dict[str, Any] = json.loads(result.stdout)
    order = ["ok", "warning", "fault"]
    worst: dict[str, tuple[str, str]] = {}
    for each in sorted(told["findings"], key=lambda each: order.index(each["state"])):
        if worst.get(each["check"], ("", ""))[0] != each["state"]:
            worst[each["check"]] = (each["state"], each["what"])
    assert told["state"] == max((state for state, _ in worst.values()), key=order.index)
    return result.exit_code, worst


def variables(connection: Connection) -> dict[str, str]:
    """Return what has ``dcca`` make a plain connection."""
    return {"DCCA_BOOTSTRAP": connection.bootstrap, "DCCA_PREFIX": connection.prefix}


def made_on(kafka: BrokerStatus, prefix: str) -> Connection:
    """Return a plain connection under a prefix that has topics."""
    connection = Connection(kafka.bootstrap, prefix)
    asyncio.run(create_topics(connection, partitions=2, application=APPLICATION, keep_recorded=True))
    return connection


def test_of_topics_as_they_are_made_nothing_is_a_fault(kafka: BrokerStatus, prefix: str) -> None:
    code, found = doctor(variables(made_on(kafka, prefix)), "--part", "worker")
    assert 0 == code
    level = "brokers have agreed on metadata.version 33 (Kafka 4.4) and take all that is asked of them"
    assert ("ok", level) == found["kafka"]
    assert ("ok", "all 11 topics are there") == found["topics"]
    assert ("ok", "2 partitions, which as many workers can share") == found["partitions"]
    assert ("ok", "records are kept as they have to be") == found["settings"]
    assert ("warning", "0 records wait to be folded, 0 workers") == found["lag"]
    assert ("ok", "this user may do what worker needs") == found["permissions"]
    assert ("warning", "1 broker, and as few as 1 copy of a topic") == found["brokers"]
    assert "warning" == found["security"][0]


def test_a_broker_that_lacks_what_is_needed_is_a_fault_and_nothing_else_is_asked(
    kafka: BrokerStatus, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No release of Kafka takes this version yet: to a broker of before 2.3 the same holds for one that is needed."""
    lately = Need(3, "Metadata", 999, 999, "99.0", "seeing what a user may do")
    monkeypatch.setattr("dcc_analytics.stream.spoken.NEEDED", (*NEEDED, lately))
    code, found = doctor(variables(made_on(kafka, prefix)))
    words = f"broker 1 at {kafka.bootstrap} does not take yet: Metadata 999, for seeing what a user may do"
    assert (1, ("fault", words)) == (code, found["kafka"])
    assert {"versions", "security", "kafka"} == set(found)


def test_a_broker_that_tells_an_address_where_nobody_is_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is given as --bootstrap answers, and names the brokers; whoever goes there finds nobody."""
    monkeypatch.setattr("dcc_analytics.aggregators.examination.ANSWERED_WITHIN_S", 1.0)
    running = start(tmp_path / "broker", advertised_port=1, bound=True)
    try:
        code, found = doctor({"DCCA_BOOTSTRAP": running.bootstrap})
        ended = subprocess.run(
            [sys.executable, "-m", "dcc_analytics.commands.main", "topics", "create", "--bootstrap", running.bootstrap],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    finally:
        stop(tmp_path / "broker")
    assert (1, ("fault", "brokers that can't be reached from here: 1 at 127.0.0.1:1")) == (code, found["kafka"])
    assert 1 == ended.returncode
    (line,) = ended.stderr.splitlines()
    assert line.startswith("dcca: Kafka was reached and a broker does not answer (NodeNotReadyError: ")
    assert line.endswith("`dcca doctor` names it")


def test_a_broker_out_of_reach_is_a_fault_and_what_the_others_know_is_told_too(
    kafka: BrokerStatus, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def one_is_silent(connection: Connection) -> dict[str, Spoken | None]:
        return {**await spoken(connection), "2 at 127.0.0.1:1": None}

    monkeypatch.setattr("dcc_analytics.commands.doctor.spoken", one_is_silent)
    code, found = doctor(variables(made_on(kafka, prefix)))
    assert (1, ("fault", "brokers that can't be reached from here: 2 at 127.0.0.1:1")) == (code, found["kafka"])
    assert ("ok", "all 11 topics are there") == found["topics"]


def test_a_missing_topic_is_a_fault(kafka: BrokerStatus, prefix: str) -> None:
    connection = made_on(kafka, prefix)
    asyncio.run(remove_topics(connection, "alerts"))
    code, found = doctor(variables(connection))
    assert (1, ("fault", f"topics are missing: {prefix}alerts")) == (code, found["topics"])
    assert "warning" == found["lag"][0]


def test_another_number_of_partitions_is_a_fault(kafka: BrokerStatus, prefix: str) -> None:
    connection = made_on(kafka, prefix)
    asyncio.run(remove_topics(connection, "alerts"))
    asyncio.run(create_topic(connection, "alerts", 3))
    code, found = doctor(variables(connection))
    assert 1 == code
    assert "fault" == found["partitions"][0]
    assert f"{prefix}alerts 3" in found["partitions"][1]


def test_another_cleanup_policy_is_a_fault(kafka: BrokerStatus, prefix: str) -> None:
    connection = made_on(kafka, prefix)
    asyncio.run(_set(connection, "dcca-ledger", {"cleanup.policy": "delete", "retention.ms": "86400000"}))
    code, found = doctor(variables(connection))
    assert 1 == code
    assert "fault" == found["settings"][0]
    assert f"topic {prefix}dcca-ledger has cleanup.policy delete, and is to have compact" == found["settings"][1]


async def _set(connection: Connection, name: str, settings: dict[str, str]) -> None:
    admin = AIOKafkaAdminClient(**connection.options())
    await admin.start()
    try:
        await set_settings(admin, connection.topic(name), settings)
    finally:
        await admin.close()


def test_records_that_nobody_folds_are_a_fault_and_those_folded_are_not(
    kafka: BrokerStatus, prefix: str, events: Path, tmp_path: Path
) -> None:
    connection = made_on(kafka, prefix)
    sent = asyncio.run(publish(connection, events))
    count = sum(sent[topic] for topic in ("service-requests", "service-responses", "alerts"))
    code, found = doctor(variables(connection))
    assert (1, ("fault", f"{count:,} records wait to be folded, 0 workers")) == (code, found["lag"])
    asyncio.run(_fold(connection, tmp_path))
    code, found = doctor(variables(connection))
    assert (0, "warning") == (code, found["lag"][0])
    assert ("ok", "no commit is from the future") == found["clock"]
    behind = asyncio.run(examined(connection, APPLICATION, now=lambda: now_ms() - 3_600_000))
    names = {topic.name: connection.topic(topic.name) for topic in topics(APPLICATION)}
    (clock,) = (each for each in findings(behind, topics(APPLICATION), names, None) if each.check == "clock")
    assert ("fault", "set the clocks of all machines by NTP") == (clock.state, clock.do)


async def _fold(connection: Connection, state: Path) -> None:
    await Worker(connection, WorkerSettings(APPLICATION, state, commit_every_s=0.05)).run(until_caught_up=True)


def test_a_broker_that_is_away_is_a_fault() -> None:
    code, found = doctor({"DCCA_BOOTSTRAP": "127.0.0.1:1"})
    assert (1, ("fault", "no Kafka answers at 127.0.0.1:1")) == (code, found["brokers"])


def test_a_broker_that_does_not_let_the_user_in_is_a_fault(guarded: Guarded) -> None:
    code, found = doctor({**guarded.variables(), "DCCA_SECURITY_USERNAME": "nobody"})
    assert (1, "fault") == (code, found["brokers"][0])
    assert "does not let in user nobody" in found["brokers"][1]


def test_who_is_granted_what_doctors_need_sees_all_and_who_is_not_is_told(guarded: Guarded, prefix: str) -> None:
    admin, settings = guarded.connection("admin", prefix), {**guarded.variables("live"), "DCCA_PREFIX": prefix}
    asyncio.run(create_topics(admin, partitions=1, application=APPLICATION, keep_recorded=True))
    code, found = doctor(settings)
    assert (0, "warning") == (code, found["topics"][0])
    assert "topics this user may not know of" in found["topics"][1]
    code, found = doctor(settings, "--part", "live")
    assert (1, "fault") == (code, found["permissions"][0])
    rules = grants(Part.DOCTOR, admin, APPLICATION)
    asyncio.run(granted(admin, rules, "live"))
    code, found = doctor(settings, "--part", "doctor")
    assert 0 == code
    seen = {check: state for check, (state, _) in found.items() if check not in {"brokers", "lag"}}
    assert {"ok"} == set(seen.values()), found
    assert ("warning", "0 records wait to be folded, 0 workers") == found["lag"]


def test_a_file_of_a_password_that_others_can_read_is_told_of(guarded: Guarded, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(guarded.secured.password("admin"), encoding="utf-8")
    file.chmod(0o644)
    _, found = doctor({**guarded.variables(), "DCCA_SECURITY_PASSWORD_FILE": str(file)})
    assert ("warning", f"files of secrets that others on this machine can read: {file}") == found["security"]
