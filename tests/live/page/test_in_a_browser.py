"""The page as a browser shows it: kept up to date, steered by keys, readable by all, and honest when it is old."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from msgspec.structs import replace
from playwright.sync_api import Page, expect

from dcc_analytics.live.figures import UserNow
from dcc_analytics.live.page.asked import ROWS, SORTS
from dcc_analytics.live.state import Now
from dcc_analytics.live.wording import of_text
from tests.live.page.conftest import Site, until
from tests.live.page.nation import HOSTILE, hostile, nation, troubled
from tests.live.served import NWE, OPERATOR

pytestmark = pytest.mark.slow

Sites = Callable[..., Site]
Look = Callable[..., Page]

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def rows(page: Page) -> list[str]:
    found: list[str] = page.evaluate("[...document.querySelectorAll('#rows tr')].map(row => row.id)")
    return found


def order_of(number: int, key: Callable[[UserNow], Any]) -> list[str]:
    return [f"user-{each.party}.{each.role}" for each in sorted(nation(number).users, key=key)][:ROWS]


def search(page: Page) -> str:
    found: str = page.evaluate("location.search")
    return found.removeprefix("?")


def test_a_new_state_comes_by_itself_and_leaves_focus_place_and_what_was_opened(site: Sites, look: Look) -> None:
    here = site()
    page = look(here.url)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.locator("#partitions summary").click()
    page.locator("#rows tr:nth-child(2) a").focus()
    focused = page.evaluate("document.activeElement.textContent")
    top = page.evaluate("(scrollTo(0, 200), scrollY)")
    here.show(nation(1))
    until(page, "document.body.dataset.applied >= 2")
    assert order_of(1, SORTS["surprise"][1])[:3] == rows(page)[:3]
    assert (focused, top) == (page.evaluate("document.activeElement.textContent"), page.evaluate("scrollY"))
    assert page.locator("#partitions").evaluate("each => each.open")


def test_keys_move_open_and_go_back(site: Sites, look: Look) -> None:
    page = look(site().url)
    for key, at in (("j", 0), ("j", 1), ("ArrowDown", 2), ("k", 1), ("ArrowUp", 0), ("k", 0)):
        page.keyboard.press(key)
        assert at == page.evaluate("[...document.querySelectorAll('#rows a')].indexOf(document.activeElement)")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/users/*/*")
    until(page, "document.body.dataset.applied >= 1")
    expect(page.locator("#month h2")).to_have_text("The pack of 2026-10 so far")
    expect(page.locator("#benchmark")).to_contain_text("1.0 % to 3.0 %")
    page.keyboard.press("Escape")
    until(page, "location.pathname === '/' && document.body.dataset.applied >= 1")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()


def test_filter_and_sort_are_in_the_address_and_the_address_brings_them_back(site: Sites, look: Look) -> None:
    here = site()
    page = look(here.url)
    page.keyboard.press("s")
    until(page, "document.body.dataset.applied >= 2")
    assert "sort=rate" == search(page)
    assert order_of(0, SORTS["rate"][1])[:5] == rows(page)[:5]
    page.keyboard.press("/")
    page.keyboard.type("grid 2s")
    page.keyboard.press("Backspace")
    until(page, "document.querySelectorAll('#rows tr').length < 5")
    assert "q=grid+2&sort=rate" == search(page)
    shared = look(page.url)
    assert rows(page) == rows(shared) != []
    assert "grid 2" == shared.locator("#filter").input_value()
    page.locator("#filter").blur()
    page.keyboard.press("Escape")
    until(page, f"document.querySelectorAll('#rows tr').length === {ROWS}")
    assert "sort=rate" == search(page)
    page.locator("#every").select_option("15")
    assert "sort=rate&every=15" == search(page)


def test_a_page_that_is_paused_stands_still_but_says_what_goes_wrong(site: Sites, look: Look) -> None:
    here = site()
    page = look(here.url)
    page.keyboard.press("p")
    until(page, "document.body.dataset.applied >= 2")
    assert "paused=1" == search(page)
    expect(page.locator("#notice")).to_contain_text("Paused at")
    before = page.locator("#rows").inner_html()
    here.show(nation(1))
    here.show(troubled(nation(2), "stale"))
    expect(page.locator("#headline")).to_contain_text("STALE since 12:00:00 UTC")
    assert before == page.locator("#rows").inner_html()
    page.keyboard.press("p")
    expect(page.locator("#notice")).to_be_hidden()
    until(page, "document.body.dataset.applied >= 4")
    assert order_of(2, SORTS["surprise"][1])[:3] == rows(page)[:3]


def test_what_is_old_says_so_in_words_and_is_grey_and_a_change_of_state_is_read_out(site: Sites, look: Look) -> None:
    here = site()
    page = look(here.url)
    grey = "getComputedStyle(document.querySelector('#users')).filter"
    assert "none" == page.evaluate(grey)
    assert not page.locator("#news").inner_text()
    here.show(troubled(nation(1), "stale"))
    expect(page.locator("#news")).to_have_text("STALE since 12:00:00 UTC: what is below is old")
    expect(page.locator("#trust")).to_contain_text("nothing was committed for 41 s")
    expect(page.locator("#trust")).to_contain_text("7 of 8")
    assert "grayscale(1)" == page.evaluate(grey)
    here.show(nation(2))
    expect(page.locator("#news")).to_have_text("Current: the newest event is 0.4 s old")
    assert "none" == page.evaluate(grey)


def test_a_lost_connection_is_said_within_five_seconds_and_found_again_by_itself(site: Sites, look: Look) -> None:
    here = site()
    page = look(here.url)
    here.stop()
    expect(page.locator("#notice")).to_contain_text("Connection lost", timeout=5000)
    expect(page.locator("#headline")).to_contain_text("Unknown")
    assert "grayscale(1)" == page.evaluate("getComputedStyle(document.querySelector('#users')).filter")
    here.start()
    expect(page.locator("#news")).to_have_text("Connected again.")
    expect(page.locator("#notice")).to_be_hidden()
    expect(page.locator("#headline")).to_contain_text("Current")


def test_a_server_that_hangs_is_a_lost_connection(site: Sites, look: Look) -> None:
    here = site()
    page = look(here.url)
    here.hang(for_s=5.5)
    expect(page.locator("#notice")).to_contain_text("Connection lost", timeout=5000)
    expect(page.locator("#news")).to_have_text("Connected again.")


def test_without_scripts_all_is_there_and_steered_by_forms(site: Sites, look: Look) -> None:
    page = look(site().url, waits=False, java_script_enabled=False)
    assert page.locator("noscript meta[http-equiv=refresh]").count() or "refresh" in page.content()
    page.get_by_label("Filter").fill("grid 2")
    page.get_by_label("Sort by").select_option("name")
    page.get_by_role("button", name="Apply").click()
    assert "q=grid+2&sort=name&every=1" == search(page)
    names = page.locator("#rows a").all_inner_texts()
    assert sorted(names, key=str.casefold) == names != []
    page.get_by_role("button", name="Pause").click()
    assert "paused=1" in search(page)
    assert "http-equiv" not in page.content()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(site: Sites, look: Look, scheme: str) -> None:
    here, old = site(nation(0, 12)), site(troubled(nation(0, 12), "stale"))
    for url in (f"{here.url}/sign-in", f"{here.url}/users/P007/ED", f"{here.url}/?q=p00", f"{old.url}/?q=p00&paused=1"):
        page = look(url, waits="sign-in" not in url, color_scheme=scheme, reduced_motion="reduce")
        results = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
        assert not results.violations_count, results.generate_report()


def test_what_can_be_pressed_is_large_enough(site: Sites, look: Look) -> None:
    page = look(site().url)
    small = page.evaluate("""[...document.querySelectorAll('button, input, select, summary, #rows a')]
        .filter(each => each.checkVisibility()).map(each => [each.outerHTML, each.getBoundingClientRect()])
        .filter(([, box]) => box.height < 24 || box.width < 24).map(([html]) => html)""")
    assert [] == small


@pytest.mark.parametrize("path", ["/", "/users/P007/ED", "/sign-in"])
def test_a_phone_shows_it_without_scrolling_sideways(site: Sites, look: Look, path: str) -> None:
    page = look(site().url + path, waits=path != "/sign-in", viewport={"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_names_are_text_whatever_they_hold(site: Sites, look: Look) -> None:
    here = site()
    for path in ("/", "/users/P007/ED", "/?q=<script>alert(1)</script>"):
        page = look(here.url + path)
        assert "owned" != page.title()
        assert not page.locator("main img, main script, #view script").count()
    page = look(here.url)
    assert HOSTILE in page.locator("#rows a").all_inner_texts()


def test_nothing_a_feed_decides_becomes_markup_whether_the_page_is_made_or_updated(site: Sites, look: Look) -> None:
    """Names, SRVs, reasons, Models, firmware, Incidents, Regions, owners of partitions, and the ids of Members."""
    now = hostile(nation(0, 12))
    first = now.users[0]
    here = site(now)
    for path in ("/", f"/users/{quote(first.party, safe='')}/{quote(first.role, safe='')}"):
        page = look(here.url + path)
        here.show(hostile(nation(1, 12)))
        until(page, "document.body.dataset.applied >= 2")
        assert "owned" != page.title()
        assert [] == page.evaluate("[...document.querySelectorAll('body script, img')].map(each => each.outerHTML)")
        assert not page.evaluate(
            "[...document.querySelectorAll('*')].flatMap(each => [...each.attributes])"
            ".filter(each => each.name.startsWith('on')).length"
        )
        shown = page.locator("body").inner_text()
        assert shown.count("<img src=x") >= 20, path
        here.show(now)


def test_a_user_sees_itself_and_no_name_of_another(site: Sites, look: Look) -> None:
    now = _with_nwe(nation(0))
    here = site(now, tokens=True)
    page = look(here.url + "/?q=x", waits=False)
    assert "/sign-in" == urlsplit(page.url).path
    page.get_by_label("Token").fill("dcca_wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("not known")
    page.get_by_label("Token").fill(NWE)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/users/NWE/IS")
    until(page, "document.body.dataset.applied >= 1")
    told = page.content()
    others = [user for user in now.users if user.party != "NWE"]
    assert not [user for user in others if user.name in told or user.party in told]
    (cookie,) = page.context.cookies()
    assert (True, "Strict", NWE) == (cookie["httpOnly"], cookie["sameSite"], cookie["value"])
    refused = page.goto(f"{here.url}/users/{others[0].party}/{others[0].role}")
    assert refused is not None
    assert 403 == refused.status
    expect(page.locator("main")).to_contain_text("may see one User")
    for path in ("/updates", f"/updates/{others[0].party}/{others[0].role}"):
        assert 403 == page.request.get(here.url + path).status
    page.goto(here.url)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    assert [] == page.context.cookies()


def _with_nwe(now: Now) -> Now:
    return replace(now, users=[replace(now.users[0], party="NWE", role="IS", name="North West Energy"), *now.users[1:]])


def test_a_token_that_ends_is_said_and_the_way_back_shown(site: Sites, look: Look) -> None:
    here = site(tokens=True)
    page = look(here.url, waits=False)
    page.get_by_label("Token").fill(OPERATOR)
    page.get_by_role("button", name="Sign in").click()
    until(page, "document.body.dataset.applied >= 1")
    page.context.clear_cookies()
    page.keyboard.press("r")
    expect(page.get_by_role("link", name="Sign in again")).to_be_visible()


def test_of_a_thousand_users_those_in_view_are_updated_and_the_others_when_they_come_into_view(
    site: Sites, look: Look
) -> None:
    here = site(nation(0, 1000))
    page = look(f"{here.url}/?rows=all&sort=name")
    assert 1000 == len(rows(page))
    page.evaluate("""() => {
        window.touched = new Set();
        const row = (node) => (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest("tr")?.id;
        new MutationObserver((list) => list.forEach((each) => window.touched.add(row(each.target))))
            .observe(document.getElementById("rows"), { subtree: true, characterData: true, attributes: true });
    }""")
    now = nation(1, 1000)
    here.show(now)
    until(page, "document.body.dataset.applied >= 2")
    assert 5 < page.evaluate("window.touched.size") < 100
    at_end = rows(page)[-1]
    last = next(user for user in now.users if f"user-{user.party}.{user.role}" == at_end)
    shown = page.locator("#rows tr:last-child td.num").first
    assert of_text(last.last_hour) not in shown.inner_text()
    shown.scroll_into_view_if_needed()
    expect(shown).to_contain_text(of_text(last.last_hour))
