"""One SIGKILL of ``dcca worker`` and of each yardstick that promises exactness, on its way through the run's events.

Rows are what each counts: of the worker the counts of every cell of the month's round trips, failures and Alerts,
beside those of a worker that nobody killed; of the others every User, SRV and outcome, beside the recorded events.
"""

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any, NoReturn

from bench.figures import Figure
from bench.jvm import Job
from bench.killed_once import Rows, Victim, figures, killed_once
from bench.matched import matched
from bench.parts import flink, kafka_streams
from bench.parts.quix_counting import name_of
from bench.quix_environment import NotToBeHadError, quix_python
from bench.run import APPLICATION, Run, make_topics, say
from bench.victims import InJava, OurWorker, Quix, rows_of_month
from dcc_analytics.catalogue.months import Month
from dcc_analytics.stream.decode import DECODERS
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.recorded import records_of


def measure_worker(run: Run) -> list[Figure]:
    _ = run.folded
    part, month, connection = "kills-one-worker", Month.parse(run.month), run.connection
    make_topics(connection, part)
    expected = asyncio.run(rows_of_month(connection, APPLICATION, month))
    return _measure(run, part, OurWorker(connection, part, month, run.folder / part / "state"), expected)


def measure_kafka_streams(run: Run) -> list[Figure]:
    return _measure_job(run, kafka_streams.JOB, kafka_streams.COMMIT_EVERY_MS)


def measure_flink(run: Run) -> list[Figure]:
    return _measure_job(run, flink.JOB, flink.CHECKPOINT_EVERY_MS)


def _measure_job(run: Run, job: Job, commit_every_ms: int) -> list[Figure]:
    part = f"kills-one-{job.part}"
    arguments = job.arguments(run, part, commit_every_ms)
    if not arguments:
        return []
    counts = matched(run.recorded, partitions=job.partitions)
    expected: Rows = Counter({tuple(row): count for row, count in counts.items()})
    return _measure(run, part, InJava(run.connection, part, arguments, commit_every_ms / 1000), expected)


def measure_quix(run: Run) -> list[Figure]:
    part = "kills-one-quix"
    try:
        python = quix_python()
    except NotToBeHadError as why:
        say(f"left out: Quix Streams can't be had ({why})")
        return []
    victim = Quix(run.published.connection, part, run.folder / part / "state", python)
    return _measure(run, part, victim, counted_by_quix(run.recorded, run.connection))


def counted_by_quix(recorded: Path, connection: Connection) -> Rows:
    """Return what Quix Streams has to count in recorded events, by topic and what is counted."""

    def refuse(number: str) -> NoReturn:
        raise ValueError(f"{number} is no JSON")

    def read(value: Any) -> Any:  # noqa: ANN401 (JSON)
        return json.loads(value, parse_constant=refuse)

    return Counter(
        (connection.topic(topic), name_of(topic, record.value, read))
        for topic in DECODERS
        for record in records_of(recorded, topic)
    )


def _measure(run: Run, part: str, victim: Victim, expected: Rows) -> list[Figure]:
    events = run.published.events
    say(f"{part}: killed once on the way")
    killed = asyncio.run(killed_once(victim, events, run.folder / part))
    return list(figures(part, events, expected, killed))
