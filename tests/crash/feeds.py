"""What is folded under assault: recorded months in slices, and their figures as the brokerless driver makes them."""

from dataclasses import dataclass
from pathlib import Path

from dcc_analytics.catalogue.months import Month
from dcc_analytics.simulator.nation import Nation
from tests.conftest import PARTITIONS
from tests.driver import Driver
from tests.recorded_sample import MONTH, SAMPLE, published
from tests.sliced_sample import sliced
from tests.test_simulated_months import recorded

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


def sample_feed(folder: Path, slices: int = SLICES) -> Feed:
    """Return the recorded sample, which has every kind of record in it."""
    return _feed(SAMPLE, MONTH, folder, slices)


def simulated_feed(folder: Path, seed: int, slices: int = SLICES) -> Feed:
    """Return a month of a simulated nation, another for every seed."""
    nation = Nation(seed=seed, homes=200)
    return _feed(recorded(nation, folder / "events"), nation.first, folder, slices)


def _feed(source: Path, month: Month, folder: Path, slices: int) -> Feed:
    driver, _ = published(PARTITIONS, source)
    driver.run()
    return Feed(source, month, sliced(folder / "slices", slices, source), driver)
