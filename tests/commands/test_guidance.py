"""``dcca guidance``: what it writes, and where."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.commands.main import app

pytestmark = pytest.mark.slow  # a month is folded, and pages are drawn


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["guidance", *arguments], catch_exceptions=False)
    assert 0 == result.exit_code
    return result.stdout


def test_both_forms_are_written_and_named(tmp_path: Path) -> None:
    out = tmp_path / "made" / "here"
    names = [out / "guidance.html", out / "guidance.pdf"]
    assert run("--out", str(out)).splitlines() == list(map(str, names))
    assert names == sorted(out.iterdir())
    assert names[0].read_bytes().startswith(b"<!DOCTYPE html>")
    assert names[1].read_bytes().startswith(b"%PDF-1.7")


def test_the_same_release_writes_the_same_bytes(tmp_path: Path) -> None:
    made = []
    for name in ("one", "other"):
        said = json.loads(run("--out", str(tmp_path / name), "--json"))
        made.append([Path(each).read_bytes() for each in said["files"]])
        assert said["edition"].encode() in made[-1][0]
    assert made[0] == made[1]


@pytest.mark.parametrize("form", ["html", "pdf"])
def test_one_form_alone_can_be_asked_for(tmp_path: Path, form: str) -> None:
    run("--out", str(tmp_path), "--format", form)
    assert [tmp_path / f"guidance.{form}"] == list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="give another --out"):
        CliRunner().invoke(
            app, ["guidance", "--out", str(tmp_path / "file"), "--format", "html"],
            standalone_mode=False, catch_exceptions=False,
        )  # fmt: skip
