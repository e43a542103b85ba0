"""Explaining rows of the inventory: the version of a record that holds at month end, the Devices of a Model."""

from collections.abc import Callable, Collection
from functools import partial
from typing import ClassVar, Final

import polars as pl

from dcc_analytics.explain.concern import Concern
from dcc_analytics.explain.devices import Held
from dcc_analytics.explain.explanation import Explanation, Item
from dcc_analytics.explain.replay import Folded
from dcc_analytics.explain.row import Row
from dcc_analytics.explain.sums import rate_text
from dcc_analytics.explain.tables import industry_sums, table_sums
from dcc_analytics.explain.telling import device_item
from dcc_analytics.snapshot.devices_topic import DeviceRecords
from dcc_analytics.snapshot.inventory_models import inventory_models, members_of_registrations
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.versions import number_of, operator_role, registered_to
from dcc_analytics.stream.events import DeviceVersion

_OF_MODEL: Final = ("device_type", "manufacturer", "model")


class RecordConcern(Concern):
    """What concerns a Device's record."""

    first_reading: ClassVar[tuple[str, ...]] = ()
    sources: ClassVar[tuple[str, ...]] = ()
    whole_records: ClassVar[bool] = True

    def __init__(self, device: str) -> None:
        """Begin with the Device."""
        super().__init__()
        self.devices.add(device)


def concern_of_record(row: Row, _users: Collection[str]) -> Concern:
    """Return what concerns a row of ``inventory``."""
    return RecordConcern(row.key["device"])


def explained_record(row: Row, folded: Folded) -> Explanation:
    """Return the version of a Device's record that holds at the month's end, and those that do not."""
    device, before_us = row.key["device"], row.pack.month.end_us
    held = folded.devices.inventory.held_before(before_us).filter(pl.col("number") == number_of(device))
    places = set(held["place"])
    whole = DeviceRecords(folded.replay.partitions)
    items: list[Callable[[], Item]] = []
    for place, version in folded.devices.versions_of(device):
        did = "held at the month's end" if place in places else _why_not(version, before_us)
        at = version.position, version.as_of_us
        items.append(partial(device_item, device, f"version that {did}", at, "said what the Device is"))
        if place in places and version.record is not None:
            whole.take(version.position.partition, version.record)
    members = members_of_registrations(whole.inventory, folded.directory)
    frame = whole.whole(whole.inventory.held_before(before_us)).join(members, on="registered")
    return Explanation("versions", items, table_sums(row, frame))


def _why_not(version: Held, before_us: int) -> str:
    return "was replaced" if version.as_of_us < before_us else "holds only after the month"


class ModelConcern(Concern):
    """What concerns a Model: the Devices that have been of it, registered to some Users."""

    first_reading: ClassVar[tuple[str, ...]] = ("devices",)
    sources: ClassVar[tuple[str, ...]] = ()

    def __init__(self, of_model: tuple[str, ...], users: Collection[str] | None) -> None:
        """Begin without Devices.

        Args:
            of_model: Device Type, manufacturer and Model.
            users: User ids of the Member; None for all Users.
        """
        super().__init__()
        self._of_model = of_model
        self._users = users

    def wants_device(self, version: DeviceVersion) -> bool:
        """Return whether a version is of the Model and registered to one of the Users."""
        if (version.device_type, version.manufacturer, version.model) != self._of_model:
            return False
        registered = registered_to(version.registration, operator_role(version.device_type))
        return any(self._users is None or user in self._users for user, _ in registered)


def concern_of_model(row: Row, users: Collection[str]) -> Concern:
    """Return what concerns a row of ``inventory_models``."""
    return ModelConcern(tuple(row.key[name] for name in _OF_MODEL), None if row.of_role else users)


def explained_model(row: Row, folded: Folded) -> Explanation:
    """Return the Devices counted in a row, and its share of the Devices of the Model."""
    before_us, directory, member = row.pack.month.end_us, folded.directory, row.pack.member
    inventory = folded.devices.inventory
    wanted = [number for number, facts in enumerate(inventory.facts) if all(
        getattr(facts, name) == value for name, value in row.key.items()
    )]  # fmt: skip
    whose = members_of_registrations(inventory, directory).filter(pl.col("role") == member.role)
    if not row.of_role:
        whose = whose.filter(pl.col("party") == member.party)
    held = inventory.held_before(before_us).filter(pl.col("facts").is_in(wanted)).join(whose, on="registered")
    items = [partial(_counted, folded.devices.held(place)) for place in held.sort("number", "party")["place"]]
    frame, _ = inventory_models(inventory, directory, before_us, read_rules())
    if not row.of_role:
        return Explanation("Devices", items, table_sums(row, frame))
    of_model = frame.filter(pl.col("role") == member.role, *(pl.col(name) == row.key[name] for name in _OF_MODEL))
    share = held.height / int(of_model["devices"].sum()) if held.height else 0.0
    return Explanation("Devices", items, industry_sums(row, {"share": rate_text(share)}, ["share"]), of_others=True)


def _counted(held: Held) -> Item:
    at = held.position, held.as_of_us
    return device_item(held.device, "Device", at, "is the version that holds at the month's end: counted")
