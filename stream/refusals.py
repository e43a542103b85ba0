"""Why a broker does not let a client in, in words that say what to do.

aiokafka says of each of these that there is no broker: it logs the reason and tries the next address.
"""

import asyncio
import ssl
from typing import Final

from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import (
    IllegalSaslStateError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from dcc_analytics.catalogue.errors import AccessError
from dcc_analytics.stream.kafka import STOP_S, Connection

#: A broker that takes longer to greet is taken for away, of which others tell.
GREETED_WITHIN_MS: Final = 10_000
#: OpenSSL's words for a certificate that names others than the host it was asked of: X509_V_ERR_HOSTNAME_MISMATCH and
#: X509_V_ERR_IP_ADDRESS_MISMATCH; and for one that is not valid yet, or no more.
_OTHER_NAME: Final = frozenset({62, 64})
_OTHER_TIME: Final = frozenset({9, 10})


async def check_let_in(connection: Connection) -> None:
    """Greet each broker until one lets us in; where none can be reached, that is not said here.

    Raises:
        AccessError: a broker is there, and its certificate, our user, or what is spoken is not what it should be.
    """
    for address in connection.bootstrap.split(","):
        host, _, port = address.strip().rpartition(":")
        if not port.isdigit():
            continue
        options = {"request_timeout_ms": GREETED_WITHIN_MS, **connection.credentials.options()}
        greeting = AIOKafkaConnection(host.strip("[]"), int(port), **options)
        try:
            await greeting.connect()
        except OSError as error:  # nothing was opened, or it is closed by now
            _raise_if_told(error, connection, address)
        except KafkaError as error:
            await asyncio.wait({greeting.close()}, timeout=STOP_S)
            _raise_if_told(error, connection, address)
        else:
            await asyncio.wait({greeting.close()}, timeout=STOP_S)
            return


def _raise_if_told(error: Exception, connection: Connection, address: str) -> None:
    words = _why(error, connection, address)
    if words is not None:
        raise AccessError(words) from error


def _why(error: Exception, connection: Connection, address: str) -> str | None:
    """Return what a failed greeting says of settings, None where it says nothing of them."""
    credentials = connection.credentials
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code in _OTHER_NAME:
            return (
                f"the certificate of the broker at {address} is for another host ({error.verify_message}); give "
                "--bootstrap a name that stands in the certificate, or the broker a certificate with this one"
            )
        if error.verify_code in _OTHER_TIME:
            return (
                f"the certificate of the broker at {address} is not valid now ({error.verify_message}); see to it, or "
                "to the clock of this machine"
            )
        return (
            f"the certificate of the broker at {address} is signed by nobody who is trusted here "
            f"({error.verify_message}); give security.ca_file the certificate of who signed it, in PEM"
        )
    if isinstance(error, ssl.SSLError):
        return (
            f"the broker at {address} does not answer by TLS as it should ({error.reason or error}); give the port of "
            "its TLS listener, or see security.protocol and security.certificate_file"
        )
    if isinstance(error, SaslAuthenticationFailed):
        return (
            f"the broker at {address} does not let in user {credentials.username} ({credentials.mechanism}): name or "
            "password is wrong; correct security.username, or the file security.password_file names"
        )
    if isinstance(error, UnsupportedSaslMechanismError):
        return (
            f"the broker at {address} does not know {credentials.mechanism}; give security.mechanism one that it has "
            "(its sasl.enabled.mechanisms)"
        )
    if isinstance(error, IllegalSaslStateError):
        return (
            f"the listener at {address} has no users; give security.protocol PLAINTEXT or SSL, or the port of a "
            "listener with SASL"
        )
    return None
