"""Alerts of a day: of every code there is, from Devices that are at peace, that storm, or that lost their power."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from dcc_analytics.catalogue.codes import DCC_ALERT_CODES, DEVICE_ALERTS
from dcc_analytics.simulator import stories
from dcc_analytics.simulator.estate import NONE, Estate, Numbers, user_of
from dcc_analytics.simulator.nation import DAY_MS, HOUR_MS, MINUTE_MS, Nation
from dcc_analytics.simulator.parties import AREAS
from dcc_analytics.simulator.text import CHF, ESME, GSME, Lines, Times, device_id, instant, instants, line, mpan

#: Alerts a home causes in a day; with these three of five events are Alerts.
ALERTS_A_DAY: Final = 3.2
_DCC_SHARE: Final = 0.05
#: One home in so many has a Device that storms: it causes a share of all, and is throttled.
_STORMING_EVERY: Final = 400
_STORMING_SHARE: Final = 0.1
_THROTTLED: Final = 25
_FAILED_SHARE: Final = 0.006
_RETRIED_SHARE: Final = 0.02
_OUTAGES_A_DAY: Final = 0.0004
_UNRESTORED_SHARE: Final = 0.04
#: Codes that mean something about a request, a change of a Device or an outage come with those alone.
_TOLD_ELSEWHERE: Final = frozenset({
    "AD1", "N12", "N13", "N16", "N42", "N53", "N55", "N60", "8F35", "8F36", "8F37", "8F38", "8F39", "8F3A", "8F3B",
    "8F3C", "8F57", "8F58", "8F59", "8F5A", "8F66", "8F67",
})  # fmt: skip


class _Sort(NamedTuple):
    """An Alert code as it is sent: its JSON members, by whom, and to whom."""

    fields: str
    kind: int
    to_network: bool


@lru_cache(maxsize=1)
def _sorts() -> tuple[tuple[_Sort, ...], NDArray[np.float64]]:
    """Return all sorts of Alert with their shares: a few are frequent, most are rare."""
    sorts, shares = [], []
    for code, alert in DEVICE_ALERTS.items():
        if code not in _TOLD_ELSEWHERE:
            kind = GSME if "GSME" in alert.device_types and "ESME" not in alert.device_types else ESME
            kind = CHF if alert.device_types.startswith("CHF") else kind
            to_network = "Network Operator" in alert.recipient_role
            sorts.append(_Sort(f'"kind":"device","code":"{code}"', kind, to_network))
            shares.append((1 - _DCC_SHARE) * _weight(code))
    for code in DCC_ALERT_CODES:
        if code not in _TOLD_ELSEWHERE:
            sorts.append(_Sort(f'"kind":"dcc","code":"{code}"', ESME, to_network=False))
            shares.append(_DCC_SHARE * _weight(code) * len(DEVICE_ALERTS) / len(DCC_ALERT_CODES))
    all_shares = np.array(shares)
    return tuple(sorts), all_shares / all_shares.sum()


def _weight(code: str) -> float:
    """Return how frequent a code is: as by Zipf's law, in an order of no meaning."""
    return 1 / (1 + crc32(code.encode()) % 97)


def add_alerts(lines: Lines, nation: Nation, estate: Estate, day: int) -> None:
    """Add the Alerts raised on a day."""
    chance = nation.chance("alerts", day)
    connected = estate.connected(day)
    size = int(chance.poisson(len(connected) * ALERTS_A_DAY))
    homes = connected[chance.integers(0, len(connected), size)]
    storming = connected[connected % _STORMING_EVERY == 0]
    storms = (chance.random(size) < _STORMING_SHARE) & (len(storming) > 0)
    homes[storms] = chance.choice(storming, int(storms.sum())) if storms.any() else homes[storms]
    at_ms = day * DAY_MS + chance.integers(0, DAY_MS, size)
    lines.extend("alerts", _lines(chance, estate, homes, at_ms, storms.tolist(), f"A{day}-"))
    _add_outages(lines, nation, estate, day)


def _lines(  # noqa: PLR0917 (columns of one table)
    chance: np.random.Generator, estate: Estate, homes: Numbers, at_ms: Times, storms: list[bool], prefix: str
) -> Iterable[str]:
    """Yield Alerts as lines."""
    sorts, shares = _sorts()
    size = len(homes)
    took_ms = np.minimum(200 + 2_500 * chance.lognormal(0, 0.8, size), 280_000).astype(np.int64)
    picks = chance.choice(len(sorts), size, p=shares)
    ended_ms = at_ms + took_ms
    owners = (estate.electricity_supplier(homes, at_ms), estate.gas[homes], estate.ed[homes], estate.gt[homes])
    columns = [each.tolist() for each in (homes, ended_ms, picks, chance.random(size), *owners)]
    rows = zip(*columns, storms, instants(at_ms), instants(ended_ms), strict=True)
    for number, (home, ended, pick, die, supplier, gas, ed, gt, storm, raised_at, ended_at) in enumerate(rows):
        sort = sorts[pick]
        kind, party, role = sort.kind, ed if sort.to_network else supplier, "ED" if sort.to_network else "IS"
        if kind == GSME and gas == NONE:
            kind = ESME
        elif kind == GSME:
            party, role = (gt, "GT") if sort.to_network else (gas, "GS")
        outcome = "failed" if die < _FAILED_SHARE else "delivered"
        more = f',"throttled_count":{_THROTTLED}' if storm else ',"attempts":2' if die > 1 - _RETRIED_SHARE else ""
        name = device_id(home, kind)
        yield line(
            ended + 30, name,
            f'"alert_id":"{prefix}{number}",{sort.fields},"recipient":"{user_of(party, home)}","raised_at":'
            f'"{raised_at}","ended_at":"{ended_at}","outcome":"{outcome}","role":"{role}","device":"{name}"{more}',
        )  # fmt: skip


def _add_outages(lines: Lines, nation: Nation, estate: Estate, day: int) -> None:
    """Add losses of power, each told by a hub, and most of their ends, told by the meter when power is back."""
    chance = nation.chance("outages", day)
    connected = estate.connected(day)
    dark = connected[chance.random(len(connected)) < _OUTAGES_A_DAY]
    began_ms = day * DAY_MS + chance.integers(0, DAY_MS, len(dark))
    storm_ms = stories.Stories(nation).storm_ms
    if storm_ms // DAY_MS == day:
        area = list(AREAS).index(stories.STORM_LICENCE)
        here = connected[(estate.area[connected] == area) & (chance.random(len(connected)) < stories.STORM_SHARE)]
        dark = np.concatenate((dark, here))
        began_ms = np.concatenate((began_ms, storm_ms + chance.integers(0, 90 * MINUTE_MS, len(here))))
    lasts_ms = chance.integers(10 * MINUTE_MS, 9 * HOUR_MS, len(dark))
    restored = chance.random(len(dark)) > _UNRESTORED_SHARE
    for home, at_ms, for_ms, back in zip(
        dark.tolist(), began_ms.tolist(), lasts_ms.tolist(), restored.tolist(), strict=True
    ):
        _add_outage(lines, estate, home, at_ms, for_ms if back else None)


def _add_outage(lines: Lines, estate: Estate, home: int, began_ms: int, lasts_ms: int | None) -> None:
    """Add one loss of power: a hub without power for three minutes tells the distributor and the supplier."""
    licence = list(AREAS)[int(estate.area[home])]
    supplier = int(estate.electricity_supplier(np.array([home]), np.array([began_ms]))[0])
    raised_ms = began_ms + 3 * MINUTE_MS
    told = f',"parameters":{{"started_at":"{instant(began_ms)}","mpxn":"{mpan(licence, home)}"}}'
    ed = user_of(int(estate.ed[home]), home)
    for role, recipient in (("ED", ed), ("IS", user_of(supplier, home))):
        add_alert(lines, raised_ms, "AD1", recipient, role, device_id(home, CHF), f"P{role}{home}-{began_ms}", told)
    if lasts_ms is not None:
        back_ms = began_ms + lasts_ms
        told = f',"parameters":{{"interrupted_at":"{instant(began_ms)}","restored_at":"{instant(back_ms)}"}}'
        code = "8F36" if lasts_ms >= 3 * MINUTE_MS else "8F35"
        add_alert(lines, back_ms + 5_000, code, ed, "ED", device_id(home, ESME), f"R{home}-{began_ms}", told)


def add_alert(  # noqa: PLR0917 (a record's parts)
    lines: Lines, at_ms: int, code: str, recipient: str, role: str, device: str, alert_id: str, more: str = ""
) -> None:
    """Add an Alert that is delivered within three seconds."""
    kind = "dcc" if code[0] in "AN" else "device"
    ended_ms = at_ms + 400 + crc32(alert_id.encode()) % 2_500
    value = (
        f'"alert_id":"{alert_id}","kind":"{kind}","code":"{code}","recipient":"{recipient}","raised_at":'
        f'"{instant(at_ms)}","ended_at":"{instant(ended_ms)}","outcome":"delivered","role":"{role}","device":"{device}"'
    )
    lines.add("alerts", ended_ms + 30, device, f"{value}{more}")
