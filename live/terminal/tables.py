"""The panes as headings and rows of text, the same for the screen and for what is printed once. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from dcc_analytics.live.changes import order
from dcc_analytics.live.figures import Counts, DeviceNow, IncidentNow, ReasonNow, ServiceNow, UserNow
from dcc_analytics.live.state import BenchmarkRow, MonthService, Now, UserDetail
from dcc_analytics.live.terminal.words import clean, clock, failures_line
from dcc_analytics.live.wording import count_text, ms_text, rate_text

#: Characters of a line of six hours: one for each half hour.
LINE: Final = 12


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        heading: what it says.
        width: in characters; None for as wide as what is in it.
        right: whether it is a number, which stands right.
    """

    heading: str
    width: int | None = None
    right: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A pane.

    Attributes:
        title: what it is of.
        columns: of it.
        rows: cells of each row, as many as columns.
        keys: what each row is.
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    keys: Sequence[str]


def _n(heading: str, width: int) -> Column:
    return Column(heading, width, right=True)


_USERS: Final = (
    _n("surpr", 5), Column("User", 10), _n("ended", 6), _n("failed", 6), _n("rate", 7), _n("usual", 7),
    Column("since", 5), Column("failures 6 h", LINE), Column("unusual"), Column("name"),
)  # fmt: skip

#: What Members can be sorted by, as the keys of the screen go through it.
SORTS: Final[dict[str, Callable[[UserNow], tuple[object, ...]]]] = {
    "surprise": order,
    "failures": lambda user: (-user.last_hour.failures, *order(user)),
    "rate": lambda user: (-(user.last_hour.failure_rate or 0.0), *order(user)),
    "ended": lambda user: (-user.last_hour.ended, *order(user)),
    "name": lambda user: (user.party, user.role),
}


def users(state: Now, sort: str = "surprise", wanted: str = "") -> Table:
    """Return the Members.

    Args:
        state: of now.
        sort: one of ``SORTS``.
        wanted: only those that have this in Party, Role or name.
    """
    text = wanted.casefold()
    kept = [user for user in state.users if text in f"{user.party}/{user.role} {user.name}".casefold()]
    kept.sort(key=SORTS[sort])
    hidden = len(state.users) - len(kept)
    title = f"Users by {sort}" + (f", filter {clean(wanted)!r} hides {hidden}" if wanted else "")
    return Table(title, _USERS, [_user(each) for each in kept], [f"{each.party}/{each.role}" for each in kept])


def _user(user: UserNow) -> list[str]:
    return [
        f"{user.surprise:.1f}", clean(f"{user.party}/{user.role}"), count_text(user.last_hour.ended),
        count_text(user.last_hour.failures), rate_text(user.last_hour.failure_rate),
        rate_text(user.baseline.failure_rate), clock(user.since_at),
        failures_line(user.line, LINE), clean(user.unusual), clean(user.name),
    ]  # fmt: skip


def everything(state: Now) -> str:
    """Return the line about all Members together."""
    hour, month = state.all.last_hour, state.all.month
    return (
        f"All: {count_text(hour.failures)} of {count_text(hour.ended)} failed in an hour,"
        f" {rate_text(hour.failure_rate)}; {month.month}: {rate_text(month.failure_rate)}"
    )


def panes(state: Now) -> list[Table]:
    """Return the panes beneath the Members."""
    return [
        regions(state), services(state.services), reasons(state.reasons), devices(state.devices),
        incidents(state.incidents),
    ]  # fmt: skip


def regions(state: Now) -> Table:
    """Return the matrix of Members and Regions: failures of what ended in the last hour; ``!`` from surprise 3 on."""
    columns = [Column("User", 10), *(_n(each, 14) for each in state.regions)]
    members = [state.all, *state.users]
    rows = []
    for user in members:
        by = {each.region: each for each in user.regions}
        cells = [
            f"{'! ' if by[name].surprise >= 3 else ''}{_share(by[name].last_hour)}" if name in by else "-"
            for name in state.regions
        ]
        rows.append([clean(f"{user.party}/{user.role}") if user.party else "all", *cells])
    return Table("Regions", columns, rows, [f"{each.party}/{each.role}" for each in members])


def _share(counts: Counts) -> str:
    return f"{count_text(counts.failures)}/{count_text(counts.ended)}" if counts.ended else "-"


def services(of: Sequence[ServiceNow]) -> Table:
    """Return the SRVs."""
    columns = (
        Column("SRV", 9), _n("ended", 7), _n("failed", 7), _n("rate", 7), _n("Users", 9),
        Column("failures 6 h", LINE), Column("name"),
    )  # fmt: skip
    rows = [
        [
            clean(each.srv), count_text(each.last_hour.ended), count_text(each.last_hour.failures),
            rate_text(each.last_hour.failure_rate), f"{each.users_failing}/{each.users}",
            failures_line(each.line, LINE), clean(each.name),
        ]
        for each in of
    ]  # fmt: skip
    return Table("SRVs", columns, rows, [each.srv for each in of])


def reasons(of: Sequence[ReasonNow]) -> Table:
    """Return the reasons of failures."""
    columns = (
        Column("reason", 10), _n("1 h", 7), _n("6 h", 7), _n("Users", 5), Column("since", 5), Column("says", 28),
        Column("SRVs"),
    )  # fmt: skip
    rows = [
        [
            clean(each.reason_code), count_text(each.failures_last_hour), count_text(each.failures_last_6_hours),
            count_text(each.users), clock(each.since_at), clean(each.reason), clean(", ".join(each.srvs)),
        ]
        for each in of
    ]  # fmt: skip
    return Table("Reasons", columns, rows, [each.reason_code for each in of])


def devices(of: Sequence[DeviceNow]) -> Table:
    """Return the kinds of Devices that fail."""
    columns = (
        Column("type", 6), Column("maker", 14), Column("Model", 14), Column("firmware", 10), _n("1 h", 6),
        _n("6 h", 6), Column("since", 5),
    )  # fmt: skip
    rows = [
        [
            clean(each.device_type), clean(each.manufacturer), clean(each.model), clean(each.firmware_version),
            count_text(each.failures_last_hour), count_text(each.failures_last_6_hours), clock(each.since_at),
        ]
        for each in of
    ]  # fmt: skip
    return Table("Models", columns, rows, [str(at) for at in range(len(of))])


def incidents(of: Sequence[IncidentNow]) -> Table:
    """Return the Incidents that are open."""
    columns = (Column("Incident", 12), _n("cat.", 4), Column("since", 16), Column("Regions", 14), Column("summary"))
    rows = [
        [
            clean(each.incident), str(each.category), clean(each.opened_at[:16]),
            clean(", ".join(each.regions) or "all"), clean(each.summary),
        ]
        for each in of
    ]  # fmt: skip
    return Table("Incidents", columns, rows, [each.incident for each in of])


def detail_lines(detail: UserDetail) -> list[str]:
    """Return what is said of one User before its tables."""
    user, month = detail.user, detail.user.month
    since = f" since {clock(user.since_at)}" if user.since_at else ""
    return [
        clean(f"{user.party}/{user.role}  {user.name}  surprise {user.surprise:.1f}"),
        clean(f"{user.unusual or 'nothing unusual'}{since}; {user.baseline.says}"),
        (
            f"hour {_share(user.last_hour)}, {rate_text(user.last_hour.failure_rate)}  today {_share(user.today)}"
            f"  open {count_text(user.open_legs)}  Alerts {count_text(user.alerts_last_hour)}"
            f"  {failures_line(user.line, LINE)}"
        ),
        (
            f"{month.month}: {count_text(month.requests)} requests, {count_text(month.failures)} failures,"
            f" {rate_text(month.failure_rate)}, {count_text(month.open)} open"
        ),
    ]


def detail_panes(detail: UserDetail) -> list[Table]:
    """Return the panes of one User; the first is its coming pack."""
    return [
        pack(detail.month), benchmark(detail.benchmark.month, detail.benchmark.rows), services(detail.services),
        reasons(detail.reasons), devices(detail.devices), incidents(detail.incidents),
    ]  # fmt: skip


def pack(of: Sequence[MonthService]) -> Table:
    """Return the figures of the coming pack, by SRV."""
    columns = (
        Column("SRV", 9), _n("requests", 8), _n("failed", 7), _n("rate", 7), _n("open", 6), _n("mean", 9),
        _n("median≈", 9), Column("name"),
    )  # fmt: skip
    rows = [
        [
            clean(each.srv), count_text(each.requests), count_text(each.failures), rate_text(each.failure_rate),
            count_text(each.open), ms_text(each.rtt_mean_ms), ms_text(each.rtt_median_ms), clean(each.name),
        ]
        for each in of
    ]  # fmt: skip
    return Table("Pack so far", columns, rows, [each.srv for each in of])


def benchmark(month: str | None, of: Sequence[BenchmarkRow]) -> Table:
    """Return the Role's benchmark out of the newest released month."""
    columns = (
        Column("SRV", 9), Column("process", 20), _n("own", 7), _n("industry", 8), _n("peers 25", 8), _n("median", 7),
        _n("75", 7),
    )  # fmt: skip
    rows = [
        [
            clean(each.srv), clean(each.process), rate_text(each.failure_rate), rate_text(each.industry_failure_rate),
            rate_text(each.peer_failure_rate_p25), rate_text(each.peer_failure_rate_median),
            rate_text(each.peer_failure_rate_p75),
        ]
        for each in of
    ]  # fmt: skip
    return Table(f"Benchmark {month or '(no month released)'}", columns, rows, [str(at) for at in range(len(of))])
