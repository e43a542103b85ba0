"""What is set about security: checked against itself, read from files, handed to clients."""

import ssl
from pathlib import Path

import pytest

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.stream.security import Credentials, Mechanism, Protocol, Security, loaded

#: A certificate that signed itself, its key, and the same key under a password; for tests alone.
TLS = Path(__file__).parents[1] / "data" / "tls"


def secret(folder: Path, text: str) -> Path:
    """Write a file of a secret."""
    file = folder / "password"
    file.write_text(text, encoding="utf-8")
    return file


def test_without_any_setting_nothing_but_plain_text_is_asked_of_clients() -> None:
    assert {"security_protocol": "PLAINTEXT"} == loaded(Security()).options()


def test_a_user_is_handed_over_with_the_password_of_its_file(tmp_path: Path) -> None:
    file = secret(tmp_path, "pass word \n")
    found = loaded(Security(Protocol.SASL_PLAINTEXT, username="ada", password_file=file, mechanism=Mechanism.PLAIN))
    assert {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": "ada",
        "sasl_plain_password": "pass word ",
    } == found.options()


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(Credentials(Protocol.SASL_SSL, None, "PLAIN", "ada", "secret"))


def test_tls_checks_certificate_and_name_by_the_given_file() -> None:
    context = loaded(Security(Protocol.SSL, ca_file=TLS / "certificate.pem")).options()["ssl_context"]
    assert context.check_hostname
    assert ssl.CERT_REQUIRED == context.verify_mode
    assert [((("commonName", "client for tests"),),)] == [each["subject"] for each in context.get_ca_certs()]


@pytest.mark.parametrize("key", ["key.pem", "locked-key.pem"])
def test_a_client_shows_its_certificate_to_who_asks_for_one(key: str, tmp_path: Path) -> None:
    file = secret(tmp_path, "for-tests\n") if key == "locked-key.pem" else None
    certificate = TLS / "certificate.pem"
    client_context = loaded(Security(Protocol.SSL, certificate, certificate, TLS / key, file)).context
    server_context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(certificate))
    server_context.verify_mode = ssl.CERT_REQUIRED
    server_context.load_cert_chain(certificate, TLS / "key.pem")
    assert client_context is not None
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server, server_hostname="client.example")
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    waiting = {client, server}
    for _ in range(4):
        for each in list(waiting):
            try:
                each.do_handshake()
            except ssl.SSLWantReadError:
                continue
            waiting.remove(each)
    assert set() == waiting
    shown = server.getpeercert() or {}
    assert ((("commonName", "client for tests"),),) == shown["subject"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"protocol": Protocol.SASL_SSL}, "which takes a user"),
        ({"protocol": Protocol.SASL_SSL, "username": "ada"}, "security.password_file too"),
        ({"protocol": Protocol.SSL, "username": "ada"}, "which has no users"),
        ({"password_file": Path("p")}, "security.protocol is PLAINTEXT, which has no users"),
        ({"ca_file": Path("ca.pem")}, "which has no TLS"),
        ({"protocol": Protocol.SSL, "key_file": Path("key.pem")}, "without security.certificate_file"),
    ],
)
def test_settings_that_cannot_be_meant_together_are_refused(settings: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Security(**settings)  # type: ignore[arg-type]  # what a person may give


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "holds nothing"), ("\n", "holds nothing"), ("a\nb\n", "holds several lines"), (None, "can't be read")],
)
def test_a_file_of_a_password_holds_it_alone(text: str | None, words: str, tmp_path: Path) -> None:
    file = tmp_path / "none" if text is None else secret(tmp_path, text)
    with pytest.raises(UsageError, match=f"security.password_file .*{words}"):
        loaded(Security(Protocol.SASL_PLAINTEXT, username="ada", password_file=file))


def test_files_that_are_no_certificates_are_refused(tmp_path: Path) -> None:
    none, wrong = tmp_path / "none.pem", secret(tmp_path, "no certificate")
    for file in (none, wrong):
        with pytest.raises(UsageError, match=r"security.ca_file .* can't be used .* PEM"):
            loaded(Security(Protocol.SSL, file))
        with pytest.raises(UsageError, match=r"security.certificate_file .* can't be used with its key"):
            loaded(Security(Protocol.SSL, certificate_file=file))
    with pytest.raises(UsageError, match=r"security.certificate_file .* can't be used with its key"):
        loaded(Security(Protocol.SSL, None, TLS / "certificate.pem", TLS / "locked-key.pem"))
