"""Who explains the rows of which file."""

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from dcc_analytics.explain import alerts, deliveries, gains, installs, inventory, outages, pairs, round_trips
from dcc_analytics.explain.concern import Concern
from dcc_analytics.explain.explanation import Explanation
from dcc_analytics.explain.replay import Folded
from dcc_analytics.explain.row import Row


class Family(NamedTuple):
    """How the rows of a file are explained.

    Attributes:
        concern: returns what concerns a row, given the User ids of its Member.
        explained: returns its explanation, given what was folded of that.
    """

    concern: Callable[[Row, Collection[str]], Concern]
    explained: Callable[[Row, Folded], Explanation]


_ROUND_TRIPS: Final = Family(round_trips.concern, round_trips.explained)
_ALERTS: Final = Family(alerts.concern, alerts.explained)

#: By the name of the file.
FAMILIES: Final[Mapping[str, Family]] = MappingProxyType(
    {
        "round_trips_monthly": _ROUND_TRIPS,
        "round_trips_daily": _ROUND_TRIPS,
        "failures": _ROUND_TRIPS,
        "peer_values": _ROUND_TRIPS,
        "alerts_monthly": _ALERTS,
        "alerts_daily": _ALERTS,
        "alerts": _ALERTS,
        "n13_n55": _ALERTS,
        "n42_after_n16": Family(pairs.concern, pairs.explained),
        "outages_unrestored": Family(outages.concern, outages.explained),
        "installs_daily": Family(installs.concern_of_day, installs.explained_day),
        "installs_without_read": Family(installs.concern_without_read, installs.explained_without_read),
        "cos_gains": Family(gains.concern, gains.explained),
        "firmware_delivery": Family(deliveries.concern, deliveries.explained),
        "inventory": Family(inventory.concern_of_record, inventory.explained_record),
        "inventory_models": Family(inventory.concern_of_model, inventory.explained_model),
    }
)
