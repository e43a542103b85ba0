"""Figures of what is seen now, as JSON says them. Values only; ``view`` makes them."""

from msgspec import Struct


class Counts(Struct, frozen=True):
    """Round trips that ended within a window.

    Attributes:
        ended: with an outcome.
        failures: of them.
        failure_rate: failures of ended; null when none ended.
    """

    ended: int
    failures: int
    failure_rate: float | None


class MonthCounts(Struct, frozen=True):
    """Round trips of the calendar month of the stream's clock, by the day of the request, as a snapshot counts them.

    Attributes:
        month: for example ``2026-10``.
        requests: all; the sum of the three below.
        successes, failures, open: failures include what is past its time-out.
        failure_rate: failures of successes and failures; null when there are none.
    """

    month: str
    requests: int
    successes: int
    failures: int
    open: int
    failure_rate: float | None


class Baseline(Struct, frozen=True):
    """What the same hour of the week has been like.

    Attributes:
        weeks: with records in that hour, of the last eight.
        enough: whether they are enough to compare with.
        says: in words what is compared with what, or why nothing is.
        ended: mean round trips that ended in the hour; null without.
        ended_sd: their standard deviation; null below two weeks.
        failure_rate: of all weeks together; null without.
        failure_rate_sd: between weeks; null below two weeks.
    """

    weeks: int
    enough: bool
    says: str
    ended: float | None
    ended_sd: float | None
    failure_rate: float | None
    failure_rate_sd: float | None


class Line(Struct, frozen=True):
    """The last six hours by equal slots, oldest first; the last slot is not over yet.

    Attributes:
        from_at: where the first slot begins; null before the first record.
        slot_s: how long a slot is.
        ended, failures: by slot.
    """

    from_at: str | None
    slot_s: int
    ended: list[int]
    failures: list[int]


class RegionNow(Struct, frozen=True):
    """A User, or all, in one Region.

    Attributes:
        region: North, Central, South or Unknown.
        last_hour: what ended.
        surprise: how far its failures are from those of the User's baseline; see ``UserNow``.
    """

    region: str
    last_hour: Counts
    surprise: float


class UserNow(Struct, frozen=True):
    """A Member: a Party in a Role.

    Attributes:
        party, role, name: who.
        surprise: the greater of the two below. It is -log10 of the chance of what is seen or worse, were this hour
            like the same hour of the weeks before: 3 is one hour in a thousand. 0 without enough history.
        failure_surprise: of as many failures or more, given how many round trips ended.
        volume_surprise: of so few round trips, or so many.
        unusual: in words, for example ``failures 12.1 % instead of 1.9 %``; empty when nothing is.
        since_at: where the run of unusual slots that lasts until now began; null when nothing is unusual.
        last_5_minutes, last_hour, today: what ended; today is the day of the stream's clock.
        month: of the requests of the month.
        baseline: what is compared with.
        open_legs, timed_out_legs: without an answer, and of them those past their time-out.
        alerts_last_hour: Alerts to it that were counted.
        line: six hours.
        regions: of the last hour.
    """

    party: str
    role: str
    name: str
    surprise: float
    failure_surprise: float
    volume_surprise: float
    unusual: str
    since_at: str | None
    last_5_minutes: Counts
    last_hour: Counts
    today: Counts
    month: MonthCounts
    baseline: Baseline
    open_legs: int
    timed_out_legs: int
    alerts_last_hour: int
    line: Line
    regions: list[RegionNow]


class ServiceNow(Struct, frozen=True):
    """An SRV.

    Attributes:
        srv, name: of the Service Request.
        users: Members of which any ended in the last hour.
        users_failing: of them those with a failure.
        last_hour, last_6_hours: what ended.
        line: six hours.
    """

    srv: str
    name: str
    users: int
    users_failing: int
    last_hour: Counts
    last_6_hours: Counts
    line: Line


class ReasonNow(Struct, frozen=True):
    """A reason of failures.

    Attributes:
        reason_code, reason: the code, and what it says.
        failures_last_hour, failures_last_6_hours: how many.
        users: Members that had it in the last hour.
        srvs: SRVs that had it in the last hour, most first, three at most.
        since_at: the first slot of the last six hours that had it.
    """

    reason_code: str
    reason: str
    failures_last_hour: int
    failures_last_6_hours: int
    users: int
    srvs: list[str]
    since_at: str


class DeviceNow(Struct, frozen=True):
    """A kind of Device that fails: type, maker, Model and firmware. Never a single Device.

    Attributes:
        device_type, manufacturer, model, firmware_version: what they are.
        failures_last_hour, failures_last_6_hours: how many.
        users: Members that had a failure of it in the last hour.
        since_at: the first slot of the last six hours that had it.
    """

    device_type: str
    manufacturer: str
    model: str
    firmware_version: str
    failures_last_hour: int
    failures_last_6_hours: int
    users: int
    since_at: str


class IncidentNow(Struct, frozen=True):
    """An Incident that is open by the stream's clock.

    Attributes:
        incident, category, summary: as told.
        opened_at: when.
        regions: it touches; all when empty.
    """

    incident: str
    category: int
    summary: str
    opened_at: str
    regions: list[str]
