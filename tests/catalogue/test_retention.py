"""The rules of what is kept of single Devices, held against what the code does."""

import pytest

from dcc_analytics.aggregators import checkpoint, device_records, reads, retained
from dcc_analytics.aggregators.delta import MAP_TYPES
from dcc_analytics.catalogue.errors import CatalogueError
from dcc_analytics.catalogue.months import CLOSED_AFTER_US
from dcc_analytics.catalogue.retention import RETENTION, Rule, Where, read_retention
from dcc_analytics.catalogue.service_requests import TIME_OUTS_US
from dcc_analytics.commands.main import app
from dcc_analytics.commands.settings import settings
from dcc_analytics.stream import memory, topics
from dcc_analytics.stream.instants import DAY_US, HOUR_US

HEAD = "id,place,holds,kept,counted_from,needed_for,dropped_by,setting,source,verified,note\n"
#: Maps of the ledger that hold nothing of a Device.
WITHOUT = {"audit", "audit_begun"}
MS_US = 1_000

EXPECTED_US = {
    "legs": CLOSED_AFTER_US,
    "ended": memory.KNOWN_US + memory.SPARED_US,
    "cancellations": memory.CANCELLING_US + DAY_US // 2,
    "waiting": memory.WAITING_US,
    "first_executions": memory.FIRST_LEG_US + DAY_US // 2,
    "first_parameters": memory.FIRST_LEG_US + DAY_US // 2,
    "scheduled": memory.KNOWN_US + memory.SPARED_US,
    "alerts": memory.KNOWN_US + memory.SPARED_US,
    "closed": memory.CLOSED_US,
    "held": device_records.KEPT_US,
    "records": device_records.KEPT_US,
    "installs": device_records.KEPT_US,
    "reads": reads.WINDOW_DAYS * DAY_US,
    "moved": device_records.KEPT_US,
    "rewritten": checkpoint.REWRITTEN_US,
    "replaced": (topics.LEDGER_MOST_LAG_MS + topics.DAY_MS) * MS_US,
    "estate": device_records.KEPT_US,
    "dead-letters": (topics.DEAD_LETTERS_KEPT_MS + topics.SEGMENT_MS) * MS_US,
    "strays": (topics.EVENTS_KEPT_MS + topics.SEGMENT_MS) * MS_US,
}


def test_rules_say_what_the_code_does() -> None:
    assert EXPECTED_US == {each.id: each.kept.us for each in RETENTION.values() if each.kept.us is not None}
    assert {"snapshots", "revisions", "packs"} == {each.id for each in RETENTION.values() if each.kept.months}
    assert memory.SPARED_US <= HOUR_US // 2  # which "closed" has as its note, and half a day covers elsewhere
    assert max(TIME_OUTS_US.values()) < CLOSED_AFTER_US  # or a leg could be open still when its month is closed


def test_every_map_of_the_ledger_that_holds_devices_has_its_rule() -> None:
    of_ledger = {each.id for each in RETENTION.values() if each.where is Where.LEDGER}
    assert set(MAP_TYPES) - WITHOUT | {"installs", "rewritten", "replaced"} == of_ledger
    assert retained.KINDS == of_ledger - {"rewritten", "replaced"}


def test_a_rule_that_a_setting_changes_names_one_that_is_there() -> None:
    import typer  # noqa: PLC0415 (of this test alone)

    known = {each.key: each for each in settings(typer.main.get_command(app))}
    changed = {rule.setting: rule for rule in RETENTION.values() if rule.setting}
    assert {"retention.snapshot_months", "retention.pack_months"} == set(changed)
    assert {key: str(rule.kept.months) for key, rule in changed.items()} == {key: known[key].default for key in changed}


def only(row: str) -> Rule:
    (rule,) = read_retention(HEAD + row).values()
    return rule


def test_a_rule_is_read_and_said_in_words() -> None:
    rule = only("ended,ledger,ids,25.5 hours,the record,repeats,the clock,,a clause,yes,\n")
    assert (Where.LEDGER, 25 * HOUR_US + HOUR_US // 2, None) == (rule.where, rule.kept.us, rule.kept.months)
    assert "25.5 hours after the record" == rule.words


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("a,ledger,ids,0 days,x,y,z,,s,yes,\n", "line 2, column kept: '0 days' is no time such as"),
        ("a,ledger,ids,some days,x,y,z,,s,yes,\n", "is no time such as 25.5 hours, 130 days or 13 months"),
        ("a,cellar,ids,1 days,x,y,z,,s,yes,\n", "column place: 'cellar' is none of dead-letters, estate"),
        ("a,ledger,ids,1 days,x,,z,,s,yes,\n", "column needed_for: '' is empty"),
    ],
)
def test_a_rule_that_is_none_is_refused_with_its_place(row: str, words: str) -> None:
    with pytest.raises(CatalogueError, match=words):
        only(row)
