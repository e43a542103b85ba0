"""What an Alert's parameters say, as far as a special measure needs it (contract sections 1 and 4)."""

from datetime import datetime
from typing import Final

from dcc_analytics.stream.events import AlertDetails
from dcc_analytics.stream.identity import eui64
from dcc_analytics.stream.instants import instant_us
from dcc_analytics.stream.wire import WireAlertParameters

_NOTHING: Final = AlertDetails(None, None, None, None, None, None)


def details_of(said: WireAlertParameters) -> AlertDetails | None:
    """Return what parameters say, None where that is nothing.

    Raises:
        IdentityError: the target Device is no EUI-64.
    """
    details = AlertDetails(
        _us(said.started_at),
        said.mpxn,
        _us(said.interrupted_at),
        _us(said.restored_at),
        said.remote_party_role,
        None if said.target_device is None else eui64(said.target_device),
    )
    return None if details == _NOTHING else details


def _us(moment: datetime | None) -> int | None:
    return None if moment is None else instant_us(moment)
