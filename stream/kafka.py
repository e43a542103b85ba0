"""How Kafka is reached: one value that every client of the product is made from."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Connection:
    """Where the brokers are and how topics are named.

    Attributes:
        bootstrap: ``host:port``, several separated by commas.
        prefix: leads the name of every topic, so that several feeds can share a cluster.
        security: further options of aiokafka's clients (security protocol, SASL, TLS context).
        faust_credentials: the same for Faust's consumer.
    """

    bootstrap: str
    prefix: str = ""
    security: dict[str, Any] = field(default_factory=dict)
    faust_credentials: Any = None

    def topic(self, name: str) -> str:
        """Return a topic's name on the cluster."""
        return f"{self.prefix}{name}"

    def options(self) -> dict[str, Any]:
        """Return what aiokafka's clients are made with."""
        return {"bootstrap_servers": self.bootstrap, **self.security}
