"""Incidents of a month: contract section 8 (Firmware, Incidents). Requirement: R-BP-3."""

from datetime import date

import polars as pl
import pytest

from dcc_analytics.snapshot.incidents import category_of, incident_table, newest, with_category
from dcc_analytics.stream.events import Incident
from tests.desk import DAY, H, S
from tests.story import OCTOBER

START = OCTOBER.start_us


def incident(
    opened: int,
    closed: int | None,
    *,
    category: int = 1,
    regions: tuple[str, ...] = (),
    name: str = "INC1",
    as_of: int = 0,
) -> Incident:
    return Incident(name, category, opened, closed, regions, "words", as_of)


def days(*incidents: Incident) -> list[int]:
    """Return the days of October that are touched."""
    return sorted({day.day for day, _ in category_of(incidents, OCTOBER)})


@pytest.mark.parametrize(
    ("expected", "opened", "closed"),
    [
        ([5], START + 4 * DAY, START + 4 * DAY + H),
        ([5], START + 4 * DAY, START + 5 * DAY),  # closed at midnight sharp
        ([5, 6], START + 4 * DAY, START + 5 * DAY + 1),
        ([5, 6], START + 5 * DAY - 1, START + 5 * DAY + 1),
        ([1], START - 9 * DAY, START + 1),
        ([], START - 9 * DAY, START),
        ([31], OCTOBER.end_us - S, OCTOBER.end_us + 9 * DAY),
        ([], OCTOBER.end_us, None),
        ([30, 31], START + 29 * DAY + H, None),  # still open
        (list(range(1, 32)), START - DAY, None),
    ],
)
def test_an_incident_touches_the_days_between_its_opening_and_its_end(
    expected: list[int], opened: int, closed: int | None
) -> None:
    assert expected == days(incident(opened, closed))


@pytest.mark.parametrize(("touched", "category"), [(True, 1), (True, 2), (False, 3), (False, 5)])
def test_categories_1_and_2_are_highlighted(*, touched: bool, category: int) -> None:
    assert touched == bool(days(incident(START, START + H, category=category)))


def test_the_newest_version_counts_and_of_one_instant_the_later_in_the_log() -> None:
    versions = [
        incident(START, None, as_of=5, category=1),
        incident(START, None, as_of=5, category=2),
        incident(START, None, as_of=3, category=4),
        incident(START, None, name="INC0", as_of=1),
    ]
    assert [("INC0", 1), ("INC1", 2)] == [(each.incident, each.category) for each in newest(versions)]


def test_the_gravest_of_a_day_and_region_counts() -> None:
    found = category_of(
        [incident(START, START + H, category=2, regions=("North",)), incident(START, START + H, regions=("North",))],
        OCTOBER,
    )
    assert found == {(date(2026, 10, 1), "North"): 1}


def categories(*incidents: Incident) -> dict[str, int | None]:
    """Return the category told on the first of October, by Region."""
    rows = pl.DataFrame({"day": [date(2026, 10, 1)] * 3, "region": ["North", "South", "Unknown"]})
    found = with_category(rows, incidents, OCTOBER)
    return dict(zip(found["region"], found["incident_category"], strict=True))


def test_no_regions_means_all() -> None:
    assert categories(incident(START, None)) == {"North": 1, "South": 1, "Unknown": 1}


def test_an_incident_touches_its_regions_rolled_up() -> None:
    assert categories(incident(START, None, regions=("4G South",))) == {"North": None, "South": 1, "Unknown": None}


def test_the_gravest_of_the_regions_own_and_of_all_counts() -> None:
    everywhere = incident(START, None, category=2)
    north = incident(START, None, category=1, regions=("North",), name="INC2")
    assert categories(everywhere, north) == {"North": 1, "South": 2, "Unknown": 2}


def test_without_incidents_the_column_is_empty() -> None:
    assert categories() == {"North": None, "South": None, "Unknown": None}


def test_the_table_has_each_incident_as_it_is() -> None:
    table = incident_table([incident(START, None, regions=("North", "South"))])
    assert [("INC1", 1, START, None, ["North", "South"], "words")] == table.rows()
    assert incident_table([]).height == 0
