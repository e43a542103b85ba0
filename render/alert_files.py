"""The files of Alerts, as data: contract section 6, column by column."""

from typing import Final

from dcc_analytics.render.columns import Column, FileDefinition, Kind
from dcc_analytics.render.comparison_columns import COMPARED_RATE
from dcc_analytics.render.shared_columns import METER_TYPE, MODEL, PEERS, SPLIT, STATUS

_DAY = Column("day", Kind.DAY, "Day", "UTC day on which the Alert was raised.")
_KIND = Column("kind", Kind.TEXT, "Kind", "DCC Alert or Device Alert.", ("dcc", "device"))
_CODE = Column("code", Kind.TEXT, "Alert code", "As sent, known or not.")
_NAME = Column("name", Kind.TEXT, "Name", "What the code means, where a verified text is known.")
_DELIVERED = Column("delivered", Kind.COUNT, "Delivered", "Alerts that reached the User.")
_FAILED = Column("failed", Kind.COUNT, "Failed", "Alerts whose delivery was given up.")
_REPRESENTED = Column(
    "represented", Kind.COUNT, "Represented", "Delivered, failed, and the further equal Alerts they stand for."
)
_SUCCESS_RATE = Column("success_rate", Kind.RATE, "Success rate", "Delivered of delivered and failed.")
_DELIVERY = (
    Column("delivery_n", Kind.COUNT, "Timed Alerts", "Delivered ones that have a time."),
    Column("delivery_best_s", Kind.SECONDS, "Best delivery time", "Shortest of the delivered, seconds; exact."),
    Column("delivery_worst_s", Kind.SECONDS, "Worst delivery time", "Longest of the delivered, seconds; exact."),
    Column("delivery_mean_s", Kind.SECONDS, "Mean delivery time", "Mean of the delivered, seconds; exact."),
)
_INDUSTRY_SUCCESS = Column("industry_success_rate", Kind.RATE, "Industry success rate", "All Users of the Role.")
_INDUSTRY_MEAN = Column(
    "industry_delivery_mean_s", Kind.SECONDS, "Industry mean delivery time", "All Users of the Role, by volume."
)
_DEVICE_TYPE, *_MAKE = MODEL
_FIRMWARE = Column("firmware_version", Kind.TEXT, "Firmware version", "When the Alert was raised.")

#: The files of Alerts, in the order in which the pack lists them.
ALERT_FILES: Final = (
    FileDefinition.of(
        "alerts_monthly",
        "Alerts of the month",
        "One row for each Alert code sent to you.",
        _KIND,
        _CODE,
        _NAME,
        _DELIVERED,
        _FAILED,
        _REPRESENTED,
        _SUCCESS_RATE,
        *_DELIVERY,
        Column("delivery_median_s", Kind.SECONDS, "Median delivery time", "Estimated within 1 % of rank, seconds."),
        _INDUSTRY_SUCCESS,
        _INDUSTRY_MEAN,
        Column("peer_failure_rate_median", Kind.RATE, "Peers' median failure rate", "Over Users of the same Role."),
        PEERS,
        STATUS,
        Column("industry_delivery_best_s", Kind.SECONDS, "Industry best delivery time", "Two significant digits."),
        Column("industry_delivery_worst_s", Kind.SECONDS, "Industry worst delivery time", "Two significant digits."),
        Column("industry_delivery_median_s", Kind.SECONDS, "Industry median delivery time", "Within 1 % of rank."),
        *COMPARED_RATE,
        key=2,
    ),
    FileDefinition.of(
        "alerts_daily",
        "Alerts of each day",
        "One row for each day and Alert code sent to you.",
        _DAY,
        _KIND,
        _CODE,
        _DELIVERED,
        _FAILED,
        _SUCCESS_RATE,
        *_DELIVERY,
        _INDUSTRY_SUCCESS,
        _INDUSTRY_MEAN,
        STATUS,
        key=3,
    ),
    FileDefinition.of(
        "alerts",
        "Alerts by Device",
        "One row for each day and Alert code with every signifier, to find what Alerts have in common.",
        _DAY,
        _KIND,
        _CODE,
        _NAME,
        _DEVICE_TYPE,
        *SPLIT,
        *_MAKE,
        _FIRMWARE,
        _DELIVERED,
        _FAILED,
        _REPRESENTED,
        *_DELIVERY,
        key=11,
    ),
    FileDefinition.of(
        "n13_n55",
        "N13 and N55",
        "One row for each of the two codes and kind of meter; Electricity Distributors only.",
        _CODE,
        METER_TYPE,
        *_MAKE,
        _FIRMWARE,
        Column("alerts", Kind.COUNT, "Alerts", "Received, delivered or not."),
        key=5,
        roles=("ED",),
    ),
)
