"""Settings of the embedded broker: one node that starts fast, forgets nobody's records, and needs little memory."""

from pathlib import Path
from typing import Final

from dcc_analytics.stream.broker.secured import Secured

LOG_SETTINGS: Final = """\
status = ERROR
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d] %p %m (%c)%n
rootLogger.level = INFO
rootLogger.appenderRef.console.ref = console
"""

#: Largest record: 4 MiB (contract section 8) and its envelope.
MAX_RECORD_BYTES: Final = 4 * 1024 * 1024 + 64 * 1024
#: Largest stray or dead letter: the largest record, with what is said of where it stood and why it can't be read.
MAX_PASSED_ON_BYTES: Final = MAX_RECORD_BYTES + 64 * 1024

#: One node has no copies; few partitions of the internal topics start faster.
_SINGLE: Final = {
    "offsets.topic.replication.factor": 1,
    "offsets.topic.num.partitions": 4,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "transaction.state.log.num.partitions": 4,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    "share.coordinator.state.topic.num.partitions": 1,
}
#: Workers that come, go and are killed are seen at once, and so is a killed broker that comes back.
_QUICK: Final = {
    "group.initial.rebalance.delay.ms": 0,
    "group.min.session.timeout.ms": 500,
    "broker.heartbeat.interval.ms": 300,
    "broker.session.timeout.ms": 1500,
}
#: For tests of compaction, retention and transactions that expire.
_FAST_CLEANUP: Final = {
    "log.cleaner.backoff.ms": 500,
    "log.retention.check.interval.ms": 1000,
    "log.initial.task.delay.ms": 500,
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": 1000,
}


def server_properties(
    data: Path,
    port: int,
    controller_port: int,
    *,
    fast_cleanup: bool,
    advertised_port: int | None = None,
    security: Secured | None = None,
) -> str:
    """Return ``server.properties`` for a node that listens on the loopback address only."""
    clients = "PLAINTEXT" if security is None else "CLIENTS"
    settings: dict[str, object] = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "listeners": f"{clients}://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"{clients}://127.0.0.1:{advertised_port or port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "log.dirs": data / "logs",
        "auto.create.topics.enable": "false",
        "message.max.bytes": MAX_RECORD_BYTES,
        "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
        **_SINGLE,
        **_QUICK,
        **(_FAST_CLEANUP if fast_cleanup else {}),
        **({} if security is None else security.settings()),
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())
