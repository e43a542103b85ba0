"""``dcca doctor``: what is wrong with a deployment, why that matters, and what to do about it."""

import asyncio
import stat
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from aiokafka.errors import KafkaError

from dcc_analytics.aggregators.examination import examined, spoken
from dcc_analytics.aggregators.findings import Finding, State, findings
from dcc_analytics.aggregators.kafka_findings import kafka_findings
from dcc_analytics.catalogue.errors import AccessError, BrokerError, UsageError
from dcc_analytics.commands.connection import connection_to, security
from dcc_analytics.commands.options import (
    DEFAULT_APPLICATION,
    DEFAULT_BOOTSTRAP,
    Application,
    Bootstrap,
    Json,
    Prefix,
)
from dcc_analytics.commands.output import tell
from dcc_analytics.stream.permissions import Part
from dcc_analytics.stream.security import Protocol
from dcc_analytics.stream.topics import settings_of, topics

#: What stands between the product and Kafka.
_PACKAGES = ("dcc-analytics", "faust-streaming", "aiokafka")


def doctor(
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    application: Application = DEFAULT_APPLICATION,
    prefix: Prefix = "",
    part: Annotated[
        Part | None, typer.Option(metavar="PART", help=f"See that the user may do what this needs: {', '.join(Part)}.")
    ] = None,
    as_json: Json = False,
) -> None:
    """See whether a deployment is as it has to be, and say of what is not: what, why it matters, what to do.

    Looks at versions, security, brokers and what they speak, topics with their partitions and settings, the lag, clocks
    and permissions. Reads only. Exit code 1 where anything is a fault; warnings leave it at 0.

    Examples:

        dcca doctor

        dcca --config dcca.toml doctor --part worker --json
    """
    found = [*_here(), *_there(bootstrap, prefix, application, part)]
    worst = max((each.state for each in found), key=list(State).index)
    result: dict[str, object] = {"state": worst.value, "findings": [asdict(each) for each in found]}
    tell(result, "\n".join(_lines(found)), as_json=as_json)
    if worst is State.FAULT:
        raise typer.Exit(1)


def _here() -> Iterator[Finding]:
    """Yield what is found on this machine."""
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    yield Finding("versions", State.OK, f"{versions}, Python {sys.version.split()[0]}")
    settings = security.get()
    secrets = [each for each in (settings.password_file, settings.key_password_file, settings.key_file) if each]
    open_to = [str(each) for each in secrets if _read_by_others(each)]
    if open_to:
        yield Finding(
            "security", State.WARNING, f"files of secrets that others on this machine can read: {', '.join(open_to)}",
            "whoever reads them can be taken for this user", "take their rights away: chmod 600",
        )  # fmt: skip
    if settings.protocol in {Protocol.PLAINTEXT, Protocol.SASL_PLAINTEXT}:
        yield Finding(
            "security", State.WARNING, f"Kafka is spoken to by {settings.protocol}, which anybody between can read",
            "events hold personal data", "have the brokers speak SASL_SSL, and set security.protocol",
        )  # fmt: skip
    elif not open_to:
        yield Finding("security", State.OK, f"Kafka is spoken to by {settings.protocol}")


def _read_by_others(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
    except OSError:
        return False


def _there(bootstrap: str, prefix: str, application: str, part: Part | None) -> Iterator[Finding]:
    """Yield what is found on the brokers; that they can't be asked is a finding too."""
    try:
        connection = connection_to(bootstrap, prefix)
        speech = asyncio.run(spoken(connection))
        yield from kafka_findings(speech)
        if not any(each and each.takes_all() for each in speech.values()):
            return  # what else there is to ask nobody would answer
        facts = asyncio.run(examined(connection, application))
    except UsageError:
        raise
    except (AccessError, BrokerError) as error:
        what, _, do = str(error).partition("; ")
        yield Finding("brokers", State.FAULT, what, "nothing can be folded, shown or told of", do)
        return
    except KafkaError as error:
        yield Finding(
            "brokers", State.FAULT, f"Kafka at {bootstrap} answers with an error ({error})",
            "nothing can be folded, shown or told of", "see to the brokers",
        )  # fmt: skip
        return
    wanted = [replace(topic, settings=settings_of(topic)) for topic in topics(application)]
    names = {topic.name: connection.topic(topic.name) for topic in wanted}
    yield from findings(facts, wanted, names, part)


def _lines(found: list[Finding]) -> Iterator[str]:
    for each in found:
        yield f"{each.state.value:8}{each.check:12} {each.what}"
        if each.why:
            yield f"{'':21}why: {each.why}"
            yield f"{'':21}do:  {each.do}"
