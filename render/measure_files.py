"""The files of Table 1's special measures, as data: contract section 6, column by column."""

from typing import Final

from dcc_analytics.render.columns import Column, FileDefinition, Kind

_DISTRIBUTORS: Final = ("ED",)
_CHF = Column("chf", Kind.TEXT, "Communications Hub", "Device id of its Communications Hub Function.")

_INSTALLS_DAILY = FileDefinition.of(
    "installs_daily",
    "Installs of each day",
    "One row for each day of the month, if the User had any install in it or in the eight weeks before.",
    Column("day", Kind.DAY, "Day", "UTC day on which the DCC received the request."),
    Column("install_and_commission", Kind.COUNT, "Install and Commission", "Successful 8.14.1."),
    Column("install_and_leave", Kind.COUNT, "Install and Leave", "Successful 8.14.2."),
    Column(
        "predicted",
        Kind.DECIMAL,
        "Predicted",
        "Mean of 8.14.1 on the same weekday of the eight weeks before the month; bank holidays as Sundays.",
    ),
    Column("predicted_low", Kind.DECIMAL, "Predicted, low", "Two standard deviations below; may be below zero."),
    Column("predicted_high", Kind.DECIMAL, "Predicted, high", "Two standard deviations above."),
    key=1,
)
_INSTALLS_WITHOUT_READ = FileDefinition.of(
    "installs_without_read",
    "Installs without a read",
    "One row for each install whose 30th day falls in the month and whose meters nobody read until then.",
    _CHF,
    Column("installed_at", Kind.INSTANT, "Installed at", "When the DCC received the 8.14.1."),
    Column("window_ended_on", Kind.DAY, "Window ended on", "30th day after the install's."),
    key=2,
)
_COS_GAINS = FileDefinition.of(
    "cos_gains",
    "Changes of Supplier (Gain)",
    "One row for each successful 6.23; it never says from whom a Device was gained.",
    Column("device", Kind.TEXT, "Device", "Device gained."),
    Column("gained_at", Kind.INSTANT, "Gained at", "When its 6.23 started."),
    Column(
        "read_within_30_days",
        Kind.FLAG,
        "Read within 30 days",
        "Whether anyone read the Device on one of the 30 days before the day of the gain.",
    ),
    Column(
        "last_install_srv",
        Kind.TEXT,
        "Last install",
        "Which of 8.14.1 and 8.14.2 was last received for its hub before the gain, from another User.",
        ("8.14.1", "8.14.2", "none"),
    ),
    key=2,
)
_FIRMWARE_DELIVERY = FileDefinition.of(
    "firmware_delivery",
    "Firmware deliveries",
    "One row for each hub of each 11.1 received in the month; SMETS1 hubs are left out.",
    Column("request_id", Kind.TEXT, "Request", "Originator, target and counter of the 11.1."),
    _CHF,
    Column("received_at", Kind.INSTANT, "Received at", "When the DCC received the 11.1."),
    Column("delivered_at", Kind.INSTANT, "Delivered at", "When a delivery status first reported success, if any."),
    Column("within_five_days", Kind.FLAG, "Within five days", "Whether it was delivered within five days."),
    key=2,
)
_N42_AFTER_N16 = FileDefinition.of(
    "n42_after_n16",
    "N42 after N16",
    "One row for each import supplier at the time of the N16.",
    Column(
        "supplier",
        Kind.TEXT,
        "Supplier",
        "A letter drawn anew for each month and recipient; a name where governance allows it; or Unknown.",
    ),
    Column("n16", Kind.COUNT, "N16", "N16 of the month."),
    Column("within_7_days", Kind.COUNT, "Within seven days", "Those followed by an N42 within seven days."),
    Column("later", Kind.COUNT, "Later", "Those followed by an N42 later, until the month was final."),
    Column("none", Kind.COUNT, "None", "Those not followed by an N42."),
    key=1,
    roles=_DISTRIBUTORS,
)
_OUTAGES_UNRESTORED = FileDefinition.of(
    "outages_unrestored",
    "Power outages without restoration",
    "One row for each AD1 of the month without a restoration until a day after its end.",
    _CHF,
    Column("mpxn", Kind.TEXT, "MPxN", "As the Alert says."),
    Column("started_at", Kind.INSTANT, "Started at", "As the Alert says, else when it was raised."),
    Column("age_hours", Kind.DECIMAL, "Age in hours", "As of the month's end."),
    key=3,
    roles=_DISTRIBUTORS,
)

#: In the order in which the pack lists them.
MEASURE_FILES: Final = (
    _INSTALLS_DAILY,
    _INSTALLS_WITHOUT_READ,
    _COS_GAINS,
    _FIRMWARE_DELIVERY,
    _N42_AFTER_N16,
    _OUTAGES_UNRESTORED,
)
