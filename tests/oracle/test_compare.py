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
        "alerts_monthly": judged.alerts.monthly_rows(MEMBER, disclosed=True),
        "alerts_daily": judged.alerts.daily_rows(MEMBER, disclosed=True),
        "alerts": judged.alerts.own_rows(MEMBER),
    }


def write(packs: Path, made: dict[str, list[Row]], member: Member = MEMBER) -> None:
    folder = packs / f"{member.party}-{member.role}"
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
        ("alerts_monthly", "represented", "999999"),
        ("alerts_monthly", "delivery_median_s", "0.001"),
        ("alerts_monthly", "industry_delivery_median_s", "0.001"),
        ("alerts_monthly", "benchmark_status", "complement"),
        ("alerts_daily", "industry_delivery_mean_s", "0.123"),
        ("alerts_daily", "delivery_n", "999999"),
        ("alerts", "failed", "999999"),
    ],
)
def test_one_wrong_figure_is_one_difference(judged: Judged, tmp_path: Path, name: str, column: str, value: str) -> None:
    made = tables(judged)
    often = {"4.8.1", "8154"}
    row = next(row for row in made[name] if name == "failures" or often & {row.get("srv"), row.get("code")})
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


def test_names_are_printed_rightly_or_left_out_if_not_verified(judged: Judged, tmp_path: Path) -> None:
    made = tables(judged)
    for row in made["alerts_monthly"]:
        row["name"] = {"N12": "", "8154": "", "8071": "Another name"}.get(row["code"], row["name"])
    write(tmp_path, made)
    found = differences(judged, tmp_path, [MEMBER])
    assert {"N12", "8071", "8154"} < {row["code"] for row in made["alerts_monthly"]}
    assert ["8071", "8154"] == sorted(
        code for code in ("8071", "8154", "N12") for words in found if f"'{code}'" in words
    )


def test_n13_and_n55_are_a_distributors_and_columns_have_their_order(judged: Judged, tmp_path: Path) -> None:
    distributor = Member("ED1", "ED")
    rows = judged.alerts.failed_command_rows(distributor)
    made = {"n13_n55": [dict(reversed(row.items())) for row in rows]}
    for member in (MEMBER, distributor):
        write(tmp_path, made, member)
    found = differences(judged, tmp_path, [MEMBER, distributor], files=["n13_n55"])
    assert 2 == len(found)
    assert "AAA-IS n13_n55: no file of this Role" == found[0]
    assert found[1].startswith("ED1-ED n13_n55: columns are ['alerts', ")


def test_rows_in_another_order_and_rows_of_nobody_the_judge_knows_are_differences(
    judged: Judged, tmp_path: Path
) -> None:
    made = tables(judged)
    made["alerts"].reverse()
    write(tmp_path, made)
    (tmp_path / "AAA-IS").rename(tmp_path / "WHO-IS")
    write(tmp_path, made)
    assert ["AAA-IS alerts: rows are in another order"] == differences(judged, tmp_path, [MEMBER])
    assert len(made) == sum(words.startswith("WHO-IS ") for words in differences(judged, tmp_path))


def test_a_benchmark_shown_or_withheld_against_the_rules_is_a_difference(judged: Judged, tmp_path: Path) -> None:
    made = tables(judged)
    shown = next(row for row in made["round_trips_monthly"] if row["industry_success_rate"])
    withheld = next(row for row in made["round_trips_monthly"] if not row["industry_success_rate"])
    shown["industry_success_rate"], withheld["industry_success_rate"] = "", "1.000000"
    day = next(row for row in made["round_trips_daily"] if not row["industry_success_rate"])
    day["industry_success_rate"] = "1.000000"
    write(tmp_path, made)
    assert 3 == len(differences(judged, tmp_path, [MEMBER]))
