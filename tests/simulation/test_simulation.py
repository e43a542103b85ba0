"""Two workers, a broker and a group of which anything goes wrong, run from seeds: the figures are always the same.

Contract section 6 ("stays exact under any crash, restart, redelivery or rebalance"). `python -m tests.simulation
--seeds 10000` runs as many others as there is time for; what fails is printed with the line that runs it again.
"""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.simulation.mutated import MUTATIONS
from tests.simulation.run import crash_everywhere, first_found, run, simulated_clients

pytestmark = pytest.mark.slow

SEEDS = range(160)

#: What must have happened in these runs, or they prove less than they say.
HAPPENED = (
    "an old fetch is refused",
    "commit ends by FencedError",
    "commit ends by RequestTimedOutError",
    "crash before open: initialise",
    "crash before open: read",
    "fails: open: initialise",
    "open ends by FencedError",
    "reply is lost: commit: commit",
    "reply is lost: open: commit",
)


@pytest.fixture(autouse=True)
def _clients() -> Iterator[None]:
    with simulated_clients():
        yield


def test_whatever_goes_wrong_the_figures_are_those_of_the_feed() -> None:
    diary: Counter[str] = Counter()
    for seed in SEEDS:
        diary.update(run(seed).diary)
    assert [] == [each for each in HAPPENED if not diary[each]]


def test_a_seed_brings_the_same_run_back() -> None:
    assert run(7).diary == run(7).diary


@pytest.mark.parametrize("number", [1, 2, 4])
def test_a_crash_at_any_point_changes_no_figure(number: int) -> None:
    """Every seventh point here; ``python -m tests.simulation --crashes`` leaves out none."""
    assert crash_everywhere(number, every=7) > 50


@pytest.mark.parametrize("wrong", MUTATIONS)
def test_the_simulation_finds_that(wrong: str) -> None:
    assert first_found(MUTATIONS[wrong], range(300)) is not None
