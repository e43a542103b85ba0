"""What concerns a row: found by one reading of the topics, so that only that has to be folded. Pure.

Request ids of its SRV, with every request, response and Alert that names one of them, whatever else it says: an id
used again, a repeat and a cancellation are told apart by the fold. Alerts are kept by their ids as well, since a
repeat of an Alert is known by that.
"""

from collections.abc import Collection

from dcc_analytics.aggregators.device_records import GAIN_SRV
from dcc_analytics.aggregators.observe import is_held
from dcc_analytics.stream.events import Alert, Request, Response, ScheduledResult, StreamEvent
from dcc_analytics.stream.identity import originator_of
from dcc_analytics.stream.legs import TRANSFORM_VARIANT, leg_key


class Concern:
    """What concerns the Users and the SRV of a row.

    Attributes:
        devices: whose facts a figure of the row can hang on.
    """

    def __init__(self, srv: str, users: Collection[str] | None) -> None:
        """Begin with nothing found.

        Args:
            srv: of the row.
            users: User ids of the Member; None for all Users.
        """
        self._srvs = {srv, GAIN_SRV} if is_held(srv) else {srv}
        self._users = users
        self.request_ids: set[str] = set()
        self._alert_ids: set[str] = set()
        self.devices: set[str] = set()

    def _is_its_users(self, user: str) -> bool:
        return self._users is None or user in self._users

    def note(self, event: StreamEvent) -> None:
        """Take in an event of the first reading; requests come before all else."""
        if isinstance(event, Request):
            if event.srv in self._srvs and self._is_its_users(originator_of(event.request_id)):
                self.request_ids.add(event.request_id)
                self._note_devices(event.device, event.parameters.other_device)
        elif isinstance(event, Alert):
            if event.request_id in self.request_ids:
                self._alert_ids.add(event.alert_id)
        elif isinstance(event, ScheduledResult) and self.has(event):
            self._note_devices(event.device)

    def _note_devices(self, *devices: str | None) -> None:
        self.devices.update(device for device in devices if device is not None)

    def has(self, event: StreamEvent) -> bool:
        """Return whether an event concerns the row."""
        if isinstance(event, Alert):
            return event.alert_id in self._alert_ids
        if isinstance(event, ScheduledResult):
            return event.srv in self._srvs and self._is_its_users(event.user)
        return event.request_id in self.request_ids

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
