"""What concerns a row: found by one reading of the topics, so that only that has to be folded. Pure.

Request ids a row can hang on, with every request, response and Alert that names one of them, whatever else it says: an
id used again, a repeat and a cancellation are told apart by the fold. Alerts are kept by their ids as well, since a
repeat of an Alert is known by that. Which these are is for the family of the row's file to say.
"""

from collections.abc import Collection
from typing import ClassVar

from dcc_analytics.aggregators.device_records import GAIN_SRV
from dcc_analytics.aggregators.observe import is_held
from dcc_analytics.stream.events import Alert, DeviceVersion, Request, Response, ScheduledResult, StreamEvent
from dcc_analytics.stream.identity import originator_of, target_of
from dcc_analytics.stream.legs import TRANSFORM_VARIANT, leg_key
from dcc_analytics.stream.strays import SOURCES, STRAYS

#: The topics of what is folded; requests come first, since they say which ids are meant.
EVENTS = ("service-requests", "service-responses", "alerts")
#: Where Alerts are: those passed on stand in ``strays``.
ALERT_SOURCES = (STRAYS, "alerts")
#: Devices before events, for a row that hangs on who has a hub.
DEVICES_AND_EVENTS = ("devices", *EVENTS)


class Concern:
    """What concerns a row; a subclass says what is wanted.

    Attributes:
        first_reading: the topics to be noted, in this order.
        sources: the topics to be folded; none where Devices tell everything.
        whole_records: whether the records of the Devices are kept whole.
        request_ids: of the legs a figure of the row can hang on.
        devices: whose records it can hang on.
    """

    first_reading: ClassVar[tuple[str, ...]] = EVENTS
    sources: ClassVar[tuple[str, ...]] = SOURCES
    whole_records: ClassVar[bool] = False

    def __init__(self) -> None:
        """Begin with nothing found."""
        self.request_ids: set[str] = set()
        self._alert_ids: set[str] = set()
        self.devices: set[str] = set()

    def wants_request(self, request: Request) -> bool:  # noqa: ARG002 (a family wants some)
        """Return whether a request concerns the row, beside those whose id does."""
        return False

    def wants_result(self, result: ScheduledResult) -> bool:  # noqa: ARG002 (a family wants some)
        """Return whether a scheduled result concerns the row."""
        return False

    def wants_alert(self, alert: Alert) -> bool:  # noqa: ARG002 (a family wants some)
        """Return whether an Alert concerns the row, beside those that name a request that does."""
        return False

    def wants_device(self, version: DeviceVersion) -> bool:  # noqa: ARG002 (a family wants some)
        """Return whether the Device of a version concerns the row, beside those that events name."""
        return False

    def note(self, event: StreamEvent | DeviceVersion) -> None:
        """Take in an event of the first reading."""
        if isinstance(event, DeviceVersion):
            if self.wants_device(event):
                self.devices.add(event.device)
        elif isinstance(event, Request):
            if self.wants_request(event):
                self.request_ids.add(event.request_id)
                self._note_devices(event.device, event.parameters.other_device)
        elif isinstance(event, Alert):
            if event.request_id in self.request_ids or self.wants_alert(event):
                self._alert_ids.add(event.alert_id)
                self._note_devices(event.device)
        elif isinstance(event, ScheduledResult) and self.wants_result(event):
            self._note_devices(event.device)

    def _note_devices(self, *devices: str | None) -> None:
        self.devices.update(device for device in devices if device is not None)

    def has(self, event: StreamEvent) -> bool:
        """Return whether an event concerns the row."""
        if isinstance(event, Alert):
            return event.alert_id in self._alert_ids
        if isinstance(event, ScheduledResult):
            return self.wants_result(event)
        return event.request_id in self.request_ids

    def has_device(self, device: str) -> bool:
        """Return whether a Device's records concern the row."""
        return device in self.devices

    @staticmethod
    def leg_key(event: StreamEvent) -> str:
        """Return the key of the leg an event is about."""
        if isinstance(event, ScheduledResult):
            return f"{event.user}|{event.device}|{event.schedule_id}|{event.srv}|{event.planned_us}"
        if isinstance(event, Alert):
            return event.request_id or ""
        if isinstance(event, Response):
            return leg_key(event.request_id, transform=event.kind == "pre_command")
        return leg_key(event.request_id, transform=event.command_variant == TRANSFORM_VARIANT)


class RoundTripsConcern(Concern):
    """What concerns the round trips of some Users and an SRV."""

    def __init__(self, srv: str, users: Collection[str] | None) -> None:
        """Begin with nothing found.

        Args:
            srv: of the row.
            users: User ids of the Member; None for all Users.
        """
        super().__init__()
        self._srvs = {srv, GAIN_SRV} if is_held(srv) else {srv}
        self._users = users

    def _is_its_users(self, user: str) -> bool:
        return self._users is None or user in self._users

    def wants_request(self, request: Request) -> bool:
        """Return whether it is of the SRV and of one of the Users."""
        return request.srv in self._srvs and self._is_its_users(originator_of(request.request_id))

    def wants_result(self, result: ScheduledResult) -> bool:
        """Return whether it is of the SRV and of one of the Users."""
        return result.srv in self._srvs and self._is_its_users(result.user)


def is_on(request: Request, devices: Collection[str]) -> bool:
    """Return whether a request is about one of some Devices; a cancellation need not name the Device but in its id."""
    return request.device in devices or target_of(request.request_id) in devices
