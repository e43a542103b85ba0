"""Feeds of ten to sixty events as Hypothesis draws them: talks between Users and Devices, in the order of each topic.

What a talk says twice it says in the same words, and all it says on one topic has one key: of two messages that
contradict each other the first in the log wins (contract 3.2), so they must meet in one log whatever the partitions.
"""

from random import Random
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st

from dcc_analytics.stream.clock import AHEAD_US
from tests.desk import DAY, DEVICE, MIN, NOON, OTHER_DEVICE, OTHER_USER, USER, H, S, rid
from tests.records import text
from tests.story import at

REQUESTS: Final = "service-requests"
RESPONSES: Final = "service-responses"
ALERTS: Final = "alerts"
TOPICS: Final = (REQUESTS, RESPONSES, ALERTS)
THIRD_DEVICE: Final = "88-73-84-90-6A-10-02-DD"
DEVICES: Final = (DEVICE, OTHER_DEVICE, THIRD_DEVICE)
#: Code of the Alerts that only say what time it is; they are none of the feed's.
CLOCK: Final = "CLOCK"
YEAR_3000: Final = "3000-01-01T00:00:00Z"

#: Keys a record may have: None stands for the right one.
KEYS: Final = (None, None, None, DEVICE.lower(), OTHER_DEVICE, USER, "rubbish")


class Message(NamedTuple):
    """A record to be published."""

    stamp_us: int
    topic: str
    key: bytes
    value: bytes


class Talk(NamedTuple):
    """What all messages about one request have in common."""

    number: int
    start_us: int
    device: str
    user: str
    keys: dict[str, str | None]

    @property
    def request_id(self) -> str:
        """The id of the request."""
        return rid(self.number, user=self.user, target=self.device)

    def say(self, topic: str, event_us: int, delay_us: int = 0, **fields: object) -> Message:
        """Return a message whose record is stamped so long after the event."""
        key = self.keys[topic] or self.device
        return Message(event_us + delay_us, topic, key.encode(), text(fields))

    def request(self, after_us: int = 0, **fields: object) -> Message:
        """Return the request, or another about the same."""
        received = self.start_us + after_us
        said: dict[str, Any] = {
            "request_id": self.request_id, "received_at": at(received), "srv": "4.8.1", "command_variant": 1,
            "role": "IS", "device": self.device,
        }  # fmt: skip
        return self.say(REQUESTS, received, **said | fields)

    def response(self, after_us: int, delay_us: int = 0, **fields: object) -> Message:
        """Return a message sent back; it names its Device, so that it is at home whatever its key."""
        sent = self.start_us + after_us
        said = {"request_id": self.request_id, "sent_at": at(sent), "code": "I0", "device": self.device}
        return self.say(RESPONSES, sent, delay_us, **said | fields)

    def alert(self, after_us: int, delay_us: int = 0, *, which: int = 0, **fields: object) -> Message:
        """Return an Alert."""
        raised = self.start_us + after_us
        said = {
            "alert_id": f"a-{self.number}-{which}", "kind": "dcc", "code": "N13", "recipient": self.user, "role": "IS",
            "device": self.device, "raised_at": at(raised), "ended_at": at(raised + S), "outcome": "delivered",
        }  # fmt: skip
        return self.say(ALERTS, raised + S, delay_us, **said | fields)


CODES: Final = ("I0", "I0", "I0", "W110101", "E20", "E5")


def _seconds(chance: Random) -> int:
    """Return up to nine minutes, in microseconds: within every window of the contract."""
    return chance.randint(0, 540) * S


def _maybe(chance: Random) -> bool:
    return chance.random() < 0.5


def _ended(chance: Random, talk: Talk) -> list[Message]:
    """A request with whatever ends it: nothing, responses, Alerts; some of it said again."""
    srv, variant = chance.choice([("4.8.1", 1), ("6.23", 1), ("8.7.2", 1), ("11.1", 8), ("9.9.9", 1)])
    said = [talk.request(srv=srv, command_variant=variant)]
    if _maybe(chance):
        said.append(talk.response(_seconds(chance), kind="acknowledgement", code=chance.choice(["I99", "E5"])))
    for _ in range(chance.randint(0, 2)):
        failed = {"device_result": "failure"} if _maybe(chance) else {}
        said.append(talk.response(_seconds(chance), _seconds(chance), code=chance.choice(CODES), **failed))
    # One Alert about another Device, or several about this: whose end is read first must not be left to chance.
    about = chance.choice([talk.device, talk.device, *DEVICES])
    for which in range(chance.randint(0, 2 if about == talk.device else 1)):
        code = chance.choice(["N12", "N13"])
        said.append(talk.alert(_seconds(chance), which=which, code=code, device=about, request_id=talk.request_id))
    return said


def _critical(chance: Random, talk: Talk) -> list[Message]:
    """The two legs of a critical request."""
    srv = chance.choice(["6.21", "1.1.1", "6.15.1"])
    party: dict[str, Any] = {"parameters": {"remote_party_role": chance.choice(["supplier", "network_operator"])}}
    signed = 10 * MIN + _seconds(chance)
    said = [
        talk.request(srv=srv, command_variant=4, **party),
        talk.response(_seconds(chance), kind="pre_command", code=chance.choice(CODES)),
        talk.request(signed, srv=srv, command_variant=5),
        talk.response(signed + _seconds(chance), code=chance.choice(CODES)),
    ]
    return [message for message in said if chance.randint(0, 5)]


def _future_dated(chance: Random, talk: Talk) -> list[Message]:
    """A future dated request, accepted, done in two instructions, cancelled perhaps: before, between or after."""
    execution = 2 * H
    said = [talk.request(srv="1.1.1", command_variant=5, execute_at=at(talk.start_us + execution))]
    if _maybe(chance):
        said.append(talk.response(_seconds(chance), code=chance.choice(CODES)))
    for number in chance.choices([1, 2], k=chance.randint(0, 3)):
        done = {"number": number, "total": 2, "alert": chance.choice(["8F66", "8F66", "8F67"])}
        after = execution + number * MIN
        said.append(talk.response(after, _seconds(chance), kind="future_dated", instruction=done))
    if _maybe(chance):
        after = chance.choice([MIN, H, execution + 90 * S, execution + 3 * H])
        cancelling = {"srv": "1.1.1", "command_variant": 5, "execute_at": YEAR_3000}
        said.append(
            talk.request(after, request_id=rid(500 + talk.number, user=talk.user, target=talk.device), **cancelling)
        )
    return said


def _scheduled(chance: Random, talk: Talk) -> list[Message]:
    """Results of a DCC schedule."""
    fields: dict[str, Any] = {"request_id": ..., "kind": "scheduled", "user": talk.user, "role": "IS", "srv": "4.8.1"}
    planned = at(talk.start_us - H)
    return [
        talk.response(0, code=chance.choice(CODES), schedule_id=f"s-{talk.number}", planned_at=planned, **fields)
        for _ in range(chance.randint(1, 2))
    ]


def _unasked(chance: Random, talk: Talk) -> list[Message]:
    """Alerts about nothing that was asked, and an answer to nothing."""
    outcome = chance.choice(["delivered", "failed"])
    said = [talk.alert(_seconds(chance), code="AD1", outcome=outcome, throttled_count=chance.randint(0, 3))]
    if _maybe(chance):
        said.append(talk.response(_seconds(chance), code=chance.choice(CODES)))
    if _maybe(chance):
        said.append(talk.alert(_seconds(chance), which=1, request_id=talk.request_id))
    return said


def _rubbish(chance: Random, talk: Talk) -> list[Message]:
    """What nobody can read, and an event whose clock is two days ahead of its record."""
    topic = chance.choice([REQUESTS, RESPONSES, ALERTS])
    value = chance.choice([b"", b"{", b"null", b"[1]", b'{"code": NaN}', b"\xff", b"<Request", b'{"srv": 1}'])
    said = [Message(talk.start_us, topic, talk.device.encode(), value)]
    if _maybe(chance):
        said.append(talk.request(2 * DAY)._replace(stamp_us=talk.start_us))
    return said


KINDS: Final = (_ended, _ended, _ended, _critical, _future_dated, _future_dated, _scheduled, _unasked, _rubbish)


def _talk(number: int, seed: int) -> list[Message]:
    """Return a talk, with some of what it says told twice in the same words."""
    chance = Random(seed)
    start = NOON + chance.randint(0, 240) * MIN
    keys = {topic: chance.choice(KEYS) for topic in (REQUESTS, RESPONSES, ALERTS)}
    talk = Talk(number, start, chance.choice(DEVICES), chance.choice([USER, OTHER_USER]), keys)
    said = chance.choice(KINDS)(chance, talk)
    again = [each._replace(stamp_us=each.stamp_us + _seconds(chance)) for each in said if chance.random() < 0.15]
    return said + again


def feed_of(seeds: list[int]) -> list[Message]:
    """Return the feed of so many talks, each made from a number."""
    said = [message for number, seed in enumerate(seeds, 1) for message in _talk(number, seed)]
    return sorted(said, key=lambda each: (each.stamp_us, each.topic))


#: A talk is made from a number, so that it is as likely to be odd as to be plain; a failure is told by fewer talks.
FEEDS: Final = (
    st.lists(st.integers(min_value=0, max_value=2**32), min_size=4, max_size=20)
    .map(feed_of)
    .filter(lambda f: len(f) <= 60)
)


class Coming:
    """A feed on its way, topic by topic: none comes more than ten minutes ahead of another (contract 3.13)."""

    def __init__(self, feed: list[Message]) -> None:
        self._left = {topic: [each for each in feed if each.topic == topic] for topic in TOPICS}

    def __bool__(self) -> bool:
        return any(self._left.values())

    def come(self, topic: str, records: int) -> list[Message]:
        """Return the next records of a topic, or as many as the window lets come."""
        others = [left[0].stamp_us for name, left in self._left.items() if name != topic and left]
        limit_us = min(others, default=2**62) + AHEAD_US
        left = self._left[topic]
        coming: list[Message] = []
        while left and len(coming) < records and left[0].stamp_us <= limit_us:
            coming.append(left.pop(0))
        return coming

    def rest(self) -> list[Message]:
        """Return all that has not come yet."""
        left = [each for topic in TOPICS for each in self._left[topic]]
        for each in self._left.values():
            each.clear()
        return sorted(left, key=lambda each: each.stamp_us)


def tick(partition: int, until_us: int) -> Message:
    """Return an Alert that takes the clock of the shard it is read by to an instant."""
    said = {
        "alert_id": f"clock-{partition}", "kind": "dcc", "code": CLOCK, "recipient": USER,
        "raised_at": at(until_us), "ended_at": at(until_us), "outcome": "delivered",
    }  # fmt: skip
    return Message(until_us, ALERTS, USER.encode(), text(said))


def directory(*, misplaced: bool = False) -> list[Message]:
    """Return the records of Users and Devices; with ``misplaced`` one Device's is keyed as another's."""
    users = [
        text({"user": user, "party": party, "roles": ["IS"], "as_of": at(NOON - DAY)})
        for user, party in ((USER, "NWE"), (OTHER_USER, "SWE"))
    ]
    devices = [
        text({
            "device": device, "as_of": at(NOON - 400 * DAY), "device_type": kind, "status": "Commissioned",
            "csp_region": region, "date_commissioned": "2025-01-01", "device_manufacturer": "Acme",
            "device_model": "M-1", "device_firmware_version": "1E10",
        })
        for device, kind, region in zip(DEVICES, ("ESME", "GSME", "GPF"), ("North", "South", "Central"), strict=True)
    ]  # fmt: skip
    keys = (DEVICE, OTHER_DEVICE, OTHER_DEVICE if misplaced else THIRD_DEVICE)
    return [
        *(Message(NOON - DAY, "users", b"u-%d" % number, value) for number, value in enumerate(users)),
        *(Message(NOON - DAY, "devices", key.encode(), value) for key, value in zip(keys, devices, strict=True)),
    ]
