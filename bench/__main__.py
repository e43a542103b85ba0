"""``python -m bench``: publish and fold a backlog in the national mix, and say how fast that was beside a yardstick."""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.national_mix import write_mix
from bench.worker import measure_worker, measure_yardstick
from dcc_analytics.stream.broker.node import embedded_broker
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.publish import publish
from dcc_analytics.stream.topics import create_topics

PARTITIONS = 4


def run(
    events: Annotated[int, typer.Option(min=10_000, help="Events to make, publish and fold.")] = 1_000_000,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
) -> None:
    """Measure publishing and folding on a Kafka of its own.

    The worker and the yardstick (aiokafka's getmany and the product's decoders, nothing else) each run on one core,
    the broker where it likes; shares of the yardstick are of the same run, since machines differ.

    Examples:
        python -m bench

        python -m bench --events 200000 --json
    """
    with tempfile.TemporaryDirectory(prefix="dcca-bench-") as folder:
        results = _measure(Path(folder), events)
    if as_json:
        json.dump(results, sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        sys.stdout.write("".join(f"{name:<34}{value:>14,.2f}\n" for name, value in results.items()))


def _measure(folder: Path, events: int) -> dict[str, Any]:
    _say(f"Writing {events:,} events in the national mix")
    write_mix(folder / "events", events)
    with embedded_broker(folder / "broker") as broker:
        connection = Connection(broker.bootstrap)
        asyncio.run(create_topics(connection, partitions=PARTITIONS, application="dcca", keep_recorded=True))
        _say("Publishing")
        began = time.perf_counter()
        sent = sum(asyncio.run(publish(connection, folder / "events")).values())
        publish_s = time.perf_counter() - began
        _say("Fetching and decoding only (the yardstick)")
        yardstick = measure_yardstick(broker.bootstrap)
        _say("Folding with a worker")
        worker = measure_worker(broker.bootstrap, folder / "state")
    millions = worker["events"] / 1e6
    per_second = worker["events"] / worker["seconds"]
    yardstick_per_second = yardstick["records"] / yardstick["seconds"]
    if worker["events"] != yardstick["records"]:
        raise SystemExit(f"the worker folded {worker['events']} events of {yardstick['records']}")
    return {
        "events": worker["events"],
        "publish records/s": sent / publish_s,
        "yardstick events/s": yardstick_per_second,
        "worker events/s": per_second,
        "worker / yardstick": per_second / yardstick_per_second,
        "worker CPU s per million events": worker["cpu_s"] / millions,
        "yardstick CPU s per million events": 1e6 * yardstick["cpu_s"] / yardstick["records"],
        "worker peak MB": worker["peak_mb"],
        "worker MB per million events": worker["mb_per_million_events"],
        "ledger bytes per event": worker["ledger_bytes"] / worker["events"],
    }


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")


if __name__ == "__main__":
    typer.run(run)
