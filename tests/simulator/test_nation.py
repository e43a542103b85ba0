"""What may be asked for, and that the same seed gives the same chance."""

import pytest

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.catalogue.months import Month
from dcc_analytics.simulator.nation import DAY_MS, HISTORY_DAYS, Nation


def test_days_begin_eight_weeks_before_the_first_month_and_end_after_the_last() -> None:
    nation = Nation(first=Month(2026, 12), months=2, days_after=9)
    assert (Month(2026, 12), Month(2027, 1)) == nation.all_months
    assert HISTORY_DAYS + 31 + 31 + 9 == len(nation.days)
    assert Month(2026, 12).start_us // 1000 == nation.start_ms == (nation.days[0] + HISTORY_DAYS) * DAY_MS
    assert [True, False] == [nation.is_before(nation.days[HISTORY_DAYS - 1]), nation.is_before(nation.days[-1])]


@pytest.mark.parametrize("wrong", [{"homes": 199}, {"months": 0}, {"days_after": -1}, {"seed": -1}])
def test_a_nation_nobody_can_make_is_refused_with_what_was_asked(wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError, match=f"got.* {next(iter(wrong.values()))}"):
        Nation(**wrong)  # type: ignore[arg-type]


def test_chance_depends_on_seed_purpose_and_day_alone() -> None:
    def drawn(seed: int, what: str, day: int) -> int:
        return int(Nation(seed).chance(what, day).integers(1 << 62))

    assert drawn(1, "alerts", 5) == drawn(1, "alerts", 5)
    assert 4 == len({drawn(1, "alerts", 5), drawn(2, "alerts", 5), drawn(1, "life", 5), drawn(1, "alerts", 6)})
