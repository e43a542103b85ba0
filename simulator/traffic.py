"""Who asks for what, how often: Service Requests by Role, with the shape each takes and the Device it goes to.

What a Role asks for most is listed here; every other SRV the catalogue lets it send is sent now and then, so that in
a large enough nation every SRV there is occurs. Rates are a plausible share of what a home causes in a month; the
national totals they add up to (three of five events are Alerts) are those of mid 2022.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dcc_analytics.catalogue.service_requests import SERVICE_REQUESTS
from dcc_analytics.simulator.text import CHF, ESME, GPF, GSME

#: Round trips a home causes in a day, by the Role that asks.
ASKED_A_DAY: Final[Mapping[str, float]] = {
    "IS": 0.22, "GS": 0.12, "ES": 0.08, "ED": 0.05, "GT": 0.008, "OU": 0.01, "RSA": 0.005, "MDR": 0.003,
}  # fmt: skip
#: Of what a Role asks, the most frequent, in parts of a hundred; what is left is shared by all others it may send.
_FREQUENT: Final[Mapping[str, Mapping[str, float]]] = {
    "IS": {
        "4.8.1": 22, "4.6.1": 16, "4.1.1": 8, "4.1.2": 4, "7.4": 7, "2.2": 6, "1.1.1": 5, "1.2.1": 3, "6.13": 3,
        "8.2": 3, "11.2": 3, "6.2.4": 2.5, "12.1": 1.5, "8.4": 1, "5.1": 1, "5.2": 0.5, "5.3": 0.5, "3.2": 1, "2.1": 1,
        "1.6": 0.8, "6.15.2": 0.6, "6.17": 0.6, "2.3": 0.5, "6.21": 0.5, "4.4.2": 1, "12.2": 0.8, "3.1": 0.7,
    },
    "GS": {
        "4.8.1": 24, "4.6.1": 18, "4.1.1": 9, "4.17": 8, "2.2": 8, "7.4": 5, "1.1.1": 4, "1.2.1": 2, "6.13": 2,
        "11.2": 2, "8.2": 2, "6.15.2": 0.5, "1.6": 0.5, "2.1": 1, "3.2": 0.6,
    },
    "ES": {"4.6.2": 30, "4.8.3": 30, "4.2": 12, "4.12.2": 4, "8.2": 4, "11.2": 2},
    "ED": {
        "4.10": 40, "4.8.2": 10, "6.15.1": 8, "6.5": 6, "6.22": 6, "6.27": 5, "4.8.3": 5, "6.13": 4, "7.4": 4,
        "6.18.1": 2, "6.18.2": 2, "8.2": 3, "4.12.1": 1,
    },
    "GT": {"4.10": 40, "4.8.1": 20, "14.1": 15, "6.15.1": 5, "8.2": 5},
    "OU": {"4.8.1": 45, "4.17": 15, "8.2": 12, "11.2": 5, "9.1": 4},
    "RSA": {"6.2.4": 30, "6.13": 20, "7.4": 20, "8.2": 15, "11.2": 5},
    "MDR": {"4.8.1": 60, "4.8.3": 40},
}  # fmt: skip
#: SRVs the catalogue names no Role for; the DCC's other Users may be given them.
_OF_NO_ROLE: Final = tuple(srv for srv, kind in SERVICE_REQUESTS.items() if not kind.roles)
#: Sent when something happens in a home's life, never by themselves.
OF_A_LIFE: Final = frozenset({"6.23", "8.1.1", "8.7.1", "8.14.1", "8.14.2", "11.1"})

_ABOUT_THE_HUB: Final = frozenset({
    "6.28", "6.29", "6.30", "6.31", "6.32", "8.9", "8.11", "8.12.1", "8.14.1", "8.14.2", "8.14.3", "8.14.4",
})  # fmt: skip
_ABOUT_THE_PROXY: Final = frozenset({"8.7.2", "8.8.2", "8.12.2"})

#: A request's way: answered, in two legs, accepted and done, answered by the DCC itself.
PLAIN, CRITICAL, DONE_WHEN_ACCEPTED, BY_THE_DCC = range(4)
_ANSWERED_BY_THE_DCC: Final = frozenset({"5.2", "8.2", "12.1"})

#: What a message says beyond its SRV, one of these by chance (contract section 1, parameters).
PARAMETERS: Final[Mapping[str, tuple[str, ...]]] = {
    "1.6": ('"payment_mode":"prepayment"', '"payment_mode":"prepayment"', '"payment_mode":"credit"'),
    "2.2": ('"top_up_pence":1000', '"top_up_pence":2000', '"top_up_pence":500', '"top_up_pence":0'),
    "6.15.1": ('"remote_party_role":"network_operator"',),
    "6.15.2": ('"credential_type":"digital_signature"', '"credential_type":"key_agreement"'),
    "6.17": ('"credential_type":"digital_signature"', '"credential_type":"key_agreement"'),
    "6.21": ('"remote_party_role":"supplier"', '"remote_party_role":"supplier"', '"remote_party_role":"wan_provider"'),
}


@dataclass(frozen=True, slots=True)
class Asking:
    """An SRV as a Role sends it.

    Attributes:
        srv: which.
        device: kind of the Device it is about, None without.
        shape: `PLAIN`, `CRITICAL`, `DONE_WHEN_ACCEPTED` or `BY_THE_DCC`.
        may_be_dated: whether it may be executed later.
    """

    srv: str
    device: int | None
    shape: int
    may_be_dated: bool


@dataclass(frozen=True, slots=True)
class Traffic:
    """What a Role asks for.

    Attributes:
        askings: what it may ask for.
        shares: of each, adding up to 1.
    """

    askings: tuple[Asking, ...]
    shares: NDArray[np.float64]


@lru_cache(maxsize=16)
def traffic_of(role: str) -> Traffic:
    """Return what a Role asks for."""
    frequent = _FREQUENT[role]
    allowed = [srv for srv, kind in SERVICE_REQUESTS.items() if role in kind.roles]
    if role == "MDR":  # the catalogue lists no SRV for it alone
        allowed = list(frequent)
    elif role == "OU":
        allowed += _OF_NO_ROLE
    srvs = [srv for srv in allowed if srv not in OF_A_LIFE]
    rare = (100 - sum(frequent.values())) / max(1, len(srvs) - len(frequent))
    shares = np.array([frequent.get(srv, rare) for srv in srvs])
    return Traffic(tuple(_asking(srv, role) for srv in srvs), shares / shares.sum())


def _asking(srv: str, role: str) -> Asking:
    kind = SERVICE_REQUESTS[srv]
    if kind.non_device:
        shape = BY_THE_DCC if srv in _ANSWERED_BY_THE_DCC else DONE_WHEN_ACCEPTED
    else:
        shape = CRITICAL if kind.critical else PLAIN
    return Asking(srv, _device(srv, role, non_device=kind.non_device), shape, kind.future_dated != "No")


def _device(srv: str, role: str, *, non_device: bool) -> int | None:
    """Return the kind of Device an SRV is about: reads of gas go to the proxy in the hub, all else to the meter."""
    if srv in _ABOUT_THE_HUB:
        return CHF
    if srv in _ABOUT_THE_PROXY:
        return GPF
    if non_device:
        return None
    if role in {"GS", "GT"}:
        return GPF if srv.startswith("4.") else GSME
    return ESME
