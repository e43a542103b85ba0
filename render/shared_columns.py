"""Columns that files of several kinds have: which service, what a Device is, how many are compared, what is missing."""

from dcc_analytics.render.columns import Column, Kind

SERVICE = (
    Column("process", Kind.TEXT, "Business process", "Business process of MP176, Table 1."),
    Column("srv", Kind.TEXT, "SRV", "Service Reference Variant."),
    Column(
        "variant",
        Kind.TEXT,
        "Variant",
        "What splits one SRV, the credential type of 6.15.2 and 6.17; else empty.",
        ("digital_signature", "key_agreement"),
    ),
)
METER_TYPE = Column("meter_type", Kind.TEXT, "Meter Type", "Electricity, Gas, None or Unknown.")
REGION = Column("region", Kind.TEXT, "Region", "Region of the Device's Communications Service Provider.")
SMETS = Column("smets_version", Kind.TEXT, "SMETS version", "SMETS1, SMETS2+ or Unknown.")
SPLIT = (METER_TYPE, REGION, SMETS)
MODEL = (
    Column("device_type", Kind.TEXT, "Device Type", "ESME, GSME, CHF, ..."),
    Column("manufacturer", Kind.TEXT, "Manufacturer", "As in the Smart Metering Inventory."),
    Column("model", Kind.TEXT, "Model", "As in the Smart Metering Inventory."),
)
STATUS = Column(
    "benchmark_status",
    Kind.TEXT,
    "Benchmark status",
    "Why figures of others are missing: ok (none is), few (too few companies), dominated (one or two are too large), "
    "complement (it could be worked out by subtraction).",
    ("ok", "few", "dominated", "complement"),
)
PEERS = Column("peers", Kind.TEXT, "Peers", "How many companies are compared, as a band.")
