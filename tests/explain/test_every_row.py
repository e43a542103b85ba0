"""Every row of the sample's packs: what is explained sums up to its figures."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dcc_analytics.aggregators.observe import is_held
from dcc_analytics.catalogue.errors import SnapshotError
from dcc_analytics.catalogue.months import day_of, day_text
from dcc_analytics.explain.explanation import Explanation
from dcc_analytics.explain.pack_file import read_pack
from dcc_analytics.explain.replay import Folded
from dcc_analytics.explain.row import EXPLAINED, Row
from dcc_analytics.explain.stories import AlertStory, Story
from dcc_analytics.snapshot.members import Member
from tests.expected_figures import MEMBERS, read
from tests.explain.sample_month import Everything, MadeMonth, explained, folded_for, folded_of, made

pytestmark = pytest.mark.slow

ROUND_TRIPS = ("round_trips_monthly", "round_trips_daily", "failures")
ALERTS = ("alerts_monthly", "alerts_daily", "alerts", "n13_n55")
#: Files whose rows are few, or hang on records of all Members.
MEASURES = (
    "n42_after_n16", "outages_unrestored", "installs_daily", "installs_without_read", "cos_gains", "firmware_delivery",
    "inventory_models",
)  # fmt: skip


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> MadeMonth:
    return made(3, tmp_path_factory.mktemp("packs"))


@pytest.fixture(scope="module")
def folded(month: MadeMonth) -> Folded:
    """Return everything folded again."""
    return folded_of(month.driver, Everything(), month.clock_us, directory=month.directory)


def rows(packs: Path, member: str, name: str) -> Iterator[Row]:
    path = packs / member / f"{name}.csv"
    if path.exists():
        pack = read_pack(path.parent)
        for number, values in enumerate(read(path), 1):
            yield Row(name, number, values, "", pack)


def differences(
    packs: Path, names: tuple[str, ...], explain: Callable[[Row], Explanation]
) -> tuple[dict[str, int], list[object]]:
    """Return how many rows of each file were explained, and the figures that are not those of the file."""
    counted, wrong = dict.fromkeys(names, 0), list[object]()
    for folder in MEMBERS:
        for name in names:
            for row in rows(packs, folder, name):
                sums = explain(row).sums
                assert sums
                counted[name] += 1
                wrong += [(folder, name, row.number, each) for each in sums if not each.agrees]
    return counted, wrong


def test_every_row_of_round_trips_is_the_sum_of_what_explains_it(month: MadeMonth, folded: Folded) -> None:
    sorted_out: dict[tuple[Member, str, str], list[Story]] = {}
    gains: dict[Member, list[Story]] = {}
    for story in folded.stories:
        seen = story.seen
        assert seen is not None
        member = month.directory.member(seen.user, seen.role, seen.srv)
        for day in ("", day_text(day_of(seen.start_us))):
            sorted_out.setdefault((member, seen.srv, day), []).append(story)
        if seen.srv == "6.23":
            gains.setdefault(member, []).append(story)

    def explain(row: Row) -> Explanation:
        of, srv = row.pack.member, row.key["srv"]
        near = sorted_out.get((of, srv, row.key.get("day", "")), [])
        return explained(row, folded._replace(stories=near + (gains.get(of, []) if is_held(srv) else [])))

    counted, wrong = differences(month.packs, ROUND_TRIPS, explain)
    assert [] == wrong
    assert {"round_trips_monthly": 95, "round_trips_daily": 920, "failures": 91} == counted


def test_every_row_of_alerts_is_the_sum_of_what_explains_it(month: MadeMonth, folded: Folded) -> None:
    sorted_out: dict[tuple[Member, str, str], list[AlertStory]] = {}
    for story in folded.alerts:
        member = month.directory.member(story.alert.recipient, story.sent.role, None)
        for day in ("", day_text(day_of(story.alert.raised_us))):
            sorted_out.setdefault((member, story.alert.code, day), []).append(story)

    def explain(row: Row) -> Explanation:
        near = sorted_out.get((row.pack.member, row.key["code"], row.key.get("day", "")), [])
        said = explained(row, folded._replace(alerts=near))
        listed = row.values.get("alerts") or int(row.values["delivered"]) + int(row.values["failed"])
        assert int(listed) == len(said.items)
        return said

    counted, wrong = differences(month.packs, ALERTS, explain)
    assert [] == wrong
    assert {"alerts_monthly": 59, "alerts_daily": 485, "alerts": 968, "n13_n55": 2} == counted


def test_every_row_of_the_measures_is_what_its_records_make(month: MadeMonth, folded: Folded) -> None:
    counted, wrong = differences(month.packs, MEASURES, lambda row: explained(row, folded))
    assert [] == wrong
    assert {
        "n42_after_n16": 6, "outages_unrestored": 1, "installs_daily": 31, "installs_without_read": 1, "cos_gains": 13,
        "firmware_delivery": 10, "inventory_models": 67,
    } == counted  # fmt: skip


def test_every_row_of_the_inventory_is_the_version_that_explains_it(month: MadeMonth, folded: Folded) -> None:
    counted, wrong = differences(month.packs, ("inventory",), lambda row: explained(row, folded))
    assert [] == wrong
    assert {"inventory": 704} == counted


@pytest.mark.parametrize("name", sorted(set(EXPLAINED) - {"peer_values"}))
def test_a_row_needs_nothing_beyond_what_concerns_it(month: MadeMonth, name: str) -> None:
    of_all = [row for member in MEMBERS for row in rows(month.packs, member, name)]
    held = [row for row in of_all if is_held(row.key.get("srv", ""))]
    for row in (*held[:1], of_all[0], of_all[len(of_all) // 2], of_all[-1]):
        said = explained(row, folded_for(row, month))
        assert [] == [each for each in said.sums if not each.agrees]
        assert said.items
        assert said.sums


@pytest.mark.parametrize("name", sorted(set(EXPLAINED) - {"peer_values"}))
def test_a_figure_that_is_not_what_the_records_make_is_seen(month: MadeMonth, folded: Folded, name: str) -> None:
    row = next(row for member in MEMBERS for row in rows(month.packs, member, name))
    for figure in explained(row, folded).sums:
        spoiled = Row(name, row.number, {**row.values, figure.column: "7654321"}, "", row.pack)
        try:
            sums = explained(spoiled, folded).sums
        except SnapshotError:
            assert "n42_after_n16" == name  # a letter goes by the figures of its row
        else:
            assert [figure.column] == [each.column for each in sums if not each.agrees]


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("round_trips_monthly", "industry_success_rate"), ("round_trips_daily", "industry_success_rate"),
        ("alerts_monthly", "industry_success_rate"), ("alerts_daily", "industry_delivery_mean_s"),
        ("inventory_models", "industry_share"),
    ],
)  # fmt: skip
def test_a_figure_of_the_industry_is_over_what_concerns_all_members(month: MadeMonth, name: str, figure: str) -> None:
    of_all = [row for member in MEMBERS for row in rows(month.packs, member, name) if row.values[figure]]
    for row in of_all[:3]:
        asked = Row(row.file, row.number, row.values, figure, row.pack)
        said = explained(asked, folded_for(asked, month))
        assert [] == [each for each in said.sums if not each.agrees]
        assert figure in {each.column for each in said.sums}
        assert said.of_others
