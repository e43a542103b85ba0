"""Devices by Model and firmware: how many each Member has, and how its firmware is spread beside the others'.

Source: contract section 6 (``inventory_models.csv``), section 7 (rules 2 to 5 and 9) and section 8 (Peers). A share is
of the Devices of the same Device Type and Model, made by the same manufacturer.
"""

from typing import Final

import polars as pl

from dcc_analytics.snapshot.benchmarks import told_before
from dcc_analytics.snapshot.disclosure import band, coarse_quartiles, few, first_reason, industry_reason, shown
from dcc_analytics.snapshot.earlier import Before
from dcc_analytics.snapshot.exact import share
from dcc_analytics.snapshot.inventory import Inventory
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.snapshot.rules import RuleSet

#: What firmware is spread over; a Model's Devices are counted by it.
MODEL_KEY: Final = ("role", "device_type", "manufacturer", "model")
FIRMWARE_KEY: Final = (*MODEL_KEY, "firmware_version")
MODELS: Final = (
    *FIRMWARE_KEY[1:], "devices", "share", "industry_share", "peer_share_p25", "peer_share_median", "peer_share_p75",
    "peers", "benchmark_status",
)  # fmt: skip

_QUARTILES: Final = ("peer_share_p25", "peer_share_median", "peer_share_p75")


def members_of_registrations(inventory: Inventory, directory: Directory) -> pl.DataFrame:
    """Return the Members of each registration: ``registered``, its number, ``party``, ``group`` and ``role``."""
    rows = []
    for number, registered in enumerate(inventory.registered):
        for user, role in registered:
            member = directory.member(user, role, None)
            rows.append((number, member.party, directory.party(member.party).group, member.role))
    schema = {"registered": pl.Int32} | dict.fromkeys(("party", "group", "role"), pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row")


def inventory_models(
    inventory: Inventory, directory: Directory, before_us: int, rules: RuleSet, before: Before | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the Models of every Member just before an instant, each beside the benchmark of its cell.

    Args:
        inventory: all versions.
        directory: whose a User id is.
        before_us: the end of the month.
        rules: what may be shown of others.
        before: which cells of a table are withheld for what was told before.

    Returns:
        Columns party, role and ``MODELS``, sorted; and the benchmarks by ``FIRMWARE_KEY``.
    """
    members = _counted(inventory, directory, before_us)
    models = members.group_by("party", "group", *MODEL_KEY).agg(pl.col("devices").sum().alias("of_model"))
    counts = counts_of_firmware(members)
    told = before("inventory_models", counts, FIRMWARE_KEY) if before else None
    benchmarks = _benchmarks(members, models, counts, rules, told)
    rows = (
        members.join(models, on=("party", "group", *MODEL_KEY))
        .with_columns(share(pl.col("devices"), pl.col("of_model")).alias("share"))
        .join(benchmarks, on=FIRMWARE_KEY)
        .select("party", "role", *MODELS)
    )
    return rows.sort("party", "role", *MODELS), benchmarks


def _counted(inventory: Inventory, directory: Directory, before_us: int) -> pl.DataFrame:
    """Return ``devices`` by Member and ``FIRMWARE_KEY``; a Device counts for each Member it is registered to."""
    names = ("device_type", "manufacturer", "model", "firmware_version")
    facts = pl.DataFrame(
        {name: [getattr(each, name) for each in inventory.facts] for name in names},
        schema=dict.fromkeys(names, pl.String),
    ).with_row_index("facts")
    return (
        inventory.held_before(before_us)
        .group_by("facts", "registered")
        .agg(pl.len().cast(pl.Int64).alias("devices"))
        .with_columns(pl.col("facts").cast(pl.UInt32))
        .join(facts, on="facts")
        .join(members_of_registrations(inventory, directory), on="registered")
        .group_by("party", "group", *FIRMWARE_KEY)
        .agg(pl.col("devices").sum())
    )


def counts_of_firmware(members: pl.DataFrame) -> pl.DataFrame:
    """Return Devices as peers and ``earlier`` count them: those of a Model stand in the share of each of its firmwares.

    A Member without a firmware that others have is counted there with none.

    Args:
        members: ``devices`` by Member and ``FIRMWARE_KEY``, with its owner group or without.

    Returns:
        By Member and every firmware of its Models ``requests``, the Devices of the Model, and ``successes``, those of
        the firmware.
    """
    whose = [name for name in ("party", "group") if name in members.columns]
    models = members.group_by(*whose, *MODEL_KEY).agg(pl.col("devices").sum().alias("requests"))
    return (
        members.select(FIRMWARE_KEY)
        .unique()
        .join(models, on=MODEL_KEY)
        .join(members.select(*whose, *FIRMWARE_KEY, "devices"), on=(*whose, *FIRMWARE_KEY), how="left")
        .with_columns(pl.col("devices").fill_null(0).alias("successes"), pl.lit(0).alias("failures"))
        .drop("devices")
    )


def _benchmarks(
    members: pl.DataFrame, models: pl.DataFrame, counts: pl.DataFrame, rules: RuleSet, before: pl.DataFrame | None
) -> pl.DataFrame:
    """Return the benchmark of each cell by ``FIRMWARE_KEY``: what may not be shown is null."""
    by_group = models.group_by(*MODEL_KEY, "group").agg(pl.col("of_model").sum())
    of_models = by_group.group_by(MODEL_KEY).agg(
        pl.len().cast(pl.Int64).alias("groups"),
        pl.col("of_model").sum().alias("total"),
        pl.col("of_model").max().alias("largest"),
        pl.col("of_model").top_k(2).sum().alias("largest_two"),
    )
    cells = (
        members.group_by(FIRMWARE_KEY)
        .agg(pl.col("devices").sum())
        .join(of_models, on=MODEL_KEY)
        .join(_peers(counts, rules), on=FIRMWARE_KEY, how="left")
        .with_columns(
            share(pl.col("devices"), pl.col("total")).alias("industry_share"),
            industry_reason(rules.industry).alias("withheld"),
            pl.col("peer_groups").fill_null(0),
        )
        .with_columns(
            few("peer_groups", rules.peers.median_groups).alias("unmatched"),
            few("peer_groups", rules.peers.quartile_groups).alias("unranked"),
        )
    )
    return told_before(cells, before, FIRMWARE_KEY, "withheld", "unmatched", "unranked").select(
        *FIRMWARE_KEY,
        shown("industry_share", "withheld"),
        shown("peer_share_median", "unmatched"),
        *(shown(f"peer_share_{name}", "unranked") for name in ("p25", "p75")),
        band("peer_groups", rules.peers).alias("peers"),
        *("withheld", "unmatched", "unranked", pl.col("devices").alias("total")),
        first_reason("withheld", "unmatched", "unranked").alias("benchmark_status"),
    )


def _peers(counts: pl.DataFrame, rules: RuleSet) -> pl.DataFrame:
    """Return quartiles of the shares of Members with enough Devices of the Model, and how many groups these are."""
    shares = (
        counts.filter(pl.col("requests") >= rules.peers.requests)
        .group_by(FIRMWARE_KEY)
        .agg(pl.col("group").n_unique().cast(pl.Int64).alias("peer_groups"), "successes", "requests")
    )
    schema = dict.fromkeys(FIRMWARE_KEY, pl.String) | {"peer_groups": pl.Int64} | dict.fromkeys(_QUARTILES, pl.Float64)
    rows = [
        (*cell, groups, *coarse_quartiles(zip(devices, of_model, strict=True), rules.rounding))
        for *cell, groups, devices, of_model in shares.iter_rows()
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")
