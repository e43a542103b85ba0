"""The yardsticks: aiokafka's ``getmany`` alone, and with the product's decoders; one core, nothing else is done."""

import asyncio
import time

from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.figures import Figure, PartFailedError
from bench.processes import in_own_process
from bench.run import PARTITIONS, Run, say
from dcc_analytics.stream.decode import DECODERS, decoded


def measure(run: Run) -> list[Figure]:
    published = run.published
    figures = []
    for name, decoding in (("fetched", False), ("fetched and decoded", True)):
        say(f"the yardstick: {name}")
        found = in_own_process("bench.parts.getmany", bootstrap=published.connection.bootstrap, decoding=decoding)
        if found["records"] != published.events:
            raise PartFailedError(f"{found['records']} events were {name} of {published.events}")
        figures += [
            Figure("getmany", name, found["records"] / found["seconds"], "events/s"),
            Figure("getmany", f"CPU, {name}", 1e6 * found["cpu_s"] / found["records"], "s/million events"),
        ]
    return figures


def measured(bootstrap: str, *, decoding: bool) -> dict[str, float]:
    """Fetch every record of the event topics, and decode it or not; return records, wall and CPU seconds."""
    return asyncio.run(_fetch(bootstrap, decoding=decoding))


async def _fetch(bootstrap: str, *, decoding: bool) -> dict[str, float]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        isolation_level="read_committed",
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )
    await consumer.start()
    try:
        await consumer.topics()
        left = {TopicPartition(topic, p) for topic in DECODERS for p in range(PARTITIONS)}
        ends = await consumer.end_offsets(left)
        consumer.assign(left)
        records, began, cpu_began = 0, time.perf_counter(), time.process_time()
        while left:
            for tp, fetched in (await consumer.getmany(*left, timeout_ms=500, max_records=20_000)).items():
                records += len(fetched)
                if decoding:
                    decoder = DECODERS[tp.topic]
                    for record in fetched:
                        decoded(decoder, record.value)
            left = {tp for tp in left if await consumer.position(tp) < ends[tp]}
        return {
            "records": records,
            "seconds": time.perf_counter() - began,
            "cpu_s": time.process_time() - cpu_began,
        }
    finally:
        await consumer.stop()
