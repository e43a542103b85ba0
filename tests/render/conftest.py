"""What the tests of packs share: a month of five Members, the cut fonts, and drawn packs; each is made once."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.flow import Flow, Running
from dcc_analytics.render.pdf.fonts import FontFolder
from dcc_analytics.render.pdf.layout import faults
from dcc_analytics.render.pdf.pack import PackPdf, compose
from dcc_analytics.render.pdf.paper import Paper
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from tests.render.snapshot_maker import write_month


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


@pytest.fixture
def flow(fonts: FontFolder) -> Iterator[Flow]:
    """An empty page to draw on; what was drawn on it is held to the layout test."""
    paper = Paper(fonts, title="T", subject="S", created=datetime(2026, 11, 10, tzinfo=UTC))
    made = Flow(paper, Running("head", "foot"))
    made.new_page("Section")
    yield made
    assert [] == list(faults(paper.boxes))
    paper.output()  # fpdf2 closes the files of fonts only then
