"""Stories of Alerts: each writes one case of the contract, told after all others so that these stay as they are."""

from collections.abc import Callable
from typing import Final

from tests.oracle.desk import Desk
from tests.oracle.estate_maker import Home
from tests.oracle.scribe import DAY_US, HOUR_US, MINUTE_US, SECOND_US

_KNOWN: Final = ("8F36", "8002", "8085", "8154", "N12", "N16", "N53", "AD1", "N999")
#: In no catalogue: some only look like codes that are.
_UNKNOWN: Final = ("ZZ9", "FFFF", "8f36", "n13", "N32", "=1+1", "Ä 1", "8F361")
#: After how long an Alert told before is told again: ten minutes from the last one kept make it a repeat.
_AGAIN_US: Final = (
    0, MINUTE_US, 10 * MINUTE_US - 1, 10 * MINUTE_US, 10 * MINUTE_US + 1, 11 * MINUTE_US, HOUR_US, 3 * DAY_US,
)  # fmt: skip
_STORM: Final = 300
#: More than nine tenths beside six owner groups with just enough to be peers, and some with one.
_DOMINANT: Final = 2000


def _anyone(desk: Desk, home: Home) -> tuple[str, str]:
    """Return a recipient and its role: mostly one registered for a home, else another, or one in no directory."""
    random, dice = desk.random, desk.random.random()
    role = random.choice(tuple(home.users))
    if dice < 0.6:
        return home.users[role], role
    if dice < 0.9:
        role = random.choice(tuple(desk.cast.by_role))
        return desk.cast.user(random, random.choice(desk.cast.by_role[role])), role
    return desk.cast.users["GONE"][0] if dice < 0.93 and "GONE" in desk.cast.users else desk.cast.stranger, role


def _any_device(desk: Desk, home: Home) -> str | None:
    known = (home.esme, home.gsme, home.gpf, home.hub, home.ppmid)
    others = (desk.cast.unlisted, "88-73-84-00-00-00-FF-FD", None)
    return desk.random.choice(known if desk.random.random() < 0.8 else others)


def plain(desk: Desk) -> None:
    """An Alert of any kind about any Device, its role said, not said or another than its recipient has."""
    home, dice = desk.home(), desk.random.random()
    recipient, role = _anyone(desk, home)
    said = role if dice < 0.4 else "GT" if dice < 0.45 else None
    desk.alert(desk.moment(), desk.random.choice(_KNOWN), recipient, _any_device(desk, home), role=said)


def failed(desk: Desk) -> None:
    """One that was given up after several attempts, long after it was raised or at once."""
    home, at_us = desk.home(), desk.moment()
    recipient, role = _anyone(desk, home)
    ended_us = at_us + desk.random.choice((0, MINUTE_US, DAY_US))
    desk.alert(at_us, desk.random.choice(_KNOWN), recipient, _any_device(desk, home), outcome="failed", role=role,
               ended_us=ended_us, attempts=desk.random.randint(0, 5))  # fmt: skip


def throttled(desk: Desk) -> None:
    """One that stands for others, delivered or not, or for a number nobody can have counted."""
    home, dice = desk.home(), desk.random.random()
    count = 10**12 if dice < 0.05 else desk.random.choice((0, 1, 2, 40, 999))
    outcome = "failed" if dice > 0.7 else "delivered"
    desk.alert(desk.moment(), desk.random.choice(_KNOWN), home.users["ED"], home.esme, outcome=outcome,
               throttled_count=count)  # fmt: skip


def unknown(desk: Desk) -> None:
    """A code in no catalogue, told as a DCC Alert or as a Device Alert."""
    home = desk.home()
    recipient, _ = _anyone(desk, home)
    code, kind = desk.random.choice(_UNKNOWN), desk.random.choice(("dcc", "device"))
    desk.alert(desk.moment(), code, recipient, _any_device(desk, home), kind=kind)


def command_failed(desk: Desk) -> None:
    """N13 and N55, to an Electricity Distributor and to others, with a Device or without, throttled or not."""
    home = desk.home()
    role = desk.random.choice(("ED", "ED", "ED", "IS", "GS"))
    code = desk.random.choice(("N13", "N55"))
    told = {"s1sp_code": "S1"} if code == "N55" and desk.random.random() < 0.5 else None
    device = _any_device(desk, home) if desk.random.random() < 0.5 else None if code == "N55" else home.esme
    desk.alert(desk.moment(), code, home.users[role], device, role=role if desk.random.random() < 0.5 else None,
               outcome=desk.random.choice(("delivered", "delivered", "failed")), parameters=told,
               throttled_count=desk.random.choice((None, 5)))  # fmt: skip


def repeated(desk: Desk) -> None:
    """One told up to four times: what is dropped moves no border, and each told again may say something else."""
    home, at_us = desk.home(), desk.moment()
    ended_us, name = at_us + 2 * SECOND_US, None
    for _ in range(desk.random.randint(2, 4)):
        name = desk.alert(at_us, "8F0B", home.users["IS"], home.esme, plain=True, alert_id=name, ended_us=ended_us,
                          outcome=desk.random.choice(("delivered", "failed")),
                          throttled_count=desk.random.choice((None, 3)))  # fmt: skip
        ended_us += desk.random.choice((*_AGAIN_US, 6 * MINUTE_US, 6 * MINUTE_US))


def wrong_clocks(desk: Desk) -> None:
    """Delivered before it was raised, at the same instant; raised or ended a day after its record, or more."""
    home, dice, at_us = desk.home(), desk.random.random(), desk.moment()
    recipient, code, ended_us, stamp_us = home.users["IS"], "8F0C", at_us, None
    if dice < 0.3:
        ended_us -= desk.random.choice((1, SECOND_US, DAY_US))
    elif dice > 0.5:
        at_us = ended_us = at_us // 1000 * 1000
        stamp_us = at_us - DAY_US - desk.random.choice((0, 0, 1000, 2 * HOUR_US))
        if dice > 0.8:
            at_us -= HOUR_US  # raised in time by the record's clock, and ended ahead of it
        elif dice > 0.7:
            ended_us += HOUR_US
    desk.alert(at_us, code, recipient, home.esme, plain=True, ended_us=ended_us, stamp_us=stamp_us)


def at_a_border(desk: Desk) -> None:
    """Raised in one month or day and ended in another, or at the first or last instant of one."""
    home, instants = desk.home(), (desk.start_us, desk.end_us, desk.start_us + 7 * DAY_US)
    at_us = desk.random.choice(instants) + desk.random.choice((-MINUTE_US, -1000, -1, 0, 1, 1000))
    ended_us = at_us + desk.random.choice((1, 1000, 2 * MINUTE_US, 3 * DAY_US))
    desk.alert(at_us, "8F0D", home.users["GS"], home.gsme, ended_us=ended_us)


def long_under_way(desk: Desk) -> None:
    """Delivered days after it was raised: the Device may be another by then, by its firmware."""
    home, at_us = desk.home(), desk.moment()
    device = desk.random.choice((home.esme, home.gsme, home.hub))
    desk.alert(at_us, "8F0E", home.users["ED"], device, ended_us=at_us + desk.random.randint(1, 12) * DAY_US)


def storm(desk: Desk) -> None:
    """Hundreds of equal Alerts of one Device to one recipient within minutes, none of which is a repeat."""
    home = next(home for home in desk.cast.homes if home.esme)
    at_us = desk.start_us + 14 * DAY_US + 22 * HOUR_US
    for place in range(_STORM):
        raised_us = at_us + place // 3 * SECOND_US
        desk.alert(raised_us, "8F3E", home.users["ED"], home.esme, ended_us=raised_us + (1 + place % 7) * SECOND_US,
                   outcome="failed" if place % 50 == 7 else "delivered",
                   throttled_count=100 if place % 100 == 99 else None)  # fmt: skip


def told_by_role_alone(desk: Desk) -> None:
    """The one Alert of a Party in a Role that no directory has it in: it gets a pack for this alone."""
    home = desk.home()
    user = desk.cast.users["RSA"][0]
    desk.alert(desk.start_us + 5 * DAY_US, "N999", user, home.hub, role="GT", plain=True)


_STORIES: Final[tuple[tuple[Callable[[Desk], None], int], ...]] = (
    (plain, 30), (failed, 8), (throttled, 8), (unknown, 16), (command_failed, 16), (repeated, 12), (wrong_clocks, 12),
    (at_a_border, 10), (long_under_way, 10),
)  # fmt: skip


def tell(desk: Desk, count: int, *, peers: bool, dominated: bool) -> None:
    """Tell so many stories of Alerts, and two once: of a storm, and of a Role.

    Args:
        desk: where.
        count: how many.
        peers: whether enough like Alerts are added that benchmarks appear, and some are withheld.
        dominated: whether one code's status is ``dominated``, which takes 2,200 Alerts.
    """
    tellers: list[Callable[[Desk], None]] = [story for story, _ in _STORIES]
    for story in desk.random.choices(tellers, [weight for _, weight in _STORIES], k=count):
        story(desk)
    storm(desk)
    told_by_role_alone(desk)
    if peers:
        _tell_peers(desk, dominated=dominated)


def _tell_peers(desk: Desk, *, dominated: bool) -> None:
    """Let all suppliers get the same.

    One code is one Party's almost alone, one two Parties', one has a largest Party of more than half; of one nine
    Parties have just enough to be peers, the others just not; two are of nine owner groups and of five, in which there
    are more Parties; one is delivered to five groups only; and one is all of a day.
    """
    span_us = desk.end_us - desk.start_us
    for place, party in enumerate(desk.cast.by_role["IS"]):
        shares = {
            "8154": 32 + place, "8145": 400 if place == 0 else 2, "8071": 30 if place < 9 else 29,
            "8F0A": 60 if place == 0 else 10 if place == 1 else 2, "81A0": 80 if place < 2 else 1,
            "8086": 2 if place < 11 else 0, "802C": 6 if place < 7 else 0, "8090": 3, "8089": 4,
        }  # fmt: skip
        if dominated:
            shares["8F12"] = _DOMINANT if place == 0 else 30 if place < 9 else 1
        for code, count in shares.items():
            for number in range(count):
                at_us = desk.start_us + desk.random.randint(0, span_us - 1)
                if code == "8089":
                    at_us = desk.start_us + 11 * DAY_US + at_us % DAY_US
                home, lost = desk.home(), number % 9 == place % 9 or (code == "8090" and place > 6)
                user, role = desk.cast.user(desk.random, party), desk.random.choice(("IS", "IS", None))
                outcome = "failed" if lost else "delivered"
                desk.alert(at_us, code, user, home.esme, role=role, outcome=outcome)
