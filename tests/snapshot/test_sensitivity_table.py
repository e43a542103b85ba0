"""What failure rates would be for other time-outs: whose they are, where they stand, and what they sum up to."""

from collections import Counter
from typing import Any

import pytest

from dcc_analytics.snapshot.benchmarks import SERVICE_KEY, by_member
from dcc_analytics.snapshot.inventory import Inventory
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.sensitivity import ROW, SENSITIVITY, _at
from dcc_analytics.snapshot.tables import Tables
from tests.desk import DAY, DEVICE, NOON, OTHER_USER, USER, H, S
from tests.driver import Driver
from tests.snapshot.time_outs import FAILED, IN_TIME, answered, clock_at, counts, rows
from tests.story import OCTOBER, Story

#: An hour, a day and five days.
EVERY = (1, 24, 120)


@pytest.fixture
def story() -> Story:
    return Story()


# -- whose, and where --------------------------------------------------------------------------------------


def test_users_of_a_party_count_together_and_others_apart(story: Story) -> None:
    """Two Users of one Party: one was answered after 2 h, one not for 3; a User of nobody after 2 s."""
    story.user(USER, "NWE", "IS")
    story.user(OTHER_USER, "NWE", "IS")
    story.request()
    answered(story, 2 * H)
    story.request(user=OTHER_USER)
    third = f"{USER[:-2]}77"
    story.request(user=third)
    story.response(user=third, sent=NOON + 2 * S)
    clock_at(story, NOON + 3 * H)
    found = [(row.party, row.time_out_h, row.counts) for row in rows(story)]
    assert [
        (third, 1, IN_TIME), (third, 24, IN_TIME), (third, 120, IN_TIME),
        ("NWE", 1, (0, 2, 0)), ("NWE", 24, (1, 0, 1)), ("NWE", 120, (1, 0, 1)),
    ] == found  # fmt: skip


@pytest.mark.parametrize(
    ("process", "srv", "device", "parameters"),
    [
        ("Install and Commission", "6.8", {"status": "Pending", "date_commissioned": ...}, {}),
        ("Other SRVs", "6.8", {}, {}),
        ("Install and Commission", "6.21", {"status": "Pending", "date_commissioned": ...},
         {"remote_party_role": "supplier"}),
        ("Security and Key Management", "6.21", {}, {"remote_party_role": "supplier"}),
        ("Other SRVs", "6.21", {}, {"remote_party_role": "network_operator"}),
    ],
)  # fmt: skip
def test_srvs_whose_process_other_facts_decide_have_it_here_too(
    story: Story, process: str, srv: str, device: dict[str, Any], parameters: dict[str, str]
) -> None:
    """One answered after 2 h, one not for 25 h."""
    story.device(**device)
    for number in (1, 2):
        story.request(number, srv=srv, command_variant=1, parameters=parameters)
    answered(story, 2 * H)
    clock_at(story, NOON + 25 * H)
    assert [(process, (0, 2, 0)), (process, (1, 1, 0)), (process, (1, 0, 1))] == [
        (row.process, row.counts) for row in rows(story)
    ]


def test_a_role_nobody_said_is_the_one_the_directory_gives(story: Story) -> None:
    story.user(USER, "NWE", "IS", "ES")
    story.device()
    story.request(role=...)
    answered(story, 2 * H)
    story.run()
    assert [("NWE", FAILED), ("NWE", IN_TIME), ("NWE", IN_TIME)] == [(row.party, row.counts) for row in rows(story)]


def test_each_month_has_its_own(story: Story) -> None:
    late = OCTOBER.end_us
    story.request(1)
    answered(story, S)
    story.request(2, received=late)
    story.response(2, sent=late + 2 * H)
    clock_at(story, late + 3 * H)
    assert [IN_TIME, IN_TIME, IN_TIME] == counts(story)


# -- the table ---------------------------------------------------------------------------------------------


def mixed(partitions: int = 1) -> Story:
    """Return a story of sixty Devices: answers after 0 to 6 days, in success and failure, every fifth never."""
    told = Story(partitions)
    for number in range(60):
        device = f"{DEVICE[:-2]}{number:02X}"
        told.device(device)
        srv = ("4.8.1", "6.8", "11.1")[number % 3]
        told.request(number, target=device, srv=srv, received=NOON + number * S)
        if number % 5:
            sent = NOON + number * S + (number % 7) * DAY + (number % 4) * H
            told.response(number, target=device, sent=sent, code=("I0", "E20")[number % 4 == 1])
    told.let_time_pass(NOON + 4 * DAY)
    return told


def test_for_a_time_out_without_end_the_rows_are_those_printed_and_nothing_is_unanswered() -> None:
    story = mixed()
    story.run()
    month = story.month()
    monthly = by_member(month.cells, SERVICE_KEY)
    endless = _at(1_000_000, monthly, month.long_legs).sort(ROW)
    own = monthly.sort(ROW)
    failed = month.long_legs.filter(counted="failures").select("srv", "legs").rows()
    unanswered = Counter(srv for srv, legs in failed for _ in range(legs))
    assert own["successes"].to_list() == endless["successes"].to_list()
    moved = [unanswered[srv] for srv in own["srv"]]
    assert any(moved)
    assert [n - m for n, m in zip(own["failures"], moved, strict=True)] == endless["failures"].to_list()
    assert [n + m for n, m in zip(own["open"], moved, strict=True)] == endless["open"].to_list()


@pytest.mark.parametrize("partitions", [3, 8])
def test_partitions_fetches_and_crashes_change_nothing(partitions: int) -> None:
    through, broken = mixed(), mixed(partitions)
    through.run()
    run_with_crashes(broken.driver)
    assert rows(through) == rows(broken)
    assert 3 * 3 == len(rows(through))


def run_with_crashes(driver: Driver) -> None:
    """Fold all by small fetches; each shard is killed after its second and fourth step, uncommitted, and read back."""
    driver.read_reference()
    steps = 0
    moved = True
    while moved:
        moved = False
        steps += 1
        for partition in range(driver.partitions):
            if steps in {2, 4}:
                driver.step(driver.shards[partition], 5, commit=False)
                driver.restart(partition)
                moved = True
            else:
                moved |= driver.step(driver.shards[partition], 5)
        driver.tell_horizon()


def test_every_printed_row_is_there_for_every_time_out_and_no_other() -> None:
    story = mixed()
    story.run()
    tables = Tables(
        OCTOBER, story.month(), story.alerts(), [], story.directory(), incidents=(), rules=read_rules(),
        inventory=Inventory(()),
    ).by_name  # fmt: skip
    table, monthly = tables["time_out_sensitivity"], tables["round_trips_monthly"]
    assert ["party", "role", *SENSITIVITY] == table.columns
    assert [(*row, hours) for row in monthly.select(ROW).iter_rows() for hours in EVERY] == (
        table.select(*ROW, "time_out_h").rows()
    )
    requests = [number for number in monthly["requests"] for _ in EVERY]
    assert requests == (table["successes"] + table["failures"] + table["open"]).to_list()
