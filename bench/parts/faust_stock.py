"""Stock Faust: an agent that decodes each event and counts it, in a dict or in two Tables; one core, its defaults."""

import asyncio
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

import faust

from bench.figures import Figure
from bench.processes import in_own_process
from bench.run import PARTITIONS, Run, say
from dcc_analytics.stream.decode import DECODERS, decoded

#: It is slow: it reads as far as it comes in this time, some hundred thousand or ten thousand events.
LONGEST_S: Final = 25.0


def measure_dict(run: Run) -> list[Figure]:
    return _measure(run, "faust", tables=False)


def measure_tables(run: Run) -> list[Figure]:
    return _measure(run, "faust-tables", tables=True)


def _measure(run: Run, part: str, *, tables: bool) -> list[Figure]:
    published = run.published
    say(f"stock Faust for at most {LONGEST_S:.0f} s, counting in {'two Tables' if tables else 'a dict'}")
    found = in_own_process(
        "bench.parts.faust_stock",
        bootstrap=published.connection.bootstrap,
        events=published.events,
        folder=str(run.folder / part),
        tables=tables,
    )
    return [
        Figure(part, "folded", found["events"] / found["seconds"], "events/s"),
        Figure(part, "CPU", 1e6 * found["cpu_s"] / found["events"], "s/million events"),
    ]


def measured(bootstrap: str, events: int, folder: str, *, tables: bool) -> dict[str, float]:
    """Run an agent over at most so many events; return how many, wall and CPU seconds from the first to the last."""
    name = "stock-tables" if tables else "stock-dict"
    return asyncio.run(_run(stock_app(name, bootstrap, folder), events, tables=tables))


def stock_app(name: str, bootstrap: str, folder: str, **settings: Any) -> faust.App:  # noqa: ANN401 (Faust's own settings)
    """Return an application as it comes, its Tables kept in RocksDB.

    Args:
        name: its consumer group.
        bootstrap: Kafka brokers.
        folder: of its stores.
        settings: of Faust, that differ from its defaults.
    """
    return faust.App(
        name,
        broker=f"kafka://{bootstrap}",
        store="rocksdb://",
        topic_partitions=PARTITIONS,
        datadir=str(Path(folder)),
        autodiscover=False,
        web_enabled=False,
        **settings,
    )


async def _run(app: faust.App, events: int, *, tables: bool) -> dict[str, float]:
    devices: Any = app.Table("devices", default=int, options={"driver": "rocksdict"}) if tables else Counter[str]()
    kinds: Any = app.Table("kinds", default=int, options={"driver": "rocksdict"}) if tables else Counter[str]()
    found: dict[str, float] = {}
    done = asyncio.Event()

    async def count(stream: Any) -> None:  # noqa: ANN401 (a Faust stream)
        seen, began, cpu_began = 0, time.perf_counter(), time.process_time()
        async for event in stream.events():
            if not seen:
                began, cpu_began = time.perf_counter(), time.process_time()
            message = event.message
            decoded(DECODERS[message.topic], message.value)
            devices[message.key.decode()] += 1
            kinds[message.topic] += 1
            seen += 1
            seconds = time.perf_counter() - began
            if not done.is_set() and (seen == events or seconds > LONGEST_S):
                found.update(events=seen, seconds=seconds, cpu_s=time.process_time() - cpu_began)
                done.set()

    channel = app.topic(*DECODERS, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
    app.agent(channel, name="count")(count)
    await app.start()
    await done.wait()
    await app.stop()
    return found
