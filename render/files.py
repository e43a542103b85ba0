"""The files of a pack, as data: contract section 6, column by column.

Another file of the contract is one more entry in ``FILES``; its table has the same name in the snapshot.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from dcc_analytics.catalogue.devices import DEVICE_FIELDS
from dcc_analytics.render.alert_files import ALERT_FILES
from dcc_analytics.render.columns import Column, FileDefinition, Kind
from dcc_analytics.render.comparison_columns import COMPARISON, NAMED_COMPARISON
from dcc_analytics.render.measure_files import MEASURE_FILES
from dcc_analytics.render.metric_file import METRICS_FILE, described
from dcc_analytics.render.sensitivity_file import SENSITIVITY_FILE
from dcc_analytics.render.shared_columns import MODEL, PEERS, SERVICE, SPLIT, STATUS
from dcc_analytics.render.snapshot_folder import MemberEntry, SnapshotFolder

_DAY = Column("day", Kind.DAY, "Day", "UTC day on which the round trip started.")
_REQUESTS = Column("requests", Kind.COUNT, "Requests", "Round trips: successes, failures and those still open.")
_SUCCESSES = Column("successes", Kind.COUNT, "Successes", "Round trips that ended in success.")
_FAILURES = Column("failures", Kind.COUNT, "Failures", "Round trips that ended in failure, unanswered ones included.")
_SUCCESS_RATE = Column("success_rate", Kind.RATE, "Success rate", "Successes of successes and failures.")
_RTT_N = Column("rtt_n", Kind.COUNT, "Timed round trips", "Successes that have a time.")
_BEST = Column("rtt_best_s", Kind.SECONDS, "Best Round Trip Time", "Shortest of the successes, seconds; exact.")
_WORST = Column("rtt_worst_s", Kind.SECONDS, "Worst Round Trip Time", "Longest of the successes, seconds; exact.")
_MEAN = Column("rtt_mean_s", Kind.SECONDS, "Mean Round Trip Time", "Mean of the successes, seconds; exact.")
_MIDDLE = (
    Column("rtt_p5_s", Kind.SECONDS, "Fast end of the middle 90 %", "One in twenty is faster; estimated, seconds."),
    Column("rtt_p95_s", Kind.SECONDS, "Slow end of the middle 90 %", "One in twenty is slower; estimated, seconds."),
)
_MEDIAN_PEER = Column(
    "peer_failure_rate_median", Kind.RATE, "Peers' median failure rate", "Median over Users of the same Role."
)

_ROUND_TRIPS_MONTHLY = FileDefinition.of(
    "round_trips_monthly",
    "Round trips of the month",
    "One row for each business process, SRV and variant.",
    *SERVICE,
    _REQUESTS,
    _SUCCESSES,
    _FAILURES,
    Column("open", Kind.COUNT, "Open", "Neither answered nor timed out yet; outside every rate."),
    _SUCCESS_RATE,
    Column("failure_rate", Kind.RATE, "Failure rate", "Failures of successes and failures."),
    Column("in_time", Kind.COUNT, "In time", "Successes within the Target Response Time; empty without a target."),
    _RTT_N,
    _BEST,
    _WORST,
    _MEAN,
    Column("rtt_median_s", Kind.SECONDS, "Median Round Trip Time", "Estimated within 1 % of rank, seconds."),
    Column("industry_success_rate", Kind.RATE, "Industry success rate", "All Users of the Role, by volume."),
    Column("industry_failure_rate", Kind.RATE, "Industry failure rate", "All Users of the Role, by volume."),
    Column(
        "industry_rtt_best_s",
        Kind.SECONDS,
        "Industry best Round Trip Time",
        "Two significant digits, seconds.",
    ),
    Column(
        "industry_rtt_worst_s",
        Kind.SECONDS,
        "Industry worst Round Trip Time",
        "Two significant digits, seconds.",
    ),
    Column("industry_rtt_mean_s", Kind.SECONDS, "Industry mean Round Trip Time", "By volume, seconds."),
    Column(
        "industry_rtt_median_s",
        Kind.SECONDS,
        "Industry median Round Trip Time",
        "Within 1 % of rank, seconds.",
    ),
    Column(
        "peer_failure_rate_p25",
        Kind.RATE,
        "Peers' lower quartile",
        "Failure rate; a quarter of Users are below.",
    ),
    _MEDIAN_PEER,
    Column(
        "peer_failure_rate_p75",
        Kind.RATE,
        "Peers' upper quartile",
        "Failure rate; a quarter of Users are above.",
    ),
    PEERS,
    STATUS,
    *COMPARISON,
    Column(
        "rtt_p5_s",
        Kind.SECONDS,
        "Fast end of the middle 90 %",
        "One in twenty is faster; estimated within 1 % of rank.",
    ),
    Column(
        "rtt_p95_s",
        Kind.SECONDS,
        "Slow end of the middle 90 %",
        "One in twenty is slower; estimated within 1 % of rank.",
    ),
    key=3,
)
_PEER_VALUES = FileDefinition.of(
    "peer_values",
    "Values of peers",
    "One row for each value: sorted, without names, never joined to another file.",
    *SERVICE,
    Column("measure", Kind.TEXT, "Measure", "What the value is.", ("failure_rate", "rtt_median_s")),
    Column("position", Kind.COUNT, "Position", "1 is the lowest value."),
    Column("value", Kind.MEASURED, "Value", "A fraction, or seconds for rtt_median_s."),
    key=5,
)
_ROUND_TRIPS_DAILY = FileDefinition.of(
    "round_trips_daily",
    "Round trips of each day",
    "One row for each day, business process, SRV, variant, Meter Type, Region and SMETS version.",
    _DAY,
    *SERVICE,
    *SPLIT,
    _REQUESTS,
    _SUCCESSES,
    _FAILURES,
    _SUCCESS_RATE,
    _RTT_N,
    _BEST,
    _WORST,
    _MEAN,
    Column("industry_success_rate", Kind.RATE, "Industry success rate", "All Users of the Role, by volume."),
    Column("industry_rtt_mean_s", Kind.SECONDS, "Industry mean Round Trip Time", "By volume, seconds."),
    _MEDIAN_PEER,
    Column(
        "incident_category",
        Kind.COUNT,
        "Incident category",
        "1 or 2 when such an Incident touches day and Region.",
    ),
    STATUS,
    key=7,
)
_FAILURES_FILE = FileDefinition.of(
    "failures",
    "Failures",
    "One row for each day and reason with every signifier, to find what failures have in common.",
    _DAY,
    *SERVICE,
    Column("reason_code", Kind.TEXT, "Reason Code", "Response code, Alert code, NO-RESPONSE or I0-DEVICE."),
    Column("reason", Kind.TEXT, "Reason", "Its meaning, where a verified text is known."),
    *SPLIT,
    *MODEL,
    Column("firmware_version", Kind.TEXT, "Firmware version", "At the start of the round trip."),
    Column("failures", Kind.COUNT, "Failures", "Round trips that failed so."),
    key=13,
)
_INVENTORY = FileDefinition.of(
    "inventory",
    "Inventory",
    "One row for each Device registered to you at month end, with its whole record.",
    *(Column(field.name, Kind.TEXT, field.duis_name, f"{field.meaning}.") for field in DEVICE_FIELDS),
    key=1,
    streamed=True,
)
_INVENTORY_MODELS = FileDefinition.of(
    "inventory_models",
    "Models and firmware",
    "One row for each Device Type, Model and firmware version of your Devices.",
    *MODEL,
    Column("firmware_version", Kind.TEXT, "Firmware version", "Unknown where the inventory holds none."),
    Column("devices", Kind.COUNT, "Devices", "Registered to you."),
    Column("share", Kind.RATE, "Share", "Of your Devices of the Device Type and Model."),
    Column("industry_share", Kind.RATE, "Industry share", "Of all Devices of the Role, by volume."),
    Column("peer_share_p25", Kind.RATE, "Peers' lower quartile", "Share; a quarter of Users are below."),
    Column("peer_share_median", Kind.RATE, "Peers' median share", "Users without the firmware count as 0."),
    Column("peer_share_p75", Kind.RATE, "Peers' upper quartile", "Share; a quarter of Users are above."),
    PEERS,
    STATUS,
    key=4,
)

#: Every file of a pack by its name, in the order in which the pack lists them.
FILES: Final[Mapping[str, FileDefinition]] = MappingProxyType(
    {
        each.name: each
        for each in (
            _ROUND_TRIPS_MONTHLY,
            _ROUND_TRIPS_DAILY,
            _FAILURES_FILE,
            _PEER_VALUES,
            SENSITIVITY_FILE,
            NAMED_COMPARISON,
            *MEASURE_FILES,
            _INVENTORY,
            _INVENTORY_MODELS,
            *ALERT_FILES,
            METRICS_FILE,
        )
    }
)

#: For each table of a snapshot what tells a Member's rows apart; of ``members`` each has one.
KEYS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"members": (), **{each.name: each.key for each in FILES.values()}}
)


def files_for(role: str) -> tuple[FileDefinition, ...]:
    """Return the files a pack of a Role may have."""
    return tuple(each for each in FILES.values() if not each.roles or role in each.roles)


def files_of(snapshot: SnapshotFolder, member: MemberEntry) -> tuple[FileDefinition, ...]:
    """Return the files the pack of a Member has; an earlier release made no table of one that is optional.

    Raises:
        SnapshotError: a table can't be read.
    """
    made = snapshot.manifest["tables"]
    return tuple(
        described(snapshot.metrics()) if each is METRICS_FILE else each
        for each in files_for(member.role)
        if not each.optional or (each.name in made and snapshot.table(each.name, member).height)
    )
