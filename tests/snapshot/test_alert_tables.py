"""Alerts beside those of peers: the same words as of round trips, by the same lines. Requirement: R-AL-2."""

from datetime import date

import polars as pl

from dcc_analytics.aggregators.cells import ALERT_COLUMNS
from dcc_analytics.snapshot.alert_tables import alert_tables
from dcc_analytics.snapshot.alerts import ALERT_CELL, Alerts
from dcc_analytics.snapshot.comparison import ALIKE, BETTER, FEW, WITHHELD, WORSE
from dcc_analytics.snapshot.earlier import NOTHING_TOLD
from dcc_analytics.snapshot.intervals import wilson
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.snapshot.rule_file import read_rules

RULES = read_rules()
NOBODY = Directory({})
USUAL = (100, 5)


def monthly(*sent: tuple[str, str, int, int]) -> pl.DataFrame:
    """Return ``alerts_monthly`` of (Party, code, all sent to it, given up) and nine Parties with 5 of 100 of 8F0A."""
    usual = [(f"U{number}", "8F0A", *USUAL) for number in range(9)]
    rows = [
        {
            **dict.fromkeys(ALERT_CELL, "same"), **dict.fromkeys(ALERT_COLUMNS, 0), "day": date(2026, 10, 5),
            "kind": "dcc", "party": party, "group": party, "code": code, "requests": number, "failures": failed,
            "successes": number - failed, "represented": number,
        }
        for party, code, number, failed in (*usual, *sent)
    ]  # fmt: skip
    tables, _ = alert_tables(
        Alerts(pl.DataFrame(rows), {}),
        RULES,
        lambda name, now, key: NOTHING_TOLD.withheld(name, now, key, NOBODY, RULES.earlier),
    )
    return tables["alerts_monthly"]


def said(found: pl.DataFrame, party: str) -> list[str]:
    return found.filter(party=party)["compared"].to_list()


def test_what_was_given_up_is_compared_with_the_peers_median() -> None:
    """The median is 5 %; bounds of 100 are those of ``test_comparison``: 10 are worse, 9 alike, 1 better, 2 alike."""
    counts = {"TEN": 10, "NINE": 9, "TWO": 2, "ONE": 1}
    found = monthly(*((party, "8F0A", 100, failed) for party, failed in counts.items()), ("RARE", "8F0A", 29, 29))
    assert {0.05} == set(found["peer_failure_rate_median"])
    assert [[WORSE], [ALIKE], [ALIKE], [BETTER], [FEW]] == [said(found, party) for party in (*counts, "RARE")]
    ten = found.filter(party="TEN").select("failure_rate_low", "failure_rate_high").row(0)
    assert wilson(10, 100) == ten


def test_an_alert_sent_to_too_few_companies_is_not_compared() -> None:
    found = monthly(("ONE", "8F0B", 100, 90), ("TWO", "8F0B", 100, 10))
    assert [[WITHHELD], [WITHHELD]] == [said(found, party) for party in ("ONE", "TWO")]


def test_the_alerts_of_a_member_are_one_family() -> None:
    """10 of 100 is found alone (P 0.0301), not beside nineteen other codes that are as the median."""
    codes = [f"80{number:02}" for number in range(19)]
    usual = [(f"U{number}", code, *USUAL) for number in range(9) for code in codes]
    alone, among = [("A", "8F0A", 100, 10)], [("A", code, *USUAL) for code in codes]
    assert [WORSE] == said(monthly(*usual, *alone), "A")
    assert [ALIKE] * 20 == said(monthly(*usual, *alone, *among), "A")
