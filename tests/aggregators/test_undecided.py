import pytest

from dcc_analytics.aggregators.undecided import UndecidedWatch
from dcc_analytics.catalogue.errors import StateError

PLACE, OTHER = ("strays", 0), ("strays", 1)


def test_a_transaction_may_be_open_for_as_long_as_it_may_take() -> None:
    watch = UndecidedWatch(90)
    for now_s in (0, 30, 90):
        watch.look({PLACE: 5}, {PLACE: 7}, now_s)


def test_one_that_is_open_longer_at_the_same_offset_is_named() -> None:
    watch = UndecidedWatch(90)
    watch.look({PLACE: 5, OTHER: 2}, {PLACE: 7, OTHER: 2}, 0)
    with pytest.raises(StateError, match=r"a transaction on strays/0 has been open at offset 5 for 91 s"):
        watch.look({PLACE: 5, OTHER: 2}, {PLACE: 7, OTHER: 2}, 91)


def test_transactions_that_follow_each_other_are_not_one() -> None:
    watch = UndecidedWatch(90)
    for now_s, end in ((0, 5), (60, 6), (120, 8), (180, 8)):
        watch.look({PLACE: end}, {PLACE: 9}, now_s)


def test_what_was_decided_in_between_begins_anew() -> None:
    watch = UndecidedWatch(90)
    watch.look({PLACE: 5}, {PLACE: 7}, 0)
    watch.look({PLACE: 7}, {PLACE: 7}, 80)
    watch.look({PLACE: 7}, {PLACE: 8}, 100)
    watch.look({PLACE: 7}, {PLACE: 8}, 180)
