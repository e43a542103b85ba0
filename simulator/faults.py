"""Records nobody can read, of every kind the contract names (section 8, Records): each must become a dead letter."""

import json
from typing import Final

from dcc_analytics.simulator.estate import Estate
from dcc_analytics.simulator.nation import DAY_MS, Nation
from dcc_analytics.simulator.text import ESME, Lines, device_id

_HOMES_A_FAULT: Final = 400
_UNREADABLE: Final = (
    ("service-requests", "{"),
    ("service-requests", '{"request_id":"90-B3-D5-1F-40-01-00-01:1","received_at":"yesterday","srv":"4.8.1"}'),
    ("service-requests", '{"srv":"4.8.1","command_variant":1}'),
    ("service-responses", "[]"),
    ("service-responses", '{"request_id":"90-B3-D5-1F-40-01-00-01:90-B3-D5-1F-30-00-00-02:1","code":NaN}'),
    ("service-responses", '{"kind":"telepathy","request_id":"90-B3-D5-1F-40-01-00-01:90-B3-D5-1F-30-00-00-02:1"}'),
    ("service-responses", ""),
    ("alerts", "not an Alert"),
    ("alerts", '{"alert_id":"X","kind":"device","code":8154,"recipient":"90-B3-D5-1F-40-01-00-01"}'),
)


def add_unreadable(lines: Lines, nation: Nation, estate: Estate, day: int) -> None:
    """Add a day's records that can't be read."""
    chance = nation.chance("unreadable", day)
    for _ in range(int(chance.poisson(max(1, estate.size // _HOMES_A_FAULT)))):
        topic, text = _UNREADABLE[chance.integers(0, len(_UNREADABLE))]
        at_ms = day * DAY_MS + int(chance.integers(0, DAY_MS))
        key = device_id(int(chance.integers(0, estate.size)), ESME)
        lines.extend(topic, [f'{{"timestamp":{at_ms},"key":"{key}","value_text":{json.dumps(text)}}}\n'])
