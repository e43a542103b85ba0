"""Access, on the brokers: granting it, taking it back, and seeing what is missing before a part begins."""

from collections.abc import Iterable, Sequence
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    GroupCoordinatorNotAvailableError,
    KafkaError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
    for_code,
)

from dcc_analytics.catalogue.errors import AccessError
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.own_topics import started_admin
from dcc_analytics.stream.permissions import Grant, Part, Resource, grants
from dcc_analytics.stream.protocol import NO_TOPIC, cluster_now, grant, revoke

_REFUSALS: Final = (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)
#: Codes of Kafka's protocol: a name that is meant as it stands, or as a beginning; to allow.
_LITERAL, _PREFIXED, _ALLOW = 3, 4, 3
#: Of a coordinator, what it coordinates.
_GROUPS, _TRANSACTIONS = 0, 1


def not_permitted(error: BaseException) -> AccessError | None:
    """Return a refusal of Kafka's in words; None for any other error."""
    if not isinstance(error, _REFUSALS):
        return None
    return AccessError(
        f"Kafka does not permit what is asked of it ({error}); have the user granted what `dcca acl show` prints for "
        "this part"
    )


async def missing(admin: AIOKafkaAdminClient, wanted: Iterable[Grant]) -> list[Grant]:
    """Return what of this we are not granted.

    Kafka says of a topic what we may do with it. Of a group or a transactional id it says only whether we may know of
    it, which whoever may use it may. Topics that are not there are left to whoever finds so.

    Args:
        admin: started.
        wanted: what a part has to be granted.

    Raises:
        KafkaError: no broker answers.
    """
    rules = tuple(wanted)
    names = {each.name for each in rules if each.resource is Resource.TOPIC}
    cluster = await cluster_now(admin, names)
    lacking = []
    for each in rules:
        if each.resource is Resource.TOPIC:
            topic = cluster.topics[each.name]
            allowed = topic.error_code == NO_TOPIC or each.operation.value in topic.operations
        else:
            allowed = await _may_know_of(admin, each)
        if not allowed:
            lacking.append(each)
    return lacking


async def _may_know_of(admin: AIOKafkaAdminClient, rule: Grant) -> bool:
    kind = _GROUPS if rule.resource is Resource.GROUP else _TRANSACTIONS
    try:
        await admin.find_coordinator(f"{rule.name}0" if rule.prefixed else rule.name, kind)
    except _REFUSALS:
        return False
    except GroupCoordinatorNotAvailableError:
        pass  # nobody has asked for one yet; that we may not, would have been said first
    return True


async def check_permitted(connection: Connection, part: Part, application: str, *, sources: Sequence[str] = ()) -> None:
    """See that a part is granted all it needs.

    Args:
        connection: as the part's user.
        part: who.
        application: whose ledger and group.
        sources: as ``grants``.

    Raises:
        AccessError: something is missing.
        BrokerError: Kafka can't be reached.
    """
    admin = await started_admin(connection)
    try:
        lacking = await missing(admin, grants(part, connection, application, sources=sources))
    except KafkaError:
        return  # whoever asks next finds out, and says what to do
    finally:
        await admin.close()
    if lacking:
        who = connection.credentials.username or "of the certificate"
        more = f" and {len(lacking) - 3} more" if len(lacking) > 3 else ""
        raise AccessError(
            f"user {who} may not {', '.join(map(str, lacking[:3]))}{more}; have it granted: `dcca acl grant {part} "
            f"--user {who}` as an administrator, or the lines that `dcca acl show {part}` prints"
        )


async def granted(connection: Connection, rules: Iterable[Grant], user: str, *, take_back: bool = False) -> int:
    """Grant a user what is wanted, or take it back; return how many rules those are.

    Raises:
        AccessError: we may not, or these brokers ask nobody who may do what.
        BrokerError: Kafka can't be reached.
    """
    wanted = [_rule(each, user) for each in rules]
    admin = await started_admin(connection)
    try:
        answers = await (revoke if take_back else grant)(admin, wanted)
    finally:
        await admin.close()
    for code, words in answers:
        if code:
            raise AccessError(
                f"the brokers grant nothing to user {user} ({for_code(code).__name__}: {words or 'no reason given'}); "
                "do it as an administrator, on brokers with an authorizer"
            )
    return len(wanted)


def _rule(rule: Grant, user: str) -> tuple[object, ...]:
    pattern = _PREFIXED if rule.prefixed else _LITERAL
    return rule.resource.value, rule.name, pattern, f"User:{user}", "*", rule.operation.value, _ALLOW
