import csv
from pathlib import Path

import pytest

from tests.oracle.compare import differences
from tests.oracle.judge import Judged, judge
from tests.oracle.members import Member
from tests.oracle.month_maker import make_month
from tests.oracle.print import Row

pytestmark = pytest.mark.slow
MEMBER = Member("AAA", "IS")


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    folder = tmp_path_factory.mktemp("month")
    make_month(folder, seed=1)
    return judge(folder, 2026, 10)


def tables(judged: Judged) -> dict[str, list[Row]]:
    return {
        "round_trips_monthly": judged.monthly_rows(MEMBER, disclosed=True),
        "round_trips_daily": judged.daily_rows(MEMBER, disclosed=True),
        "failures": judged.failure_rows(MEMBER),
        "peer_values": judged.peer_rows(MEMBER, disclosed=True),
    }


def write(packs: Path, made: dict[str, list[Row]]) -> None:
    folder = packs / f"{MEMBER.party}-{MEMBER.role}"
    folder.mkdir(parents=True)
    for name, rows in made.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


def test_what_the_judge_itself_would_print_does_not_differ(judged: Judged, tmp_path: Path) -> None:
    write(tmp_path, tables(judged))
    assert [] == differences(judged, tmp_path, [MEMBER])


@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        ("round_trips_monthly", "requests", "999999"),
        ("round_trips_monthly", "success_rate", "0.123456"),
        ("round_trips_monthly", "rtt_mean_s", "0.001"),
        ("round_trips_monthly", "rtt_median_s", "0.001"),
        ("round_trips_monthly", "industry_rtt_worst_s", "0.001"),
        ("round_trips_monthly", "benchmark_status", "complement"),
        ("round_trips_daily", "failures", "999999"),
        ("round_trips_daily", "industry_success_rate", "0.123456"),
        ("round_trips_daily", "incident_category", "5"),
        ("failures", "failures", "999999"),
        ("peer_values", "value", "0.000111"),
    ],
)
def test_one_wrong_figure_is_one_difference(judged: Judged, tmp_path: Path, name: str, column: str, value: str) -> None:
    made = tables(judged)
    row = next(row for row in made[name] if row["srv"] == "4.8.1") if name != "failures" else made[name][0]
    row[column] = value
    write(tmp_path, made)
    assert 1 == len(differences(judged, tmp_path, [MEMBER]))


def test_a_row_too_few_or_too_many_and_a_missing_file_are_differences(judged: Judged, tmp_path: Path) -> None:
    made = tables(judged)
    gone, doubled = made["round_trips_monthly"].pop(0), made["failures"][0]
    made["failures"].append(doubled)
    del made["peer_values"]
    write(tmp_path, made)
    found = differences(judged, tmp_path, [MEMBER])
    assert 3 == len(found)
    assert any(gone["srv"] in words for words in found)


def test_a_days_benchmark_may_be_withheld_for_rule_6_but_never_shown_against_the_others(
    judged: Judged, tmp_path: Path
) -> None:
    made = tables(judged)
    shown = next(row for row in made["round_trips_monthly"] if row["industry_success_rate"])
    withheld = next(row for row in made["round_trips_monthly"] if not row["industry_success_rate"])
    shown["industry_success_rate"], withheld["industry_success_rate"] = "", "1.000000"
    day = next(row for row in made["round_trips_daily"] if not row["industry_success_rate"])
    day["industry_success_rate"] = "1.000000"
    write(tmp_path, made)
    assert 3 == len(differences(judged, tmp_path, [MEMBER]))
