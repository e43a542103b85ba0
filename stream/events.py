"""The events of the feed as checked values; fields are those of contract section 1, instants in microseconds.

Events live for microseconds and hold no reference to each other, so they stay out of the garbage
collector's books (``gc=False``); nobody changes one after ``decode`` has made it.
"""

from typing import Literal, TypeAlias

from msgspec import Struct


class Parameters(Struct, frozen=True, array_like=True, gc=False):
    """What a Service Request carries beyond its SRV, as far as a figure depends on it."""

    payment_mode: str | None = None
    credential_type: str | None = None
    remote_party_role: str | None = None
    top_up_pence: float | None = None
    other_device: str | None = None
    devices: tuple[str, ...] = ()

    def completed_by(self, first: "Parameters") -> "Parameters":
        """Return these with what they lack taken from the first leg's (contract section 8)."""
        return Parameters(
            payment_mode=self.payment_mode if self.payment_mode is not None else first.payment_mode,
            credential_type=self.credential_type if self.credential_type is not None else first.credential_type,
            remote_party_role=(
                self.remote_party_role if self.remote_party_role is not None else first.remote_party_role
            ),
            top_up_pence=self.top_up_pence if self.top_up_pence is not None else first.top_up_pence,
            other_device=self.other_device if self.other_device is not None else first.other_device,
            devices=self.devices or first.devices,
        )


NO_PARAMETERS = Parameters()


class Request(Struct, frozen=True, gc=False):
    """A Service Request as the DCC received it."""

    request_id: str
    received_us: int
    srv: str
    command_variant: int
    role: str
    device: str | None
    execute_us: int | None
    cancels: bool
    parameters: Parameters

    @property
    def event_us(self) -> int:
        """The instant the clock of its topic goes by."""
        return self.received_us


class Instruction(Struct, frozen=True, gc=False):
    """One of the ``total`` instructions of a future dated request, done (8F66) or failed (8F67)."""

    number: int
    total: int
    failed: bool


ResponseKind: TypeAlias = Literal["acknowledgement", "pre_command", "response", "future_dated"]


class Response(Struct, frozen=True, gc=False):
    """A message sent back for a request."""

    request_id: str
    sent_us: int
    code: str
    kind: ResponseKind
    device: str | None
    device_failed: bool
    instruction: Instruction | None

    @property
    def event_us(self) -> int:
        """The instant the clock of its topic goes by."""
        return self.sent_us


class ScheduledResult(Struct, frozen=True, gc=False):
    """A run of a DCC schedule: a round trip of its own, no request exists."""

    user: str
    role: str
    srv: str
    device: str | None
    schedule_id: str
    planned_us: int
    sent_us: int
    code: str
    device_failed: bool

    @property
    def event_us(self) -> int:
        """The instant the clock of its topic goes by."""
        return self.sent_us


class AlertDetails(Struct, frozen=True, gc=False):
    """What an Alert's parameters say, as far as a measure needs it; None where they say nothing."""

    started_us: int | None
    mpxn: str | None
    interrupted_us: int | None
    restored_us: int | None
    remote_party_role: str | None
    target_device: str | None


class Alert(Struct, frozen=True, gc=False):
    """A DCC Alert or Device Alert whose delivery to one User has ended."""

    alert_id: str
    kind: Literal["dcc", "device"]
    code: str
    recipient: str
    role: str
    device: str | None
    raised_us: int
    ended_us: int
    delivered: bool
    throttled_count: int
    request_id: str | None
    #: The result a firmware delivery status reports; None when the Alert is none.
    delivery_succeeded: bool | None
    details: AlertDetails | None = None

    @property
    def event_us(self) -> int:
        """The instant the clock of its topic goes by."""
        return self.ended_us


class Registration(Struct, frozen=True, gc=False):
    """The User ids a Device is registered to, by what they are to it; None where it has none."""

    import_supplier: str | None = None
    export_supplier: str | None = None
    gas_supplier: str | None = None
    network_operator: str | None = None


NOT_REGISTERED = Registration()


class DeviceVersion(Struct, frozen=True, gc=False):
    """A version of a Device's record in the inventory, as far as a figure needs it."""

    device: str
    as_of_us: int
    device_type: str
    status: str
    removed: bool
    region: str
    smets_version: str
    manufacturer: str
    model: str
    firmware_version: str
    commissioned_us: int | None
    registration: Registration = NOT_REGISTERED
    hub: str | None = None
    import_mpxn: str | None = None

    @property
    def event_us(self) -> int:
        """From when this version holds."""
        return self.as_of_us


class Incident(Struct, frozen=True, gc=False):
    """A version of an Incident; no regions means all."""

    incident: str
    category: int
    opened_us: int
    closed_us: int | None
    regions: tuple[str, ...]
    summary: str
    as_of_us: int


class UserEntry(Struct, frozen=True, gc=False):
    """A version of a User's entry in the directory."""

    user: str
    party: str
    party_name: str
    group: str
    roles: tuple[str, ...]
    size: str
    as_of_us: int


class Rejected(Struct, frozen=True, gc=False):
    """Why a record can't be read; it goes to the dead letters, a value and not an exception."""

    reason: str


StreamEvent: TypeAlias = Request | Response | ScheduledResult | Alert
