"""Explaining rows of firmware deliveries: the 11.1, and the Alerts that report on one of its hubs."""

from collections.abc import Collection
from functools import partial

from dcc_analytics.aggregators.device_records import Delivery, FirmwareUpdate
from dcc_analytics.explain.concern import Concern
from dcc_analytics.explain.explanation import Explanation
from dcc_analytics.explain.measures import alerts_kept, legs_kept, member_of, told_leg
from dcc_analytics.explain.replay import Folded
from dcc_analytics.explain.row import Row
from dcc_analytics.explain.tables import table_sums
from dcc_analytics.explain.telling import alert_item
from dcc_analytics.snapshot.deliveries import firmware_delivery
from dcc_analytics.stream.events import Alert, Request


class DeliveryConcern(Concern):
    """What concerns a request and one of its hubs."""

    def __init__(self, request_id: str, hub: str) -> None:
        """Begin with the request's id and the hub."""
        super().__init__()
        self._request_id = request_id
        self.devices.add(hub)

    def wants_request(self, request: Request) -> bool:
        """Return whether it is the request."""
        return request.request_id == self._request_id

    def wants_alert(self, alert: Alert) -> bool:
        """Return whether it names the request."""
        return alert.request_id == self._request_id


def concern(row: Row, _users: Collection[str]) -> Concern:
    """Return what concerns a row of ``firmware_delivery``."""
    return DeliveryConcern(row.key["request_id"], row.key["chf"])


def explained(row: Row, folded: Folded) -> Explanation:
    """Return the request, and the Alerts that report its success or failure for the hub."""
    hub, month, directory = row.key["chf"], row.pack.month, folded.directory
    named = row.key["request_id"]
    updates = [each for each in legs_kept(folded.stories, FirmwareUpdate) if each[1].request_id == named]
    updates = [each for each in updates if hub in each[1].hubs]
    deliveries = [
        each for each in alerts_kept(folded.alerts, Delivery) if (each[1].request_id, each[1].hub) == (named, hub)
    ]
    items = [told_leg(story, folded, "update") for story, _ in updates]
    for story in folded.alerts:
        details = story.alert.details
        if story.alert.request_id == named and details is not None and details.target_device == hub:
            result = "success" if story.alert.delivery_succeeded else "failure"
            items.append(partial(alert_item, story, said=f"reported {result} for the hub"))
    frame = firmware_delivery(
        [update for _, update in updates],
        [delivery for _, delivery in deliveries],
        month,
        directory,
        folded.devices.inventory,
    )
    others = any(member_of(story, directory) != row.pack.member for story, _ in updates)
    return Explanation("legs and Alerts", items, table_sums(row, frame), of_others=others)
