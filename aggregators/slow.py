"""Answers that came late: successes that took longer than a time-out somebody may ask about, counted for each.

How long an answer is waited for is a policy of this product (contract 3.7), so the snapshot tells what every failure
rate would be for others. Of a success only its Round Trip Time decides, and few take an hour, so these few are counted
here and nothing is added to the cells, through which every round trip goes.

Source: contract sections 3.4, 3.5 (what has a time) and 3.7.
"""

from typing import Final, NamedTuple

from dcc_analytics.stream.instants import HOUR_US

#: The time-outs that failure rates are told for, shortest first: an hour, at which a person has given up waiting; a day
#: and five days, which are those of the catalogue.
TIME_OUTS_H: Final = (1, 24, 120)
#: What takes longer than this is counted.
SLOW_US: Final = TIME_OUTS_H[0] * HOUR_US


class SlowKey(NamedTuple):
    """A count of legs that took long: whose, of what, and the longest time-out they took longer than.

    Attributes:
        user, role, process, srv, variant, transform: as those of a cell.
        month: number of the month.
        beyond_h: in hours, one of ``TIME_OUTS_H``; 0 for none of them.
    """

    user: str
    role: str
    process: str
    srv: str
    variant: str
    transform: bool
    month: int
    beyond_h: int


def beyond_h(passed_us: int) -> int:
    """Return the longest of ``TIME_OUTS_H`` that has passed, 0 for none; one that has just come has not.

    Args:
        passed_us: since the start of a leg; negative when that is still to come.

    >>> [beyond_h(us) for us in (-1, HOUR_US, HOUR_US + 1, 24 * HOUR_US, 24 * HOUR_US + 1, 9_000 * HOUR_US)]
    [0, 0, 1, 1, 24, 120]
    """
    return max((hours for hours in TIME_OUTS_H if passed_us > hours * HOUR_US), default=0)
