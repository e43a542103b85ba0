"""The screens, driven by keys against a server of made states."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import msgspec
import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from dcc_analytics.live.terminal.app import Everything, OneUser, Top
from dcc_analytics.live.terminal.client import Client
from dcc_analytics.live.terminal.followed import Followed
from dcc_analytics.live.terminal.grid import Grid
from dcc_analytics.live.trust import Reason
from tests.live.terminal.made_server import MadeServer, two_users

pytestmark = pytest.mark.slow


@pytest.fixture
async def made() -> AsyncIterator[MadeServer]:
    """A server that answers."""
    server = MadeServer(two_users("a-1"))
    async with server.up():
        yield server


def program(server: MadeServer, silent_s: float = 4.0) -> Top:
    return Top(Client(server.url, "", silent_s=silent_s), server.state, 0.25)


def followed(pilot: Pilot[str]) -> Followed:
    assert isinstance(pilot.app.screen, Followed)
    return pilot.app.screen


def said(pilot: Pilot[str], name: str) -> str:
    return str(pilot.app.screen.query_one(f"#{name}", Static).content)


def parties(pilot: Pilot[str]) -> list[str]:
    grid = pilot.app.screen.query_one("#users", Grid)
    return [str(grid.get_cell_at((row, 1))) for row in range(grid.row_count)]  # type: ignore[arg-type]


def text(pilot: Pilot[str]) -> list[str]:
    """Return what stands on the terminal, line by line."""
    return ["".join(part.text for part in strip) for strip in pilot.app.screen._compositor.render_strips()]


async def until(pilot: Pilot[str], holds: Callable[[], bool], within_s: float = 20.0) -> None:
    end_s = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end_s, "\n".join(text(pilot))
        await pilot.pause(0.05)


async def begun(pilot: Pilot[str]) -> None:
    await until(pilot, lambda: isinstance(pilot.app.screen, Followed) and followed(pilot).state is not None)
    await until(pilot, lambda: pilot.app.screen.query_one("#pane", Grid).row_count > 0)


async def test_eighty_by_twenty_four_has_trust_users_a_pane_and_keys_in_this_order(made: MadeServer) -> None:
    async with program(made).run_test(size=(80, 24)) as pilot:
        await begun(pilot)
        shown = text(pilot)
    assert (24, {80}) == (len(shown), {len(line) for line in shown})
    order = [
        "CURRENT",
        "open legs 3, 1 past",
        "Users by surprise",
        "surpr",
        "NWE/IS",
        "BHG/IS",
        "[1 Regions",
        "j k move",
    ]
    found = [next(at for at, line in enumerate(shown) if words in line) for words in order]
    assert sorted(found) == found
    (nwe,) = [line for line in shown if "NWE/IS" in line and "4.2" in line]
    assert ["4.2", "NWE/IS", "100", "7", "7.0", "%"] == nwe.split()[:6]


async def test_keys_move_open_a_user_and_go_back_to_where_one_was(made: MadeServer) -> None:
    async with program(made).run_test(size=(80, 24)) as pilot:
        await begun(pilot)
        await pilot.press("j", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, OneUser))
        await begun(pilot)
        assert "BHG/IS" in said(pilot, "lines")
        assert any("4.8.1" in line and "7.2 s" in line for line in text(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, Everything))
        assert "BHG/IS" == pilot.app.screen.query_one("#users", Grid).key
        await pilot.press("k")
        assert "NWE/IS" == pilot.app.screen.query_one("#users", Grid).key


async def test_sort_filter_and_panes_are_a_key_each(made: MadeServer) -> None:
    async with program(made).run_test(size=(80, 24)) as pilot:
        await begun(pilot)
        assert ["NWE/IS", "BHG/IS"] == parties(pilot)
        await pilot.press("s", "s", "s", "s")
        await until(pilot, lambda: ["BHG/IS", "NWE/IS"] == parties(pilot))
        await pilot.press("slash", "n", "w", "e", "enter")
        await until(pilot, lambda: ["NWE/IS"] == parties(pilot))
        assert "hides 1" in said(pilot, "title")
        await pilot.press("escape")
        await until(pilot, lambda: ["BHG/IS", "NWE/IS"] == parties(pilot))
        await pilot.press("3")
        await until(pilot, lambda: any("E54" in line for line in text(pilot)))
        assert "[3 Reasons 1]" in said(pilot, "panes")


async def test_what_is_told_while_a_screen_is_taken_down_is_not_drawn(made: MadeServer) -> None:
    async with program(made).run_test(size=(80, 24)) as pilot:
        await begun(pilot)
        screen = followed(pilot)
    assert not screen.query("#band")
    screen.tick()


async def test_a_change_is_drawn_and_a_pause_keeps_it_back(made: MadeServer) -> None:
    async with program(made).run_test(size=(80, 24)) as pilot:
        await begun(pilot)
        await pilot.press("p")
        before = made.state
        made.tell(msgspec.structs.replace(before, id="a-2", users=before.users[:1]))
        await until(pilot, lambda: followed(pilot).state is not None and followed(pilot).state == made.state)
        await pilot.pause(0.6)
        assert ["NWE/IS", "BHG/IS"] == parties(pilot)
        assert said(pilot, "band").startswith("PAUSED")
        await pilot.press("p")
        await until(pilot, lambda: parties(pilot) == ["NWE/IS"])


async def test_stale_greys_figures_out_and_says_why(made: MadeServer) -> None:
    async with program(made).run_test(size=(80, 24)) as pilot:
        await begun(pilot)
        assert not pilot.app.screen.has_class("old")
        trust = msgspec.structs.replace(
            made.state.trust, status="stale", reasons=[Reason("no_commits", "no commit for 9 s\x1b[2J")]
        )
        made.tell(msgspec.structs.replace(made.state, id="a-2", trust=trust))
        await until(pilot, lambda: said(pilot, "band").startswith("STALE"))
        assert "! no commit for 9 s\N{REPLACEMENT CHARACTER}[2J" in said(pilot, "band")
        assert pilot.app.screen.has_class("old")


async def test_a_lost_connection_is_said_within_five_seconds_and_found_again_where_it_was() -> None:
    server = MadeServer(two_users("a-1"))
    async with program(server).run_test(size=(80, 24)) as pilot:
        async with server.up():
            await begun(pilot)
        await until(pilot, lambda: said(pilot, "band").startswith("NO CONNECTION since "), 5.0)
        assert pilot.app.screen.has_class("old")
        assert ["NWE/IS", "BHG/IS"] == parties(pilot)
        async with server.up():
            server.tell(msgspec.structs.replace(server.state, id="b-1", users=server.state.users[1:]))
            await until(pilot, lambda: said(pilot, "band").startswith("CURRENT"))
            await until(pilot, lambda: parties(pilot) == ["BHG/IS"])
    assert ["", "a-1"] == server.resumed[:2]


async def test_a_server_that_says_nothing_is_a_lost_connection(made: MadeServer) -> None:
    async with program(made, silent_s=0.6).run_test(size=(80, 24)) as pilot:
        await begun(pilot)
        made.silent = True
        await until(pilot, lambda: said(pilot, "band").startswith("NO CONNECTION since "), 5.0)
        made.silent = False
        await until(pilot, lambda: said(pilot, "band").startswith("CURRENT"))


async def test_a_token_that_is_refused_ends_it_with_the_servers_words(made: MadeServer) -> None:
    made.token = "other"  # noqa: S105 (made up)
    app = program(made)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.return_value is not None)
    assert app.return_value is not None
    assert "answers 401: who is it?; give a token with --token-file" in app.return_value


async def test_help_opens_and_closes_by_any_key_and_q_ends(made: MadeServer) -> None:
    app = program(made)
    async with app.run_test(size=(80, 24)) as pilot:
        await begun(pilot)
        await pilot.press("question_mark")
        assert any("choose the lower pane" in line for line in text(pilot))
        await pilot.press("x")
        assert isinstance(app.screen, Everything)
        await pilot.press("q")
        await asyncio.sleep(0)
    assert not app.is_running
