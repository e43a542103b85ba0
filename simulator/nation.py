"""What is asked for: a nation's seed, size and months, and the sources of chance that follow from them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final
from zlib import crc32

import numpy as np

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.catalogue.months import Month

DAY_MS: Final = 86_400_000
HOUR_MS: Final = 3_600_000
MINUTE_MS: Final = 60_000
#: Installs go back so far, since those of a month are predicted from the eight weeks before (contract section 4).
HISTORY_DAYS: Final = 56
#: Enough for every supplier to have one.
LEAST_HOMES: Final = 200
#: The first month when nobody says.
FIRST_MONTH: Final = Month(2026, 10)


@dataclass(frozen=True)
class Nation:
    """A nation to simulate.

    Attributes:
        seed: of all that is random.
        homes: at the start of the first month; more are installed as time goes on.
        first: the first month.
        months: how many in a row.
        days_after: traffic goes on for so many days after the last month, at least nine of them to make it final.

    Raises:
        UsageError: too few homes for every supplier to have one, no month, or no days.
    """

    seed: int = 176
    homes: int = 5_000
    first: Month = FIRST_MONTH
    months: int = 1
    days_after: int = 9

    def __post_init__(self) -> None:
        if self.homes < LEAST_HOMES or self.months < 1 or self.days_after < 0 or self.seed < 0:
            raise UsageError(
                f"a nation has at least {LEAST_HOMES} homes and one month, and neither its seed nor the days after "
                f"it are negative; got {self.homes}, {self.months}, {self.seed} and {self.days_after}"
            )

    @cached_property
    def all_months(self) -> tuple[Month, ...]:
        """Its months in order."""
        months = [self.first]
        while len(months) < self.months:
            months.append(months[-1].next)
        return tuple(months)

    @property
    def start_ms(self) -> int:
        """The first month's first instant, milliseconds since 1970."""
        return self.first.start_us // 1000

    @property
    def end_ms(self) -> int:
        """The instant after the last day of traffic, milliseconds since 1970."""
        return self.all_months[-1].end_us // 1000 + self.days_after * DAY_MS

    @property
    def days(self) -> range:
        """The days something happens on, since 1970: the weeks before the first month have installs alone."""
        return range(self.start_ms // DAY_MS - HISTORY_DAYS, self.end_ms // DAY_MS)

    def is_before(self, day: int) -> bool:
        """Return whether a day lies before the first month."""
        return day * DAY_MS < self.start_ms

    def chance(self, what: str, day: int = 0) -> np.random.Generator:
        """Return a source of chance of its own for a day and what it is for."""
        return np.random.Generator(np.random.PCG64([self.seed, crc32(what.encode()), day]))
