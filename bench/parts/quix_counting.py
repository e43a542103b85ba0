"""An application of Quix Streams that counts every event under its key by User, SRV and outcome, exactly once.

It runs in an environment of its own (``bench.quix_environment``), so it imports nothing of the product or of the
benchmark, and what that has when it runs there. What it has measured goes to standard output, as JSON.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: Without a further event for so long something has gone wrong; what was counted till then is told.
PATIENCE_S = 30.0
#: Quix Streams' own.
COMMIT_EVERY_S = 5.0
USER_LETTERS = len("90-B3-D5-1F-40-01-00-01")


def counted_as(topic: str, event: Any) -> str:  # noqa: ANN401 (what JSON holds)
    """Return what an event is counted as; no request is at hand, so a response's SRV is not known."""
    if topic == "service-requests":
        return f"{event['request_id'][:USER_LETTERS]}|{event['srv']}|requested"
    if topic == "service-responses":
        user = event.get("user") or event["request_id"][:USER_LETTERS]
        return f"{user}|{event.get('srv', '')}|{event['code']}|{event.get('device_result', '')}"
    return f"{event['recipient']}|{event['code']}|{event['outcome']}"


def name_of(topic: str, value: Any, read: Callable[[Any], Any]) -> str:  # noqa: ANN401 (bytes, or nothing)
    """Return what a record is counted as; ``read`` reads JSON."""
    try:
        return counted_as(topic, read(value))
    except (ValueError, LookupError, TypeError, AttributeError):
        return "unreadable"


class Counting:
    """Counts events; the clocks begin with the first."""

    def __init__(self, read: Callable[[Any], Any]) -> None:
        """Begin with none; ``read`` reads JSON."""
        self._read = read
        self.began = self.cpu_began = 0.0
        self.events = 0

    def of(self, topic: str) -> Any:  # noqa: ANN401 (a function of Quix Streams' shape)
        """Return the function that counts the events of a topic."""

        def count(value: bytes, state: Any) -> None:  # noqa: ANN401 (Quix Streams' own state of the key)
            if not self.events:
                self.began, self.cpu_began = time.perf_counter(), time.process_time()
            self.events += 1
            name = name_of(topic, value, self._read)
            state.set(name, state.get(name, 0) + 1)

        return count


def run(
    *,
    bootstrap: str,
    group: str,
    topics: dict[str, str],
    events: int,
    folder: str,
    patience_s: float = PATIENCE_S,
    commit_every_s: float = COMMIT_EVERY_S,
    consumer: dict[str, Any] | None = None,
) -> dict[str, float]:
    """Count so many events; return how many, wall and CPU seconds from the first to its end, peak memory.

    Args:
        bootstrap: Kafka brokers.
        group: of consumers.
        topics: which of the product's each is, by its name on the cluster.
        events: in them.
        folder: of the state.
        patience_s: it ends without a further event for so long.
        commit_every_s: it commits so often.
        consumer: settings of the consumer that are not Quix Streams' own.
    """
    import orjson  # noqa: PLC0415 (of its own environment)
    from quixstreams import Application  # noqa: PLC0415 (likewise)

    application = Application(
        broker_address=bootstrap,
        consumer_group=group,
        auto_offset_reset="earliest",
        commit_interval=commit_every_s,
        processing_guarantee="exactly-once",
        state_dir=folder,
        consumer_extra_config=consumer,
        loglevel="WARNING",
    )
    counting = Counting(orjson.loads)
    for name, which in topics.items():
        topic = application.topic(name, value_deserializer="bytes", key_deserializer="bytes")
        application.dataframe(topic).apply(counting.of(which), stateful=True)
    application.run(count=events, timeout=patience_s, collect=False)
    return {
        "events": counting.events,
        "seconds": time.perf_counter() - counting.began,
        "cpu_s": time.process_time() - counting.cpu_began,
        "peak_mb": peak_resident_mb(),
    }


def peak_resident_mb() -> float:
    """Return the most memory this process has had in RAM, in MB, as ``bench.processes`` does."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e6


if __name__ == "__main__":
    json.dump(run(**json.loads(sys.argv[1])), sys.stdout)
