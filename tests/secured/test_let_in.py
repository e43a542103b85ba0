"""Who is let in by a broker with TLS and users, and what whoever is not is told (on a real broker)."""

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dcc_analytics.catalogue.errors import AccessError, BrokerError
from dcc_analytics.commands.connection import security
from dcc_analytics.commands.main import app
from dcc_analytics.stream.broker import node
from dcc_analytics.stream.broker.secured import USERS
from dcc_analytics.stream.security import Security
from tests.secured.conftest import Guarded

pytestmark = pytest.mark.slow


def create_topics(variables: dict[str, str]) -> BaseException | None:
    """Run ``dcca topics create``, and return what it ends with if it fails."""
    return CliRunner().invoke(app, ["topics", "create", "--partitions", "1"], env=variables).exception


def test_a_command_is_let_in_as_the_administrator(guarded: Guarded, prefix: str) -> None:
    assert create_topics({**guarded.variables(), "DCCA_PREFIX": prefix}) is None


def test_a_broker_is_found_by_any_name_of_its_certificate(guarded: Guarded, prefix: str) -> None:
    by_name = guarded.bootstrap.replace("127.0.0.1", "localhost")
    assert create_topics({**guarded.variables(), "DCCA_BOOTSTRAP": by_name, "DCCA_PREFIX": prefix}) is None


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (
            {"DCCA_SECURITY_USERNAME": "nobody"},
            "does not let in user nobody (SCRAM-SHA-512): name or password is wrong",
        ),
        ({"DCCA_SECURITY_MECHANISM": "SCRAM-SHA-256"}, "does not know SCRAM-SHA-256; give security.mechanism one that"),
        ({"DCCA_SECURITY_CA_FILE": ""}, "is signed by nobody who is trusted here"),
        ({"DCCA_BOOTSTRAP": "127.1:{port}"}, "is for another host"),
    ],
)
def test_who_is_not_let_in_is_told_what_to_do(wrong: dict[str, str], words: str, guarded: Guarded) -> None:
    port = guarded.bootstrap.rpartition(":")[2]
    changed = {name: value.format(port=port) for name, value in wrong.items()}
    refused = create_topics({**guarded.variables(), **changed})
    assert isinstance(refused, AccessError)
    assert words in str(refused)


def test_a_wrong_password_is_refused_and_not_shown(guarded: Guarded, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("not the password", encoding="utf-8")
    refused = create_topics({**guarded.variables(), "DCCA_SECURITY_PASSWORD_FILE": str(file)})
    assert isinstance(refused, AccessError)
    assert "name or password is wrong; correct security.username, or the file security.password_file" in str(refused)
    assert "not the password" not in str(refused)


def test_who_speaks_plain_text_finds_no_broker(guarded: Guarded) -> None:
    refused = create_topics({"DCCA_BOOTSTRAP": guarded.bootstrap})
    assert isinstance(refused, BrokerError)
    assert "and that it speaks PLAINTEXT" in str(refused)


def test_who_brings_a_user_to_a_listener_without_is_told(kafka: node.BrokerStatus, guarded: Guarded) -> None:
    variables = {**guarded.variables(), "DCCA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "DCCA_SECURITY_CA_FILE": ""}
    refused = create_topics({**variables, "DCCA_BOOTSTRAP": kafka.bootstrap})
    assert isinstance(refused, AccessError)
    assert "has no users; give security.protocol PLAINTEXT or SSL" in str(refused)


def test_no_file_of_a_secret_can_be_read_by_others(guarded: Guarded) -> None:
    folder = guarded.secured.folder
    assert 0o700 == stat.S_IMODE(folder.stat().st_mode)
    files = [guarded.secured.password_file(user) for user in USERS] + [folder.parent / "server.properties"]
    assert {0o600} == {stat.S_IMODE(file.stat().st_mode) for file in files}
    assert not guarded.secured.arguments_file.exists()


def test_passwords_stand_in_no_list_of_settings(guarded: Guarded) -> None:
    result = CliRunner().invoke(app, ["config", "show", "--json"], env=guarded.variables())
    assert str(guarded.secured.password_file("admin")) in result.stdout
    assert guarded.secured.password("admin") not in result.stdout


def test_a_broker_that_lets_anybody_in_is_not_secured_later(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    with pytest.raises(BrokerError, match="was made to let anybody in; give another --data"):
        node.start(tmp_path, secured=True)


def test_a_secured_broker_stays_so(guarded: Guarded, tmp_path: Path) -> None:
    assert node._security(guarded.secured.folder.parent, wanted=False) is not None
    assert node._security(tmp_path, wanted=False) is None


def test_settings_of_one_command_are_not_those_of_the_next(guarded: Guarded, prefix: str) -> None:
    assert create_topics({**guarded.variables(), "DCCA_PREFIX": prefix}) is None
    assert Security() == security.get()


def test_away_is_not_refused(guarded: Guarded) -> None:
    refused = create_topics({**guarded.variables(), "DCCA_BOOTSTRAP": "127.0.0.1:1"})
    assert isinstance(refused, BrokerError)
    assert "no Kafka answers at 127.0.0.1:1; check --bootstrap and the broker, and that it speaks SASL_SSL" in str(
        refused
    )
