"""The 129 Service Requests of DUIS, by Service Reference Variant (SRV), and their time-outs."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from dcc_analytics.catalogue.tables import Row, by_key, read_table

US_PER_S: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class ServiceRequestKind:
    """A row of the Service Request matrix.

    Attributes:
        srv: for example ``4.8.1``.
        name: as in DUIS.
        critical: sent in two legs, Pre-Command and Signed Pre-Command.
        on_demand, scheduled, non_device: modes it may be used in.
        future_dated: ``No``, ``DSP``, ``Device`` or ``DSP & Device``.
        roles: User Roles that may send it.
        command_variants: those allowed.
        duis_element: its element in the XML schema.
        in_table_1: whether a row of Table 1 names it.
    """

    srv: str
    name: str
    critical: bool
    on_demand: bool
    future_dated: str
    scheduled: bool
    non_device: bool
    roles: tuple[str, ...]
    command_variants: tuple[int, ...]
    duis_element: str
    in_table_1: bool


def _kind(row: Row) -> ServiceRequestKind:
    return ServiceRequestKind(
        row.text("srv"),
        row.text("name"),
        row.flag("critical"),
        row.flag("on_demand"),
        row.text("future_dated"),
        row.flag("dcc_scheduled"),
        row.flag("non_device"),
        row.words("roles"),
        row.read("command_variants", lambda text: tuple(map(int, text.split()))),
        row.text("duis_element"),
        row.flag("in_table_1"),
    )


_COLUMNS: Final = (
    "srv", "name", "critical", "on_demand", "future_dated", "dcc_scheduled", "non_device", "roles",
    "command_variants", "duis_element", "in_table_1",
)  # fmt: skip

SERVICE_REQUESTS: Final[Mapping[str, ServiceRequestKind]] = MappingProxyType(
    by_key(read_table("service_requests.csv", _COLUMNS), "srv", _kind)
)

#: How long an answer is waited for by SRV, microseconds; ``*`` stands for all others.
TIME_OUTS_US: Final[Mapping[str, int]] = MappingProxyType(
    by_key(
        read_table("time_outs.csv", ("srv", "time_out_s")),
        "srv",
        lambda row: row.whole("time_out_s") * US_PER_S,
    )
)
_DEFAULT_TIME_OUT_US: Final = TIME_OUTS_US["*"]


def time_out_us(srv: str) -> int:
    """Return how long an answer is waited for before the leg counts as unanswered (contract 3.7)."""
    return TIME_OUTS_US.get(srv, _DEFAULT_TIME_OUT_US)


def may_be_future_dated(srv: str) -> bool:
    """Return whether a Service Request may be told when to be executed."""
    kind = SERVICE_REQUESTS.get(srv)
    return kind is not None and kind.future_dated != "No"


@lru_cache(maxsize=4096)
def srv_order(srv: str) -> tuple[tuple[int, int, str, str], ...]:
    """Return what SRVs are sorted by: their parts, numbers before other text; no two texts are equal in it.

    Numbers are compared by their length, then their digits: a feed may send longer ones than ``int`` reads.

    >>> sorted(["4.10", "4.8.1", "x"], key=srv_order)
    ['4.8.1', '4.10', 'x']
    """
    return tuple(map(_part_order, srv.split(".")))


def _part_order(part: str) -> tuple[int, int, str, str]:
    if not (part.isascii() and part.isdigit()):
        return 1, 0, part, ""
    digits = part.lstrip("0")
    return 0, len(digits), digits, part
