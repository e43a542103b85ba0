"""Who has which partition, as the broker knows it of the workers' consumer group."""

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment

from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.protocol import GROUP_MEMBERS
from dcc_analytics.stream.strays import SOURCES


async def owners_of(connection: Connection, application: str) -> dict[int, str]:
    """Return for each partition the worker that has it: its client's name and host; those nobody has are left out.

    Args:
        connection: how to reach Kafka.
        application: whose group.

    Raises:
        KafkaError: the broker could not say.
    """
    admin = AIOKafkaAdminClient(**connection.options())
    try:
        await admin.start()
        described = await admin.describe_consumer_groups([connection.own(application)])
    finally:
        await admin.close()
    source = connection.topic(SOURCES[0])
    found: dict[int, str] = {}
    for answer in described:
        for group in answer.groups:
            for _id, client, host, _metadata, assignment, *_rest in group[GROUP_MEMBERS]:
                if not assignment:
                    continue
                for topic, partitions in ConsumerProtocolMemberAssignment.decode(assignment).assignment:
                    if topic == source:
                        found.update(dict.fromkeys(partitions, f"{client} at {host.lstrip('/')}"))
    return found
