"""States of a made-up nation, and a publisher that shows whichever a test gives it."""

import itertools
import random
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from dcc_analytics.live.benchmark import Released
from dcc_analytics.live.changes import change, order
from dcc_analytics.live.detail import Details
from dcc_analytics.live.figures import (
    Baseline,
    Counts,
    DeviceNow,
    IncidentNow,
    Line,
    MonthCounts,
    ReasonNow,
    RegionNow,
    ServiceNow,
    UserNow,
)
from dcc_analytics.live.model import Model
from dcc_analytics.live.publisher import Publisher, event
from dcc_analytics.live.state import API_VERSION, BenchmarkRow, MonthService, Now, RoleBenchmark, UserDetail
from dcc_analytics.live.surprise import counts
from dcc_analytics.live.trust import Conservation, Partition, Reason, Trust, TrustBrief
from dcc_analytics.live.view import Viewer
from dcc_analytics.snapshot.members import Member
from tests.live.made_state import made_trust

AT: Final = "2026-10-05T12:03:04.000Z"
BEGAN: Final = "2026-10-05T06:05:00.000Z"
REGIONS: Final = ("North", "Central", "South", "Unknown")
#: A name as an attacker would like to have it.
HOSTILE: Final = '<script>document.title="owned"</script>"\'><img src=x onerror=alert(1)>'
_WORDS = ("Amber", "Birch", "Cobalt", "Dunlin", "Ember", "Fathom", "Gannet", "Harbour", "Iris", "Juniper")
_ENDS = ("Energy", "Power", "Grid", "Supply", "Utilities", "Networks", "Light")


def nation(number: int, users: int = 70, *, seed: int = 1) -> Now:
    """Return a state.

    Args:
        number: of it; another number is another minute's figures.
        users: Members.
        seed: what they are like.
    """
    chance = random.Random(seed * 1000 + number)
    members = sorted((_user(at, chance) for at in range(users)), key=order)
    everyone = replace(_user(0, chance), party="", role="", name="", unusual="", surprise=1.2)
    return Now(
        version=API_VERSION, id=f"made-{number}", made_at=AT, application="dcca", trust=_trust(number), all=everyone,
        users=members, regions=list(REGIONS), services=[_service(at, chance) for at in range(14)],
        reasons=[
            ReasonNow(code, words, 900 - 80 * at, 4000 - 300 * at, 20 - at, ["4.8.1", "1.1.1"], BEGAN)
            for at, (code, words) in enumerate((("E54", "Timed out"), ("E20", "Not reached"), ("E49", "")))
        ],
        devices=[
            DeviceNow("ESME", "Northlight", f"NL-{at}00", f"2.{at}.1", 400 - 30 * at, 1500, 12, BEGAN)
            for at in range(6)
        ],
        incidents=[IncidentNow("INC-204", 2, "WAN degraded in parts of the North", BEGAN, ["North"])],
    )  # fmt: skip


def _trust(number: int) -> Trust:
    partitions = [
        Partition(
            at, f"worker-{at % 2}@10.0.0.{at % 2}", AT, 0.4 + at / 10, {"responses": at * 7}, 4000 + number, AT, 0
        )
        for at in range(8)
    ]
    still = 18_220 + number
    return replace(
        made_trust(), partitions=partitions, behind=196, dead_letters=412, dead_letters_last_hour=0, open_legs=still,
        timed_out_legs=311, conservation=Conservation(2_000_320 + still, 1_998_100, 2_140, 80, still, holds=True),
    )  # fmt: skip


def _user(at: int, chance: random.Random) -> UserNow:
    size = int(20 * 1.09 ** (at % 70)) + 5
    base = 0.01 + 0.02 * chance.random()
    odd = at % 23 == 7
    slots = [max(0, int(chance.gauss(size, size**0.5))) for _ in range(72)]
    bad = [base * (7 if odd and slot > 50 else 1) for slot in range(72)]
    failures = [min(of, int(of * rate + chance.random())) for of, rate in zip(slots, bad, strict=True)]
    hour = counts(sum(slots[-12:]), sum(failures[-12:]))
    surprise = round(5 + 20 * chance.random(), 1) if odd else round(chance.random(), 2)
    name = HOSTILE if at == 7 else f"{_WORDS[at % 10]} {_ENDS[at % 7]} {at}"
    says = f"failures {100 * (hour.failure_rate or 0):.1f} % instead of {100 * base:.1f} %" if odd else ""
    return UserNow(
        party=f"P{at:03}", role=("IS", "ES", "GS", "ED")[at % 4], name=name,
        surprise=surprise, failure_surprise=surprise, volume_surprise=0.0,
        unusual=says, since_at="2026-10-05T10:20:00.000Z" if odd else None,
        last_5_minutes=counts(slots[-1], failures[-1]), last_hour=hour, today=counts(sum(slots), sum(failures)),
        month=MonthCounts("2026-10", 10_000, 9_700, 200, 100, 200 / 9900), open_legs=size, timed_out_legs=size // 30,
        baseline=_baseline(12.0 * size, base, enough=at % 11 != 5),
        alerts_last_hour=size // 2, line=Line(BEGAN, 300, slots, failures),
        regions=[_region(region, hour, odd=odd) for region in REGIONS],
    )  # fmt: skip


def _baseline(ended: float, rate: float, *, enough: bool) -> Baseline:
    if not enough:
        return Baseline(1, enough, "1 week known, 3 are needed", None, None, None, None)
    return Baseline(8, enough, "compared with Mondays 11:03 to 12:03 of 8 weeks", ended, 3.0, rate, 0.004)


def _region(region: str, hour: Counts, *, odd: bool) -> RegionNow:
    part = hour.ended // 3 if region != "Unknown" else 0
    worse = odd and region == "North"
    failures = min(part, hour.failures if worse else hour.failures // 6)
    return RegionNow(region, counts(part, failures), 7.5 if worse else 0.3)


def _service(at: int, chance: random.Random) -> ServiceNow:
    srv = (
        "4.8.1",
        "1.1.1",
        "6.8",
        "8.14.1",
        "11.1",
        "6.23",
        "5.1",
        "4.6.1",
        "4.4.3",
        "7.4",
        "2.1",
        "3.2",
        "8.11",
        "6.15.1",
    )[at]
    line = Line(BEGAN, 300, [chance.randrange(50, 90) for _ in range(72)], [chance.randrange(0, 4) for _ in range(72)])
    return ServiceNow(srv, f"What {srv} does", 60 - at, 40 - 2 * at, counts(900, 40 - at), counts(5400, 210), line)


def troubled(now: Now, status: str) -> Now:
    """Return a state of which workers stand still, or that nobody could read."""
    reason = Reason("no_commits", "Records wait and nothing was committed for 41 s: look at the workers.")
    trust = replace(
        now.trust, status=status, reasons=[reason], event_age_s=95.0, commit_age_s=41.0, behind=182_044,
        partitions=[replace(now.trust.partitions[0], owner=None), *now.trust.partitions[1:]],
    )  # fmt: skip
    return replace(now, id=f"{now.id}-{status}", trust=trust)


#: What of a state no feed decides: how it is put together.
_OURS: Final = {"version", "id", "status", "code", "month", "device_type"}


def hostile(now: Now) -> Now:
    """Return a state in which every text that a feed decides is an attack; so are ids, though each is its own."""
    number = itertools.count()

    def attacked(name: str, value: Any) -> Any:  # noqa: ANN401 (any part of a state)
        if isinstance(value, dict):
            return {each: attacked(each, inside) for each, inside in value.items()}
        if isinstance(value, list):
            return [attacked(name, each) for each in value]
        if not isinstance(value, str) or not value or name in _OURS or name.endswith("_at"):
            return value
        return f"{HOSTILE}{next(number)}" if name in {"party", "role"} else HOSTILE

    return msgspec.convert(attacked("", msgspec.to_builtins(now)), Now)


def detail(now: Now, member: Member) -> UserDetail | None:
    """Return a Member's part of a state."""
    found = [user for user in now.users if (user.party, user.role) == tuple(member)]
    if not found:
        return None
    trust = now.trust
    return UserDetail(
        version=API_VERSION, id=now.id, made_at=now.made_at,
        trust=TrustBrief(trust.status, trust.clock_at, trust.event_age_s, trust.committed_at),
        user=found[0], services=now.services[:4],
        month=[
            MonthService("4.8.1", "Read", 5000, 4900, 80, 20, 80 / 4980, 4700, 4900, 4200, 800, 91_000, 3900),
            MonthService("8.14.1", "Communications Hub", 12, 0, 0, 12, None, None, 0, None, None, None, None),
        ],
        reasons=now.reasons[:1], devices=now.devices[:2], incidents=now.incidents,
        benchmark=RoleBenchmark(
            "2026-09", [BenchmarkRow("Read", "4.8.1", "", "shown", 0.02, 0.019, 3900, 0.01, 0.018, 0.03, "10+")]
        ),
    )  # fmt: skip


class Seen(Viewer):
    """A viewer of the Members of whatever is played."""

    played: "Played"

    def members(self, now_us: int) -> list[Member]:
        """Return them."""
        return [Member(user.party, user.role) for user in self.played.state.users]


class Played(Publisher):
    """A publisher of states that a test makes."""

    def __init__(self, model: Model, now: Now) -> None:
        """Begin with a state; the model is one that nobody looks at."""
        self.viewer = Seen(model, stale_after_s=3.0)
        super().__init__(model, self.viewer, Details(model, self.viewer, Released(None)))
        self.state, self.viewer.played = now, self

    def show(self, now: Now) -> None:
        """Make this the newest state and tell whoever reads."""
        before, self.state = self.state, now
        self.encoded = msgspec.json.encode(now)
        message = event("change", now.id, msgspec.json.encode(change(before, now)))
        for each in list(self.subscribers):
            self._tell(each, message if each.member is None else self._part(each.member))

    def tick(self) -> None:
        """Make nothing by itself."""

    def detail(self, member: Member) -> UserDetail | None:
        """Return a Member's part."""
        return detail(self.state, member)
