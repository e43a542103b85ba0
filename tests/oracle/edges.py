"""Stories at the edges of Table 1: processes by context, qualifiers, targets; and records nobody can read."""

from typing import Final

from tests.oracle.desk import Desk
from tests.oracle.scribe import DAY_US, HOUR_US, MINUTE_US, SECOND_US

_QUALIFIED: Final[tuple[tuple[str, tuple[dict[str, object] | None, ...]], ...]] = (
    ("1.6", ({"payment_mode": "prepayment"}, {"payment_mode": "credit"}, {"payment_mode": None}, None)),
    ("2.2", ({"top_up_pence": 1000}, {"top_up_pence": 0}, {"top_up_pence": 0.5}, {"top_up_pence": None}, None)),
    ("6.15.1", ({"remote_party_role": "network_operator"}, {"remote_party_role": "supplier"}, None)),
    ("6.15.2", ({"credential_type": "digital_signature"}, {"credential_type": "key_agreement"}, None)),
    ("6.17", ({"credential_type": "digital_signature"}, {"credential_type": "key_agreement"}, {})),
    ("6.21", ({"remote_party_role": "supplier"}, {"remote_party_role": "network_operator"}, None)),
    ("6.22", (None, {})),
)


def qualified(desk: Desk) -> None:
    """An SRV whose parameters decide where it counts."""
    home = desk.home()
    srv, choices = desk.random.choice(_QUALIFIED)
    role = desk.random.choice(("IS", "GS", "ED"))
    device = home.gsme if role == "GS" else home.esme
    asked = desk.ask(desk.moment(), home.users[role], srv, device, role=role, parameters=desk.random.choice(choices))
    desk.end(asked)


def installing(desk: Desk) -> None:
    """SRVs of installation just before and just after the seventh day from commissioning, and while pending."""
    home = desk.home()
    edge_us = home.commissioned_us + 7 * DAY_US
    at_us = desk.random.choice((
        edge_us - 1000, edge_us + 1000, home.commissioned_us + HOUR_US, home.commissioned_us + 12 * HOUR_US,
        home.commissioned_us - DAY_US, home.commissioned_us + 20 * DAY_US,
    ))  # fmt: skip
    if not desk.start_us - DAY_US <= at_us < desk.end_us + 2 * DAY_US:
        at_us = desk.moment()
    srv = desk.random.choice(("1.1.1", "6.8", "6.21"))
    role = desk.random.choice(("IS", "GS"))
    device = home.esme if role == "IS" else home.gsme
    parameters = {"remote_party_role": "supplier"} if srv == "6.21" else None
    desk.end(desk.ask(at_us, home.users[role], srv, device, role=role, parameters=parameters))


def joined(desk: Desk) -> None:
    """A join of GPF and GSME, either way round, or of something else."""
    home = desk.home()
    pairs = ((home.gpf, home.gsme), (home.gsme, home.gpf), (home.gpf, home.ppmid), (home.gpf, desk.cast.unlisted))
    device, other = desk.random.choice(pairs)
    parameters = {"other_device": desk.scribe.any_case(other)} if desk.random.random() < 0.9 else None
    desk.end(desk.ask(desk.moment(), home.users["GS"], "8.7.2", device, role="GS", parameters=parameters))


def gained(desk: Desk) -> None:
    """A gain, and the gainer's SRVs just within and just beyond thirty days after it; another's too."""
    home = desk.home()
    gainer = desk.cast.user(desk.random, desk.random.choice(desk.cast.by_role["IS"]))
    back_us = desk.random.choice((0, 0, 31 * DAY_US))
    at_us = max(desk.moment() - back_us, desk.start_us - 32 * DAY_US)
    gain = desk.ask(at_us, gainer, "6.23", home.esme, plain=True, role="IS")
    code = desk.random.choice(("I0", "I0", "I0", "E20"))
    desk.answer(gain, at_us + 20 * SECOND_US, code, plain=True)
    for wait_us in (HOUR_US, 30 * DAY_US - 1000, 30 * DAY_US + 1000):
        if desk.random.random() < 0.6 and at_us + wait_us < desk.end_us + 2 * DAY_US:
            srv = desk.random.choice(("1.1.1", "6.8"))
            sender = gainer if desk.random.random() < 0.8 else home.users["IS"]
            desk.end(desk.ask(at_us + wait_us, sender, srv, home.esme, role="IS"))


def targeted(desk: Desk) -> None:
    """SRVs with a target, in every mode and role, ended just in time and just not."""
    home = desk.home()
    srv, seconds = desk.random.choice((("4.1.1", 30), ("4.6.1", 30), ("4.8.1", 16), ("4.1.1", 16), ("11.3", 432_000)))
    role = desk.random.choice(("IS", "GS", "ED", "MDR", "OU"))
    user = home.users.get(role) or desk.cast.user(desk.random, desk.random.choice(desk.cast.by_role[role]))
    at_us = desk.moment()
    future = desk.random.random() < 0.2
    execute_us = at_us + DAY_US
    asked = desk.ask(at_us, user, srv, home.esme if role != "GS" else home.gsme, role=role, plain=True,
                     execute_at=desk.scribe.instant(execute_us) if future else None)  # fmt: skip
    end_us = (execute_us if future else at_us) + seconds * SECOND_US + desk.random.choice((-1, 0, 1))
    desk.answer(asked, end_us, "I0", plain=True)


_GOOD: Final = {
    "service-requests": '{"request_id":"90-B3-D5-1F-30-10-00-01:88-73-84-00-00-AB-CD-02:99","received_at":"@",'
    '"srv":"4.8.1","command_variant":1,"device":"88-73-84-00-00-AB-CD-02"',
    "service-responses": '{"request_id":"90-B3-D5-1F-30-10-00-01:88-73-84-00-00-AB-CD-02:99","sent_at":"@","code":"I0"',
    "alerts": '{"alert_id":"J1","kind":"device","code":"8154","recipient":"90-B3-D5-1F-30-10-00-01","raised_at":"@",'
    '"ended_at":"@","outcome":"delivered"',
}
#: What makes a good record bad: a later equal key replaces an earlier one.
_SPOILT: Final = {
    "service-requests": (
        '"received_at":null', '"command_variant":0', '"command_variant":9', '"command_variant":"1"', '"srv":4.8',
        '"srv":""', '"device":"88-73"', '"device":7', '"execute_at":"soon"', '"role":["IS"]', '"parameters":[]',
        '"parameters":{"devices":"all"}', '"parameters":{"top_up_pence":"5"}', '"command_variant":true',
        '"request_id":"90-B3-D5-1F-30-10-00-01:88-73-84-00-00-AB-CD-02:18446744073709551616"',
        '"request_id":"90-B3-D5-1F-30-10-00-01:88-73-84-00-00-AB-CD-02:-1"', '"received_at":"2026-02-30T00:00:00Z"',
        '"request_id":"90-B3-D5-1F-30-10-00-01:99"', '"x":NaN', '"x":1e400', '"x":-Infinity', '"x":01',
    ),
    "service-responses": (
        '"sent_at":true', '"code":0', '"code":null', '"kind":"telepathy"', '"kind":"future_dated"',
        '"kind":"scheduled"', '"device_result":"perhaps"', '"device":{}', '"request_id":"not an id"',
        '"kind":"scheduled","user":"90-B3-D5-1F-30-10-00-01","srv":"4.8.1"',
        '"kind":"scheduled","planned_at":"@","srv":"4.8.1"',
        '"kind":"scheduled","user":"me","planned_at":"@","srv":"4"',
        '"kind":"future_dated","instruction":{"number":1,"total":1}',
        '"kind":"future_dated","instruction":[]', '"request_id":null',
    ),
    "alerts": (
        '"alert_id":null', '"kind":"smoke"', '"code":8154', '"recipient":"somebody"', '"raised_at":1.5',
        '"ended_at":"2026-10-16"', '"outcome":"lost"', '"outcome":null', '"attempts":"three"',
        '"throttled_count":"many"', '"request_id":"none"', '"parameters":"x"', '"device":"meter"',
    ),
}  # fmt: skip
_NO_OBJECTS: Final = ("", "   ", "null", "[]", "42", '"text"', "{", "{}", "[" * 5000, "nul", "\0\0\0\0\7{}", '{"a":1,}')


def write_unreadable(desk: Desk) -> None:
    """Write every kind of dead letter once in each topic, at random times."""
    scribe = desk.scribe
    for topic, good in _GOOD.items():
        for spoilt in _SPOILT[topic]:
            at_us = desk.moment()
            text = f"{good},{spoilt}}}".replace("@", scribe.instant(at_us // 1000 * 1000))
            scribe.add_text(topic, desk.home().esme, at_us, text)
        for text in _NO_OBJECTS:
            scribe.add_text(topic, scribe.random.choice((None, "junk", desk.home().esme)), desk.moment(), text)
        scribe.add(topic, desk.home().esme, desk.moment(), None)
        scribe.add_bytes(topic, desk.home().esme, desk.moment(), good.encode() + b',"note":"\xff\xfe"}')
    reference = {
        "devices": ('{"device":"88-73","device_type":"ESME","status":"Commissioned","as_of":"@"}', "{", "[]"),
        "incidents": ('{"incident":"J","category":9,"opened_at":"@","as_of":"@","regions":[]}', '{"incident":"J"}'),
        "users": ('{"user":"nobody","party":"X","roles":["IS"],"as_of":"@"}', '{"party":"X","roles":[]}'),
    }
    for topic, texts in reference.items():
        for text in texts:
            at_us = desk.start_us + MINUTE_US
            scribe.add_text(topic, "88-73-84-00-00-00-00-01", at_us, text.replace("@", scribe.instant(at_us)))


STORIES: Final = ((qualified, 14), (installing, 12), (joined, 5), (gained, 5), (targeted, 12))
