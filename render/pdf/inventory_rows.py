"""Models and firmware versions of a Member's Devices as values."""

import re
from dataclasses import dataclass
from typing import Final, Self

import polars as pl

from dcc_analytics.render.pdf.said import figure
from dcc_analytics.render.pdf.sources import Source, Unit, rows, wilson_ends
from dcc_analytics.render.pdf.words import gap
from dcc_analytics.snapshot.intervals import wilson

#: Shares of fewer Devices are shown and not ranked.
_FEW: Final = 30


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A firmware version of a Model: the recipient's share of its Devices of the Model, and the shares of others."""

    device_type: str
    manufacturer: str
    model: str
    version: str
    devices: int
    of_model: int
    rate: float
    reference: float | None
    p25: float | None
    median: float | None
    p75: float | None
    compared: str = ""
    near: tuple[float, ...] = ()
    far_above: int = 0

    @property
    def group(self) -> str:
        """The Model: shares are of its Devices."""
        return f"{self.device_type} {self.manufacturer} {self.model}"

    @property
    def code(self) -> str:
        """Short, before the name."""
        return self.device_type

    @property
    def label(self) -> str:
        """Model and version; what tells versions apart stands first."""
        return f"{self.version} on {self.manufacturer} {self.model}"

    @property
    def requests(self) -> int:
        """Devices with the version."""
        return self.devices

    @property
    def peers_source(self) -> Source:
        """Of versions no single peers are drawn."""
        return self.source

    @property
    def source(self) -> Source:
        """Its row of the file."""
        asked = rows(**self._model(), firmware_version=self.version)
        return Source("inventory_models", asked, "devices")

    def _model(self) -> dict[str, str]:
        return {"device_type": self.device_type, "manufacturer": self.manufacturer, "model": self.model}

    @property
    def marks(self) -> tuple[str, ...]:
        """What is taken of it for its marks; the interval is of all Devices of the Model."""
        of_model = f"(SELECT sum(devices) FROM 'inventory_models.csv' WHERE {rows(**self._model())})"  # noqa: S608 (told)
        ends = wilson_ends("devices", of_model)
        return ("share", *ends, "industry_share", "peer_share_p25", "peer_share_median", "peer_share_p75")

    @property
    def industry_mark(self) -> float | None:
        """Where the industry's share is drawn."""
        return self.reference

    @property
    def title(self) -> str:
        """The same, in a sentence."""
        return self.label

    @property
    def ranked(self) -> bool:
        """Whether its share says something beside the industry's."""
        return self.reference is not None and self.of_model >= _FEW

    @property
    def gap(self) -> float:
        """How much larger the share is than the industry's; 0 where that is withheld or few Devices decide it."""
        return self.rate - (self.reference or 0.0) if self.ranked else 0.0

    @property
    def rate_low(self) -> float:
        """Where the 95% interval of the share begins."""
        return wilson(self.devices, self.of_model)[0]

    @property
    def rate_high(self) -> float:
        """Where it ends."""
        return wilson(self.devices, self.of_model)[1]

    @property
    def told(self) -> bool:
        """Whether the gap is more than so few Devices would have by chance, were each as the industry's."""
        return bool(self.gap) and not self.rate_low <= (self.reference or 0.0) <= self.rate_high

    @property
    def standing(self) -> str:
        """The gap in words, in points of a percentage."""
        if self.reference is None:
            return "No benchmark"
        if self.of_model < _FEW:
            return "Few Devices"
        if abs(self.gap) < 0.0005:
            return "As industry"
        return figure(gap(self.gap), Unit.GAP, self.source.of("share - industry_share"))


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A Model of a Device Type with its firmware versions, the newest first."""

    device_type: str
    manufacturer: str
    model: str
    versions: tuple[VersionRow, ...]

    @property
    def devices(self) -> int:
        """Of all versions."""
        return sum(each.devices for each in self.versions)

    @property
    def source(self) -> Source:
        """Its rows of the file."""
        model = rows(device_type=self.device_type, manufacturer=self.manufacturer, model=self.model)
        return Source("inventory_models", model, "sum(devices)")

    @property
    def name(self) -> str:
        """Of manufacturer and Model."""
        return f"{self.manufacturer} {self.model}"

    def commonest(self, most: int) -> tuple[list[VersionRow], list[VersionRow]]:
        """Return the commonest versions, the newest first, and the others; one other is none: it has place itself."""
        if len(self.versions) <= most + 1:
            return list(self.versions), []
        kept = {each.version for each in sorted(self.versions, key=lambda row: -row.devices)[:most]}
        return [each for each in self.versions if each.version in kept], [
            each for each in self.versions if each.version not in kept
        ]

    @classmethod
    def of(cls, rows: list[VersionRow]) -> Self:
        """Return the Model of some rows that are all of one."""
        versions = sorted(rows, key=lambda row: newness(row.version), reverse=True)
        return cls(rows[0].device_type, rows[0].manufacturer, rows[0].model, tuple(versions))


def newness(version: str) -> list[tuple[int, int, str]]:
    """Return what orders versions by their numbers; words come before numbers.

    >>> sorted(["2.10", "2.9", "Unknown", "2.1a"], key=newness)
    ['Unknown', '2.1a', '2.9', '2.10']
    """
    return [(1, int(each), "") if each.isdecimal() else (0, 0, each) for each in re.findall(r"\d+|[^\d.]+", version)]


def model_rows(models: pl.DataFrame) -> list[ModelRow]:
    """Return the Models by Device Type, those with most Devices first; within, by their number."""
    models = models.with_columns(of_model=pl.col("devices").sum().over("device_type", "manufacturer", "model"))
    found: dict[tuple[str, ...], list[VersionRow]] = {}
    for row in models.iter_rows(named=True):
        key = row["device_type"], row["manufacturer"], row["model"]
        found.setdefault(key, []).append(
            VersionRow(
                *key, row["firmware_version"], row["devices"], row["of_model"], row["share"] or 0.0,
                row["industry_share"], row["peer_share_p25"], row["peer_share_median"], row["peer_share_p75"],
            )
        )  # fmt: skip
    rows = [ModelRow.of(each) for each in found.values()]
    of_type: dict[str, int] = {}
    for each in rows:
        of_type[each.device_type] = of_type.get(each.device_type, 0) + each.devices
    return sorted(rows, key=lambda row: (-of_type[row.device_type], row.device_type, -row.devices, row.name))
