"""Homes and their Devices as columns, one row a home: where, whose, of which maker, and what changes when.

Everything about a home follows from the nation's seed alone, so that every process sees the same estate.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from dcc_analytics.simulator import stories
from dcc_analytics.simulator.nation import DAY_MS, HISTORY_DAYS, HOUR_MS, Nation
from dcc_analytics.simulator.parties import AREAS, numbers_by_code, numbers_of, parties
from dcc_analytics.simulator.text import Times

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]
NONE: Final = -1

REGIONS: Final = ("North", "Central", "South", "SMETS1")
SMETS1: Final = REGIONS.index("SMETS1")
_REGION_SHARES: Final = (0.30, 0.36, 0.34)
_SMETS1_SHARE: Final = 0.12
_GAS_SHARE: Final = 0.8
_EXPORT_SHARE: Final = 0.08
_INDEPENDENT_SHARE: Final = 0.04
#: Makers of electricity meters; the third is the one of the story.
MAKERS: Final = ("A", "B", "C", "D", "E")
#: Of the homes there are, so many are installed on a working day, a Saturday, a Sunday.
_INSTALL_SHARES: Final = (0.001, 0.001, 0.001, 0.001, 0.001, 0.0002, 0.00005)
_GAIN_SHARE_A_DAY: Final = 0.0005
_FOUR_G_SINCE_DAYS: Final = 400


class Estate:
    """The homes of a nation.

    Attributes:
        region: place in `REGIONS`.        four_g: whether its hub is on 4G.
        area: place in `AREAS`.            ed, gt: numbers of its distributor and its gas transporter.
        supplier, gas, export: numbers of the Parties that supply it at first; `NONE` where nothing is supplied.
        gain_ms, gainer: when another supplier gains it, and which; 0 and `NONE` if none does.
        installed_ms: when its hub was.    left: whether it was left without a connection.
        maker: of its electricity meter.   upgrade_ms, mended_ms: when that gets the bad firmware and a good one, or 0.
    """

    def __init__(self, nation: Nation) -> None:
        chance = nation.chance("estate")
        self.installed_ms = _installed(nation, chance)
        self.size = len(self.installed_ms)
        self.is_new: Flags = self.installed_ms >= nation.start_ms - HISTORY_DAYS * DAY_MS
        self.supplier = _by_share(chance, "IS", self.size)
        leaver = self.is_new & (chance.random(self.size) < stories.LEAVER_INSTALLS_SHARE)
        self.supplier[leaver] = numbers_by_code()[stories.LEAVER]
        self._place(chance, nation)
        self._supply(chance)
        self._change(nation, chance)
        self._make(nation, chance)

    def _place(self, chance: np.random.Generator, nation: Nation) -> None:
        codes = numbers_by_code()
        self.region: Numbers = chance.choice(3, self.size, p=_REGION_SHARES)
        self.region[self.supplier == codes[stories.NORTHERN]] = REGIONS.index(stories.SLOW_REGION)
        self.region[self.supplier == codes[stories.SOUTHERN]] = REGIONS.index(stories.INCIDENT_REGION)
        areas = list(AREAS)
        self.area: Numbers = np.zeros(self.size, np.int64)
        self.ed: Numbers = np.zeros(self.size, np.int64)
        for number, name in enumerate(REGIONS[:3]):
            here = np.flatnonzero(self.region == number)
            licences = [licence for licence, (region, _) in AREAS.items() if region == name]
            drawn = chance.integers(0, len(licences), len(here))
            self.area[here] = np.array([areas.index(licence) for licence in licences])[drawn]
            self.ed[here] = np.array([codes[f"D{licence}"] for licence in licences])[drawn]
        independents = np.array([number for number in numbers_of("ED") if parties()[number].code[0] == "I"])
        served = chance.random(self.size) < _INDEPENDENT_SHARE
        self.ed[served] = chance.choice(independents, int(served.sum()))
        bound = np.isin(self.supplier, [codes[stories.NORTHERN], codes[stories.SOUTHERN]])
        old = (chance.random(self.size) < _SMETS1_SHARE) & ~self.is_new & ~bound
        self.region[old] = SMETS1
        self.four_g: Flags = (self.installed_ms > nation.start_ms - _FOUR_G_SINCE_DAYS * DAY_MS) & ~old

    def _supply(self, chance: np.random.Generator) -> None:
        has_gas = chance.random(self.size) < _GAS_SHARE
        same = np.isin(self.supplier, numbers_of("GS")) & (chance.random(self.size) < 0.85)
        self.gas: Numbers = np.where(same, self.supplier, _by_share(chance, "GS", self.size))
        self.gas[~has_gas] = NONE
        transporters = np.array(numbers_of("GT"))
        self.gt: Numbers = np.where(has_gas, chance.choice(transporters, self.size), NONE)
        exports = chance.random(self.size) < _EXPORT_SHARE
        self.export: Numbers = np.where(exports, _by_share(chance, "ES", self.size), NONE)

    def _change(self, nation: Nation, chance: np.random.Generator) -> None:
        """Let some homes be gained by another supplier, between ten in the morning and six in the evening."""
        span = nation.end_ms // DAY_MS - nation.start_ms // DAY_MS
        gained = (chance.random(self.size) < _GAIN_SHARE_A_DAY * span) & ~self.is_new
        gainer = _by_share(chance, "IS", self.size)
        bound = [numbers_by_code()[stories.NORTHERN], numbers_by_code()[stories.SOUTHERN]]
        gained &= (gainer != self.supplier) & ~np.isin(gainer, bound)
        day = chance.integers(0, span, self.size)
        within_ms = chance.integers(10 * HOUR_MS, 18 * HOUR_MS, self.size)
        self.gain_ms: Times = np.where(gained, nation.start_ms + day * DAY_MS + within_ms, 0)
        self.gainer: Numbers = np.where(gained, gainer, NONE)
        leaves = np.where(
            self.supplier == numbers_by_code()[stories.LEAVER], stories.LEAVE_SHARE, stories.USUAL_LEAVE_SHARE
        )
        self.left: Flags = self.is_new & (chance.random(self.size) < leaves)

    def _make(self, nation: Nation, chance: np.random.Generator) -> None:
        share = np.where(self.supplier == numbers_by_code()[stories.BUYER], stories.BUYER_SHARE, stories.OTHERS_SHARE)
        others = np.array([number for number in range(len(MAKERS)) if number != stories.BAD_MAKER])
        self.maker: Numbers = chance.choice(others, self.size)
        self.maker[(chance.random(self.size) < share) & (self.region != SMETS1)] = stories.BAD_MAKER
        planted = stories.Stories(nation)
        bad = (self.maker == stories.BAD_MAKER) & (self.installed_ms < nation.start_ms) & ~self.left
        self.upgrade_ms: Times = np.where(bad, chance.integers(*planted.campaign_ms, self.size), 0)
        self.mended_ms: Times = np.where(bad, chance.integers(*planted.mended_ms, self.size), 0)
        self.mended_ms[self.mended_ms >= nation.end_ms] = 0

    def electricity_supplier(self, homes: Numbers, at_ms: Times) -> Numbers:
        """Return the numbers of the Parties that supply homes with electricity at instants."""
        gain_ms = self.gain_ms[homes]
        return np.where((gain_ms > 0) & (at_ms >= gain_ms), self.gainer[homes], self.supplier[homes])

    def has_bad_firmware(self, homes: Numbers, at_ms: Times) -> Flags:
        """Return whether electricity meters of homes run the bad firmware at instants."""
        upgraded_ms, mended_ms = self.upgrade_ms[homes], self.mended_ms[homes]
        is_bad: Flags = (upgraded_ms > 0) & (at_ms >= upgraded_ms) & ((mended_ms == 0) | (at_ms < mended_ms))
        return is_bad

    def connected(self, day: int) -> Numbers:
        """Return the homes that are installed and connected when a day begins."""
        return np.flatnonzero((self.installed_ms < day * DAY_MS) & ~self.left)


def user_of(party: int, home: int) -> str:
    """Return the User id a Party uses for a home."""
    users = parties()[party].users
    return users[home % len(users)]


def _installed(nation: Nation, chance: np.random.Generator) -> Times:
    """Return when the hubs of all homes are installed: long ago, or on a day from the eight weeks before on."""
    begin = nation.start_ms - HISTORY_DAYS * DAY_MS
    known = begin - chance.integers(30 * DAY_MS, 2500 * DAY_MS, nation.homes)
    counts = [chance.poisson(nation.homes * _INSTALL_SHARES[(day + 3) % 7]) for day in nation.days]
    days = np.repeat(np.array(nation.days), counts)
    return np.concatenate((known, days * DAY_MS + chance.integers(8 * HOUR_MS, 18 * HOUR_MS, len(days))))


def _by_share(chance: np.random.Generator, role: str, size: int) -> Numbers:
    """Draw Parties of a Role by their shares."""
    numbers = numbers_of(role)
    shares = np.array([parties()[number].share for number in numbers])
    return chance.choice(np.array(numbers), size, p=shares / shares.sum())
