"""Shares that come out of what is printed: by labels, by totals and by what is left of a month."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from tests.render.attack.markets import alert_rows, model_rows, tables, write_market
from tests.render.attack.test_planted_figures import Counts, cells, in_all, members, packs, verdicts


def labelled(days: int) -> tuple[list[Counts], Mapping[str, list[str]]]:
    """Return days of twelve Members, each of a share that stays, and a series of rates for each day and peer."""
    chance = np.random.default_rng(7)
    sent = [4_000, 3_200, 2_400, 1_800, 1_400, 1_000, 700, 500, 400, 300, 200, 100]
    failed = [[int(each) for each in chance.binomial(sent, chance.uniform(0.01, 0.2, 12))] for _ in range(days)]
    counts: list[Counts] = [list(zip(sent, day, strict=True)) for day in failed]
    rates = {f"peer_{place}": [f"{day[place] / sent[place]:.3f}" for day in failed] for place in range(12)}
    return counts, rates


def test_a_labelled_series_of_days_beside_a_weighted_average_gives_the_shares_away(tmp_path: Path) -> None:
    counts, rates = labelled(31)
    folder = packs(tmp_path, counts)
    series = {name: lambda _, values=values: values for name, values in rates.items()}
    in_all(folder, "round_trips_daily", **series)
    (finding,) = verdicts(folder)["shares"].findings
    assert ("round_trips_daily.csv", "peer_0") == (finding.file, finding.column)
    assert "12 of 12 shares come out" in finding.what


def test_a_series_whose_labels_change_from_day_to_day_gives_no_share(tmp_path: Path) -> None:
    counts, rates = labelled(31)
    chance = np.random.default_rng(8)
    drawn = [chance.permutation(day).tolist() for day in zip(*rates.values(), strict=True)]
    folder = packs(tmp_path, counts)
    series = {f"peer_{place}": lambda _, place=place: [day[place] for day in drawn] for place in range(12)}
    in_all(folder, "round_trips_daily", **series)
    assert () == verdicts(folder)["shares"].findings


#: Three Members have 95 % of a small cell: no two have 90 %, and without the largest two a tenth of them is left.
THREE: Counts = [(420, 30), (300, 17), (250, 5), *[(3, 1)] * 5, *[(3, 0)] * 5]


def test_a_total_that_comes_out_of_its_rate_gives_two_of_three_the_share_of_the_third(tmp_path: Path) -> None:
    told = verdicts(packs(tmp_path, [THREE]))["shares"].findings
    assert ("round_trips_monthly.csv", "industry_success_rate") == (told[0].file, told[0].column)
    assert "P00-IS works out the share of P02-IS" in told[0].what


def nothing(frame: pl.DataFrame) -> list[str]:
    return [""] * frame.height


def test_without_the_printed_rate_the_same_members_learn_nothing(tmp_path: Path) -> None:
    folder = packs(tmp_path, [THREE])
    in_all(folder, "round_trips_daily", industry_success_rate=nothing)
    in_all(folder, "round_trips_monthly", industry_success_rate=nothing, industry_failure_rate=nothing)
    assert () == verdicts(folder)["shares"].findings


#: Two days of all, and one of a single Member.
ALONE: list[Counts] = [
    [(31 + place + (place == 0), place % 3) for place in range(12)],
    [(31 + place + 5 * (place == 0), place % 4) for place in range(12)],
    [(37, 5) if place == 7 else (0, 0) for place in range(12)],
]


def test_days_that_are_taken_from_a_month_all_at_once_leave_a_day_of_one_member(tmp_path: Path) -> None:
    """Each of two days may be taken from the month: the other is left, and a day on which one Member alone sent.

    Both at once leave that day: it was withheld, and is the month less what is printed.
    """
    assert [439, 443, 919] == [
        *(sum(sent for sent, _ in day) for day in ALONE[:2]),
        sum(s for d in ALONE for s, _ in d),
    ]
    # The first and the last use another service more than the others do: the market says less of them here.
    beside = cells([[(500 if place in {0, 11} else 300, 9) for place in range(12)]], "4.8.2")
    folder = write_market(tmp_path / "2026-10", tables(pl.concat([cells(ALONE), beside])), members(12))
    told = verdicts(folder)
    assert {"shares"} == {name for name, each in told.items() if each.count}
    (finding,) = told["shares"].findings
    assert finding.what.endswith("works out what is left of the month of P07-IS")


# -- of Alerts and of Models -----------------------------------------------------------------------------------


def with_alerts(out: Path, days: Sequence[Counts], beside: Counts) -> Path:
    """Return packs in which Alerts have the counts of days, and a service those that tell the market."""
    alerts = alert_rows(cells(days).with_columns(kind=pl.lit("dcc"), code=pl.lit("N13")))
    return write_market(out / "2026-10", {**tables(cells([beside], "4.8.2")), **alerts}, members(len(beside)))


def test_a_total_of_alerts_that_comes_out_gives_two_of_three_the_share_of_the_third(tmp_path: Path) -> None:
    folder = with_alerts(tmp_path, [THREE], [(100 * sent, 100 * failed) for sent, failed in THREE])
    told = verdicts(folder)["shares"].findings
    assert {("alerts_monthly.csv", "industry_success_rate"), ("alerts_daily.csv", "industry_success_rate")} == {
        (each.file, each.column) for each in told
    }
    assert "P00-IS works out the share of P02-IS" in told[0].what


def test_days_of_alerts_that_are_taken_from_their_month_all_at_once_leave_a_day_of_one_member(tmp_path: Path) -> None:
    beside = [(50_000 if place in {0, 11} else 30_000, 900) for place in range(12)]
    (finding,) = verdicts(with_alerts(tmp_path, ALONE, beside))["shares"].findings
    assert ("alerts_monthly.csv", "dcc|N13") == (finding.file, finding.row)
    assert finding.what.endswith("works out what is left of the month of P07-IS")


def test_devices_of_a_model_come_out_of_the_share_of_a_firmware(tmp_path: Path) -> None:
    rows = [
        {
            "party": f"P{place:02d}", "group": f"P{place:02d}", "role": "IS", "device_type": "ESME",
            "manufacturer": "Maker", "model": "M1", "firmware_version": firmware, "devices": count,
        }
        for place, (all_of_it, newer) in enumerate(THREE)
        for firmware, count in (("1.0", all_of_it - newer), ("1.1", newer))
        if count
    ]  # fmt: skip
    big = tables(cells([[(100 * sent, 100 * failed) for sent, failed in THREE]]))
    folder = write_market(tmp_path / "2026-10", {**big, **model_rows(pl.DataFrame(rows))}, members(len(THREE)))
    told = verdicts(folder)["shares"].findings
    assert {("inventory_models.csv", "industry_share")} == {(each.file, each.column) for each in told}
    assert "P00-IS works out the share of P02-IS" in told[0].what
