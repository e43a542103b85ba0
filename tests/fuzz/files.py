"""Files a person gives to a command: read, or refused in one line that names them."""

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from dcc_analytics.aggregators.ledger_import import checked
from dcc_analytics.catalogue.errors import DccaError
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from dcc_analytics.snapshot.revision import Former, told
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.stream.recorded import read_recorded


@cache
def _folder() -> Path:
    return Path(mkdtemp())


def _file(name: str, content: bytes) -> Path:
    path = _folder() / name
    path.write_bytes(content)
    return path


@contextmanager
def _refused_in_one_line(path: Path) -> Iterator[None]:
    try:
        yield
    except DccaError as error:
        said = str(error)
        assert str(path) in said
        assert len(said.splitlines()) == 1, said


def recorded(content: bytes) -> None:
    """Read a file of recorded events."""
    _recorded(_file("alerts.ndjson", content))


def packed(content: bytes) -> None:
    """Read a file of recorded events whose name says that it is gzipped."""
    _recorded(_file("alerts.ndjson.gz", content))


def _recorded(path: Path) -> None:
    with _refused_in_one_line(path):
        for event in read_recorded(path):
            assert -1 <= event.timestamp_ms < 2**63


def rules(content: bytes) -> None:
    """Read a rule set."""
    path = _file("rules.toml", content)
    with _refused_in_one_line(path):
        read_rules(path)


def manifest(content: bytes) -> None:
    """Read the manifest of a snapshot, to render it and to take the next revision."""
    path = _file("manifest.json", content).parent
    with _refused_in_one_line(path):
        told(SnapshotFolder.open(path).manifest)
    with _refused_in_one_line(path):
        told(Former.read(path).manifest)


def ledger_file(content: bytes) -> None:
    """Read what a file holds that a ledger was exported to, its packing left out."""
    path = _file("file.ledger", gzip.compress(content, 1))
    with _refused_in_one_line(path):
        checked(path)


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    "recorded": recorded,
    "packed": packed,
    "rules": rules,
    "manifest": manifest,
    "ledger_file": ledger_file,
}
