"""SRVs of the last hours, of all Members or of one. Pure."""

from collections import defaultdict
from typing import NamedTuple

from dcc_analytics.catalogue.service_requests import SERVICE_REQUESTS
from dcc_analytics.live.figures import Line, ServiceNow
from dcc_analytics.live.groups import Groups, summed
from dcc_analytics.live.lines import LineKey
from dcc_analytics.live.recent import MINUTES, SLOT_US, SLOTS, Recent
from dcc_analytics.live.rings import Counted
from dcc_analytics.live.surprise import counts
from dcc_analytics.snapshot.members import Directory, Member
from dcc_analytics.stream.instants import US_PER_S, instant_text


class _Of(NamedTuple):
    srv: str
    member: Member


class Services:
    """Counts lines by SRV."""

    def __init__(self, recent: Recent, directory: Directory) -> None:
        """Count what was recent, for the Members of a directory."""
        self._recent = recent

        def of(line: LineKey) -> _Of:
            return _Of(line.srv, directory.member(line.user, line.role, line.srv))

        self._minutes = Groups(recent.minutes, of)
        self._slots = Groups(recent.slots, of)
        self._all_slots = Groups(recent.slots, lambda line: line.srv)

    def now(self, only: Member | None = None) -> list[ServiceNow]:
        """Return the SRVs of which anything ended in six hours, most failures in the last hour first.

        Args:
            only: a Member; all when None.
        """
        hours: dict[str, list[list[int]]] = defaultdict(list)
        for of, row in self._minutes.window(MINUTES).items():
            if only is None or of.member == only:
                hours[of.srv].append(row)
        if only is None:
            lines = self._all_slots.by_slot(SLOTS)
        else:
            lines = summed(self._slots.by_slot(SLOTS), lambda of: of.srv if of.member == only else None)
        found = [self._service(srv, line, hours.get(srv, [])) for srv, line in lines.items()]
        return sorted(found, key=lambda each: (-each.last_hour.failures, -each.last_hour.ended, parts_of(each.srv)))

    def _service(self, srv: str, line: Counted, users: list[list[int]]) -> ServiceNow:
        ended, failures = line[:, 0].tolist(), line[:, 1].tolist()
        begins = instant_text(max(0, self._recent.slots.begins_us(SLOTS)))
        return ServiceNow(
            srv=srv,
            name=srv_name(srv),
            users=len(users),
            users_failing=sum(row[1] > 0 for row in users),
            last_hour=counts(sum(row[0] for row in users), sum(row[1] for row in users)),
            last_6_hours=counts(sum(ended), sum(failures)),
            line=Line(begins, SLOT_US // US_PER_S, ended, failures),
        )


def srv_name(srv: str) -> str:
    """Return what an SRV is called; empty for one that is not in the catalogue."""
    kind = SERVICE_REQUESTS.get(srv)
    return "" if kind is None else kind.name


def parts_of(srv: str) -> tuple[tuple[int, str], ...]:
    """Return an SRV's parts, by which it sorts.

    >>> sorted(["4.10", "4.8.1"], key=parts_of)
    ['4.8.1', '4.10']
    """
    return tuple((int(part) if part.isdecimal() else -1, part) for part in srv.split("."))
