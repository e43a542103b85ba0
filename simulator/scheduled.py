"""Results of DCC schedules: reads of the night, one for each scheduled meter, without a request of its own."""

from typing import Final

import numpy as np

from dcc_analytics.simulator import fates
from dcc_analytics.simulator.estate import NONE, Estate, Flags, Numbers, user_of
from dcc_analytics.simulator.fates import Chances
from dcc_analytics.simulator.nation import DAY_MS, MINUTE_MS, Nation
from dcc_analytics.simulator.text import ESME, GPF, Lines, device_id, instants

#: Of ten homes so many have their electricity read every night, and so many their gas.
_ELECTRICITY_IN_TEN: Final = 5
_GAS_IN_TEN: Final = 3
#: Reads are planned between half past midnight and four in the morning, and take their turn.
_FIRST_MS: Final = 30 * MINUTE_MS
_SLOTS: Final = 210
_TURN_FACTOR: Final = 6
_SEEN_AFTER_MS: Final = 60


def add_scheduled(lines: Lines, nation: Nation, estate: Estate, chances: Chances, day: int) -> None:
    """Add the results of a night; one that fails altogether sends nothing."""
    connected = estate.connected(day)
    electricity = connected[connected % 10 < _ELECTRICITY_IN_TEN]
    at_ms = np.full(len(electricity), day * DAY_MS)
    suppliers = estate.electricity_supplier(electricity, at_ms)
    reads = np.ones(len(electricity), bool)
    chance = nation.chance("scheduled", day)
    _add(lines, chance, chances, day, electricity, suppliers, ESME, "IS", reads)
    gas = connected[(connected % 10 >= 10 - _GAS_IN_TEN) & (estate.gas[connected] != NONE)]
    _add(lines, chance, chances, day, gas, estate.gas[gas], GPF, "GS", np.zeros(len(gas), bool))


def _add(  # noqa: PLR0917 (columns of one table)
    lines: Lines, chance: np.random.Generator, chances: Chances, day: int, homes: Numbers, users: Numbers, kind: int,
    role: str, reads: Flags,
) -> None:  # fmt: skip
    planned_ms = day * DAY_MS + _FIRST_MS + homes % _SLOTS * MINUTE_MS
    ends = chances.fates(chance, homes, planned_ms, users, reads=reads, gas=np.full(len(homes), kind == GPF))
    sent_ms = planned_ms + np.where(ends.kind == fates.LATE, ends.took_ms, ends.took_ms * _TURN_FACTOR)
    columns = (homes.tolist(), users.tolist(), ends.kind.tolist(), sent_ms.tolist())
    told = zip(*columns, instants(planned_ms), instants(sent_ms), strict=True)
    for home, party, end, at_ms, planned_at, sent_at in told:
        if end in {fates.UNANSWERED, fates.BY_ALERT, fates.REFUSED}:
            continue
        name, user = device_id(home, kind), user_of(party, home)
        code = fates.ERRORS[home % len(fates.ERRORS)] if end == fates.ERROR else "I0"
        failed = ',"device_result":"failure"' if end == fates.ON_DEVICE else ""
        spoken = f',"role":"{role}"' if home % 3 else ""
        value = (
            f'"kind":"scheduled","sent_at":"{sent_at}","code":"{code}","device":"{name}","schedule_id":"{home}-{kind}",'
            f'"user":"{user}","srv":"{"4.8.1" if home % 2 else "4.6.1"}","planned_at":"{planned_at}"{spoken}{failed}'
        )
        lines.add("service-responses", at_ms + _SEEN_AFTER_MS, name, value)
