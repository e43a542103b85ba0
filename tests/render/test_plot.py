"""Small charts: their scales hold what is drawn, and lines break where a value is missing."""

import pytest

from dcc_analytics.render.pdf.flow import Flow
from dcc_analytics.render.pdf.plot import Plot, Span, _runs


@pytest.mark.parametrize(("end", "greatest"), [(1, 0.0), (1, 0.3), (5, 4), (200, 101), (1_000_000, 999_999)])
def test_a_scale_from_zero_ends_at_a_round_number_that_holds_all(end: float, greatest: float) -> None:
    assert Span(0.0, end) == Span.from_zero([greatest])


def test_a_scale_of_rates_may_be_shorter_than_one() -> None:
    assert pytest.approx(0.1) == Span.from_zero([0.07], least=0.01).end


def test_a_scale_of_times_has_whole_decades_and_names_them() -> None:
    scale = Span.of_times([2_500, 40_000])
    assert (1_000, 100_000) == (scale.start, scale.end)
    assert ["1.0 s", "10 s", "1.7 min"] == [name for _, name in scale.time_ticks()]
    assert Span.of_times([]).end > Span.of_times([]).start


def test_what_lies_outside_a_scale_stands_at_its_end() -> None:
    assert (0, 1) == (Span(0, 2).share(-1), Span(0, 2).share(3))


def test_a_line_is_broken_where_there_is_no_value() -> None:
    assert [[(0, 1.0), (1, 2.0)], [(3, 4.0)]] == list(_runs([1.0, 2.0, None, 4.0, None]))


def test_ticks_stand_beside_and_below_the_rectangle(flow: Flow) -> None:
    plot = Plot(flow.paper, 40, 60, 50, 20, Span(0, 10), Span(0, 1))
    plot.frame([(0, "0"), (1, "1")], [(5, "middle")])
    plot.series([0.5, None, 0.7], "#000000")
    plot.columns([0.5, 0, 1], on=[0.1, 0, 0])
    plot.band([0, None], [1, None], [0.5, None])
    plot.upright(5, "half")
    boxes = {box.text: box for box in flow.paper.boxes}
    assert boxes["1"].right_mm < 40
    assert boxes["middle"].top_mm > 80
    assert boxes["half"].bottom_mm < 60.5
