"""``make test`` is red when either of its runs is."""

import doctest

from tests import __main__ as two_runs


def test_the_exit_code_is_that_of_whichever_run_failed() -> None:
    ended = doctest.testmod(two_runs)
    assert (0, True) == (ended.failed, ended.attempted > 0)
