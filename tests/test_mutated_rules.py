"""A judge that agrees must be able to disagree: any rule broken in the pipeline alone is seen where it acts."""

from pathlib import Path
from pkgutil import resolve_name
from re import search
from typing import NamedTuple

import pytest

from dcc_analytics.catalogue.months import Month
from dcc_analytics.render.csv_files import write_csv
from dcc_analytics.render.files import FILES, files_for
from dcc_analytics.snapshot import rule_file
from dcc_analytics.snapshot.collect import Collected
from dcc_analytics.snapshot.take import Snapshot, freeze
from dcc_analytics.snapshot.texts import as_text
from tests.in_process import collected
from tests.mutated_rules import MUTATIONS
from tests.mutation import (
    ALERTS,
    ALERTS_DAILY,
    ALERTS_MONTHLY,
    BENCHMARKED,
    CUT,
    DAILY,
    FAILURES,
    MONTHLY,
    N13_N55,
    PEERS,
    TOTALS,
    WHOLE,
    Mutation,
)
from tests.oracle.compare import differences, total_differences
from tests.oracle.judge import Judged, judge
from tests.oracle.month_maker import make_month
from tests.recorded_sample import published

pytestmark = pytest.mark.slow

OCTOBER = Month(2026, 10)
COMPARED = (MONTHLY, DAILY, FAILURES, PEERS, ALERTS_MONTHLY, ALERTS_DAILY, ALERTS, N13_N55)


class MadeMonth(NamedTuple):
    """Recorded events, and the judge's word on them."""

    events: Path
    judged: Judged
    folded: Collected


Months = dict[str, MadeMonth]


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Months:
    return {
        WHOLE: made(tmp_path_factory.mktemp(WHOLE), peers=False, days_after=9),
        BENCHMARKED: made(tmp_path_factory.mktemp(BENCHMARKED), peers=True, days_after=9),
        CUT: made(tmp_path_factory.mktemp(CUT), peers=False, days_after=-3.5),
    }


def made(folder: Path, *, peers: bool, days_after: float) -> MadeMonth:
    make_month(folder, seed=11, homes=12, requests=300 if peers else 1000, peers=peers, days_after=days_after)
    return MadeMonth(folder, judge(folder, OCTOBER.year, OCTOBER.month), fold(folder))


def fold(events: Path) -> Collected:
    driver, _ = published(2, events)
    driver.run(500)
    return collected(driver)


def seen(month: MadeMonth, folded: Collected, packs: Path, *files: str) -> list[str]:
    """Return what the judge has to say of the product's month."""
    snapshot = freeze(folded, OCTOBER, rule_file.read_rules())
    if files == (TOTALS,):
        return total_differences(month.judged, snapshot.totals)
    write(snapshot, packs, *files)
    return differences(month.judged, packs, files=files)


def write(snapshot: Snapshot, packs: Path, *files: str) -> None:
    """Write these files of every Member: all of them take longer than all the rest."""
    tables = snapshot.tables.by_name
    for party, _, role, name in tables["members"].iter_rows():
        (packs / name).mkdir(parents=True)
        for file in (each for each in files if FILES[each] in files_for(role)):
            write_csv(as_text(tables[file].filter(party=party, role=role)), FILES[file], packs / name / f"{file}.csv")


def test_without_a_mutation_the_judge_agrees(months: Months, tmp_path: Path) -> None:
    for name, month in months.items():
        assert seen(month, month.folded, tmp_path / name, *COMPARED) == []
        assert seen(month, month.folded, tmp_path, TOTALS) == []


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.rule)
def test_a_rule_broken_in_the_pipeline_alone_is_seen_where_it_acts(
    mutation: Mutation, months: Months, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, _, attribute = mutation.name.partition(":")
    monkeypatch.setattr(f"{module}.{attribute}", mutation.broken(resolve_name(mutation.name)))
    month = months[mutation.month]
    found = seen(month, month.folded if mutation.after_folding else fold(month.events), tmp_path, mutation.file)
    assert [each for each in found if all(search(words, each) for words in mutation.words)], found[:10]


def test_more_rules_than_ten_are_broken_each_by_its_own_name() -> None:
    assert len(MUTATIONS) >= 10
    assert len({mutation.rule for mutation in MUTATIONS}) == len(MUTATIONS)
