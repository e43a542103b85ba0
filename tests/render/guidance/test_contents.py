"""What is in the guidance document: all that a pack has, and nothing that no source says without its mark."""

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from dcc_analytics.catalogue.assumptions import ASSUMPTIONS
from dcc_analytics.catalogue.devices import DEVICE_FIELDS
from dcc_analytics.catalogue.processes import TABLE_1
from dcc_analytics.catalogue.requirements import REQUIREMENTS
from dcc_analytics.catalogue.roles import ROLE_NAMES
from dcc_analytics.render.assumed import MARK
from dcc_analytics.render.columns import FileDefinition, Kind
from dcc_analytics.render.guidance.contents import guidance
from dcc_analytics.render.guidance.document import Block, Document, Grid, Section, anchor, numbered, plain, spans
from dcc_analytics.render.guidance.made_month import METRIC
from dcc_analytics.render.guidance.prose import chapters, reports
from dcc_analytics.render.guidance.tables import ALL_FILES, metrics_blocks
from dcc_analytics.snapshot.rule_file import read_rules

pytestmark = pytest.mark.slow  # its examples fold a month

CHAPTERS = ["Background and Scope", "Overview of Reporting", "Change Process", "Reporting Contents"]
EVERY_FILE = pytest.mark.parametrize("file", ALL_FILES, ids=lambda file: file.name)
#: What a worked example would have to be computed for.
FIGURES = {Kind.COUNT, Kind.RATE, Kind.SECONDS, Kind.DECIMAL, Kind.MEASURED, Kind.FLAG}


def sections(document: Document) -> dict[str, Section]:
    return {section.anchor: section for _, section in numbered(document.chapters)}


def texts(blocks: tuple[Block, ...]) -> Iterator[str]:
    for block in blocks:
        match block:
            case str():
                yield block
            case Grid():
                yield from (block.caption, *block.header, *(cell for row in block.rows for cell in row))
            case _:
                yield from block


def all_texts(document: Document) -> list[str]:
    return [text for section in sections(document).values() for text in (section.title, *texts(section.blocks))]


def grid_of(document: Document, title: str, caption: str) -> Grid:
    """Return the table of a section that has this caption."""
    blocks = sections(document)[anchor(title)].blocks
    return next(block for block in blocks if isinstance(block, Grid) and block.caption == caption)


def test_it_has_the_four_chapters_that_are_asked_for_r_doc_1(document: Document) -> None:
    assert CHAPTERS == [chapter.title for chapter in document.chapters]


@EVERY_FILE
def test_every_column_of_every_file_has_its_row(document: Document, file: FileDefinition) -> None:
    grid = grid_of(document, file.file_name, f"Columns of {file.file_name}")
    assert list(file.header) == [plain(row[0]) for row in grid.rows]
    for column, (_, _, meaning) in zip(file.columns, grid.rows, strict=True):
        assert column.title in meaning
        assert column.description in meaning


@EVERY_FILE
def test_a_file_names_its_requirements_assumptions_and_rules(document: Document, file: FileDefinition) -> None:
    about = plain(" ".join(texts(sections(document)[anchor(file.file_name)].blocks[:1])))
    for requirement in REQUIREMENTS.values():
        assert (file.name in requirement.files) == bool(re.search(rf"{requirement.id}\b", about)), requirement.id
    for assumption in ASSUMPTIONS.values():
        assert (file.name in assumption.touches) == bool(re.search(rf"{assumption.id}[,.]", about)), assumption.id
    assert all(rule in about for rule in reports()[file.name].rules)
    assert reports()[file.name].rules


def test_nothing_is_told_of_a_file_that_is_not_there() -> None:
    assert [file.name for file in ALL_FILES] == sorted(reports(), key=[file.name for file in ALL_FILES].index)


@EVERY_FILE
def test_every_figure_of_a_file_is_of_one_metric_unless_it_is_in_the_key(file: FileDefinition) -> None:
    told = [name for metric in reports()[file.name].metrics for name in metric.columns]
    assert [] == [name for name, times in Counter(told).items() if times > 1]
    if reports()[file.name].note:
        assert told == []
        return
    figures = {column.name for column in file.columns if column.kind in FIGURES and column.name not in file.key}
    assert set() == figures - set(told)


def test_every_requirement_and_every_assumption_is_told_whole(document: Document) -> None:
    required = grid_of(document, "Requirements", "Requirements").rows
    assert [(each.id, each.text, each.not_met or "met") for each in REQUIREMENTS.values()] == [
        (name, text, state) for name, text, _, state in required
    ]
    assumed = grid_of(document, "Assumptions", "Assumptions").rows
    assert [(each.id, each.statement) for each in ASSUMPTIONS.values()] == [row[:2] for row in assumed]


def test_every_role_and_every_row_of_table_1_is_told(document: Document) -> None:
    assert tuple(ROLE_NAMES.items()) == grid_of(document, "Who gets a pack", "Roles").rows
    rows = grid_of(document, "Business processes", "Table 1 of the modification").rows
    assert [(row.process, ", ".join(row.srvs), row.description) for row in TABLE_1] == [row[:3] for row in rows]


def test_what_no_source_verifies_is_marked_wherever_it_stands(document: Document) -> None:
    unverified = {field.name for field in DEVICE_FIELDS if not field.verified}
    rows = grid_of(document, "inventory.csv", "Columns of inventory.csv").rows
    assert unverified <= {plain(name) for name, _, meaning in rows if "A-UNVERIFIED-FIELDS" in meaning}
    targets = grid_of(document, "From events to round trips", "Target Response Times").rows
    assert [MARK in within for *_, within, _ in targets] == ["second-hand" in source for *_, source in targets]
    time_outs = grid_of(document, "From events to round trips", "Time-outs").rows
    assert all(MARK in within for _, within in time_outs)


def test_every_link_leads_somewhere_and_nothing_is_named_twice(document: Document) -> None:
    linked = {span.anchor for text in all_texts(document) for span in spans(text) if span.anchor}
    names = [section.anchor for _, section in numbered(document.chapters)]
    grids = [block for section in sections(document).values() for block in section.blocks if isinstance(block, Grid)]
    names += [anchor(plain(row[0])) for grid in grids if grid.linked for row in grid.rows]
    assert [] == [name for name, times in Counter(names).items() if times > 1]
    assert set() == linked - set(names)
    assert 100 < len([span for text in all_texts(document) for span in spans(text) if span.anchor])


def test_rules_are_told_without_their_thresholds() -> None:
    """They are not printed in packs, and this document is for the same readers."""
    rules = read_rules()
    of_groups = {rules.industry.groups, rules.industry.timed_groups, rules.peers.median_groups, rules.peers.requests}
    shares = {rules.industry.largest_two_percent, rules.industry.p_percent, rules.mix.share_percent}
    metrics = [metric.definition for said in reports().values() for metric in said.metrics]
    told = " ".join([*chapters().rules.values(), *metrics])
    assert set() == of_groups & set(
        map(int, re.findall(r"(\d+) (?:companies|groups|Users|requests|round trips)", told))
    )
    assert set() == shares & set(map(int, re.findall(r"(\d+) ?%", told)))
    assert not re.search(r"\b(?:six|ten) (?:companies|groups|Users)", told)


def test_metrics_of_the_catalogue_are_listed_by_their_ids() -> None:
    (grid,) = metrics_blocks([METRIC])
    assert isinstance(grid, Grid)
    assert ((METRIC.id, "1", f"{METRIC.title}. {METRIC.description}", METRIC.comparison),) == grid.rows
    (none,) = metrics_blocks([])
    assert "has none" in str(none)


def test_another_definition_is_another_edition(document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    assert document == guidance("1.2.3")
    assert document.edition != guidance("1.2.4").edition
    monkeypatch.setattr("dcc_analytics.render.guidance.contents._ASKED", "Something else.")
    assert document.edition != guidance("1.2.3").edition


def test_a_row_of_another_length_than_its_table_is_refused() -> None:
    with pytest.raises(ValueError, match="another number than its columns"):
        Grid("short", ("a", "b"), (("1",),), (50, 50))
