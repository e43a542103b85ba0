"""What Devices were at an instant: the versions of their records, joined as of then (contract sections 2 and 8)."""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Final

import polars as pl

from tests.oracle.matching import DAY_US
from tests.oracle.reading import Event

UNKNOWN: Final = "Unknown"
FACTS: Final = (
    "meter_type", "region", "smets_version", "device_type", "manufacturer", "model", "firmware_version",
)  # fmt: skip
#: Until when a Device is in its installation.
INSTALLING: Final = "installing_until_us"
_METER: Final = {"ESME": "Electricity", "GSME": "Gas", "GPF": "Gas"}
_NOT_COMMISSIONED: Final = {"Pending", "Whitelisted", "InstalledNotCommissioned"}
_INSTALLING_US: Final = 7 * DAY_US
_NEVER: Final = -1
_ALWAYS: Final = 2**62


def versions(events: list[Event]) -> pl.DataFrame:
    """Return the versions a topic holds, sorted by instant; of two with the same the later in the log counts."""
    held: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if "tombstone" in event:
            held.pop(event["tombstone"], None)
        else:
            held[event["device"]].append(event)
    rows = [
        (each["device"], each["as_of"], *_facts(each), _installing_until_us(each))
        for those in held.values()
        for each in those
    ]
    schema = {"device": pl.String, "as_of": pl.Int64} | dict.fromkeys(FACTS, pl.String) | {INSTALLING: pl.Int64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.unique(("device", "as_of"), keep="last", maintain_order=True).sort("as_of", maintain_order=True)


def _facts(version: Event) -> tuple[str, ...]:
    """Return the facts of a version; one that left the inventory has none."""
    if version.get("removed"):
        return (UNKNOWN,) * len(FACTS)
    region = version.get("csp_region") or UNKNOWN
    smets = version.get("smets_version")
    if not smets:
        old = region == "SMETS1" or version.get("smets_chts_version", "").startswith("SMETS1")
        smets = "SMETS1" if old else "SMETS2+"
    told = ("device_manufacturer", "device_model", "device_firmware_version")
    kind = version["device_type"]
    return (
        _METER.get(kind, "None"), region.removeprefix("4G "), smets, kind,
        *(version.get(name) or UNKNOWN for name in told),
    )  # fmt: skip


def _installing_until_us(version: Event) -> int:
    if version.get("removed"):
        return _NEVER
    if version["status"] in _NOT_COMMISSIONED:
        return _ALWAYS
    try:
        commissioned = datetime.fromisoformat(version.get("date_commissioned", "")[:10]).replace(tzinfo=UTC)
    except ValueError:
        return _NEVER
    return int(commissioned.timestamp()) * 1_000_000 + _INSTALLING_US


def with_facts(legs: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return legs with the facts of their Device at their start.

    Args:
        legs: with ``device``, which may be null, and ``start_us``.
        known: ``versions``.
    """
    as_of = legs.sort("start_us").join_asof(
        known, left_on="start_us", right_on="as_of", by="device", strategy="backward", check_sortedness=False
    )
    earliest = known.unique("device", keep="first", maintain_order=True)
    both = as_of.join(earliest, on="device", how="left", suffix="_first")
    defaults: dict[str, str | int] = dict.fromkeys(FACTS, UNKNOWN) | {INSTALLING: _NEVER}
    return both.with_columns(
        pl.coalesce(name, f"{name}_first", pl.lit(default)).alias(name) for name, default in defaults.items()
    ).drop("as_of", *(f"{name}_first" for name in ("as_of", *defaults)))
