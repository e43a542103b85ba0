"""The query window of a provisional month, in working days of England and Wales."""

import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dcc_analytics.catalogue.months import Month
from dcc_analytics.commands.main import app
from dcc_analytics.render.packs import write_pack
from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.fonts import FontFolder
from dcc_analytics.render.pdf.layout import faults
from dcc_analytics.render.pdf.pack import compose
from dcc_analytics.render.query_window import query_sentence, query_until, working_days_after
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from tests.oracle.bank_holidays import bank_holidays
from tests.render.snapshot_maker import member, write_month, write_snapshot
from tests.render.test_pack_pdf import words

CLOSED = "Queries about this month are closed."
OPEN = "Queries about these figures are taken until 17 November 2026."


@pytest.mark.parametrize(
    ("until", "after", "days"),
    [
        ("2026-11-09", "2026-11-02", 5),  # Monday to Monday
        ("2026-11-13", "2026-11-07", 5),  # from a Saturday
        ("2026-11-09", "2026-11-06", 1),  # from a Friday
        ("2027-01-05", "2026-12-24", 5),  # Christmas, the substitute of Boxing Day, New Year
        ("2027-04-02", "2027-03-25", 4),  # Good Friday and Easter Monday
    ],
)
def test_working_days_pass_over_weekends_and_bank_holidays(until: str, after: str, days: int) -> None:
    assert date.fromisoformat(until) == working_days_after(date.fromisoformat(after), days)


@pytest.mark.parametrize("month", [Month(2026, number) for number in range(1, 13)], ids=str)
def test_each_working_day_is_counted_once(month: Month) -> None:
    holidays = bank_holidays(month.year) | bank_holidays(month.next.year)
    for day in month.days:
        until = working_days_after(day, 5)
        days = [date.fromordinal(number) for number in range(day.toordinal() + 1, until.toordinal() + 1)]
        assert 5 == sum(1 for each in days if each.weekday() < 5 and each not in holidays)
        assert until.weekday() < 5
        assert until not in holidays


def test_a_final_month_takes_no_queries(tmp_path: Path) -> None:
    final = SnapshotFolder.open(write_month(tmp_path, largest=False))
    assert (None, CLOSED) == (query_until(final, 5), query_sentence(query_until(final, 5)))


@pytest.mark.slow
@pytest.mark.parametrize(("status", "until", "said"), [("provisional", "2026-11-17", OPEN), ("final", None, CLOSED)])
def test_manifest_read_me_and_pdf_tell_of_the_window(
    tmp_path: Path, fonts: FontFolder, status: str, until: str | None, said: str
) -> None:
    snapshot = SnapshotFolder.open(write_month(tmp_path / "snapshot", largest=False, status=status))
    member, pack = snapshot.members()[1], tmp_path / "pack"
    pack.mkdir()
    write_pack(snapshot, member, pack, fonts)
    assert until == json.loads((pack / "manifest.json").read_text())["query_until"]
    assert said in " ".join((pack / "README.txt").read_text().split())
    drawn = compose(PackFigures.read(snapshot, member), fonts)
    assert said in words(drawn)
    assert [] == list(faults(drawn.boxes))


@pytest.mark.slow
def test_the_command_takes_another_number_of_days(tmp_path: Path) -> None:
    members = {"members": [member("A", "IS")]}
    write_snapshot(tmp_path / "snapshots" / "2026-10", members, status="provisional")
    for days, until in ((1, "2026-11-11"), (10, "2026-11-24")):
        command = ["render", "--month", "2026-10", "--out", str(tmp_path), "--query-days", str(days)]
        assert 0 == CliRunner().invoke(app, command).exit_code
        pack = tmp_path / "packs" / "2026-10" / "A-IS"
        assert until == json.loads((pack / "manifest.json").read_text())["query_until"]
