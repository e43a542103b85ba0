"""Small random months of recorded events with every trap the contract names.

The files have the form of the sample (``sample/README.md``), so that ``dcca publish``, the driver and the judge read
them alike. What the contract leaves open is avoided rather than guessed, unless an option asks for it:

- Records whose order in the log matters (several ends, repeats, cancellations) are keyed rightly, since strays are
  folded in an order of their own.
- An answer without ``device`` is never keyed by another Device, which would say where it belongs.
- Instants at the seventh and thirtieth day are a millisecond to either side; ten minutes are met exactly.
- No entry of the directory has an older ``as_of`` than the one before it.
- Nothing times out within three hours of the end of a feed that was cut, where the clocks of shards differ.
- Answers after the month is final come only with ``late_answers``: whether one is late depends on clocks of shards.
- Removals from compacted topics come only with ``tombstones``.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.oracle import alert_stories, edges, stories
from tests.oracle.desk import Desk
from tests.oracle.estate_maker import Cast, make_homes, make_incidents, make_users
from tests.oracle.scribe import DAY_US, HOUR_US, MINUTE_US, SECOND_US, Scribe, month_us

_PEER_REQUESTS: Final = 32
#: More than nine tenths beside fifteen Parties with just enough to be peers.
_DOMINANT: Final = 4000


def make_month(
    folder: Path, *, seed: int, homes: int = 48, year: int = 2026, month: int = 10, requests: int = 1500,
    days_after: float = 9, peers: bool = True, dominated: bool = False,
    late_answers: bool = False, tombstones: bool = True,
) -> dict[str, int]:  # fmt: skip
    """Write a month; the same arguments write the same events.

    Args:
        folder: where the six files go.
        seed: of all that is random.
        homes: five Devices each.
        year: of the month.
        month: what most of it is in, 1 to 12.
        requests: how many stories are told; most are one request, some are several. A fifth as many are of Alerts.
        days_after: how long the traffic goes on after the month's end; below 8 it is provisional, and may be negative.
        peers: whether enough like traffic is added that benchmarks appear, and some are dominated.
        dominated: whether one cell of requests and one of Alerts are made so large that their status is
            ``dominated``, which takes 4,500 requests and 2,200 Alerts.
        late_answers: whether some answers come after the month is final.
        tombstones: whether entries of compacted topics are removed.

    Returns:
        Lines by topic.
    """
    start_us, end_us = month_us(year, month)
    cut_us = end_us + int(days_after * DAY_US)
    scribe, cast = Scribe(seed, cut_us, quiet=days_after < 8), Cast()
    make_users(scribe, cast, start_us, tombstones=tombstones)
    make_homes(scribe, cast, homes, start_us, tombstones=tombstones)
    make_incidents(scribe, start_us)
    desk = Desk(scribe, cast, (start_us, end_us))
    told = (*stories.STORIES, *edges.STORIES)
    tellers: list[Callable[[Desk], None]] = [story for story, _ in told]
    for story in scribe.random.choices(tellers, [weight for _, weight in told], k=requests):
        story(desk)
    if peers:
        _tell_peers(desk, dominated=dominated)
    edges.write_unreadable(desk)
    _tell_on(desk, cut_us)
    if late_answers:
        _tell_late(desk)
    alert_stories.tell(desk, requests // 5, peers=peers, dominated=dominated)
    return scribe.write(folder)


def _tell_peers(desk: Desk, *, dominated: bool) -> None:
    """Let all suppliers ask for the same often.

    One SRV is one Party's almost alone, one two Parties', one has a largest Party of more than half; of one nine
    Parties have just enough to be peers, the others just not; and two are of nine owner groups (one less than needed)
    and of five, in which there are more Parties.
    """
    random, span_us = desk.random, desk.end_us - desk.start_us
    for place, party in enumerate(desk.cast.by_role["IS"]):
        shares = {
            "4.8.1": _PEER_REQUESTS + place, "4.15": 400 if place == 0 else 2, "4.12.1": 30 if place < 9 else 29,
            "4.13": 60 if place == 0 else 10 if place == 1 else 2, "4.14": 80 if place < 2 else 1,
            "4.16": 2 if place < 11 else 0, "4.18": 6 if place < 7 else 0,
        }  # fmt: skip
        if dominated:
            shares["4.1.2"] = _DOMINANT if place == 0 else _PEER_REQUESTS
        for srv, count in shares.items():
            for _ in range(count):
                at_us = desk.start_us + random.randint(0, span_us - 1)
                user = desk.cast.user(random, party)
                desk.end(desk.ask(at_us, user, srv, desk.home().esme, role="IS"))
    day_us = desk.start_us + 9 * DAY_US
    home = next(home for home in desk.cast.homes if home.esme)
    for party in desk.cast.by_role["GS"]:  # one day's cell of one Region that has benchmarks by itself
        for _ in range(_PEER_REQUESTS):
            at_us = day_us + random.randint(0, DAY_US - 1)
            desk.end(desk.ask(at_us, desk.cast.user(random, party), "4.17", home.gsme, role="GS"))


def _tell_on(desk: Desk, cut_us: int) -> None:
    """Let all topics go on for every Device until the feed ends, so that the clocks of all shards do."""
    quarter_us = (cut_us - desk.end_us) // 24
    for home in desk.cast.homes:
        for device in (home.esme, home.gsme, home.hub):
            for place in range(-2, 25):
                at_us = desk.end_us + place * abs(quarter_us) + desk.random.randint(-HOUR_US, 0)
                if place in {22, 23, 24} or desk.random.random() < 0.15:
                    asked = desk.ask(at_us, home.users["IS"], "7.4", device, role="IS", plain=True)
                    desk.answer(asked, at_us + 3 * SECOND_US, "I0", plain=True)
                    desk.alert(at_us, "8F12", home.users["ED"], device, plain=True, ended_us=at_us + SECOND_US)


def _tell_late(desk: Desk) -> None:
    """Let some requests be answered when their month is final already."""
    for home in desk.cast.homes[:6]:
        at_us = desk.end_us - 2 * DAY_US
        asked = desk.ask(at_us, home.users["IS"], "4.8.2", home.esme, role="IS", plain=True)
        desk.answer(asked, desk.end_us + 8 * DAY_US + 20 * HOUR_US + MINUTE_US, "I0", plain=True)
