"""What Prometheus is told: gauges of trust, and counters by Member. Base units, names with ``dcca_``."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from dcc_analytics.live.publisher import Publisher
from dcc_analytics.live.trust import Trust

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class _Collector(Collector):
    """Collects from the newest state."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    def collect(self) -> Iterator[Metric]:
        state = self._publisher.state
        yield from _of_trust(state.trust)
        yield _gauge("dcca_live_subscribers", "Readers of the stream of events.", len(self._publisher.subscribers))
        dropped = CounterMetricFamily("dcca_live_dropped_subscribers", "Readers let go for being too slow.")
        dropped.add_metric([], self._publisher.dropped)
        yield dropped
        names = ["party", "role"]
        ended = GaugeMetricFamily("dcca_round_trips_last_hour", "Round trips that ended in an hour.", labels=names)
        failed = GaugeMetricFamily("dcca_failures_last_hour", "Failures in an hour.", labels=names)
        surprise = GaugeMetricFamily("dcca_surprise", "-log10 of the chance of the last hour.", labels=names)
        for user in state.users:
            of = [user.party, user.role]
            ended.add_metric(of, user.last_hour.ended)
            failed.add_metric(of, user.last_hour.failures)
            surprise.add_metric(of, user.surprise)
        yield from (ended, failed, surprise)


def _of_trust(trust: Trust) -> Iterator[Metric]:
    status = GaugeMetricFamily("dcca_status", "1 for what the view is: current, behind, stale ...", labels=["status"])
    status.add_metric([trust.status], 1)
    yield status
    ages = {
        "dcca_event_time_age_seconds": ("How long before now the stream's clock stands.", trust.event_age_s),
        "dcca_commit_age_seconds": ("How long ago the newest commit was taken.", trust.commit_age_s),
        "dcca_kafka_heard_age_seconds": ("How long ago Kafka last answered.", trust.heard_age_s),
    }
    for name, (words, age_s) in ages.items():
        if age_s is not None:
            yield _gauge(name, words, age_s)
    waiting = GaugeMetricFamily("dcca_records_behind", "Records there and not folded.", labels=["partition"])
    clocks = GaugeMetricFamily("dcca_shard_clock_seconds", "A shard's clock, since 1970.", labels=["partition"])
    for each in trust.partitions:
        waiting.add_metric([str(each.partition)], sum(each.behind.values()))
        if each.clock_at is not None:
            clocks.add_metric([str(each.partition)], datetime.fromisoformat(each.clock_at).timestamp())
    yield from (waiting, clocks)
    letters = CounterMetricFamily("dcca_dead_letters", "Records that could not be read.")
    letters.add_metric([], trust.dead_letters)
    yield letters
    yield _gauge("dcca_ledger_unread", "Offsets of the ledger that live has not read.", trust.unread)
    yield _gauge("dcca_open_legs", "Legs without an answer.", trust.open_legs)
    yield _gauge("dcca_timed_out_legs", "Legs without an answer past their time-out.", trust.timed_out_legs)
    if trust.conservation.holds is not None:
        yield _gauge("dcca_conservation", "1 while every leg has ended or is open.", int(trust.conservation.holds))


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=value)


class Exposition:
    """The text that Prometheus reads."""

    def __init__(self, publisher: Publisher) -> None:
        """Tell what a publisher's newest state says."""
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(_Collector(publisher))

    def text(self) -> bytes:
        """Return it."""
        return generate_latest(self._registry)
