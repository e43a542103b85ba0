"""``dcca publish``: recorded events to Kafka, keyed and partitioned as a feed must send them."""

import asyncio
import time
from pathlib import Path
from typing import Annotated

import typer

from dcc_analytics.commands.connection import connection_to
from dcc_analytics.commands.options import DEFAULT_BOOTSTRAP, Bootstrap, Json, Prefix
from dcc_analytics.commands.output import bars, tell
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.permissions import Part
from dcc_analytics.stream.publish import publish


def publish_events(
    events: Annotated[Path, typer.Argument(help="Folder of recorded events, <topic>.ndjson or <topic>.ndjson.gz.")],
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    prefix: Prefix = "",
    as_json: Json = False,
) -> None:
    """Publish a folder of recorded events; each file keeps its order.

    Topics are sent one after the other. Start workers afterwards, or publish a day at most at a time: to workers that
    run meanwhile a topic would stand still for as long as the others' events are apart.

    Examples:

        dcca publish tests/data/sample

        dcca publish tests/data/sample --bootstrap localhost:9092 --json
    """
    began = time.monotonic()
    sent = publish_with_bars(events, connection_to(bootstrap, prefix, Part.PUBLISH))
    seconds = time.monotonic() - began
    count = sum(sent.values())
    tell(
        {"records": sent, "seconds": round(seconds, 3)},
        f"{count:,} records published in {seconds:.1f} s ({count / seconds:,.0f} a second)",
        as_json=as_json,
    )


def publish_with_bars(events: Path, connection: Connection) -> dict[str, int]:
    """Publish a folder with a bar for each topic; return how many records each topic got."""
    with bars() as shown:
        tasks = {}

        def told(topic: str, records: int) -> None:
            if topic not in tasks:
                tasks[topic] = shown.add_task(f"publish {topic}", total=None)
            shown.advance(tasks[topic], records)

        sent = asyncio.run(publish(connection, events, progress=told))
        for topic, task in tasks.items():
            shown.update(task, total=sent[topic])
    return sent
