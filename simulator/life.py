"""What happens in the life of a home: its installation, a gain by another supplier, new firmware for its meter."""

from collections import defaultdict
from typing import Final

import numpy as np

from dcc_analytics.simulator import fates
from dcc_analytics.simulator.alerts import add_alert
from dcc_analytics.simulator.estate import NONE, Estate, user_of
from dcc_analytics.simulator.messages import Messages, Told
from dcc_analytics.simulator.nation import DAY_MS, HOUR_MS, MINUTE_MS, Nation
from dcc_analytics.simulator.text import CHF, DCC, ESME, GPF, GSME, Lines, device_id

#: Request ids of life events have counters beyond those of a day's other requests (`round_trips`).
_FIRST_COUNTER: Final = 2 * 10**9
_A_DAY_S_COUNTERS: Final = 10**10
#: One step in so many fails.
_FAILS_EVERY: Final = 31
_HUBS_A_REQUEST: Final = 40
_UNDELIVERED_EVERY: Final = 41
#: New credentials of the distributor come within days of the installation, or later, or never.
_N42_AFTER_DAYS: Final = (1, 2, 3, 4, 5, 6, 9, None)
_SUPPLIER: Final = ',"parameters":{"remote_party_role":"supplier"}'


class Life:
    """The life events of a day."""

    def __init__(self, lines: Lines, nation: Nation, estate: Estate, day: int) -> None:
        self._lines, self._estate, self._day = lines, estate, day
        self._chance = nation.chance("life", day)
        self._messages = Messages(lines, self._chance)
        self._counter = day * _A_DAY_S_COUNTERS + _FIRST_COUNTER

    def add_hub_installs(self) -> None:
        """Add the word of each hub installed, connected or left without a connection."""
        for home in self._homes(self._estate.installed_ms):
            if self._estate.is_new[home]:
                srv = "8.14.2" if self._estate.left[home] else "8.14.1"
                at_ms = int(self._estate.installed_ms[home]) + 10 * MINUTE_MS
                told = self._told(self._supplier(home), home, srv, CHF, at_ms, to_dcc=True)
                self._messages.by_the_dcc(told, fates.SUCCESS, answers=False)

    def add_commissioning(self) -> None:
        """Add what follows the installation of a connected hub: joining, commissioning, tariffs, credentials."""
        for home in self._homes(self._estate.installed_ms):
            if not self._estate.left[home]:
                self._commission(home, int(self._estate.installed_ms[home]))

    def _commission(self, home: int, at_ms: int) -> None:
        supplier, gas = self._supplier(home), int(self._estate.gas[home])
        self._plain(supplier, home, "8.11", CHF, at_ms + 12 * MINUTE_MS)
        self._critical(supplier, home, "8.1.1", ESME, at_ms + 20 * MINUTE_MS)
        self._critical(supplier, home, "8.7.1", ESME, at_ms + 26 * MINUTE_MS)
        self._plain(supplier, home, "6.20.1", ESME, at_ms + 33 * MINUTE_MS)
        self._critical(supplier, home, "1.1.1", ESME, at_ms + 40 * MINUTE_MS)
        self._critical(supplier, home, "6.8", ESME, at_ms + 50 * MINUTE_MS)
        self._plain(supplier, home, "6.21", ESME, at_ms + HOUR_MS, _SUPPLIER)
        self._plain(supplier, home, "4.1.1", ESME, at_ms + 2 * HOUR_MS)
        if gas != NONE:
            self._critical(gas, home, "8.1.1", GSME, at_ms + 45 * MINUTE_MS, role="GS")
            joined = f',"parameters":{{"other_device":"{device_id(home, GSME)}"}}'
            self._plain(gas, home, "8.7.2", GPF, at_ms + 55 * MINUTE_MS, joined, role="GS")
        ed, meter = user_of(int(self._estate.ed[home]), home), device_id(home, ESME)
        add_alert(self._lines, at_ms + 90 * MINUTE_MS, "N16", ed, "ED", meter, f"N16-{home}")
        days = _N42_AFTER_DAYS[home % len(_N42_AFTER_DAYS)]
        if days is not None:
            changed = ',"parameters":{"remote_party_role":"network_operator"}'
            add_alert(self._lines, at_ms + days * DAY_MS + HOUR_MS, "N42", ed, "ED", meter, f"N42-{home}", changed)

    def add_gains(self) -> None:
        """Add gains, and the tariff and billing calendar the gainer sends after them."""
        for home in self._homes(self._estate.gain_ms):
            at_ms, gainer = int(self._estate.gain_ms[home]), int(self._estate.gainer[home])
            self._plain(gainer, home, "6.23", ESME, at_ms)
            self._critical(gainer, home, "1.1.1", ESME, at_ms + 2 * HOUR_MS)
            self._critical(gainer, home, "6.8", ESME, at_ms + 3 * HOUR_MS + home % 5 * DAY_MS)

    def add_firmware(self) -> None:
        """Add new firmware: to hubs a day before, one request for many of them, and its activation by each meter."""
        for due_ms in (self._estate.upgrade_ms, self._estate.mended_ms):
            hubs = defaultdict(list)
            for home in self._homes(due_ms, ahead_days=1):
                hubs[self._supplier(home)].append(home)
            for supplier, homes in sorted(hubs.items()):
                for begin in range(0, len(homes), _HUBS_A_REQUEST):
                    self._deliver(supplier, homes[begin : begin + _HUBS_A_REQUEST])
            for home in self._homes(due_ms):
                self._critical(self._supplier(home), home, "11.3", ESME, int(due_ms[home]) - 10 * MINUTE_MS)

    def _deliver(self, supplier: int, homes: list[int]) -> None:
        at_ms = self._day * DAY_MS + 9 * HOUR_MS
        hubs = '","'.join(device_id(home, CHF) for home in homes)
        told = self._told(supplier, homes[0], "11.1", None, at_ms, parameters=f',"parameters":{{"devices":["{hubs}"]}}')
        self._messages.by_the_dcc(told, fates.SUCCESS, answers=False)
        for home in homes:
            if home % _UNDELIVERED_EVERY:
                hub = device_id(home, CHF)
                result = (
                    f',"parameters":{{"request_id":"{told.request_id}","target_device":"{hub}","result":"success"}}'
                )
                name = f"N60-{home}-{self._day}"
                add_alert(self._lines, at_ms + HOUR_MS + home % 600 * MINUTE_MS, "N60", told.user, "IS", hub, name,
                          result)  # fmt: skip

    def _homes(self, due_ms: np.ndarray, *, ahead_days: int = 0) -> list[int]:
        """Return the homes something is due for on the day, or on one after it."""
        homes: list[int] = np.flatnonzero(due_ms // DAY_MS == self._day + ahead_days).tolist()
        return homes

    def _supplier(self, home: int) -> int:
        at_ms = np.array([self._day * DAY_MS])
        return int(self._estate.electricity_supplier(np.array([home]), at_ms)[0])

    def _told(
        self, party: int, home: int, srv: str, kind: int | None, at_ms: int, *, parameters: str = "", role: str = "IS",
        to_dcc: bool = False,
    ) -> Told:  # fmt: skip
        self._counter += 1
        user, device = user_of(party, home), None if kind is None else device_id(home, kind)
        request_id = f"{user}:{DCC if to_dcc or device is None else device}:{self._counter}"
        die = int(self._chance.integers(0, 1 << 30))
        return Told(request_id, at_ms, user, srv, device, f',"role":"{role}"', parameters, die)

    def _plain(  # noqa: PLR0917 (a request's parts)
        self, party: int, home: int, srv: str, kind: int, at_ms: int, parameters: str = "", *, role: str = "IS"
    ) -> None:
        told = self._told(party, home, srv, kind, at_ms, parameters=parameters, role=role)
        self._messages.plain(told, _fate(told), _took_ms(told), dated=False)

    def _critical(self, party: int, home: int, srv: str, kind: int, at_ms: int, *, role: str = "IS") -> None:
        told = self._told(party, home, srv, kind, at_ms, role=role)
        self._messages.critical(told, _fate(told), _took_ms(told), dated=False)


def _fate(told: Told) -> int:
    if told.die % _FAILS_EVERY:
        return fates.SUCCESS
    return (fates.ERROR, fates.UNANSWERED, fates.REFUSED)[told.die % 3]


def _took_ms(told: Told) -> int:
    return 2_000 + told.die % 20_000
