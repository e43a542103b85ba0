"""The offsets of a group as they stand once no transaction can move them any more.

aiokafka asks for offsets as before Kafka 2.5: while a transaction that holds newer ones is being ended, brokers then
answer with the older, and whoever goes on from there does its work twice. With ``require_stable`` they say instead that
it is not decided yet.

Source: the message definitions of Apache Kafka, OffsetFetchRequest 7 and OffsetFetchResponse 7; KIP-447.
"""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError, for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Int64,
    Schema,
    TaggedFields,
)

from dcc_analytics.stream.fetched import Place

#: Codes of Kafka's protocol that say to ask again: the coordinator is loading, away or another one, or a transaction
#: that holds offsets of the group is being ended.
_LATER: Final = frozenset({14, 15, 16, 88})
#: Between two questions.
_PAUSE_S: Final = 0.05
#: A transaction is ended, at the latest, a while after its time-out.
_PATIENCE_S: Final = 90.0
_TEXT: Final = CompactString("utf-8")


class _Offsets7Response(Response):  # type: ignore[misc]  # aiokafka has no types
    API_KEY = 9
    API_VERSION = 7
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "topics",
            CompactArray(
                ("name", _TEXT),
                (
                    "partitions",
                    CompactArray(
                        ("partition", Int32),
                        ("offset", Int64),
                        ("leader_epoch", Int32),
                        ("metadata", _TEXT),
                        ("error_code", Int16),
                        ("tags", TaggedFields),
                    ),
                ),
                ("tags", TaggedFields),
            ),
        ),
        ("error_code", Int16),
        ("tags", TaggedFields),
    )


class _Offsets7(RequestStruct):  # type: ignore[misc]  # as above
    FLEXIBLE_VERSION = True
    API_KEY = 9
    API_VERSION = 7
    RESPONSE_TYPE = _Offsets7Response
    SCHEMA = Schema(
        ("group_id", _TEXT),
        (
            "topics",
            CompactArray(("name", _TEXT), ("partitions", CompactArray(Int32)), ("tags", TaggedFields)),
        ),
        ("require_stable", Boolean),
        ("tags", TaggedFields),
    )


class _OffsetsRequest(Request[_Offsets7]):  # type: ignore[misc]  # as above
    API_KEY = 9

    def __init__(self, group: str, topics: list[tuple[str, list[int], dict[int, bytes]]]) -> None:
        self._group = group
        self._topics = topics

    def build(self, request_struct_class: Any) -> Any:  # noqa: ANN401 (aiokafka's)
        return request_struct_class(self._group, self._topics, True, {})  # noqa: FBT003 (as the schema above has them)


async def decided_offsets(admin: AIOKafkaAdminClient, group: str, places: Iterable[Place]) -> dict[Place, int]:
    """Return where a group stands in each partition, as soon as that is decided.

    Args:
        admin: started.
        group: on the cluster.
        places: partitions, of topics by their names on the cluster.

    Raises:
        KafkaError: as ``offsets_if_decided``.
        TimeoutError: a transaction that holds some is not ended.
    """
    wanted = tuple(places)
    async with asyncio.timeout(_PATIENCE_S):
        while (offsets := await offsets_if_decided(admin, group, wanted)) is None:  # noqa: ASYNC110 (of a broker)
            await asyncio.sleep(_PAUSE_S)
    return offsets


async def offsets_if_decided(
    admin: AIOKafkaAdminClient, group: str, places: Iterable[Place]
) -> dict[Place, int] | None:
    """Return where a group stands in each partition, those left out of which it has said nothing.

    Args:
        admin: started.
        group: on the cluster.
        places: partitions, of topics by their names on the cluster.

    Returns:
        None while that is not decided, or not known.

    Raises:
        KafkaError: no broker answers, or not with offsets.
    """
    topics: dict[str, list[int]] = {}
    for topic, partition in places:
        topics.setdefault(topic, []).append(partition)
    request = _OffsetsRequest(group, [(topic, numbers, {}) for topic, numbers in topics.items()])
    try:
        coordinator = await admin.find_coordinator(group)
    except GroupCoordinatorNotAvailableError:
        return None
    answer = await admin._send_request_to_node(coordinator, request)  # noqa: SLF001 (no public way)
    found = [(topic, each) for topic, partitions, _ in answer.topics for each in partitions]
    codes = {answer.error_code, *(each[4] for _, each in found)}
    if codes & _LATER:
        return None
    for code in codes - {0}:
        error: KafkaError = for_code(code)(group)
        raise error
    return {(topic, each[0]): each[1] for topic, each in found if each[1] >= 0}
