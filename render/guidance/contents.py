"""The document put together: prose, the tables it asks for, and a section for every file of a pack."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Final

from dcc_analytics.catalogue.assumptions import ASSUMPTIONS
from dcc_analytics.catalogue.months import FINAL_AFTER_US
from dcc_analytics.catalogue.requirements import REQUIREMENTS
from dcc_analytics.catalogue.touched import ALL_COLUMNS
from dcc_analytics.render.assumed import MARK, assumed
from dcc_analytics.render.columns import Column, FileDefinition
from dcc_analytics.render.dictionary import type_words
from dcc_analytics.render.guidance.document import Block, Document, Grid, Section, blocks_of, link
from dcc_analytics.render.guidance.examples import example
from dcc_analytics.render.guidance.made_month import FACTS
from dcc_analytics.render.guidance.prose import ChapterText, MetricText, SectionText, chapters, reports
from dcc_analytics.render.guidance.tables import ALL_FILES, assumptions_grid, requirements_grid, roles_words, table
from dcc_analytics.render.query_window import QUERY_DAYS
from dcc_analytics.snapshot.take import FROZEN_DAYS

_DAY_US: Final = 86_400_000_000
_FACTS: Final = {**FACTS, "final_days": FINAL_AFTER_US // _DAY_US, "query_days": QUERY_DAYS, "frozen_days": FROZEN_DAYS}
_EDITION_DIGITS: Final = 12
_ASKED: Final = "What the modification asks for, and what this product asks of itself."
_ASSUMED: Final = "No source that was read settles these. One is withdrawn once a source says the same."


def guidance(version: str) -> Document:
    """Return the guidance document of a release.

    Args:
        version: of the product.

    Raises:
        CatalogueError: a text is damaged.
    """
    text = chapters()
    *before, contents = (_chapter(each) for each in text.chapters)
    reporting = Section(
        contents.title,
        contents.blocks,
        (
            *contents.parts,
            *map(report, ALL_FILES),
            Section("Requirements", (_ASKED, requirements_grid())),
            Section("Assumptions", (_ASSUMED, assumptions_grid())),
        ),
    )
    made = (*before, reporting)
    identity = sha256(repr(made).encode()).hexdigest()[:_EDITION_DIGITS]
    return Document(text.title, f"Release {version}, definitions {identity}", made)


def _chapter(text: ChapterText) -> Section:
    return Section(text.title, _blocks(text.text), tuple(map(_section, text.sections)))


def _section(text: SectionText) -> Section:
    tables = tuple(block for name in text.tables for block in table(name))
    return Section(text.title, (*_blocks(text.text), *tables))


def _blocks(text: str) -> tuple[Block, ...]:
    return blocks_of(text.format_map(_FACTS)) if text else ()


def report(file: FileDefinition) -> Section:
    """Return the section of a file."""
    said = reports()[file.name]
    resting = [each.id for each in ASSUMPTIONS.values() if file.name in each.touches]
    asked = [each.id for each in REQUIREMENTS.values() if file.name in each.files]
    about = (
        f"{file.description} In packs of {roles_words(file)}.",
        f"Made from: {said.source}",
        f"Shown of others: {_links(said.rules)}.",
        f"Requirements: {_links(asked) or 'none of the modification'}.",
        f"Assumed: {_links(resting) or 'nothing of its own'}.",
    )
    notes = (said.note,) if said.note else ()
    parts = tuple(_metric(file, metric) for metric in said.metrics)
    title = f"{file.title}: {file.file_name}"
    return Section(title, (about, *notes, _columns(file)), parts, name=file.file_name)


def _links(words: Iterable[str]) -> str:
    return ", ".join(map(link, words))


def _metric(file: FileDefinition, metric: MetricText) -> Section:
    names = ", ".join(f"`{name}`" for name in metric.columns)
    formula = f"Columns: {names}. Formula: {metric.formula}."
    blocks = (metric.definition, formula, *example(file.name, metric))
    return Section(metric.title, blocks, name=f"{file.name} {metric.title}")


def _columns(file: FileDefinition) -> Grid:
    rows = tuple((f"`{column.name}`", type_words(column), _meaning(file, column)) for column in file.columns)
    return Grid(f"Columns of {file.file_name}", ("Column", "Type", "Title and meaning"), rows, (31, 26, 43))


def _meaning(file: FileDefinition, column: Column) -> str:
    """Return title, meaning and what is assumed of the column alone; what is of the whole file stands above."""
    return " ".join(_meanings(file, column))


def _meanings(file: FileDefinition, column: Column) -> Iterator[str]:
    rests = assumed(file, column)
    yield f"{column.title} {MARK}." if rests else f"{column.title}."
    if column.name in file.key:
        yield "In the key."
    if column.description:
        yield column.description
    if own := [each.id for each in rests if ALL_COLUMNS not in each.touches[file.name]]:
        yield f"See {_links(own)}."
