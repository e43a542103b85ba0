"""The lag of a worker in its log."""

import logging
import time
from collections.abc import Mapping

from dcc_analytics.aggregators.lag import Lag, LagTeller
from dcc_analytics.stream.clock import TopicClock
from dcc_analytics.stream.fetched import Place
from dcc_analytics.stream.strays import STRAYS

log = logging.getLogger("dcca.worker")


class LagLog:
    """Tells of lag, when it is worth a line."""

    def __init__(self) -> None:
        """Begin with nothing told."""
        self._teller = LagTeller()

    def look(self, shards: Mapping[int, Mapping[str, TopicClock]], tops: Mapping[Place, int]) -> None:
        """Log what is there and not folded; shards opened since the tops were asked for are left out."""
        asked = {partition: clocks for partition, clocks in shards.items() if (STRAYS, partition) in tops}
        lag = Lag.of(asked, tops, time.time_ns() // 1_000)
        if self._teller.is_due(lag, time.monotonic()):
            log.info("lag %s", lag)
