"""Bytes from outside are read or refused with words, and soon; what the feed holds is counted once (contract 3.14)."""

from pathlib import Path
from time import thread_time
from typing import Final

import pytest
from hypothesis import given, settings

from tests.fuzz.mutations import inputs
from tests.fuzz.seeds import seeds_of
from tests.fuzz.targets import FOUND, TARGETS, found
from tests.properties.profile import PROFILE

#: Processor time for one input: a hundred times what the dearest of those here takes.
LIMIT_S: Final = 10.0
#: Inputs are small and soon tried: so many times what other properties try.
TIMES: Final = 3


def run(target: str, value: bytes) -> None:
    """Run a target, and see that it ends soon."""
    began_s = thread_time()
    TARGETS[target](value)
    assert thread_time() - began_s < LIMIT_S


@pytest.mark.parametrize(("target", "path"), found(), ids=lambda each: each.name if isinstance(each, Path) else each)
def test_what_was_found_once_is_not_found_again(target: str, path: Path) -> None:
    run(target, path.read_bytes())


def test_every_folder_of_what_was_found_is_a_targets() -> None:
    assert set() == {path.name for path in FOUND.iterdir()} - set(TARGETS)


@pytest.mark.parametrize("target", sorted(TARGETS))
@pytest.mark.slow
def test_whatever_the_bytes_are_they_are_read_or_refused(target: str) -> None:
    @settings(PROFILE, max_examples=TIMES * PROFILE.max_examples)
    @given(value=inputs(target))
    def any_bytes(value: bytes) -> None:
        run(target, value)

    for seed in seeds_of(target):
        run(target, seed)
    any_bytes()
