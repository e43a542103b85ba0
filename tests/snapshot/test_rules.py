"""The rule set: parameters of contract section 7 as data, refused when they make no sense."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.rules import IndustryRules, PeerRules, Rounding, band_of

DEFAULT = """\
id = "other"
version = 3
[industry]
groups = 10
largest_two_percent = 90
p_percent = 10
timed_groups = 6
[peers]
requests = 30
median_groups = 6
quartile_groups = 10
bands = [6, 10, 20, 50]
[rounding]
significant_digits = 2
rate_decimals = 3
"""


def test_the_default_rule_set_is_that_of_the_contract() -> None:
    rules = read_rules()
    assert ("dcca-default", 1) == (rules.id, rules.version)
    assert IndustryRules(groups=10, largest_two_percent=90, p_percent=10, timed_groups=6) == rules.industry
    assert PeerRules(requests=30, median_groups=6, quartile_groups=10, bands=[6, 10, 20, 50]) == rules.peers
    assert Rounding(significant_digits=2, rate_decimals=3) == rules.rounding


def test_another_rule_set_can_be_given(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(DEFAULT.replace("groups = 10", "groups = 12", 1))
    rules = read_rules(path)
    assert ("other", 3, 12) == (rules.id, rules.version, rules.industry.groups)


WAIVER = """
[[waivers]]
role = "ED"
reference = "Panel 7"
groups = ["X"]
since = 2026-01-01
"""
SOLD = """
[[owner_groups]]
group = "X"
parties = ["A", "B"]
since = 2025-01-01
until = 2026-09-30
[[owner_groups]]
group = "Y"
parties = ["B", "C"]
since = 2026-09-15
"""


@pytest.mark.parametrize(
    ("words", "spoil"),
    [
        ("p_percent", lambda text: text.replace("p_percent = 10\n", "")),
        ("p_percents", lambda text: text.replace("p_percent", "p_percents")),
        ("$.industry.groups", lambda text: text.replace("groups = 10", "groups = 0", 1)),
        ("$.industry.largest_two_percent", lambda text: text.replace("= 90", "= 101")),
        ("$.peers.requests", lambda text: text.replace("= 30", '= "30"')),
        ("$.version", lambda text: text.replace("version = 3", "version = 0")),
        ("$.rounding.rate_decimals", lambda text: text.replace("rate_decimals = 3", "rate_decimals = 0")),
        ("peers.bands has to rise", lambda text: text.replace("[6, 10, 20, 50]", "[6, 20, 10]")),
        ("peers.bands begins at 7, above median_groups 6", lambda text: text.replace("[6, 10", "[7, 10")),
        ("median_groups is above", lambda text: text.replace("quartile_groups = 10", "quartile_groups = 5")),
        ("bands", lambda text: text.replace("[6, 10, 20, 50]", "[]")),
        ("of the Role 'ED '; Roles are ", lambda text: text + WAIVER.replace('"ED"', '"ED "')),
        ("the owner group X ends on 2024-09-30", lambda text: text + SOLD.replace("2026-09-30", "2024-09-30")),
        ("$.owner_groups[1].parties", lambda text: text + SOLD.replace('["B", "C"]', "[]")),
        ("is no rule set", lambda text: text + "]["),
        ("is no rule set", lambda text: text + "deep = " + "[" * 9_999),
    ],
)
def test_a_rule_set_that_makes_no_sense_is_refused_and_the_value_named(
    tmp_path: Path, words: str, spoil: Callable[[str], str]
) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(spoil(DEFAULT))
    with pytest.raises(UsageError) as refused:
        read_rules(path)
    assert words in str(refused.value)
    assert str(path) in str(refused.value)


def test_a_rule_set_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no rule set"):
        read_rules(tmp_path / "none.toml")


def test_a_rule_set_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="is no rule set"):
        read_rules(path)


@pytest.mark.parametrize(
    ("expected", "number"),
    [
        ("", 0), ("", 5), ("6-9", 6), ("6-9", 9), ("10-19", 10), ("10-19", 19), ("20-49", 20), ("20-49", 49),
        ("50+", 50), ("50+", 5_000),
    ],
)  # fmt: skip
def test_a_number_of_peers_is_told_as_a_band(expected: str, number: int) -> None:
    assert expected == band_of(number, read_rules().peers)
