"""How long dead letters are kept: they hold personal data, so by rule, whatever a topic that is there already says."""

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, for_code

from dcc_analytics.catalogue.errors import TopicError
from dcc_analytics.stream.kafka import Connection

FOR_EVER: Final = -1
RETENTION: Final = "retention.ms"
#: What Kafka says of a setting that a topic was given itself.
_OWN: Final = 1

#: New topics, and changes of topics, reach every broker within a second; one that takes longer has a fault of its own.
VISIBLE_WITHIN_S: Final = 30.0

log = logging.getLogger("dcca.worker")


def too_long(kept_ms: int, rule_ms: int) -> bool:
    """Return whether something is kept for longer than a rule allows.

    >>> too_long(86_400_000, 86_400_000), too_long(FOR_EVER, 86_400_000)
    (False, True)
    """
    return kept_ms == FOR_EVER or kept_ms > rule_ms


async def settings_now(admin: AIOKafkaAdminClient, topic: str, *, own: bool = False) -> dict[str, str]:
    """Return the settings of a topic.

    Args:
        admin: started.
        topic: by its name on the cluster.
        own: only those it was given itself, rather than those of the broker too.

    Raises:
        TopicError: the broker does not say.
    """
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    for code, words, _, _, entries in answer.resources:
        if code:
            raise TopicError(f"the settings of topic {topic} can't be read: {for_code(code).__name__} {words or ''}")
        return {name: value for name, value, _, source, *_ in entries if not own or source == _OWN}
    raise TopicError(f"the settings of topic {topic} can't be read: Kafka tells none")


async def kept_ms(admin: AIOKafkaAdminClient, topic: str) -> int:
    """Return for how long a topic keeps records, in milliseconds; ``FOR_EVER`` without end.

    Raises:
        TopicError: the broker does not say.
    """
    return int((await settings_now(admin, topic))[RETENTION])


async def set_settings(admin: AIOKafkaAdminClient, topic: str, settings: Mapping[str, str]) -> None:
    """Give a topic these settings; those it was given before it has still.

    Raises:
        TopicError: the broker refuses, or does not do it.
    """
    wanted = {**await settings_now(admin, topic, own=True), **settings}
    (answer,) = await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, wanted)])
    for code, words, *_ in answer.resources:
        if code:
            raise TopicError(f"the settings of topic {topic} can't be changed: {for_code(code).__name__} {words or ''}")
    deadline = time.monotonic() + VISIBLE_WITHIN_S
    while settings.items() - (await settings_now(admin, topic)).items():
        if time.monotonic() > deadline:
            raise TopicError(f"the settings of topic {topic} did not change within {VISIBLE_WITHIN_S:.0f} s")
        await asyncio.sleep(0.05)


async def warn_if_kept_too_long(connection: Connection, name: str, rule_ms: int) -> None:
    """Log a warning if a topic keeps records longer than a rule allows; where nobody says, nothing is said."""
    admin = AIOKafkaAdminClient(**connection.options())
    try:
        await admin.start()
        kept = await kept_ms(admin, connection.topic(name))
    except (KafkaError, TopicError):
        return  # whoever reads the topic finds out, and says what to do
    finally:
        await admin.close()
    if too_long(kept, rule_ms):
        log.warning(
            "kept_too_long topic=%s kept_ms=%d rule_ms=%d: they hold personal data; `dcca topics create` "
            "has them kept by the rule",
            connection.topic(name), kept, rule_ms,
        )  # fmt: skip
