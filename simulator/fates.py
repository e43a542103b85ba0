"""How round trips end and how long they take: by chance, by whose they are, and by the stories planted."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dcc_analytics.simulator import stories
from dcc_analytics.simulator.estate import REGIONS, Estate, Flags, Numbers
from dcc_analytics.simulator.nation import HOUR_MS, Nation
from dcc_analytics.simulator.parties import parties
from dcc_analytics.simulator.text import Times

#: What becomes of a request.
SUCCESS, WARNING, ERROR, ON_DEVICE, UNANSWERED, BY_ALERT, REFUSED, LATE = range(8)
#: Codes of failures that are answered: no communication, no response, time-out.
ERRORS: Final = ("E20", "E21", "E20", "E21", "E20", "E30")
REFUSALS: Final = ("E4", "E5", "E11")

_FAILURE_SHARE: Final = 0.015
_KINDS_OF_FAILURE: Final = (ERROR, ON_DEVICE, UNANSWERED, BY_ALERT, REFUSED, LATE)
_THEIR_SHARES: Final = (0.4, 0.17, 0.16, 0.1, 0.16, 0.01)
_WARNING_SHARE: Final = 0.004
_DATED_SHARE: Final = 0.06

_MEDIAN_MS: Final = 4_000
_LEAST_MS: Final = 400
_MOST_MS: Final = 6 * HOUR_MS
#: Gas meters sleep between their turns on the network at home.
_GAS_FACTOR: Final = 2.5
#: After the longest time-out of an on-demand request, a day.
_LATE_MS: Final = (25 * HOUR_MS, 40 * HOUR_MS)


@dataclass(frozen=True, slots=True)
class Fates:
    """What becomes of requests, a row each.

    Attributes:
        kind: one of the words above.
        took_ms: from its start to its end.
        dated: whether it is executed later, where its SRV may be.
    """

    kind: Numbers
    took_ms: Times
    dated: Flags


class Chances:
    """What decides fates in a nation: the quality of each Party's messages, and the stories' times."""

    def __init__(self, nation: Nation, estate: Estate) -> None:
        chance = nation.chance("quality")
        self._estate = estate
        self._stories = stories.Stories(nation)
        self._failing: NDArray[np.float64] = _FAILURE_SHARE * chance.lognormal(0, 0.45, len(parties()))
        self._slowness: NDArray[np.float64] = chance.lognormal(0, 0.12, len(parties()))

    def fates(
        self, chance: np.random.Generator, homes: Numbers, at_ms: Times, askers: Numbers, *, reads: Flags, gas: Flags
    ) -> Fates:
        """Return what becomes of requests.

        Args:
            chance: of the day.
            homes: each request's.
            at_ms: when each is received.
            askers: numbers of the Parties that ask.
            reads: whether it reads from an electricity meter.
            gas: whether it goes to a Device of gas.
        """
        size = len(homes)
        dice = chance.random((4, size))
        fails = dice[0] < self._failing[askers] * np.where(gas, 1.5, 1)
        kinds = chance.choice(_KINDS_OF_FAILURE, size, p=_THEIR_SHARES)
        kind = np.where(fails, kinds, np.where(dice[1] < _WARNING_SHARE, WARNING, SUCCESS))
        bad = reads & self._estate.has_bad_firmware(homes, at_ms) & (dice[2] < stories.BAD_FAILURE_SHARE)
        kind[bad] = ON_DEVICE
        hit = self._in_incident(homes, at_ms) & (dice[2] < stories.INCIDENT_FAILURE_SHARE)
        kind[hit] = np.where(dice[3][hit] < 0.7, UNANSWERED, ERROR)
        took = _MEDIAN_MS * chance.lognormal(0, 0.5, size) * self._slowness[askers] * np.where(gas, _GAS_FACTOR, 1)
        took[self._is_slow(homes, at_ms)] *= stories.SLOW_FACTOR
        took_ms = np.clip(took, _LEAST_MS, _MOST_MS).astype(np.int64)
        late = kind == LATE
        took_ms[late] = chance.integers(*_LATE_MS, int(late.sum()))
        return Fates(kind, took_ms, chance.random(size) < _DATED_SHARE)

    def _in_incident(self, homes: Numbers, at_ms: Times) -> Flags:
        return self._in_region(homes, stories.INCIDENT_REGION) & _within(at_ms, self._stories.incident_ms)

    def _is_slow(self, homes: Numbers, at_ms: Times) -> Flags:
        return self._in_region(homes, stories.SLOW_REGION) & _within(at_ms, self._stories.slow_ms)

    def _in_region(self, homes: Numbers, region: str) -> Flags:
        here: Flags = self._estate.region[homes] == REGIONS.index(region)
        return here


def _within(at_ms: Times, span_ms: tuple[int, int]) -> Flags:
    within: Flags = (at_ms >= span_ms[0]) & (at_ms < span_ms[1])
    return within
