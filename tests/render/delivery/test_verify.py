"""``dcca packs verify``: packs beside their manifests, and CSV files beside their metadata. Requirement: R-OUT-1."""

import json
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from dcc_analytics.catalogue.errors import PackError, UsageError
from dcc_analytics.commands.main import app
from dcc_analytics.render.columns import Column, FileDefinition, Kind
from dcc_analytics.render.csv_files import write_csv
from dcc_analytics.render.csv_metadata import csv_metadata
from dcc_analytics.render.delivery.csv_check import csv_faults
from dcc_analytics.render.delivery.pack import pack_folders
from dcc_analytics.render.delivery.verify import verified
from dcc_analytics.render.files import FILES
from dcc_analytics.render.snapshot_folder import MemberEntry, SnapshotFolder
from tests.render.delivery.conftest import Released

pytestmark = pytest.mark.slow


@pytest.fixture
def pack(released: Released, tmp_path: Path) -> Path:
    """A pack that may be damaged."""
    return shutil.copytree(released.folder / "FEW-GS", tmp_path / "FEW-GS")


def told(pack: Path) -> list[str]:
    return [str(fault) for fault in verified(pack).faults]


def listed_anew(pack: Path, *names: str) -> None:
    """Give files the checksums they have now, as one who knows of manifests would."""
    manifest = json.loads((pack / "manifest.json").read_text())
    for name in names:
        manifest["files"][name]["sha256"] = sha256((pack / name).read_bytes()).hexdigest()
    (pack / "manifest.json").write_text(json.dumps(manifest))


def test_packs_as_they_were_made_have_no_fault(released: Released) -> None:
    found = [verified(path) for path in pack_folders(released.folder.parent)]
    assert list(released.names) == [Path(each.folder).name for each in found]
    for each in found:
        manifest = Path(each.folder) / "manifest.json"
        assert ((), len(json.loads(manifest.read_text())["files"])) == (each.faults, each.files)
        assert sha256(manifest.read_bytes()).hexdigest() == each.manifest_sha256


def changed(pack: Path) -> None:
    data = (pack / "pack.pdf").read_bytes()
    (pack / "pack.pdf").write_bytes(data[:-1] + bytes([data[-1] ^ 1]))


def missing(pack: Path) -> None:
    (pack / "alerts.csv").unlink()


def more(pack: Path) -> None:
    (pack / "notes").mkdir()
    (pack / "notes" / "mine.txt").write_text("mine")


def no_metadata(pack: Path) -> None:
    (pack / "alerts.csv-metadata.json").unlink()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (changed, ["pack.pdf: it was changed: its SHA-256 is not that of the manifest"]),
        (missing, ["alerts.csv: it is missing"]),
        (more, ["notes/mine.txt: it is not in the manifest"]),
    ],
)
def test_a_file_that_is_changed_missing_or_too_many_is_named(
    pack: Path, damage: Callable[[Path], None], said: list[str]
) -> None:
    damage(pack)
    assert said == told(pack)


def test_a_csv_file_without_metadata_is_not_taken_on_trust(pack: Path) -> None:
    no_metadata(pack)
    missed, unsaid = sorted(told(pack))
    assert "alerts.csv-metadata.json: it is missing" in {missed, unsaid}
    assert any("is no metadata of a CSV file" in each for each in (missed, unsaid))


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        (b",2\r\n", b",2.5\r\n", "column failures: 1 values are not of the type in its metadata, the first in row 1"),
        (b"2026-10-05", b"2026-02-30", "column day: 1 values are not of the type in its metadata, the first in row 1"),
        (b",2\r\n", b",2\r\n2026-10-06,Meter Reads,4.8.1,,E1,,,,,,,,,1\r\n", "it has 2 rows, the manifest says 1"),
        (b"day,process", b"process,day", "its header is"),
    ],
)
def test_figures_that_are_no_figures_are_found_though_the_checksum_was_made_to_fit(
    pack: Path, was: bytes, now: bytes, said: str
) -> None:
    data = (pack / "failures.csv").read_bytes()
    assert 1 == data.count(was)
    (pack / "failures.csv").write_bytes(data.replace(was, now))
    listed_anew(pack, "failures.csv")
    (fault,) = told(pack)
    assert fault.startswith(f"failures.csv: {said}")


@pytest.mark.parametrize("content", ["[]", "{", '{"files": {}}', '{"files": {"a": 1}}'])
def test_a_manifest_that_is_none_is_said(pack: Path, content: str) -> None:
    (pack / "manifest.json").write_text(content)
    (fault,) = told(pack)
    assert "is no manifest of a pack" in fault


def test_a_pack_among_others_that_lost_its_manifest_is_not_passed_over(released: Released, tmp_path: Path) -> None:
    folder = shutil.copytree(released.folder, tmp_path / "2026-10")
    (folder / "FEW-GS" / "manifest.json").unlink()
    harmed = [each for each in map(verified, pack_folders(folder)) if each.faults]
    assert [str(folder / "FEW-GS")] == [each.folder for each in harmed]
    assert "has no manifest.json" in str(harmed[0].faults[0])


@pytest.mark.parametrize("name", ["", "not there"])
def test_a_folder_without_packs_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="holds no pack; give"):
        pack_folders(tmp_path / name)


@pytest.mark.parametrize("name", FILES)
def test_every_file_as_the_product_writes_it_holds_against_its_metadata(
    month: SnapshotFolder, tmp_path: Path, name: str
) -> None:
    file = FILES[name]
    rows = write_csv(month.table(name, MemberEntry("BUSY", "", "IS", "BUSY-IS")), file, tmp_path / file.file_name)
    assert rows > 30
    assert [] == list(csv_faults(tmp_path / file.file_name, json.loads(json.dumps(csv_metadata(file))), rows))


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (Kind.COUNT, ["0", "12", ""], ["-1", "1.0", "many"]),
        (Kind.FLAG, ["true", "false"], ["True", "1"]),
        (Kind.DAY, ["2026-10-01"], ["01/10/2026", "2026-10-1", "2026-13-01"]),
        (Kind.INSTANT, ["2026-10-01T00:00:00.000Z"], ["2026-10-01", "2026-10-01T25:00:00.000Z"]),
        (Kind.DECIMAL, ["-0.250", "1.000"], ["0.25", "1e3"]),
        (Kind.RATE, ["0.000000", "1.000000"], ["1.000001", "-0.100000", "0.1", "5 %"]),
        (Kind.MEASURED, ["0.021000", "3.100"], ["-1", "x"]),
        (Kind.TEXT, ['any, "text"', "two\nlines"], []),
    ],
)  # fmt: skip
def test_each_type_knows_its_values(tmp_path: Path, kind: Kind, good: list[str], bad: list[str]) -> None:
    file = FileDefinition.of("f", "F", "", Column("at", Kind.TEXT, "At"), Column("value", kind, "Value"), key=1)
    for values, wrong in ((good, 0), (good + bad, len(bad))):
        pl.DataFrame({"at": ["x"] * len(values), "value": values}).write_csv(tmp_path / "f.csv")
        said = f"column value: {wrong} values are not of the type in its metadata, the first in row {len(good) + 1}"
        assert ([said] if wrong else []) == list(csv_faults(tmp_path / "f.csv", csv_metadata(file), len(values)))


def test_a_word_that_is_none_of_a_few_and_a_type_nobody_knows_are_said(tmp_path: Path) -> None:
    file = FileDefinition.of("f", "F", "", Column("a", Kind.TEXT, "A", values=("x y", "a.b-c|d")), key=1)
    (tmp_path / "f.csv").write_text("a\nx y\na.b-c|d\naxb-c\n")
    metadata: dict[str, Any] = csv_metadata(file)
    (said,) = csv_faults(tmp_path / "f.csv", metadata, 3)
    assert said.endswith("the first in row 3")
    metadata["tableSchema"]["columns"][0]["datatype"] = "duration"
    assert ["column a: the type in its metadata is not known here ('duration')"] == list(
        csv_faults(tmp_path / "f.csv", metadata, 3)
    )


@pytest.mark.parametrize("data", [b"", b'a\n"x\n', b"a\nx,y\n", b"a\n\xff\n"])
def test_a_file_that_is_no_csv_is_said(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "f.csv").write_bytes(data)
    file = FileDefinition.of("f", "F", "", Column("a", Kind.TEXT, "A"), key=1)
    assert list(csv_faults(tmp_path / "f.csv", csv_metadata(file), 1))


def test_the_command_lists_packs_and_faults_and_ends_with_its_code(released: Released, pack: Path) -> None:
    ran = CliRunner().invoke(app, ["packs", "verify", str(released.folder)])
    assert 0 == ran.exit_code
    assert "4 of 4 packs are what their manifests say" == ran.output.splitlines()[-1]
    changed(pack)
    ran = CliRunner().invoke(app, ["packs", "verify", str(pack), "--json"])
    assert isinstance(ran.exception, PackError)
    assert 8 == ran.exception.exit_code
    assert "pack.pdf" == json.loads(ran.stdout)["packs"][0]["faults"][0]["file"]
