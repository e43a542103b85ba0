"""The yardstick: one process that fetches with aiokafka and decodes with the product's decoders, and nothing else."""

import asyncio
import json
import sys
import time

from aiokafka import AIOKafkaConsumer, TopicPartition

from dcc_analytics.stream.decode import DECODERS, decoded


async def fetch_and_decode(bootstrap: str) -> dict[str, float]:
    """Fetch and decode every record of the event topics; return records, wall and CPU seconds."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False,
        isolation_level="read_committed", max_partition_fetch_bytes=4 * 1024 * 1024,
    )  # fmt: skip
    await consumer.start()
    try:
        await consumer.topics()
        left = {TopicPartition(topic, p) for topic in DECODERS for p in range(4)}
        ends = await consumer.end_offsets(left)
        consumer.assign(left)
        records, began, cpu_began = 0, time.perf_counter(), time.process_time()
        while left:
            for tp, fetched in (await consumer.getmany(*left, timeout_ms=500, max_records=20_000)).items():
                decoder = DECODERS[tp.topic]
                for record in fetched:
                    decoded(decoder, record.value)
                records += len(fetched)
            left = {tp for tp in left if await consumer.position(tp) < ends[tp]}
        return {
            "records": records, "seconds": time.perf_counter() - began, "cpu_s": time.process_time() - cpu_began,
        }  # fmt: skip
    finally:
        await consumer.stop()


if __name__ == "__main__":
    json.dump(asyncio.run(fetch_and_decode(sys.argv[1])), sys.stdout)
