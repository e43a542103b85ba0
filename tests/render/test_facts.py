"""Facts of the first page: what orders them, and which of two that say the same is told."""

from dcc_analytics.render.pdf.facts import Fact, in_order


def fact(signal: float, size: float, gap: float) -> Fact:
    return Fact("", signal, size, gap, "", "")


def test_facts_are_ordered_by_signal_times_size_times_gap() -> None:
    by_gap, by_signal, by_size = fact(1, 10, 5), fact(3, 10, 2), fact(1, 40, 1)
    assert [60, 50, 40] == [each.weight for each in in_order([by_size, by_gap, by_signal])]


def test_facts_of_the_same_weight_stay_as_they_were() -> None:
    one, other = fact(1, 10, 2), fact(2, 5, 2)
    assert [one, other] == in_order([one, other])
    assert [other, one] == in_order([other, one])
