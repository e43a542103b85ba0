"""The connection a command makes: brokers and prefix are its own options, how they are spoken to those of ``dcca``."""

import asyncio
from collections.abc import Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer

from dcc_analytics.stream.access import check_permitted
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.permissions import Part
from dcc_analytics.stream.refusals import check_let_in
from dcc_analytics.stream.security import Mechanism, Protocol, Security, loaded

ProtocolOption: TypeAlias = Annotated[
    Protocol,
    typer.Option("--security-protocol", envvar="DCCA_SECURITY_PROTOCOL", help="What the brokers' listener speaks."),
]
CaFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--ca-file",
        envvar="DCCA_SECURITY_CA_FILE",
        help="Certificates, PEM, by which the brokers' are judged; the system's own when left out.",
    ),
]
CertificateFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--certificate-file",
        envvar="DCCA_SECURITY_CERTIFICATE_FILE",
        help="Certificate of this client, PEM, where brokers ask for one.",
    ),
]
KeyFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        envvar="DCCA_SECURITY_KEY_FILE",
        help="Its private key, PEM; in the file of the certificate when left out.",
    ),
]
KeyPasswordFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--key-password-file",
        envvar="DCCA_SECURITY_KEY_PASSWORD_FILE",
        help="File with the password of the private key alone; none when left out.",
    ),
]
MechanismOption: TypeAlias = Annotated[
    Mechanism,
    typer.Option("--mechanism", envvar="DCCA_SECURITY_MECHANISM", help="How a user proves its password (SASL)."),
]
Username: TypeAlias = Annotated[
    str, typer.Option("--username", envvar="DCCA_SECURITY_USERNAME", help="The user, where the protocol has users.")
]
PasswordFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--password-file", envvar="DCCA_SECURITY_PASSWORD_FILE", help="File with the password of the user alone."
    ),
]

#: As the options of ``dcca`` itself have it, which stand before the command.
security: Final = ContextVar[Security]("security", default=Security())  # noqa: B039 (it is immutable)


def connection_to(
    bootstrap: str, prefix: str, part: Part | None = None, application: str = "", *, sources: Sequence[str] = ()
) -> Connection:
    """Return a connection that the brokers let in, as far as they can be reached.

    Args:
        bootstrap: ``host:port`` of brokers, separated by commas.
        prefix: leads the name of every topic.
        part: what is going to be done; where it is given, that it is permitted is seen now rather than on the way.
        application: whose ledger and group.
        sources: topics beside the product's that the part reads.

    Raises:
        UsageError: a file of the security settings is not what it should be.
        AccessError: a broker does not let us in, or not do what the part has to.
        BrokerError: Kafka can't be reached, and a part is given.
    """
    connection = Connection(bootstrap, prefix, credentials=loaded(security.get()))
    if connection.credentials.protocol is not Protocol.PLAINTEXT:
        asyncio.run(check_let_in(connection))
        if part is not None:
            asyncio.run(check_permitted(connection, part, application, sources=sources))
    return connection
