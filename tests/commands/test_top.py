"""``dcca top`` without a screen, as a process of its own against a server of made states."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from aiohttp.test_utils import unused_port

from dcc_analytics.live.state import Now
from tests.live.terminal.made_server import MadeServer, two_users

pytestmark = pytest.mark.slow


@pytest.fixture
async def made() -> AsyncIterator[MadeServer]:
    """A server that asks for a token."""
    server = MadeServer(two_users("a-1"))
    server.token = "made-up"  # noqa: S105 (made up)
    async with server.up():
        yield server


async def top(*words: str, token: str = "", token_file: Path | None = None) -> tuple[int, str, str]:
    """Run it; return its exit code, standard output and standard error."""
    environment = {**os.environ, "DCCA_LIVE_TOKEN": token, "COLUMNS": "120"}
    if token_file is not None:
        environment["DCCA_LIVE_TOKEN_FILE"] = str(token_file)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "dcc_analytics.commands.main", "top", *words,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=environment,
    )  # fmt: skip
    out, errors = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), errors.decode()


async def test_once_prints_trust_first_then_users_by_surprise(made: MadeServer) -> None:
    code, out, errors = await top("--url", made.url, "--once", token="made-up")  # noqa: S106 (made up)
    assert (0, "") == (code, errors)
    assert out.startswith("CURRENT  clock 2026-10-05 12:00:00 UTC")
    assert 0 < out.index("Users by surprise") < out.index("NWE/IS") < out.index("BHG/IS") < out.index("E54")
    assert "\x1b" not in out


async def test_json_is_the_state_and_the_token_may_be_in_a_file(made: MadeServer, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("made-up\n", encoding="ascii")
    code, out, errors = await top("--url", made.url, "--json", "--token-file", str(file))
    assert (0, "") == (code, errors)
    assert made.state == msgspec.json.decode(out, type=Now)


async def test_a_file_named_by_its_variable_goes_before_a_token_in_one(made: MadeServer, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("made-up\n", encoding="ascii")
    code, _, errors = await top("--url", made.url, "--json", token="another", token_file=file)  # noqa: S106 (made up)
    assert (0, "") == (code, errors)


async def test_a_file_without_a_token_is_misuse_whatever_the_variable_says(made: MadeServer, tmp_path: Path) -> None:
    (tmp_path / "token").touch()
    code, _, errors = await top("--url", made.url, "--json", token="made-up", token_file=tmp_path / "token")  # noqa: S106 (made up)
    assert 2 == code
    assert f"dcca: --token-file {tmp_path}/token is empty; give a file with the token alone\n" == errors


async def test_no_token_is_an_error_that_says_where_to_give_one(made: MadeServer) -> None:
    code, out, errors = await top("--url", made.url, "--once")
    assert (1, "") == (code, out)
    assert f"dcca: {made.url} answers 401: who is it?; give a token with --token-file or DCCA_LIVE_TOKEN\n" == errors


async def test_nobody_there_is_an_error_that_says_what_to_do() -> None:
    url = f"http://127.0.0.1:{unused_port()}"
    code, out, errors = await top("--url", url)
    assert (1, "") == (code, out)
    assert errors.startswith(f"dcca: no dcca live answers at {url} (")
    assert errors.endswith("); start it with 'dcca live', or give its address with --url\n")
    assert 1 == errors.count("\n")


async def test_an_address_that_is_none_is_misuse() -> None:
    code, _, errors = await top("--url", "localhost:8080")
    assert 2 == code
    assert "--url 'localhost:8080' is no address" in errors
