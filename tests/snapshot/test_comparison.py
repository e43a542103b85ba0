"""Worse than peers, better, alike, or not to be said: reporting rule R1, and no more false statements than said."""

from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dcc_analytics.snapshot.comparison import ALIKE, BETTER, FEW, WITHHELD, WORSE, Row, verdicts, with_comparison
from dcc_analytics.snapshot.intervals import wilson
from dcc_analytics.snapshot.rule_file import read_rules

RULES = read_rules()


def said(*rows: tuple[int, int, float | None]) -> list[str]:
    """Return the verdicts on rows of (outcomes, failures, median)."""
    counted = [Row(outcomes - failures, failures, median) for outcomes, failures, median in rows]
    return verdicts(counted, enough=30, half_unit=0.0005)


@pytest.mark.parametrize(
    ("word", "outcomes", "failures", "median"),
    [
        (WORSE, 1_000, 80, 0.05),
        (BETTER, 1_000, 20, 0.05),
        (ALIKE, 1_000, 58, 0.05),
        (FEW, 29, 29, 0.05),
        (WORSE, 30, 30, 0.05),
        (WITHHELD, 1_000, 80, None),
        (FEW, 0, 0, None),
    ],
)
def test_a_row_is_said_to_be_what_its_counts_say(word: str, outcomes: int, failures: int, median: float | None) -> None:
    assert [word] == said((outcomes, failures, median))


def test_the_bound_lies_where_the_exact_binomial_has_it() -> None:
    """Of 100 at 0.0505: P(10 or more) is 0.0301, P(9 or more) is 0.0661; at most none 0.0070 at 0.0495, one 0.0388."""
    assert [[WORSE], [ALIKE]] == [said((100, failures, 0.05)) for failures in (10, 9)]
    assert [[BETTER], [ALIKE]] == [said((100, failures, 0.05)) for failures in (1, 2)]


def test_a_median_printed_as_nothing_makes_no_single_failure_proof() -> None:
    """0.000 may stand for up to 0.0005: of 1,000 one failure or more comes in 39 %, four in 0.18 %."""
    assert [[ALIKE], [WORSE]] == [said((1_000, failures, 0.0)) for failures in (1, 4)]
    assert [ALIKE] == said((1_000_000, 0, 0.0))


def test_what_would_be_said_of_one_row_is_not_said_of_the_same_among_many() -> None:
    """P is 0.0301: found alone, not among twenty rows whose others are as the median."""
    one, usual = (100, 10, 0.05), (100, 5, 0.05)
    assert [WORSE] == said(one)
    assert [ALIKE] * 20 == said(one, *[usual] * 19)
    assert [WORSE, *[ALIKE] * 19] == said((100, 20, 0.05), *[usual] * 19)


def test_rows_that_are_few_or_withheld_make_no_family_larger() -> None:
    assert [WORSE, *[FEW] * 30, *[WITHHELD] * 30] == said((100, 10, 0.05), *[(9, 9, 0.05)] * 30, *[(99, 9, None)] * 30)


def test_packs_of_users_like_their_peers_hardly_ever_say_otherwise() -> None:
    """500 packs of twenty rows whose requests fail by the median's own chance: some 5 % of packs say worse anywhere."""
    random = Random(5)
    packs = [said(*((60, sum(random.random() < 0.1 for _ in range(60)), 0.1) for _ in range(20))) for _ in range(500)]
    assert sum(WORSE in pack for pack in packs) / len(packs) < 0.07
    assert 0 < sum(WORSE in pack or BETTER in pack for pack in packs)


@st.composite
def counted(draw: st.DrawFn) -> tuple[int, int, float | None]:
    """Return outcomes, failures and a median as it is printed; small rates are as usual as others."""
    outcomes = draw(st.integers(0, 5_000))
    failures = draw(st.integers(0, outcomes) | st.integers(0, min(outcomes, 60)))
    return outcomes, failures, draw(st.none() | st.integers(0, 1_000).map(lambda thousandths: thousandths / 1_000))


@settings(derandomize=True, max_examples=60)
@given(rows=st.lists(counted(), min_size=1, max_size=12), data=st.data())
def test_whatever_a_pack_holds_its_words_fit_its_figures(
    rows: list[tuple[int, int, float | None]], data: st.DataObject
) -> None:
    found = said(*rows)
    for word, (outcomes, failures, median) in zip(found, rows, strict=True):
        assert (word == FEW) == (outcomes < 30)
        assert (word == WITHHELD) == (outcomes >= 30 and median is None)
        if word in {WORSE, BETTER}:
            assert median is not None
            assert (failures > median * outcomes) if word == WORSE else (failures < median * outcomes)
    order = data.draw(st.permutations(range(len(rows))))
    assert [found[at] for at in order] == said(*(rows[at] for at in order))


def frame(*rows: tuple[str, int, int, float | None]) -> pl.DataFrame:
    return pl.DataFrame(
        [(party, "IS", outcomes - failures, failures, median) for party, outcomes, failures, median in rows],
        schema={
            "party": pl.String, "role": pl.String, "successes": pl.Int64, "failures": pl.Int64,
            "peer_failure_rate_median": pl.Float64,
        },
        orient="row",
    )  # fmt: skip


def test_each_members_rows_are_a_family_of_their_own() -> None:
    usual = [("B", 100, 5, 0.05)] * 19
    found = with_comparison(frame(("A", 100, 10, 0.05), ("B", 100, 10, 0.05), *usual), RULES)
    assert [WORSE, ALIKE] == found["compared"].to_list()[:2]


def test_every_rate_has_its_interval_whatever_is_said_of_it() -> None:
    found = with_comparison(frame(("A", 20, 3, None), ("A", 0, 0, None)), RULES)
    assert [(*wilson(3, 20), FEW), (None, None, FEW)] == found.select(found.columns[-3:]).rows()


def test_a_month_without_rows_has_the_columns_too() -> None:
    assert ["failure_rate_low", "failure_rate_high", "compared"] == with_comparison(frame(), RULES).columns[-3:]
