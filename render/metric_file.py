"""The file of metrics, as data; what its entries mean is said by themselves, as they stand in the snapshot."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from dcc_analytics.catalogue.metrics import MEASURES, Metric
from dcc_analytics.render.columns import Column, FileDefinition, Kind
from dcc_analytics.render.shared_columns import MODEL, PEERS, SERVICE, SPLIT, STATUS

_METRIC: Final = "metric"

#: Without rows where no metric of the catalogue is in force, and then packs do not have it.
METRICS_FILE: Final = FileDefinition.of(
    "metrics",
    "Further metrics",
    "One row for each cell of a metric of the catalogue; columns that don't tell its rows apart are empty.",
    Column(_METRIC, Kind.TEXT, "Metric", "Which metric of the catalogue."),
    Column("version", Kind.COUNT, "Version", "Of its definition; figures of two versions are not comparable."),
    Column(
        "measure", Kind.TEXT, "Measure", "What the result is; seconds where it ends in _s.", tuple(MEASURES.values())
    ),
    *SERVICE,
    Column("kind", Kind.TEXT, "Kind", "Of Alerts: dcc or device.", ("dcc", "device")),
    Column("code", Kind.TEXT, "Alert code", "As in the message."),
    Column("reason_code", Kind.TEXT, "Reason Code", "Response code, Alert code, NO-RESPONSE or I0-DEVICE."),
    Column("day", Kind.DAY, "Day", "UTC day, as in the daily files."),
    *SPLIT,
    *MODEL,
    Column("firmware_version", Kind.TEXT, "Firmware version", "Of the Device."),
    Column("numerator", Kind.COUNT, "Numerator", "What is counted; empty for times."),
    Column("denominator", Kind.COUNT, "Denominator", "What a rate or share is of, or the number of times."),
    Column(
        "result",
        Kind.MEASURED,
        "Result",
        "A fraction, or seconds; quantiles within 1 % of rank. It rests on what the other files assume of its columns.",
    ),
    Column("industry_result", Kind.MEASURED, "Industry result", "All Users of the Role, by volume."),
    Column("peer_result_p25", Kind.RATE, "Peers' lower quartile", "A quarter of Users are below."),
    Column("peer_result_median", Kind.RATE, "Peers' median", "Median over Users of the same Role."),
    Column("peer_result_p75", Kind.RATE, "Peers' upper quartile", "A quarter of Users are above."),
    PEERS,
    STATUS,
    key=17,
    optional=True,
)


def described(metrics: Sequence[Metric]) -> FileDefinition:
    """Return the file with what its entries mean, for its metadata and the list of files."""
    said = " ".join(f"{each.id}, version {each.version}: {each.title}. {each.description}" for each in metrics)
    first, *others = METRICS_FILE.columns
    named = replace(first, description=f"{first.description} {said}", values=tuple(each.id for each in metrics))
    return replace(METRICS_FILE, columns=(named, *others))
