"""A nation that fails in forty thousand ways within six hours, given to live's model: no broker, no ledger."""

import random
from typing import Final

from dcc_analytics.catalogue.service_requests import SERVICE_REQUESTS
from dcc_analytics.live.history import HOURS_A_WEEK, History, HourKey
from dcc_analytics.live.lines import FailKey, Increment, LineKey
from dcc_analytics.live.model import Model
from dcc_analytics.stream.estate import Facts
from dcc_analytics.stream.instants import HOUR_US, MINUTE_US, US_PER_S

HOUR: Final = 500_000
NOW_US: Final = HOUR * HOUR_US
SRVS: Final = sorted(SERVICE_REQUESTS)[:60]
FAILURES: Final = 40_000
_REGIONS: Final = ("North", "Central", "South")
_REASONS: Final = ("E54", "E20", "E49", "E19", "E21", "E30", "E4", "E5")
_MODELS: Final = 400


def nation(history: History, users: int) -> tuple[Model, "Feed"]:
    """Return a model that has seen six hours of so many Users, and the feed that goes on.

    Args:
        history: for the hours of the weeks before.
        users: of them.
    """
    for week in range(1, 5):
        for back in (0, 1):
            for user in range(users):
                key = HourKey(HOUR - week * HOURS_A_WEEK - back, f"U{user:04}", "IS", "Meter Reads")
                history.add(key, 600 + week * 7, 12)
    history.read_up_to(0, 1)
    model = Model("dcca", 1, history)
    model.begin({0: 1})
    feed = Feed(model, users)
    for minute in range(0, 360, 5):
        feed.commit(NOW_US - (360 - minute) * MINUTE_US, FAILURES // 72)
    return model, feed


class Feed:
    """Commits, one after the other."""

    def __init__(self, model: Model, users: int) -> None:
        """Feed a model with what so many Users do."""
        self._model = model
        self._chance = random.Random(7)
        self._users = users
        self._offset = 0

    def commit(self, at_us: int, failures: int) -> None:
        """Commit a tenth of the lines there are, and so many kinds of failure that were not there before."""
        chance = self._chance
        lines = {
            LineKey(f"U{user:04}", "IS", "Meter Reads", srv, region): [9, 1]
            for user in range(self._users)
            for srv in chance.sample(SRVS, 18)
            for region in chance.sample(_REGIONS, 1)
        }
        kinds = {self._kind(): 1 for _ in range(failures)}
        self._offset += 1
        self._model.absorb(0, Increment(at_us, at_us - US_PER_S, lines, kinds), self._offset)

    def _kind(self) -> FailKey:
        chance = self._chance
        number = chance.randrange(_MODELS)
        facts = Facts(
            device_type="ESME", manufacturer=f"Maker {number % 12}", model=f"M-{number}",
            firmware_version=f"1E{chance.randrange(4)}",
        )  # fmt: skip
        return FailKey(
            f"U{chance.randrange(self._users):04}", "IS", chance.choice(SRVS), chance.choice(_REASONS), facts
        )
