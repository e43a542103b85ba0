"""What the page is made of, without a browser."""

from html.parser import HTMLParser
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from dcc_analytics.live.page.asked import INTERVALS_S, SORTS, Asked
from dcc_analytics.live.page.band import band, headline
from dcc_analytics.live.page.markup import el
from dcc_analytics.live.page.parts import Messages, Operators, user_shown
from dcc_analytics.live.page.reader import ALIVE_S, Reader
from dcc_analytics.live.trust import Reason, Status
from dcc_analytics.snapshot.members import Member
from tests.live.page.nation import detail, nation, troubled


class Read(HTMLParser):
    """Elements and text as a reader of HTML finds them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.text += data


# A carriage return is read as a line feed, and a null as nothing, by whoever reads HTML.
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]))


@given(TEXTS, TEXTS)
def test_any_text_is_text_and_any_value_a_value(text: str, value: str) -> None:
    read = Read()
    read.feed(el("p", text, title=value))
    read.close()
    assert ([("p", [("title", value)])], text) == (read.found, read.text)


@given(
    st.builds(
        Asked,
        q=TEXTS.map(str.strip).filter(lambda text: len(text) <= 100),
        sort=st.sampled_from(sorted(SORTS)),
        every_s=st.sampled_from(INTERVALS_S),
        everyone=st.booleans(),
        paused=st.booleans(),
    )
)
def test_an_address_brings_back_the_view(asked: Asked) -> None:
    assert asked == Asked.of(dict(parse_qsl(asked.search().removeprefix("?"))))


def test_only_what_is_another_is_told() -> None:
    now, operators = nation(0), Operators(lambda _member: "mostly E54")
    before = operators.shown(now, Asked())
    user = now.users[3]
    other = replace(user, timed_out_legs=user.timed_out_legs + 1)
    after = operators.shown(replace(now, id="next", users=[*now.users[:3], other, *now.users[4:]]), Asked())
    told = after.since(before)
    assert {f"user-{user.party}.{user.role}"} == set(told.parts)
    assert told.rows is None
    assert set(after.since(None).parts) == {*after.sections, *after.rows}


@pytest.mark.parametrize(
    ("status", "reason", "says"),
    [
        ("current", "", "Current: the newest event is 0.4 s old"),
        ("behind", "behind", "Behind: the newest event folded is 0.4 s old"),
        ("stale", "no_commits", "STALE since 12:00:00 UTC: what is below is old"),
        ("stale", "quiet", "STALE since 2026-09-18 09:30 UTC: what is below is old"),
        ("disconnected", "kafka_away", "DISCONNECTED since 12:02:54 UTC: Kafka does not answer, what is below is old"),
        ("damaged", "ledger_damaged", "DAMAGED: what is below may be wrong"),
    ],
)
def test_the_headline_says_since_when_by_what_stands_still(status: Status, reason: str, says: str) -> None:
    clock_at = "2026-09-18T09:30:00.000Z" if reason == "quiet" else "2026-10-05T12:00:00.000Z"
    reasons = [Reason(reason, "why")] if reason else []
    trust = replace(nation(0).trust, status=status, reasons=reasons, clock_at=clock_at, heard_age_s=10.0)
    assert says == headline(trust, "2026-10-05T12:03:04.000Z")
    assert ("why" in band(trust, "2026-10-05T12:03:04.000Z")) == bool(reason)


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("behind", "Behind: nothing is folded yet"),
        ("stale", "STALE: what is below is old"),
        ("disconnected", "DISCONNECTED: Kafka does not answer, what is below is old"),
    ],
)
def test_the_headline_tells_no_instant_before_there_was_any(status: Status, says: str) -> None:
    trust = replace(
        nation(0).trust, status=status, clock_at=None, event_age_s=None, committed_at=None, heard_age_s=None
    )
    assert says == headline(trust, "2026-10-05T12:03:04.000Z")


@pytest.mark.parametrize(("left_out", "says"), [(0, None), (1, "1 commit of the"), (1200, "1,200 commits of the")])
def test_commits_that_no_line_has_are_told(left_out: int, says: str | None) -> None:
    shown = str(band(replace(nation(0).trust, left_out=left_out), "2026-10-05T12:03:04.000Z"))
    assert ("are in no line and no window" in shown) == (says is not None)
    assert says is None or says in shown


def test_owners_are_not_known_while_kafka_can_not_be_asked() -> None:
    trust = nation(0).trust
    unknown = replace(trust, partitions=[replace(each, owner=None) for each in trust.partitions])
    nobody = replace(unknown, reasons=[Reason("no_owner", "why")])
    shown, alone = (str(band(each, "2026-10-05T12:03:04.000Z")) for each in (unknown, nobody))
    assert ("owner not known" in shown, "no owner" in shown, "0 of 8" in shown) == (True, False, False)
    assert ("owner not known" in alone, "no owner" in alone, "0 of 8" in alone) == (False, True, True)


def test_a_users_page_names_no_other() -> None:
    now = nation(0)
    found = detail(now, Member(now.users[0].party, now.users[0].role))
    assert found is not None
    told = "".join(user_shown(found).whole.values())
    assert now.users[0].party in user_shown(found).title
    assert not [user for user in now.users[1:] if user.name in told or user.party in told]


def test_a_reader_is_told_in_its_turn_and_of_another_status_at_once() -> None:
    operators = Operators(lambda _member: "")
    first = operators.shown(nation(0), Asked())
    reader = Reader(Asked(every_s=5), Messages(), 100.0)
    assert reader.is_due("made-0", "current", 100.0)
    reader.told(first, 100.0)
    assert not reader.is_due("made-0", "current", 200.0)
    assert not reader.is_due("made-1", "current", 104.0)
    assert reader.is_due("made-1", "stale", 104.0)
    assert reader.is_due("made-1", "current", 105.0)


def test_a_reader_that_is_paused_is_told_what_goes_wrong_alone() -> None:
    operators, asked = Operators(lambda _member: ""), Asked(paused=True)
    reader = Reader(asked, Messages(), 0.0)
    reader.told(operators.shown(nation(0), asked), 0.0)
    assert not reader.is_due("made-1", "current", 1e6)
    assert reader.is_due("made-1", "stale", 0.5)
    message = reader.told(operators.shown(troubled(nation(1), "stale"), asked), 0.5).plain
    assert b'"parts":{"trust":' in message
    assert b"user-" not in message


def test_a_reader_hears_something_however_seldom_it_is_told() -> None:
    reader = Reader(Asked(every_s=60), Messages(), 0.0)
    assert reader.alive(ALIVE_S / 2) is None
    assert reader.alive(ALIVE_S) is not None
    assert reader.alive(ALIVE_S * 1.5) is None
