"""What the tests of packs share: a month of five Members, the cut fonts, and drawn packs; each is made once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from dcc_analytics.catalogue.processes import PROCESSES
from dcc_analytics.catalogue.roles import ROLE_NAMES
from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.flow import Flow, Running
from dcc_analytics.render.pdf.fonts import FontFolder
from dcc_analytics.render.pdf.layout import faults
from dcc_analytics.render.pdf.pack import PackPdf, compose
from dcc_analytics.render.pdf.paper import Paper
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from tests.render.snapshot_maker import BUSY, SCHEMAS, busy, incident, member, write_month, write_snapshot

#: Enough to have every kind of page; the pack of one Role has those of all processes.
SOME: Final = tuple(PROCESSES)[:3]


@pytest.fixture(scope="session")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> FontFolder:
    return FontFolder.make(tmp_path_factory.mktemp("fonts"))


@pytest.fixture(scope="session")
def month(tmp_path_factory: pytest.TempPathFactory) -> SnapshotFolder:
    return SnapshotFolder.open(write_month(tmp_path_factory.mktemp("snapshot")))


@pytest.fixture(scope="session")
def drawn(month: SnapshotFolder, fonts: FontFolder) -> dict[str, PackPdf]:
    """The PDF of each Member of the month, by folder."""
    return {each.folder: compose(PackFigures.read(month, each), fonts) for each in month.members()}


@pytest.fixture(scope="session")
def roles(tmp_path_factory: pytest.TempPathFactory) -> SnapshotFolder:
    """A month of a Member of each Role but one that used everything; the month above has that Role."""
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in SCHEMAS}
    for role in sorted(ROLE_NAMES.keys() - {BUSY["role"]}):
        for name, rows in busy(role, role).items():
            tables[name] += [row for row in rows if row.get("process", SOME[0]) in SOME]
        tables["members"].append(member(role, role))
    tables["incidents"] = [incident(1, 3, 20)]
    return SnapshotFolder.open(write_snapshot(tmp_path_factory.mktemp("roles"), tables))


@pytest.fixture(scope="session")
def of_each_role(roles: SnapshotFolder, fonts: FontFolder, drawn: dict[str, PackPdf]) -> dict[str, PackPdf]:
    """The PDF of a Member of each Role that used everything, and those of the month most tests read."""
    return drawn | {each.folder: compose(PackFigures.read(roles, each), fonts) for each in roles.members()}


@pytest.fixture
def flow(fonts: FontFolder) -> Iterator[Flow]:
    """An empty page to draw on; what was drawn on it is held to the layout test."""
    paper = Paper(fonts, title="T", subject="S", created=datetime(2026, 11, 10, tzinfo=UTC))
    made = Flow(paper, Running("head", "foot"))
    made.new_page("Section")
    yield made
    assert [] == list(faults(paper.boxes))
    paper.output()  # fpdf2 closes the files of fonts only then
