"""Requests of a day and all that is sent back for them, as lines."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from dcc_analytics.simulator import fates
from dcc_analytics.simulator.estate import NONE, Estate, Numbers, user_of
from dcc_analytics.simulator.fates import Chances
from dcc_analytics.simulator.messages import Messages, Told
from dcc_analytics.simulator.nation import DAY_MS, Nation
from dcc_analytics.simulator.parties import numbers_of
from dcc_analytics.simulator.text import CHF, DCC, ESME, GPF, GSME, Lines, Times, device_id
from dcc_analytics.simulator.traffic import (
    ASKED_A_DAY,
    BY_THE_DCC,
    CRITICAL,
    DONE_WHEN_ACCEPTED,
    PARAMETERS,
    PLAIN,
    Asking,
    traffic_of,
)  # fmt: skip

#: Counters of request ids start afresh for each day and Role, so that none is used twice.
_A_ROLE_S_COUNTERS: Final = 10**8
_A_DAY_S_COUNTERS: Final = 10**10
#: A message says its Role in two of three.
_SILENT_EVERY: Final = 3


@dataclass(frozen=True, slots=True)
class _Asked:
    """Requests of a Role on a day, a row each."""

    homes: Numbers
    at_ms: Times
    askers: Numbers
    picks: Numbers


def add_round_trips(lines: Lines, nation: Nation, estate: Estate, chances: Chances, day: int) -> None:
    """Add all that is asked on a day, whenever it ends."""
    connected = estate.connected(day)
    for number, role in enumerate(ASKED_A_DAY):
        chance = nation.chance(f"asked by {role}", day)
        asked = _asked(chance, estate, connected, role, day)
        first = day * _A_DAY_S_COUNTERS + number * _A_ROLE_S_COUNTERS
        _tell(Messages(lines, chance), asked, _fates(chance, chances, asked, role), role, first)


def _asked(chance: np.random.Generator, estate: Estate, connected: Numbers, role: str, day: int) -> _Asked:
    served = {"GS": estate.gas, "GT": estate.gt, "ES": estate.export}.get(role)
    able = connected if served is None else connected[served[connected] != NONE]
    size = int(chance.poisson(len(able) * ASKED_A_DAY[role])) if len(able) else 0
    homes = able[chance.integers(0, max(1, len(able)), size)]
    at_ms = day * DAY_MS + (chance.beta(3, 2.5, size) * DAY_MS).astype(np.int64)
    if role == "IS":
        askers = estate.electricity_supplier(homes, at_ms)
    elif role == "ED":
        askers = estate.ed[homes]
    elif served is not None:
        askers = served[homes]
    else:
        askers = chance.choice(np.array(numbers_of(role)), size)
    traffic = traffic_of(role)
    return _Asked(homes, at_ms, askers, chance.choice(len(traffic.askings), size, p=traffic.shares))


def _fates(chance: np.random.Generator, chances: Chances, asked: _Asked, role: str) -> fates.Fates:
    askings = traffic_of(role).askings
    reads = np.array([_reads(asking) for asking in askings])[asked.picks]
    gas = np.array([asking.device in {GPF, GSME} for asking in askings])[asked.picks]
    return chances.fates(chance, asked.homes, asked.at_ms, asked.askers, reads=reads, gas=gas)


def _reads(asking: Asking) -> bool:
    return asking.device == ESME and asking.srv.startswith("4.")


def _tell(messages: Messages, asked: _Asked, ends: fates.Fates, role: str, first: int) -> None:
    """Write the messages of each request by the shape of its SRV."""
    askings = traffic_of(role).askings
    dice = messages.chance.integers(0, 1 << 30, len(asked.homes))
    columns = (asked.homes, asked.at_ms, asked.askers, asked.picks, ends.kind, ends.took_ms, ends.dated, dice)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for number, (home, at_ms, asker, pick, kind, took_ms, dated, die) in enumerate(rows, start=first):
        asking = askings[pick]
        user = user_of(asker, home)
        device = None if asking.device is None else device_id(home, asking.device)
        to_dcc = asking.shape in {DONE_WHEN_ACCEPTED, BY_THE_DCC}
        told = Told(
            f"{user}:{DCC if to_dcc or device is None else device}:{number}", at_ms, user, asking.srv, device,
            "" if die % _SILENT_EVERY == 0 else f',"role":"{role}"', _parameters(asking, home, die), die,
        )  # fmt: skip
        if asking.shape == PLAIN:
            messages.plain(told, kind, took_ms, dated=dated and asking.may_be_dated)
        elif asking.shape == CRITICAL:
            messages.critical(told, kind, took_ms, dated=dated and asking.may_be_dated)
        else:
            messages.by_the_dcc(told, kind, answers=asking.shape == BY_THE_DCC)


def _parameters(asking: Asking, home: int, die: int) -> str:
    if choices := PARAMETERS.get(asking.srv):
        return f',"parameters":{{{choices[die % len(choices)]}}}'
    if asking.srv == "8.7.2":
        return f',"parameters":{{"other_device":"{device_id(home, GSME if die % 4 else CHF)}"}}'
    return ""
