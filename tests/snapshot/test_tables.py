"""A month as tables: contract sections 3.8, 6 (rates, in_time) and 7 (rules 2, 5, 6, 7)."""

from typing import Any

import pytest

from dcc_analytics.snapshot.inventory import Inventory
from dcc_analytics.snapshot.members import Directory, Member
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.tables import DAILY, MONTHLY, Tables
from dcc_analytics.stream.events import Incident, UserEntry
from tests.desk import DAY, DEVICE, NOON, USER, S
from tests.story import OCTOBER, Story

RULES = read_rules()


def user_of(number: int) -> str:
    return f"{USER[:-2]}{number:02X}"


def tables(story: Story, *members: Member, incidents: tuple[Incident, ...] = ()) -> Tables:
    numbers = range(30)
    entries = [UserEntry(user_of(n), f"P{n:02d}", f"Party {n}", f"P{n:02d}", ("IS",), "", 0) for n in numbers]
    directory = Directory(entries)
    return Tables(
        OCTOBER,
        story.month(),
        story.alerts(),
        members,
        directory,
        incidents=incidents,
        rules=RULES,
        inventory=Inventory(()),
    )


def row(story: Story, name: str = "round_trips_monthly", **where: object) -> dict[str, Any]:
    """Return the one row of a table that is so."""
    rows = tables(story).by_name[name].to_dicts()
    (found,) = [each for each in rows if all(each[column] == value for column, value in where.items())]
    return found


def sent(story: Story, party: int, requests: int, *, failures: int = 0, region: str = "North", device: int = 1) -> None:
    """Tell requests of a Party on a Device of its own; each is answered after as many seconds as its number."""
    target = f"{DEVICE[:-5]}{party:02X}-{device:02X}"
    story.user(user_of(party), f"P{party:02d}", "IS")
    story.device(target, csp_region=region)
    for number in range(requests):
        number_of = device * 1_000 + number
        story.request(number_of, user=user_of(party), target=target, received=NOON + number * S)
        code = "E20" if number < failures else "I0"
        story.response(number_of, user=user_of(party), target=target, sent=NOON + (number + party) * S, code=code)


@pytest.fixture
def story() -> Story:
    return Story()


def test_rates_are_of_successes_and_failures_and_both_are_empty_without_either(story: Story) -> None:
    """Three of four succeeded, one is open; another SRV has an open one alone."""
    for number, code in enumerate(("I0", "I0", "E20", "W1")):
        story.request(number)
        story.response(number, code=code)
    story.request(4)
    story.request(5, srv="4.8.2")
    story.run()
    found = row(story, srv="4.8.1")
    assert (5, 3, 1, 1, 0.75, 0.25) == tuple(
        found[name] for name in ("requests", "successes", "failures", "open", "success_rate", "failure_rate")
    )
    other = row(story, srv="4.8.2")
    assert (1, 0, 0, 1, None, None) == tuple(
        other[name] for name in ("requests", "successes", "failures", "open", "success_rate", "failure_rate")
    )


def test_times_are_in_milliseconds_and_empty_where_there_are_none(story: Story) -> None:
    """1.0004, 2.0006 and 4 s: the best is 1.000, the worst 4, the mean 2.3337, the median 2.001 s."""
    for number, us in enumerate((1_000_400, 2_000_600, 4_000_000)):
        story.request(number)
        story.response(number, sent_at=f"2026-10-05T12:00:0{us / 1_000_000:.6f}Z", sent=NOON + us)
    story.request(3, srv="4.8.2")
    story.response(3, code="E20")
    story.run()
    names = ("rtt_n", "rtt_best_ms", "rtt_worst_ms", "rtt_mean_ms", "rtt_median_ms")
    assert (3, 1_000, 4_000, 2_334, 2_001) == tuple(row(story, srv="4.8.1")[name] for name in names)
    assert (0, None, None, None, None) == tuple(row(story, srv="4.8.2")[name] for name in names)


def test_in_time_is_empty_where_no_leg_of_the_row_has_a_target(story: Story) -> None:
    story.device()
    story.request()
    story.response()
    story.request(2, srv="8.2.4")
    story.response(2)
    story.run()
    assert row(story, srv="4.8.1")["in_time"] == 1
    assert row(story, srv="8.2.4")["in_time"] is None


def test_a_member_has_rows_only_for_what_it_did_itself(story: Story) -> None:
    for party in range(11):
        sent(story, party, 1)
    story.request(9_999, srv="4.8.2", user=user_of(0))
    story.run()
    found = tables(story).by_name["round_trips_monthly"]
    assert [("P00", "4.8.1"), ("P00", "4.8.2"), ("P01", "4.8.1")] == found.select("party", "srv").rows()[:3]
    assert 12 == found.height


def test_every_pack_has_the_same_benchmark_the_recipient_included(story: Story) -> None:
    for party in range(12):
        sent(story, party, 31, failures=party)
    story.run()
    found = tables(story).by_name["round_trips_monthly"]
    benchmark = [name for name in MONTHLY if name.startswith(("industry", "peer", "benchmark"))]
    assert 1 == found.select(benchmark).unique().height
    assert sum(range(12)) / (12 * 31) == found["industry_failure_rate"][0]
    assert ["ok"] == found["benchmark_status"].unique().to_list()


def test_peer_values_come_to_those_who_sent_the_request_and_to_nobody_else(story: Story) -> None:
    for party in range(10):
        sent(story, party, 30, failures=party)
    story.request(9_999, srv="4.8.2", user=user_of(20))
    story.run()
    values = tables(story).by_name["peer_values"]
    assert {f"P{party:02d}" for party in range(10)} == set(values["party"])
    own = values.filter(party="P03", measure="failure_rate")
    assert [round(party / 30, 3) for party in range(10)] == own["value"].to_list()


def test_the_daily_table_splits_by_day_meter_type_region_and_smets_version(story: Story) -> None:
    sent(story, 1, 2, region="North", device=1)
    sent(story, 1, 3, region="4G South", device=2)
    story.request(77, user=user_of(1), received=NOON + DAY, device=None)
    story.run()
    names = ("day", "meter_type", "region", "smets_version", "requests")
    found = [tuple(map(str, each)) for each in tables(story).by_name["round_trips_daily"].select(names).rows()]
    assert [
        ("2026-10-05", "Electricity", "North", "SMETS2+", "2"),
        ("2026-10-05", "Electricity", "South", "SMETS2+", "3"),
        ("2026-10-06", "Unknown", "Unknown", "Unknown", "1"),
    ] == found


def test_an_incidents_category_stands_on_the_days_and_regions_it_touches(story: Story) -> None:
    sent(story, 1, 1, region="North", device=1)
    sent(story, 1, 1, region="South", device=2)
    story.run()
    outage = Incident("INC1", 2, NOON, NOON + S, ("South",), "words", NOON)
    found = tables(story, incidents=(outage,)).by_name["round_trips_daily"]
    assert [("North", None), ("South", 2)] == found.select("region", "incident_category").rows()


def test_tables_have_their_columns_and_are_sorted(story: Story) -> None:
    for party in (3, 1, 2):
        sent(story, party, 1)
    story.run()
    by_name = tables(story).by_name
    assert ["party", "role", *MONTHLY] == by_name["round_trips_monthly"].columns
    assert ["party", "role", *DAILY] == by_name["round_trips_daily"].columns
    assert ["P01", "P02", "P03"] == by_name["round_trips_monthly"]["party"].to_list()


def test_the_same_records_give_the_same_tables_whatever_the_partitions() -> None:
    found = []
    for partitions in (1, 5):
        story = Story(partitions)
        for party in range(11):
            sent(story, party, 31, failures=party, region=("North", "South")[party % 2])
        story.run(fetch=9)
        found.append(tables(story).by_name)
    exact = [name for name in DAILY if "median" not in name]
    assert found[0]["round_trips_daily"].select(exact).equals(found[1]["round_trips_daily"].select(exact))
    assert found[0]["failures"].equals(found[1]["failures"])


def test_members_have_folders_of_their_own_even_where_case_is_unknown(story: Story) -> None:
    members = tables(story, Member("P01", "IS"), Member("p01", "IS"), Member("P 1", "IS"), Member("P_1", "IS")).by_name[
        "members"
    ]
    folders = members["folder"].to_list()
    assert 4 == len({folder.casefold() for folder in folders})
    assert ["Party 1"] == members.filter(party="P01")["party_name"].to_list()


def test_withheld_cells_are_told_to_the_operator_by_table(story: Story) -> None:
    sent(story, 1, 1)
    story.run()
    withheld = tables(story).withheld
    (process,) = {process for (process,) in story.rows("process")}
    assert [(f"IS|{process}|4.8.1|", "few")] == withheld["round_trips_monthly"]
    assert [(f"IS|2026-10-05|{process}|4.8.1||Electricity|North|SMETS2+", "few")] == withheld["round_trips_daily"]
