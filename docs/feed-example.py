"""A feed to copy: sends events with the keys, the partitioner and the guarantees that the product needs.

    python docs/feed-example.py localhost:9092 [PREFIX]

It needs aiokafka with zstd alone. What matters: the key is the subject in upper case; the partitioner is the one that
Kafka's own clients begin with (murmur2 of the key), with as many partitions for each topic of events; a record is sent
again until all copies have it, and is there once and in order all the same (idempotence).
"""

import asyncio
import json
import sys
import time

from aiokafka import AIOKafkaProducer

#: Ids of the DCC itself: what is sent to one of these is about no Device.
DCC_IDS = frozenset({"90-B3-D5-1F-30-00-00-02"})


def key_of(topic: str, event: dict) -> bytes:
    """Return the key of an event: the Device it is about; without one the User, or for a response its request's.

    Args:
        topic: without prefix.
        event: as the contract has it.
    """
    if topic == "incidents":
        return event["incident"].encode()
    if topic == "users":
        return event["user"].upper().encode()
    if event.get("device"):
        return event["device"].upper().encode()
    if topic == "alerts":
        return event["recipient"].upper().encode()
    if event.get("kind") == "scheduled":
        return event["user"].upper().encode()
    originator, target, _ = event["request_id"].upper().split(":")
    if topic == "service-requests" or target in DCC_IDS:
        return originator.encode()
    return target.encode()


async def send(bootstrap: str, prefix: str, events: list[tuple[str, int, dict]]) -> None:
    """Send events and return when all copies have them.

    Args:
        bootstrap: ``host:port`` of brokers, separated by commas.
        prefix: leads the names of topics.
        events: topic, time of the event in milliseconds since 1970, and the event; requests before what answers them.
    """
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        enable_idempotence=True,  # sent again after a failure, and there once and in order
        acks="all",  # idempotence asks for it: taken when every copy in step has it
        compression_type="zstd",
        linger_ms=20,  # larger batches: fewer requests, better compression
        max_request_size=4 * 1024 * 1024,  # the largest record the product's topics take
    )
    await producer.start()
    try:
        sending = [
            await producer.send(
                prefix + topic, json.dumps(event).encode(), key=key_of(topic, event), timestamp_ms=timestamp_ms
            )
            for topic, timestamp_ms, event in events
        ]
        await asyncio.gather(*sending)  # raises what kept one from being taken
    finally:
        await producer.stop()


def made_events() -> list[tuple[str, int, dict]]:
    """Return one event of each topic, of now."""
    now_ms = time.time_ns() // 1_000_000
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now_ms // 1000))
    user, device = "90-B3-D5-1F-30-01-00-00", "88-73-84-90-6A-10-02-DB"
    request_id = f"{user}:{device}:1"
    request = {
        "request_id": request_id,
        "received_at": now,
        "srv": "4.8.1",
        "command_variant": 1,
        "role": "IS",
        "device": device,
    }
    alert = {
        "alert_id": "example-1",
        "kind": "dcc",
        "code": "N13",
        "recipient": user,
        "role": "IS",
        "raised_at": now,
        "ended_at": now,
        "outcome": "delivered",
        "request_id": request_id,
    }
    incident = {
        "incident": "INC-1",
        "category": 1,
        "opened_at": now,
        "summary": "an example",
        "as_of": now,
    }
    return [
        ("users", now_ms, {"user": user, "party": "NWE", "party_name": "Northwest", "roles": ["IS"], "as_of": now}),
        ("incidents", now_ms, incident),
        ("devices", now_ms, {"device": device, "device_type": "ESME", "status": "Commissioned", "as_of": now}),
        ("service-requests", now_ms, request),
        ("service-responses", now_ms, {"request_id": request_id, "sent_at": now, "code": "I0"}),
        ("alerts", now_ms, alert),
    ]


if __name__ == "__main__":
    asyncio.run(send(sys.argv[1], "".join(sys.argv[2:3]), made_events()))
