"""The fields of a Device's record (Annex D as far as public sources give it), in the order of ``inventory.csv``."""

from dataclasses import dataclass
from typing import Final

from dcc_analytics.catalogue.tables import Row, read_table


@dataclass(frozen=True, slots=True)
class DeviceField:
    """A field: its name in events and files, its name in DUIS, what it means, and whether that is verified."""

    name: str
    duis_name: str
    meaning: str
    kind: str
    applies_to: str
    source: str
    verified: bool


def _field(row: Row) -> DeviceField:
    return DeviceField(
        row.text("name"),
        row.text("duis_name"),
        row.text("meaning"),
        row.text("type"),
        row.text("applies_to"),
        row.text("source"),
        row.flag("verified"),
    )


DEVICE_FIELDS: Final = tuple(
    map(
        _field,
        read_table("device_fields.csv", ("name", "duis_name", "meaning", "type", "example", "applies_to")),
    )
)
