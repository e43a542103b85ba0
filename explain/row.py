"""The row of a pack that is to be explained: what its figures are over. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.members import Member

#: What leads a text that a spreadsheet would run, in print.
_GUARDED: Final = ("'=", "'+", "'-", "'@", "'\t", "'\r", "'\0")

#: What tells a Device's Model and firmware apart.
_MODEL: Final = ("manufacturer", "model", "firmware_version")

#: Files whose rows can be explained, by the columns that say what they are over.
EXPLAINED: Final[Mapping[str, tuple[str, ...]]] = {
    "round_trips_monthly": ("process", "srv", "variant"),
    "round_trips_daily": ("day", "process", "srv", "variant", "meter_type", "region", "smets_version"),
    "failures": (
        "day", "process", "srv", "variant", "reason_code", "meter_type", "region", "smets_version", "device_type",
        "manufacturer", "model", "firmware_version",
    ),
    "peer_values": ("process", "srv", "variant"),
    "alerts_monthly": ("kind", "code"),
    "alerts_daily": ("day", "kind", "code"),
    "alerts": ("day", "kind", "code", "device_type", "meter_type", "region", "smets_version", *_MODEL),
    "n13_n55": ("code", "meter_type", *_MODEL),
    "n42_after_n16": ("supplier",),
    "outages_unrestored": ("chf", "mpxn", "started_at"),
    "installs_daily": ("day",),
    "installs_without_read": ("chf", "installed_at"),
    "cos_gains": ("device", "gained_at"),
    "firmware_delivery": ("request_id", "chf"),
    "inventory": ("device",),
    "inventory_models": ("device_type", *_MODEL),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PackOf:
    """What the manifest of a pack says.

    Attributes:
        member: whose pack.
        month: of the pack.
        clock_us: the stream's clock at the snapshot.
        offsets: up to where each topic and partition was read.
        application: that folded it; None in packs of a release that did not say.
    """

    member: Member
    month: Month
    clock_us: int
    offsets: Mapping[tuple[str, int], int]
    application: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file of a pack.

    Attributes:
        file: its name without ``.csv``.
        number: 1 is the first after the header.
        values: by column, as printed.
        figure: the one column asked for, empty for the row's own figures.
        pack: the pack it is of.
    """

    file: str
    number: int
    values: Mapping[str, str]
    figure: str
    pack: PackOf

    @property
    def of_role(self) -> bool:
        """Whether it is over all Members of the Role: the figures of others."""
        return self.file == "peer_values" or self.figure.startswith(("industry_", "peer"))

    @property
    def key(self) -> dict[str, str]:
        """The values that say what it is over, without the guard against spreadsheets."""
        return {name: unguarded(self.values[name]) for name in EXPLAINED[self.file]}


def unguarded(text: str) -> str:
    """Return a text without the guard against spreadsheets."""
    return text[1:] if text.startswith(_GUARDED) else text
