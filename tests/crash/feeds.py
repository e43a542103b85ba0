"""What is folded under assault: recorded months in slices, and their figures as the brokerless driver makes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from dcc_analytics.catalogue.months import Month
from dcc_analytics.simulator.nation import Nation
from tests.driver import Driver
from tests.recorded_sample import MONTH, SAMPLE, published
from tests.sliced_sample import sliced, sliced_at
from tests.test_simulated_months import recorded

#: Faust gives a worker up to a share rounded up: of four partitions a third worker would get none.
PARTITIONS = 6
#: Enough for a plan of a dozen faults: one before and one after each.
SLICES = 60


@dataclass(frozen=True, slots=True)
class Feed:
    """A month to fold.

    Attributes:
        source: its recorded events.
        month: which month they are of.
        slices: the same cut in time.
        expected: a driver that has folded all of it.
    """

    source: Path
    month: Month
    slices: list[Path]
    expected: Driver


def sample_feed(folder: Path, parts: Sequence[Fraction] | None = None) -> Feed:
    """Return the recorded sample, which has every kind of record in it.

    Args:
        folder: for its slices.
        parts: it is cut where so much of the requests has come; None for slices of one size. What is published while a
            worker runs should be no more than a day: one topic is sent after the other, and what has to be known for
            a day is forgotten when all there is of the first is folded before the next comes.
    """
    slices = sliced(folder / "slices", SLICES) if parts is None else sliced_at(folder / "slices", parts)
    return _feed(SAMPLE, MONTH, slices)


def simulated_feed(folder: Path, seed: int) -> Feed:
    """Return a month of a simulated nation, another for every seed."""
    nation = Nation(seed=seed, homes=200)
    source = recorded(nation, folder / "events")
    return _feed(source, nation.first, sliced(folder / "slices", SLICES, source))


def _feed(source: Path, month: Month, slices: list[Path]) -> Feed:
    driver, _ = published(PARTITIONS, source)
    driver.run()
    return Feed(source, month, slices, driver)
