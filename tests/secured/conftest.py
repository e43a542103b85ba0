"""What tests on a secured broker share: one broker for the session, its users, and a prefix for each test."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dcc_analytics.stream.broker.node import embedded_broker
from dcc_analytics.stream.broker.secured import ADMIN, MECHANISM, Secured
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.security import Mechanism, Protocol, Security, loaded
from tests.sliced_sample import sliced

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Guarded:
    """A broker that lets in only its users, by SASL_SSL, and each to what it was granted."""

    bootstrap: str
    secured: Secured

    def security(self, user: str) -> Security:
        """Return the settings of one of its users."""
        secured = self.secured
        return Security(
            Protocol.SASL_SSL,
            ca_file=secured.ca_file,
            mechanism=Mechanism(MECHANISM),
            username=user,
            password_file=secured.password_file(user),
        )

    def connection(self, user: str, prefix: str) -> Connection:
        """Return a connection of one of its users."""
        return Connection(self.bootstrap, prefix, credentials=loaded(self.security(user)))

    def variables(self, user: str = ADMIN) -> dict[str, str]:
        """Return what has ``dcca`` connect as one of its users."""
        return {
            "DCCA_BOOTSTRAP": self.bootstrap,
            "DCCA_SECURITY_PROTOCOL": "SASL_SSL",
            "DCCA_SECURITY_CA_FILE": str(self.secured.ca_file),
            "DCCA_SECURITY_USERNAME": user,
            "DCCA_SECURITY_PASSWORD_FILE": str(self.secured.password_file(user)),
        }


@pytest.fixture(scope="session")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """A secured broker that lasts as long as the session."""
    data: Path = tmp_path_factory.mktemp("guarded") / "broker"
    with embedded_broker(data, secured=True) as running:
        yield Guarded(running.bootstrap, Secured(data / "security"))


@pytest.fixture(scope="session")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first tenth of the recorded events: enough for every part to have something to do."""
    return sliced(tmp_path_factory.mktemp("events"), 10)[0]


@pytest.fixture
def prefix() -> str:
    """A prefix of topics no other test has."""
    return f"guarded{next(_numbers)}-"
