"""Publishing recorded events: ``dcca publish``, with the broker on the same cores."""

from bench.figures import Figure
from bench.run import Run


def measure(run: Run) -> list[Figure]:
    published = run.published
    return [Figure("publish", "published", published.records / published.seconds, "records/s")]
