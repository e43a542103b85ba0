"""``dcca demo`` as its user runs it: a simulated month to packs for every Member, whose figures show what was planted.

Requirements: R-BP-1, R-BP-2, R-BP-3, R-BP-4 (each story is seen in the figure of one of them), R-OUT-1.
"""

import csv
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from dcc_analytics.simulator import stories
from dcc_analytics.simulator.parties import parties

pytestmark = [pytest.mark.broker, pytest.mark.slow]

#: Enough for the middling suppliers of the stories to have figures that chance does not hide.
HOMES = 1_500
READS = ("4.6.1", "4.8.1")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the demo says at its end."""
    out = tmp_path_factory.mktemp("demo") / "out"
    command = [sys.executable, "-m", "dcc_analytics.commands.main", "demo", "--homes", str(HOMES)]
    ended = subprocess.run(
        [*command, "--out", str(out), "--json"], capture_output=True, text=True, timeout=900, check=False
    )
    assert ended.returncode == 0, ended.stderr
    result: dict[str, Any] = json.loads(ended.stdout)
    return result


@pytest.fixture(scope="module")
def packs(told: dict[str, Any]) -> Path:
    return Path(told["packs_folder"])


def rows(packs: Path, member: str, name: str) -> list[dict[str, str]]:
    """Return the rows of a file of a pack."""
    with (packs / member / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rate(counts: list[dict[str, str]]) -> float:
    """Return the failure rate of rows together."""
    failures, successes = (sum(int(row[name]) for row in counts) for name in ("failures", "successes"))
    return failures / (failures + successes)


def test_every_member_of_the_directory_gets_a_pack(packs: Path) -> None:
    members = {f"{party.code}-{role}" for party in parties() for role in party.roles}
    found = {each.name for each in packs.iterdir() if each.is_dir()}
    assert members == found
    assert all((packs / member / "pack.pdf").stat().st_size for member in members)


def test_three_packs_worth_opening_are_named_with_what_to_look_for(told: dict[str, Any]) -> None:
    assert 3 == len(told["stories"])
    for story in told["stories"]:
        assert Path(story["pack"]).read_bytes().startswith(b"%PDF")
        assert ".csv" in story["look"]


def test_the_bad_firmware_is_seen_in_the_failures_of_its_buyer(packs: Path) -> None:
    failed: Counter[tuple[str, str]] = Counter()
    for row in rows(packs, f"{stories.BUYER}-IS", "failures"):
        if row["reason_code"] == "I0-DEVICE":
            failed[row["model"], row["firmware_version"]] += int(row["failures"])
    assert ("C-300", stories.BAD_FIRMWARE) == failed.most_common(1)[0][0]
    assert failed["C-300", stories.BAD_FIRMWARE] > 0.9 * failed.total()
    first = min(row["day"] for row in rows(packs, f"{stories.BUYER}-IS", "failures")
                if row["firmware_version"] == stories.BAD_FIRMWARE)  # fmt: skip
    assert "2026-10-07" <= first <= "2026-10-08"


@pytest.mark.parametrize("srv", READS)
def test_the_buyer_fails_far_more_than_its_peers(packs: Path, srv: str) -> None:
    (row,) = (row for row in rows(packs, f"{stories.BUYER}-IS", "round_trips_monthly") if row["srv"] == srv)
    assert "ok" == row["benchmark_status"]
    assert float(row["failure_rate"]) > 3 * float(row["peer_failure_rate_p75"])


def test_the_north_becomes_slow_from_the_thirteenth_on(packs: Path) -> None:
    times: dict[bool, list[tuple[float, int]]] = defaultdict(list)
    for row in rows(packs, f"{stories.NORTHERN}-IS", "round_trips_daily"):
        if row["srv"] in READS and row["region"] == stories.SLOW_REGION and row["rtt_mean_s"]:
            times[row["day"] >= "2026-10-13"].append((float(row["rtt_mean_s"]), int(row["rtt_n"])))
    before, after = (
        sum(mean * number for mean, number in times[late]) / sum(number for _, number in times[late])
        for late in (False, True)
    )
    assert 0.6 * stories.SLOW_FACTOR < after / before < 1.4 * stories.SLOW_FACTOR


@pytest.mark.parametrize("srv", READS)
def test_the_northern_supplier_is_the_slowest_of_all_peers(packs: Path, srv: str) -> None:
    own = next(row for row in rows(packs, f"{stories.NORTHERN}-IS", "round_trips_monthly") if row["srv"] == srv)
    peers = [
        float(row["value"])
        for row in rows(packs, f"{stories.NORTHERN}-IS", "peer_values")
        if row["srv"] == srv and row["measure"] == "rtt_median_s"
    ]
    assert len(peers) >= 10
    assert pytest.approx(float(own["rtt_median_s"]), rel=0.06) == max(peers)


def test_the_incident_is_marked_and_seen_on_its_day_alone(packs: Path) -> None:
    by_day = defaultdict(list)
    marked = set()
    for row in rows(packs, f"{stories.SOUTHERN}-IS", "round_trips_daily"):
        if row["region"] == stories.INCIDENT_REGION and row["srv"] not in READS:  # those are read at night
            by_day[row["day"]].append(row)
        if row["incident_category"]:
            marked.add((row["day"], row["incident_category"]))
    assert {("2026-10-17", "1")} == marked
    worst = max(by_day, key=lambda day: rate(by_day[day]))
    assert "2026-10-17" == worst
    assert rate(by_day[worst]) > 0.3


def test_one_supplier_leaves_more_hubs_than_it_connects_and_no_other_does(packs: Path) -> None:
    sent: dict[str, Counter[str]] = defaultdict(Counter)
    for party in parties():
        if "IS" in party.roles:
            for row in rows(packs, f"{party.code}-IS", "round_trips_monthly"):
                sent[party.code][row["srv"]] += int(row["requests"])
    leaver = sent.pop(stories.LEAVER)
    assert leaver["8.14.2"] > leaver["8.14.1"] > 0
    others: Counter[str] = sum(sent.values(), Counter())
    assert others["8.14.2"] < 0.2 * others["8.14.1"]


@pytest.mark.parametrize(
    ("member", "said"),
    [
        (stories.BUYER, rf"4\.[68]\.1 .* failed more from \d+ October: .* on Maker C C-300 {stories.BAD_FIRMWARE}"),
        (stories.NORTHERN, rf"round trips in {stories.SLOW_REGION} took longer on average from 1[34] October: "),
        (stories.SOUTHERN, rf"On 17 October, during a Category 1 Incident .* in {stories.INCIDENT_REGION} failed"),
        (stories.LEAVER, r"\d+ of \d+ installs \(.*%\) were Install and Leave"),
    ],
)  # fmt: skip
def test_the_first_page_tells_each_story_before_anything_else(packs: Path, member: str, said: str) -> None:
    page = " ".join(PdfReader(packs / f"{member}-IS" / "pack.pdf").pages[0].extract_text().split())
    head, _, facts = page.partition("What the month shows ")
    first = facts.partition(" Page ")[0]
    assert head
    assert re.search(said, first), facts
