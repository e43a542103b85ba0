"""What is kept of single Devices for Table 1's special measures, to be joined at the snapshot (contract sections 4, 8).

Small records, one for each event that may matter; whatever needs two Devices, or two topics in a given order, is
decided from them when a month is frozen, so that the order of reading does not matter.
"""

from collections.abc import Collection, Mapping
from typing import Final, TypeAlias

from msgspec import Struct

from dcc_analytics.catalogue.processes import READ_SRVS
from dcc_analytics.stream.events import Alert
from dcc_analytics.stream.instants import DAY_US
from dcc_analytics.stream.legs import Leg, Outcome

INSTALL_SRV: Final = "8.14.1"
LEAVE_SRV: Final = "8.14.2"
GAIN_SRV: Final = "6.23"
FIRMWARE_SRV: Final = "11.1"
OUTAGE_CODE: Final = "AD1"
#: Power restored, single phase and by phase, shorter and longer outages.
RESTORATION_CODES: Final = frozenset({"8F35", "8F36", "8F37", "8F38", "8F39", "8F3A", "8F3B", "8F3C"})
SUPPLIED_CODE: Final = "N16"
CREDENTIALS_CODE: Final = "N42"
#: An instruction answered so long after it was sent, and by a clock that can't be believed, would be taken for its
#: Device's newest read, and forget all others.
FAR_AHEAD_US: Final = 62 * DAY_US
_KEPT_CODES: Final = frozenset({OUTAGE_CODE, SUPPLIED_CODE, CREDENTIALS_CODE})
#: Who an N42's credentials must be of to follow an N16; one that does not say counts too (contract section 4).
NETWORK_OPERATOR: Final = "network_operator"


class Install(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """An 8.14.1 or 8.14.2: who sent it for which hub when, and whether it succeeded (an open one has not)."""

    user: str
    role: str
    srv: str
    hub: str
    received_us: int
    succeeded: bool


class Gain(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """A successful Change of Supplier: who gained which Device when."""

    user: str
    role: str
    device: str
    start_us: int


class FirmwareUpdate(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """An 11.1 and the hubs it is for, whatever became of it."""

    request_id: str
    user: str
    role: str
    hubs: tuple[str, ...]
    received_us: int


class Delivery(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """A firmware delivery status that reports success for a hub of an 11.1."""

    request_id: str
    hub: str
    raised_us: int


class PairedAlert(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """An N16, or an N42 of the network operator's credentials, as one User was sent it.

    Attributes:
        recipient, role: whom it was sent to; the role as said, or ``?`` and the Device Type.
        code: ``N16`` or ``N42``.
        device: it is about.
        raised_us: when it was raised.
    """

    recipient: str
    role: str
    code: str
    device: str
    raised_us: int


class Outage(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """An AD1 as one User was sent it: the hub without power, its MPxN where said, and since when."""

    recipient: str
    role: str
    hub: str | None
    mpxn: str | None
    started_us: int
    raised_us: int


class Restoration(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """A restoration Alert: which Device had no power from when to when, as it says."""

    device: str
    interrupted_us: int
    restored_us: int
    raised_us: int


#: Records are kept so long: the eight weeks before a month that predict its installs, the month, eight days until it is
#: final, and a month to take it again.
KEPT_US: Final = 130 * DAY_US

DeviceRecord: TypeAlias = Install | Gain | FirmwareUpdate | Delivery | PairedAlert | Outage | Restoration


def record_of_leg(key: str, leg: Leg, outcome: Outcome | None, role: str) -> DeviceRecord | None:
    """Return what is kept of a round trip beside its counts; None for most.

    Args:
        key: of the leg: the request id, for a command leg.
        leg: whatever its outcome.
        outcome: its end; None while it is open.
        role: as it is counted: as said, or ``?`` and the Device Type.
    """
    if leg.transform:
        return None
    succeeded = outcome is not None and outcome.succeeded
    if leg.srv in {INSTALL_SRV, LEAVE_SRV}:
        if leg.device is not None:
            return Install(leg.user, role, leg.srv, leg.device, leg.received_us, succeeded)
    elif leg.srv == GAIN_SRV:
        if leg.device is not None and succeeded:
            return Gain(leg.user, role, leg.device, leg.start_us)
    elif leg.srv == FIRMWARE_SRV:
        return FirmwareUpdate(key, leg.user, role, leg.parameters.devices, leg.received_us)
    return None


def read_of_leg(leg: Leg, outcome: Outcome | None) -> int | None:
    """Return the instant at which a successful read of a Device ended; None for any other round trip.

    None too where that instant is a fault of some clock. Which is told from the round trip alone: what else has been
    read by then hangs on how much is read at a time.

    Source: contract section 4, Read: an SRV of the processes Meter Reads or Read Registers.
    """
    if leg.device is None or leg.transform or outcome is None or not outcome.succeeded:
        return None
    ended_us = outcome.ended_us
    if leg.srv not in READ_SRVS or ended_us is None or (outcome.untimed and ended_us > leg.start_us + FAR_AHEAD_US):
        return None
    if ended_us < 0:  # no month that can be asked for is before 1970, and days are counted from there
        return None
    return ended_us


def record_of_alert(alert: Alert, role: str) -> DeviceRecord | None:
    """Return what is kept of an Alert beside its counts; None for most.

    Args:
        alert: whether it was delivered or not.
        role: as it is counted: as said, or ``?`` and the Device Type.
    """
    code, details, device = alert.code, alert.details, alert.device
    if details is None and code not in _KEPT_CODES:
        return None
    if code == OUTAGE_CODE:
        started_us = None if details is None else details.started_us
        mpxn = None if details is None else details.mpxn
        return Outage(alert.recipient, role, device, mpxn, alert.raised_us if started_us is None else started_us,
                      alert.raised_us)  # fmt: skip
    if details is not None and details.interrupted_us is not None and details.restored_us is not None:
        if code in RESTORATION_CODES and device is not None:
            return Restoration(device, details.interrupted_us, details.restored_us, alert.raised_us)
    elif details is not None and alert.delivery_succeeded and alert.request_id and details.target_device:
        return Delivery(alert.request_id, details.target_device, alert.raised_us)
    elif device is not None and code in {SUPPLIED_CODE, CREDENTIALS_CODE}:
        of = None if details is None else details.remote_party_role
        if code == SUPPLIED_CODE or of in {None, NETWORK_OPERATOR}:
            return PairedAlert(alert.recipient, role, code, device, alert.raised_us)
    return None


def instant_of(record: DeviceRecord) -> int:
    """Return the instant a record is of, by which it grows old."""
    if isinstance(record, Install | FirmwareUpdate):
        return record.received_us
    return record.start_us if isinstance(record, Gain) else record.raised_us


def is_outdated(record: DeviceRecord, kept_from_us: int) -> bool:
    """Return whether no month to come can need a record, whatever else is kept; an install may be the last of its hub.

    Args:
        record: any.
        kept_from_us: what is older goes.
    """
    return instant_of(record) < kept_from_us and not isinstance(record, Install)


def outdated(records: Mapping[int, DeviceRecord], horizon_us: int, left: Collection[str] = ()) -> list[int]:
    """Return the numbers of the records no month to come can need.

    Of those of a hub the last install by each User and Role stays as long as the hub is in the inventory, however old:
    a gain asks who installed the hub before it (contract section 4).

    Args:
        records: by their numbers.
        horizon_us: the least clock of all shards.
        left: hubs that left the inventory so long ago that nothing can be asked of them any more.
    """
    old: dict[int, DeviceRecord] = {
        number: record for number, record in records.items() if instant_of(record) < horizon_us - KEPT_US
    }
    newest: dict[tuple[str, str, str], tuple[int, int]] = {}
    for number, record in old.items():
        if isinstance(record, Install) and record.hub not in left:
            of = record.hub, record.user, record.role
            newest[of] = max(newest.get(of, (0, 0)), (record.received_us, number))
    kept = {number for _, number in newest.values()}
    return [number for number in old if number not in kept]
