"""Figures of one Member from a few rows, and the words that were drawn."""

from collections.abc import Iterable
from pathlib import Path

from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.flow import Flow
from dcc_analytics.render.snapshot_folder import MemberEntry, SnapshotFolder
from tests.render.snapshot_maker import SCHEMAS, Row, member, write_snapshot


def figures_from(path: Path, role: str = "IS", **tables: Iterable[Row]) -> PackFigures:
    """Return the figures of Member A in a Role; rows need neither Party nor Role."""
    own = {"party": "A", "role": role}
    rows = {
        name: [{key: value for key, value in (own | row).items() if key in SCHEMAS[name]} for row in each]
        for name, each in tables.items()
    }
    snapshot = write_snapshot(path / "snapshot", {"members": [member("A", role)], **rows})
    return PackFigures.read(SnapshotFolder.open(snapshot), MemberEntry("A", "A", role, f"A-{role}"))


def texts(flow: Flow) -> list[str]:
    """Return every line of text in the order of drawing."""
    return [box.text for box in flow.paper.boxes]


def words(flow: Flow) -> str:
    """Return all of it."""
    return " ".join(texts(flow))
