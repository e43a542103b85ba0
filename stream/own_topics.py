"""Topics on the brokers: which are there, in how many copies, and taking them away."""

import asyncio
import time
from collections.abc import Iterable

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, for_code

from dcc_analytics.catalogue.errors import TopicError
from dcc_analytics.stream.kafka import Connection, no_answer
from dcc_analytics.stream.retention import VISIBLE_WITHIN_S


async def copies_of(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """Return how many copies the brokers keep of each topic of these names that is there.

    Raises:
        BrokerError: Kafka can't be reached.
    """
    admin = await started_admin(connection)
    try:
        wanted = {connection.topic(name): name for name in names}
        described = await admin.describe_topics([name for name in await admin.list_topics() if name in wanted])
        return {wanted[each["topic"]]: len(each["partitions"][0]["replicas"]) for each in described}
    finally:
        await admin.close()


async def remove_topics(connection: Connection, names: Iterable[str]) -> None:
    """Remove topics, and return when they are gone; one that is not there is no matter.

    Raises:
        BrokerError: Kafka can't be reached.
        TopicError: the brokers refuse to remove one.
    """
    admin = await started_admin(connection)
    try:
        wanted = {connection.topic(name) for name in names} & set(await admin.list_topics())
        answer = await admin.delete_topics(sorted(wanted))
        for name, code in answer.topic_error_codes:
            if code:
                raise TopicError(
                    f"topic {name} can't be removed ({for_code(code).__name__}); remove it by Kafka's tools"
                )
        deadline = time.monotonic() + VISIBLE_WITHIN_S
        while wanted & set(await admin.list_topics()) and time.monotonic() < deadline:  # noqa: ASYNC110 (of a broker)
            await asyncio.sleep(0.05)
    finally:
        await admin.close()


async def started_admin(connection: Connection) -> AIOKafkaAdminClient:
    """Return a client for administration, started; whoever asks for it closes it.

    Raises:
        BrokerError: Kafka can't be reached.
    """
    admin = AIOKafkaAdminClient(**connection.options())
    try:
        await admin.start()
    except KafkaConnectionError as away:
        await admin.close()
        raise no_answer(connection) from away
    return admin
