"""Every row of the sample's packs: what is explained sums up to its figures."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dcc_analytics.aggregators.observe import is_held
from dcc_analytics.catalogue.months import day_of, day_text
from dcc_analytics.explain.pack_file import read_pack
from dcc_analytics.explain.row import Row
from dcc_analytics.explain.trace import Story
from dcc_analytics.snapshot.members import Member
from tests.expected_figures import MEMBERS, read
from tests.explain.sample_month import Everything, MadeMonth, concern_of, directory, explained, made, stories_of
from tests.recorded_sample import MONTH

pytestmark = pytest.mark.slow

OWN = ("round_trips_monthly", "round_trips_daily", "failures")


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> MadeMonth:
    return made(3, tmp_path_factory.mktemp("packs"))


def rows(packs: Path, member: str, name: str) -> Iterator[Row]:
    path = packs / member / f"{name}.csv"
    pack = read_pack(path.parent)
    for number, values in enumerate(read(path), 1):
        yield Row(name, number, values, "", pack)


def test_every_row_of_every_member_is_the_sum_of_what_explains_it(month: MadeMonth) -> None:
    stories, replay = stories_of(month.driver, Everything(), month.clock_us, MONTH.end_us)
    sorted_out: dict[tuple[Member, str, str], list[Story]] = {}
    gains: dict[Member, list[Story]] = {}
    for story in stories:
        seen = story.seen
        assert seen is not None
        member = directory().member(seen.user, seen.role, seen.srv)
        for day in ("", day_text(day_of(seen.start_us))):
            sorted_out.setdefault((member, seen.srv, day), []).append(story)
        if seen.srv == "6.23":
            gains.setdefault(member, []).append(story)
    wrong, figures = [], 0
    for folder in MEMBERS:
        for name in OWN:
            for row in rows(month.packs, folder, name):
                of, srv = row.pack.member, row.key["srv"]
                near = sorted_out.get((of, srv, row.key.get("day", "")), [])
                _, found = explained(row, near + (gains.get(of, []) if is_held(srv) else []), replay)
                figures += len(found)
                wrong += [(folder, name, row.number, each) for each in found if not each.agrees]
    assert [] == wrong
    assert figures > 8_000


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("round_trips_monthly", ""), ("round_trips_daily", ""), ("failures", ""),
        ("round_trips_monthly", "industry_success_rate"), ("round_trips_daily", "industry_success_rate"),
    ],
)  # fmt: skip
def test_a_row_needs_nothing_beyond_what_concerns_its_members_and_srv(month: MadeMonth, name: str, figure: str) -> None:
    of_all = [row for member in MEMBERS for row in rows(month.packs, member, name) if not figure or row.values[figure]]
    held = [row for row in of_all if is_held(row.key["srv"])]
    for row in (held[0], of_all[0], of_all[len(of_all) // 2], of_all[-1]) if held else of_all[:3]:
        asked = Row(row.file, row.number, row.values, figure, row.pack)
        stories, replay = stories_of(month.driver, concern_of(asked), month.clock_us, MONTH.end_us)
        trips, found = explained(asked, stories, replay)
        assert [] == [each for each in found if not each.agrees]
        assert trips
        assert found
