"""Requests of Kafka's protocol that aiokafka has not: what brokers speak, what we may do with topics, what is granted.

Sent over the clients of aiokafka, whose schema types they are written in. Aiokafka is pinned; ``tests/secured`` sends
each to a real broker.

Source: the message definitions of Apache Kafka, ApiVersionsRequest 3, MetadataRequest 8, CreateAclsRequest 1,
DeleteAclsRequest 1.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import ApiVersionRequest_v0, CreateAclsRequest_v1, DeleteAclsRequest_v1
from aiokafka.protocol.api import Request, RequestStruct, Response, ResponseHeader_v0
from aiokafka.protocol.types import (
    Array,
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    String,
    TaggedFields,
)

from dcc_analytics.stream.spoken import Spoken

#: Error code of a topic that is not there.
NO_TOPIC: Final = 3
#: Where a group's description has its members: after error, name, state, kind and protocol.
GROUP_MEMBERS: Final = 5
_TEXT: Final = String("utf-8")
_SHORT: Final = CompactString("utf-8")
#: Tag of an answer's features that the cluster has agreed on, and what stands under it.
_FINALIZED: Final = 2
_FEATURES: Final = CompactArray(
    ("name", _SHORT), ("max_version_level", Int16), ("min_version_level", Int16), ("tags", TaggedFields)
)


class _Apis3Response(Response):  # type: ignore[misc]  # aiokafka has no types
    API_KEY = 18
    API_VERSION = 3
    SCHEMA = Schema(
        ("error_code", Int16),
        (
            "api_versions",
            CompactArray(("api_key", Int16), ("min_version", Int16), ("max_version", Int16), ("tags", TaggedFields)),
        ),
        ("throttle_time_ms", Int32),
        ("tags", TaggedFields),
    )


class _Apis3(RequestStruct):  # type: ignore[misc]  # as above
    API_KEY = 18
    API_VERSION = 3
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _Apis3Response
    SCHEMA = Schema(("client_software_name", _SHORT), ("client_software_version", _SHORT), ("tags", TaggedFields))

    def parse_response_header(self, read_buffer: BytesIO | bytes) -> Any:  # noqa: ANN401 (aiokafka's)
        """Read the header, which is the oldest in every version: who asks does not know yet what is spoken."""
        return ResponseHeader_v0.decode(read_buffer)


class _ApisRequest(Request[ApiVersionRequest_v0 | _Apis3]):  # type: ignore[misc]  # as above
    API_KEY = 18

    def build(self, request_struct_class: Any) -> Any:  # noqa: ANN401 (aiokafka's)
        return (
            request_struct_class("dcc-analytics", "0", {}) if request_struct_class is _Apis3 else ApiVersionRequest_v0()
        )


class _Metadata8Response(Response):  # type: ignore[misc]  # aiokafka has no types
    API_KEY = 3
    API_VERSION = 8
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("brokers", Array(("node_id", Int32), ("host", _TEXT), ("port", Int32), ("rack", _TEXT))),
        ("cluster_id", _TEXT),
        ("controller_id", Int32),
        (
            "topics",
            Array(
                ("error_code", Int16),
                ("name", _TEXT),
                ("is_internal", Boolean),
                (
                    "partitions",
                    Array(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", Array(Int32)),
                        ("isr", Array(Int32)),
                        ("offline_replicas", Array(Int32)),
                    ),
                ),
                ("authorized_operations", Int32),
            ),
        ),
        ("cluster_authorized_operations", Int32),
    )


class _Metadata8(RequestStruct):  # type: ignore[misc]  # as above
    API_KEY = 3
    API_VERSION = 8
    RESPONSE_TYPE = _Metadata8Response
    SCHEMA = Schema(
        ("topics", Array(_TEXT)),
        ("allow_auto_topic_creation", Boolean),
        ("include_cluster_authorized_operations", Boolean),
        ("include_topic_authorized_operations", Boolean),
    )


class _TopicsRequest(Request[_Metadata8]):  # type: ignore[misc]  # as above
    API_KEY = 3

    def __init__(self, names: list[str]) -> None:
        self._names = names

    def build(self, request_struct_class: Any) -> Any:  # noqa: ANN401 (aiokafka's)
        return request_struct_class(self._names, False, False, True)  # noqa: FBT003 (as the schema above has them)


class _GrantRequest(Request[CreateAclsRequest_v1]):  # type: ignore[misc]  # as above
    API_KEY = 30

    def __init__(self, creations: list[tuple[object, ...]]) -> None:
        self._creations = creations

    def build(self, request_struct_class: Any) -> Any:  # noqa: ANN401 (aiokafka's)
        return request_struct_class(self._creations)


class _RevokeRequest(Request[DeleteAclsRequest_v1]):  # type: ignore[misc]  # as above
    API_KEY = 31

    def __init__(self, filters: list[tuple[object, ...]]) -> None:
        self._filters = filters

    def build(self, request_struct_class: Any) -> Any:  # noqa: ANN401 (aiokafka's)
        return request_struct_class(self._filters)


@dataclass(frozen=True, slots=True)
class TopicState:
    """A topic as the brokers have it now.

    Attributes:
        name: on the cluster.
        error_code: of Kafka's protocol: 0, 3 where there is none, 29 where we may not know.
        copies: of each partition, how many there are to be.
        in_sync: of each partition, how many of them are up to date.
        leaderless: partitions that nobody leads.
        operations: codes of what we may do with it.
    """

    name: str
    error_code: int
    copies: tuple[int, ...]
    in_sync: tuple[int, ...]
    leaderless: tuple[int, ...]
    operations: frozenset[int]

    @property
    def partitions(self) -> int:
        """How many it has."""
        return len(self.copies)


@dataclass(frozen=True, slots=True)
class Cluster:
    """How many brokers there are, and topics by name."""

    brokers: int
    topics: dict[str, TopicState]


async def spoken_by(admin: AIOKafkaAdminClient, broker: int) -> Spoken:
    """Return what a broker says it speaks; no right is needed for that.

    Args:
        admin: started.
        broker: its number.

    Raises:
        KafkaError, TimeoutError: it does not answer.
    """
    answer = await admin._send_request_to_node(broker, _ApisRequest())  # noqa: SLF001 (no public way)
    versions = {key: (first, last) for key, first, last, *_ in answer.api_versions}
    finalized = answer.tags.get(_FINALIZED) if answer.API_VERSION == _Apis3.API_VERSION else None
    features = _FEATURES.decode(BytesIO(finalized)) if finalized else ()
    return Spoken(versions, {name: level for name, level, *_ in features})


async def cluster_now(admin: AIOKafkaAdminClient, names: Iterable[str]) -> Cluster:
    """Return topics as they are, none of them made by being asked for.

    Args:
        admin: started.
        names: on the cluster.

    Raises:
        KafkaError: no broker answers.
    """
    answer = await admin._send_request(_TopicsRequest(sorted(names)))  # noqa: SLF001 (no public way)
    topics = {}
    for code, name, _, partitions, operations in answer.topics:
        by_number = sorted(partitions, key=lambda each: int(each[1]))
        topics[name] = TopicState(
            name,
            code,
            tuple(len(each[4]) for each in by_number),
            tuple(len(each[5]) for each in by_number),
            tuple(each[1] for each in by_number if each[2] < 0),
            frozenset(bit for bit in range(31) if operations >= 0 and operations >> bit & 1),
        )
    return Cluster(len(answer.brokers), topics)


async def grant(admin: AIOKafkaAdminClient, rules: list[tuple[object, ...]]) -> list[tuple[int, str | None]]:
    """Add rules of access; return for each Kafka's error code, 0 for none, and its words.

    Args:
        admin: started.
        rules: codes of kind of resource, its name, code of pattern, principal, host, codes of operation, permission.
    """
    answer = await admin._send_to_controller(_GrantRequest(rules))  # noqa: SLF001 (no public way)
    return [(code, words) for code, words in answer.creation_responses]


async def revoke(admin: AIOKafkaAdminClient, rules: list[tuple[object, ...]]) -> list[tuple[int, str | None]]:
    """Take rules of access back, as ``grant`` added them; return the same."""
    answer = await admin._send_to_controller(_RevokeRequest(rules))  # noqa: SLF001 (no public way)
    return [(code, words) for code, words, _ in answer.filter_responses]
