"""What is seen now, as JSON says it: the operator's whole, and one User's part. Values only.

The OpenAPI document is made from these, so that what is written here is what is served. Instants are RFC 3339 in UTC;
durations are seconds and end in ``_s``; rates are parts of one, null where nothing ended. What is called *now* is by
the stream's clock, not by the wall's: an hour is the sixty minutes before ``clock_at``.
"""

from typing import Final

from msgspec import Struct

from dcc_analytics.live.figures import DeviceNow, IncidentNow, ReasonNow, ServiceNow, UserNow
from dcc_analytics.live.trust import Trust, TrustBrief

#: Of the JSON. Fields are added with a default; a field that means something else is another version.
API_VERSION: Final = 1


class Now(Struct, frozen=True):
    """All that an operator sees, in the order of the questions.

    Attributes:
        version: of this JSON.
        id: of this state, as in ``Last-Event-ID``.
        made_at: by the wall's clock.
        application: whose ledger.
        trust: can it be trusted?
        all: everything together, as if it were one User without name.
        users: most surprising first, then most failures first. Only those with anything in six hours, this month, or
            the same hour of the weeks before.
        regions: the columns of the matrix User x Region.
        services: most failures in the last hour first.
        reasons, devices: most failures in the last hour first, thirty at most.
        incidents: gravest first.
    """

    version: int
    id: str
    made_at: str
    application: str
    trust: Trust
    all: UserNow
    users: list[UserNow]
    regions: list[str]
    services: list[ServiceNow]
    reasons: list[ReasonNow]
    devices: list[DeviceNow]
    incidents: list[IncidentNow]


class NowChange(Struct, frozen=True, omit_defaults=True):
    """What is another since the state before: the event ``change`` of the stream.

    Attributes:
        id, made_at, trust: of the new state.
        all: the new value; left out when it is as it was. So with all that follow.
        users: those that are new or other, in no order: sort all by ``surprise``, then ``last_hour.failures``.
        gone: ``PARTY/ROLE`` of those to be removed.
        services, reasons, devices, incidents: the whole new list.
    """

    id: str
    made_at: str
    trust: Trust
    all: UserNow | None = None
    users: list[UserNow] = []
    gone: list[str] = []
    services: list[ServiceNow] | None = None
    reasons: list[ReasonNow] | None = None
    devices: list[DeviceNow] | None = None
    incidents: list[IncidentNow] | None = None


class UserListed(Struct, frozen=True):
    """A Member that the bearer of the token may look at.

    Attributes:
        party, role, name: who.
        href: where it is.
    """

    party: str
    role: str
    name: str
    href: str


class Users(Struct, frozen=True):
    """The Members that the bearer of the token may look at, sorted."""

    users: list[UserListed]


class MonthService(Struct, frozen=True):
    """An SRV in the coming pack, so far.

    Attributes:
        srv, name: of the Service Request.
        requests, successes, failures, open: of the month; failures include what is past its time-out.
        failure_rate: failures of successes and failures; null when there are none.
        in_time: within the Target Response Time; null where there is no target.
        rtt_n: round trips that have a time.
        rtt_mean_ms, rtt_best_ms, rtt_worst_ms: exact; null without times.
        rtt_median_ms: an estimate, as in the pack.
    """

    srv: str
    name: str
    requests: int
    successes: int
    failures: int
    open: int
    failure_rate: float | None
    in_time: int | None
    rtt_n: int
    rtt_mean_ms: int | None
    rtt_best_ms: int | None
    rtt_worst_ms: int | None
    rtt_median_ms: int | None


class BenchmarkRow(Struct, frozen=True):
    """What a service is compared with in the newest final pack, as that pack prints it; null is withheld there too."""

    process: str
    srv: str
    variant: str
    status: str
    failure_rate: float | None
    industry_failure_rate: float | None
    industry_rtt_median_ms: int | None
    peer_failure_rate_p25: float | None
    peer_failure_rate_median: float | None
    peer_failure_rate_p75: float | None
    peers: str | None


class RoleBenchmark(Struct, frozen=True):
    """The Role's benchmark, out of a final snapshot.

    What is told of others is told once a month and under the disclosure rules: figures that are told anew every second
    could be taken from each other.

    Attributes:
        month: of the snapshot; null when there is none.
        rows: of the Member's services.
    """

    month: str | None
    rows: list[BenchmarkRow]


class UserDetail(Struct, frozen=True):
    """One User, and nothing of any other: the same to the operator and to itself.

    Attributes:
        version: of this JSON.
        id: of the state it is part of.
        made_at: by the wall's clock.
        trust: can it be trusted?
        user: itself.
        services: its SRVs in the last six hours.
        month: of the coming pack, by SRV; a process may still be decided otherwise at month end, an SRV's sum is not.
        reasons, devices: of its failures.
        incidents: that are open.
        benchmark: of its Role.
    """

    version: int
    id: str
    made_at: str
    trust: TrustBrief
    user: UserNow
    services: list[ServiceNow]
    month: list[MonthService]
    reasons: list[ReasonNow]
    devices: list[DeviceNow]
    incidents: list[IncidentNow]
    benchmark: RoleBenchmark


class Problem(Struct, frozen=True):
    """Why a request was not answered.

    Attributes:
        error: in words, with what to do.
    """

    error: str
