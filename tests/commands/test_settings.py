"""Settings: one table made from the command line, and which of flag, variable, file and default is taken."""

import json
import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.commands.main import app
from dcc_analytics.commands.settings import Setting, settings, shown

TABLE = settings(typer.main.get_command(app))
#: Nothing listens there, and a command says where it has looked.
NOWHERE = "127.0.0.1:1"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of settings."""
    path = tmp_path / "dcca.toml"
    path.write_text('prefix = "f-"\nbootstrap = "127.0.0.1:3"\n\n[worker]\ncommit_every = 2\n', encoding="utf-8")
    return path


def shown_by(*words: str, **variables: str) -> dict[str, dict[str, object]]:
    """Return what ``config show --json`` says, by key."""
    result = CliRunner().invoke(app, [*words, "config", "show", "--json"], env=variables, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    found: dict[str, dict[str, object]] = json.loads(result.stdout)
    return found


def refusal_of(*words: str, **variables: str) -> str:
    """Return the words of the error that a command ends with."""
    result = CliRunner().invoke(app, [*words], env=variables)
    assert isinstance(result.exception, Exception), result.output
    return str(result.exception)


def test_a_value_is_the_files_and_says_its_line(file: Path) -> None:
    found = shown_by("--config", str(file))
    assert {"value": "f-", "origin": "file", "from": f"{file}:1"} == found["prefix"]
    assert {"value": 2.0, "origin": "file", "from": f"{file}:5"} == found["worker.commit_every"]
    assert {"value": "dcca", "origin": "default", "from": "default"} == found["application"]


def test_the_file_may_be_named_by_a_variable(file: Path) -> None:
    assert "file" == shown_by(DCCA_CONFIG=str(file))["prefix"]["origin"]


def test_a_variable_goes_before_the_file(file: Path) -> None:
    found = shown_by("--config", str(file), DCCA_WORKER_COMMIT_EVERY="7", DCCA_PREFIX="v-")
    assert {"value": 7.0, "origin": "environment", "from": "DCCA_WORKER_COMMIT_EVERY"} == found["worker.commit_every"]
    assert "v-" == found["prefix"]["value"]


def test_a_command_takes_flag_before_variable_before_file_before_default(file: Path) -> None:
    create, config = ("topics", "create"), ("--config", str(file))
    assert "at 127.0.0.1:3;" in refusal_of(*config, *create)
    assert "at 127.0.0.1:2;" in refusal_of(*config, *create, DCCA_BOOTSTRAP="127.0.0.1:2")
    assert f"at {NOWHERE};" in refusal_of(*config, *create, "--bootstrap", NOWHERE, DCCA_BOOTSTRAP="127.0.0.1:2")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('prefx = "a"', "line 1: there is no setting prefx; did you mean prefix?"),
        (
            "\n[worker]\ncomit_every = 1",
            "line 3: there is no setting worker.comit_every; did you mean worker.commit_eve",
        ),
        ("zzz = 1", "line 1: there is no setting zzz; `dcca config show` lists the settings"),
        ("[wroker]\nstate = 'x'", "line 1: there is no setting wroker; did you mean worker"),
        ("[worker]\ncommit_every = 0", "line 2: worker.commit_every is 0, and takes: number from 0.05 to 600"),
        ("[topics]\npartitions = 1.5", "line 2: topics.partitions is 1.5, and takes: whole number from 1 to 10,000"),
        ("[topics]\npartitions = true", "line 2: topics.partitions is True, and takes: whole number"),
        ("prefix = 5", "line 1: prefix is 5, and takes: text"),
        ("[live]\nallowed_host = 'a'", "line 2: live.allowed_host is 'a', and takes: list of texts"),
        ("verbose = 'yes'", "line 1: verbose is 'yes', and takes: true or false"),
        ("prefix = ", "can't be read (Invalid value"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_refused_with_the_place(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "dcca.toml"
    path.write_text(text, encoding="utf-8")
    refused = CliRunner().invoke(app, ["--config", str(path), "config", "show"]).exception
    assert isinstance(refused, UsageError)
    assert words in str(refused)
    assert str(path) in str(refused)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "can't be read" in refusal_of("--config", str(tmp_path / "none"), "config", "show")


def test_what_is_printed_is_a_file_that_says_the_same(file: Path, tmp_path: Path) -> None:
    words = ["--config", str(file), "config", "show"]
    environment = {"DCCA_LIVE_ALLOWED_HOST": 'a "b"', "DCCA_VERBOSE": "1"}
    printed = CliRunner().invoke(app, words, env=environment).stdout
    again = tmp_path / "again.toml"
    again.write_text(printed, encoding="utf-8")
    values = {key: each["value"] for key, each in shown_by("--config", str(file), **environment).items()}
    assert values == {key: each["value"] for key, each in shown_by("--config", str(again)).items()}


def test_a_variable_that_is_no_setting_is_told_of() -> None:
    result = CliRunner().invoke(app, ["config", "show"], env={"DCCA_BOTSTRAP": "x"})
    assert "DCCA_BOTSTRAP is set and is no setting; did you mean DCCA_BOOTSTRAP?" in result.stderr


@pytest.mark.parametrize("setting", TABLE, ids=lambda each: each.key)
def test_all_who_read_a_setting_agree_on_it(setting: Setting) -> None:
    told = {(str(Setting(setting.key, (reader,)).default), setting.kind) for reader in setting.readers}
    assert 1 == len(told)
    assert 1 == len({str(shown(reader.option.help)) for reader in setting.readers})
    assert 1 == len({reader.option.opts[0] for reader in setting.readers})


@pytest.mark.parametrize("setting", TABLE, ids=lambda each: each.key)
def test_the_variable_of_a_setting_follows_from_its_key(setting: Setting) -> None:
    assert "DCCA_" + re.sub(r"\W", "_", setting.key).upper() == setting.variable
    assert setting.option.help
