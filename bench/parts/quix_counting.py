"""An application of Quix Streams that counts every event under its key by User, SRV and outcome, exactly once.

It runs in an environment of its own (``bench.quix_environment``), so it imports nothing of the product or of the
benchmark. What it has measured goes to standard output, as JSON.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import orjson
from quixstreams import Application

#: Without a further event for so long something has gone wrong; what was counted till then is told.
PATIENCE_S = 30.0
USER_LETTERS = len("90-B3-D5-1F-40-01-00-01")


def counted_as(topic: str, event: Any) -> str:  # noqa: ANN401 (what JSON holds)
    """Return what an event is counted as; no request is at hand, so a response's SRV is not known."""
    if topic == "service-requests":
        return f"{event['request_id'][:USER_LETTERS]}|{event['srv']}|requested"
    if topic == "service-responses":
        user = event.get("user") or event["request_id"][:USER_LETTERS]
        return f"{user}|{event.get('srv', '')}|{event['code']}|{event.get('device_result', '')}"
    return f"{event['recipient']}|{event['code']}|{event['outcome']}"


class Counting:
    """Counts events; the clocks begin with the first."""

    def __init__(self) -> None:
        """Begin with none."""
        self.began = self.cpu_began = 0.0
        self.events = 0

    def of(self, topic: str) -> Any:  # noqa: ANN401 (a function of Quix Streams' shape)
        """Return the function that counts the events of a topic."""

        def count(value: bytes, state: Any) -> None:  # noqa: ANN401 (Quix Streams' own state of the key)
            if not self.events:
                self.began, self.cpu_began = time.perf_counter(), time.process_time()
            self.events += 1
            try:
                name = counted_as(topic, orjson.loads(value))
            except (ValueError, LookupError, TypeError, AttributeError):
                name = "unreadable"
            state.set(name, state.get(name, 0) + 1)

        return count


def run(*, bootstrap: str, group: str, topics: dict[str, str], events: int, folder: str) -> dict[str, float]:
    """Count so many events; return how many, wall and CPU seconds from the first to its end, peak memory.

    Args:
        bootstrap: Kafka brokers.
        group: of consumers.
        topics: which of the product's each is, by its name on the cluster.
        events: in them.
        folder: of the state.
    """
    application = Application(
        broker_address=bootstrap,
        consumer_group=group,
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once",
        state_dir=folder,
        loglevel="WARNING",
    )
    counting = Counting()
    for name, which in topics.items():
        topic = application.topic(name, value_deserializer="bytes", key_deserializer="bytes")
        application.dataframe(topic).apply(counting.of(which), stateful=True)
    application.run(count=events, timeout=PATIENCE_S, collect=False)
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
