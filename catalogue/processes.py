"""Business processes: Table 1 of the modification report, and which of its rows a Service Request counts in.

Source: MP176 Modification Report, Table 1; contract sections 4 (first rule) and 8. A Service Request that no row
names, or that a row's qualifier shuts out, appears under ``Other SRVs`` with its SRV.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Protocol

from dcc_analytics.catalogue.tables import Row, read_table

OTHER: Final = "Other SRVs"
INSTALL_AND_COMMISSION: Final = "Install and Commission"
CHANGE_OF_SUPPLIER: Final = "Change of Supplier (Gain)"


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of Table 1.

    Attributes:
        number: 1 to 71.
        process: the business process.
        srvs: what it names; several or none for a derived measure.
        description: of the row.
        derived: a measure derived from others, not a row of one Service Request.
        qualifier: what the message must say, for example ``payment_mode=prepayment``.
        context: what the facts must say: ``installing``, ``gained``, ``otherwise`` or nothing.
    """

    number: int
    process: str
    srvs: tuple[str, ...]
    description: str
    derived: bool
    qualifier: str
    context: str


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a Service Request counts: process, and the variant that splits one SRV."""

    process: str
    variant: str = ""


class Parameters(Protocol):
    """What a Service Request says beyond its SRV; None where it says nothing."""

    @property
    def payment_mode(self) -> str | None:
        """``prepayment`` or ``credit``."""

    @property
    def credential_type(self) -> str | None:
        """``digital_signature`` or ``key_agreement``."""

    @property
    def remote_party_role(self) -> str | None:
        """Return ``supplier``, ``network_operator`` or another role, None where it is not said."""

    @property
    def top_up_pence(self) -> float | None:
        """Value of a top-up in pence."""


def _row(row: Row) -> TableRow:
    return TableRow(
        row.whole("row"),
        row.text("process"),
        row.words("srvs"),
        row.text("description"),
        row.one_of("kind", ("row", "measure")) == "measure",
        row.optional("qualifier"),
        row.one_of("context", ("", "installing", "gained", "otherwise")),
    )


TABLE_1: Final = tuple(
    map(
        _row,
        read_table("table_1.csv", ("row", "process", "srvs", "description", "kind", "qualifier", "context")),
    )
)

#: The business processes in the order of Table 1.
PROCESSES: Final = tuple(dict.fromkeys(row.process for row in TABLE_1))

#: A successful round trip of one of these is a read of its Device (contract section 4, Read); no row qualifies them.
READ_SRVS: Final = frozenset(
    srv for row in TABLE_1 if row.process in {"Meter Reads", "Read Registers"} for srv in row.srvs
)

#: SRVs whose process depends on facts beyond the message: decided at the snapshot.
HELD_SRVS: Final = frozenset({"1.1.1", "6.8", "6.21", "8.7.2"})

_BY_MESSAGE: Final[Mapping[str, Placement]] = MappingProxyType(
    {
        row.srvs[0]: Placement(row.process)
        for row in TABLE_1
        if not row.derived and not row.qualifier and not row.context and row.srvs[0] not in HELD_SRVS
    }
)
_OTHER: Final = Placement(OTHER)
_QUALIFIED: Final = frozenset({"1.6", "2.2", "6.15.1", "6.15.2", "6.17"})

#: SRVs whose process, or variant, hangs on what the request says.
BY_PARAMETERS: Final = _QUALIFIED | {"6.21", "8.7.2"}

_IN_PREPAYMENT: Final = Placement("Prepayment")
_BY_NETWORK_OPERATOR: Final = Placement("Distribution Networks Post I&C Activity")
_BY_CREDENTIAL: Final[Mapping[str | None, Placement]] = MappingProxyType(
    {kind: Placement("Security and Key Management", kind) for kind in ("digital_signature", "key_agreement")}
)


def place(srv: str, parameters: Parameters) -> Placement:
    """Return where a Service Request counts that its message decides.

    Args:
        srv: any text; not one of ``HELD_SRVS``.
        parameters: what the request says.
    """
    if srv not in _QUALIFIED:
        return _BY_MESSAGE.get(srv, _OTHER)
    if srv == "1.6":
        return _IN_PREPAYMENT if parameters.payment_mode == "prepayment" else _OTHER
    if srv == "2.2":
        pence = parameters.top_up_pence
        return _IN_PREPAYMENT if pence is None or pence > 0 else _OTHER
    if srv == "6.15.1":
        return _BY_NETWORK_OPERATOR if parameters.remote_party_role == "network_operator" else _OTHER
    return _BY_CREDENTIAL.get(parameters.credential_type, _OTHER)


_REMAINING: Final[Mapping[str, Placement]] = MappingProxyType(
    {
        "1.1.1": Placement("Tariff Updates"),
        "6.8": _OTHER,
        "6.21": Placement("Security and Key Management"),
    }
)
#: SRVs that Table 1 names under Change of Supplier (Gain) by context; 6.21 is not one of them.
_IN_GAIN: Final = frozenset({"1.1.1", "6.8"})


def place_held(
    srv: str, parameters: Parameters, *, installing: bool, gained: bool, joins_gpf_with_gsme: bool
) -> Placement:
    """Return where one of ``HELD_SRVS`` counts, now that the facts are known.

    Args:
        srv: one of ``HELD_SRVS``.
        parameters: what the request says.
        installing: the Device was not commissioned yet, or within the seven days before.
        gained: the same Member had a successful 6.23 on it within the thirty days before.
        joins_gpf_with_gsme: the two Devices of an 8.7.2 are a GPF and a GSME.
    """
    if srv == "8.7.2":
        return Placement(INSTALL_AND_COMMISSION) if joins_gpf_with_gsme else _OTHER
    if srv == "6.21" and parameters.remote_party_role != "supplier":
        return _OTHER
    if installing:
        return Placement(INSTALL_AND_COMMISSION)
    if gained and srv in _IN_GAIN:
        return Placement(CHANGE_OF_SUPPLIER)
    return _REMAINING[srv]
