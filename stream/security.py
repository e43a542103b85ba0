"""How Kafka is spoken to: TLS or not, by which user, and what of it was read from files.

A secret is never a setting: a setting names the file that holds it. Files are read once, when a command begins.
"""

import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from dcc_analytics.catalogue.errors import UsageError


class Protocol(StrEnum):
    """What Kafka calls ``security.protocol``."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"

    @property
    def tls(self) -> bool:
        """Whether what is said is encrypted, and the broker shows a certificate."""
        return self in {Protocol.SSL, Protocol.SASL_SSL}

    @property
    def sasl(self) -> bool:
        """Whether a user proves who it is by a password."""
        return self in {Protocol.SASL_PLAINTEXT, Protocol.SASL_SSL}


class Mechanism(StrEnum):
    """How a password is proved. PLAIN hands it to the broker, the others do not."""

    SCRAM_SHA_512 = "SCRAM-SHA-512"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    PLAIN = "PLAIN"


@dataclass(frozen=True, slots=True)
class Security:
    """What is set about security, checked against itself.

    Attributes:
        protocol: of the brokers' listener.
        ca_file: certificates, PEM, by which the brokers' are judged; the system's own where None.
        certificate_file: this client's certificate, PEM, where brokers ask for one.
        key_file: its private key, PEM; where None it is in ``certificate_file``.
        key_password_file: file with the password of that key; None where it has none.
        mechanism: of SASL.
        username: of SASL.
        password_file: file with the user's password alone.
    """

    protocol: Protocol = Protocol.PLAINTEXT
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    key_password_file: Path | None = None
    mechanism: Mechanism = Mechanism.SCRAM_SHA_512
    username: str = ""
    password_file: Path | None = None

    def __post_init__(self) -> None:
        """Check that what is set can be meant together.

        Raises:
            UsageError: something is missing, or would be left unused, which hides a mistake.
        """
        if self.protocol.sasl and not (self.username and self.password_file):
            raise UsageError(
                f"security.protocol is {self.protocol}, which takes a user: give security.username and "
                "security.password_file too"
            )
        if not self.protocol.sasl and (self.username or self.password_file):
            raise UsageError(
                f"security.username or password_file is given and security.protocol is {self.protocol}, which has no "
                "users: give SASL_SSL as the protocol, or leave them out"
            )
        if not self.protocol.tls and (self.ca_file or self.certificate_file):
            raise UsageError(
                f"a certificate is given and security.protocol is {self.protocol}, which has no TLS: give SSL or "
                "SASL_SSL as the protocol, or leave it out"
            )
        if self.key_file and not self.certificate_file:
            raise UsageError("security.key_file is given without security.certificate_file; give both")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What clients are made with: the same with all files read.

    Attributes:
        protocol: of the brokers' listener.
        context: of TLS; None without.
        mechanism, username: of SASL; empty without.
        password: of SASL, never shown.
    """

    protocol: Protocol = Protocol.PLAINTEXT
    context: ssl.SSLContext | None = None
    mechanism: str = ""
    username: str = ""
    password: str = field(default="", repr=False)

    def options(self) -> dict[str, Any]:
        """Return what aiokafka's clients take."""
        options: dict[str, Any] = {"security_protocol": self.protocol.value}
        if self.context is not None:
            options["ssl_context"] = self.context
        if self.protocol.sasl:
            options["sasl_mechanism"] = self.mechanism
            options["sasl_plain_username"] = self.username
            options["sasl_plain_password"] = self.password
        return options


def loaded(security: Security) -> Credentials:
    """Return credentials from what is set; their files are read now.

    Raises:
        UsageError: a file can't be read, or is not what it should be.
    """
    context = _context(security) if security.protocol.tls else None
    if not security.protocol.sasl or security.password_file is None:
        return Credentials(security.protocol, context)
    password = _secret(security.password_file, "security.password_file")
    return Credentials(security.protocol, context, security.mechanism.value, security.username, password)


def _context(security: Security) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=security.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(
            f"security.ca_file {security.ca_file} can't be used ({error}); give a file of certificates in PEM, which "
            "begin with -----BEGIN CERTIFICATE-----"
        ) from error
    if security.certificate_file is not None:
        file = security.key_password_file
        # Without a password an empty one is given: OpenSSL would ask the terminal for it.
        password = "" if file is None else _secret(file, "security.key_password_file")
        try:
            context.load_cert_chain(security.certificate_file, security.key_file, password)
        except (OSError, ssl.SSLError) as error:
            raise UsageError(
                f"security.certificate_file {security.certificate_file} can't be used with its key ({error}); give "
                "certificate and private key in PEM, and key_password_file where the key has a password"
            ) from error
    return context


def _secret(file: Path, setting: str) -> str:
    """Return what a file of a secret holds, without the end of its line."""
    try:
        text = file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{setting} {file} can't be read ({error}); give a file with the password alone") from error
    if not text or "\n" in text:
        raise UsageError(
            f"{setting} {file} holds {'several lines' if text else 'nothing'}; put the password alone in it"
        )
    return text
