"""The made month as the product has it: its events folded by a worker's shard, frozen, and printed as the files are."""

import csv
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import polars as pl
from msgspec.structs import replace

from dcc_analytics.aggregators.metric import METRIC_VERSION
from dcc_analytics.catalogue.metrics import Metric
from dcc_analytics.catalogue.months import Month
from dcc_analytics.render.csv_files import write_csv
from dcc_analytics.render.files import FILES
from dcc_analytics.render.guidance import made_events as made
from dcc_analytics.snapshot.history import EARLIER
from dcc_analytics.snapshot.months_before import MonthBefore
from dcc_analytics.snapshot.rule_file import read_rules
from dcc_analytics.snapshot.rules import RuleSet, Waiver
from dcc_analytics.snapshot.sample import fold_sample
from dcc_analytics.snapshot.take import Snapshot, freeze
from dcc_analytics.snapshot.texts import as_text
from dcc_analytics.snapshot.xmr import SETTLED

#: What the made month is told of in prose, by name.
FACTS: Final[Mapping[str, int | str]] = {
    "suppliers": len(made.SUPPLIERS),
    "north_sent": made.NORTH[0], "north_failed": made.NORTH[1], "south_sent": made.SOUTH[0],
    "south_failed": made.SOUTH[1], "others_sent": made.OTHERS_READS, "meters": made.DEVICES,
    "old": made.OLD_FIRMWARE, "new": made.DEVICES - made.OLD_FIRMWARE, "slow_s": made.SLOW_S,
    "mondays": ", ".join(map(str, made.MONDAYS)), "alerts_sent": made.ALERTS, "given_up": made.GIVEN_UP,
    "throttled": made.THROTTLED, "network_sent": made.NETWORK_REQUESTS,
    "network_failed": made.NETWORK_FAILURES["X"], "other_network_failed": made.NETWORK_FAILURES["Y"],
    "before_few": made.FAILURES_BEFORE[0], "before_more": made.FAILURES_BEFORE[1],
}  # fmt: skip


#: A metric of the catalogue as there could be one: the example of docs/changing-metrics.md, by Region.
METRIC: Final = Metric(
    id="reads-in-time",
    version=1,
    title="Reads in time",
    description="Share of reads that succeeded within the Target Response Time, of those that have one.",
    source="Made for this example.",
    observed="round_trips",
    filter={"process": ("Meter Reads",)},
    dimensions=("region",),
    aggregate="rate",
    of="in_time",
    comparison="quartiles",
    page="Further metrics",
)


@cache
def frozen() -> Snapshot:
    """Return the snapshot of the made month."""
    with tempfile.TemporaryDirectory(prefix="dcca-guidance-") as folder:
        made.write_made_month(Path(folder))
        collected = fold_sample(Path(folder)).collected
    return freeze(collected, made.MONTH, _rules(), months=_months_before(), metrics=[METRIC])


def printed_rows(file: str, party: str, where: dict[str, str]) -> list[dict[str, str]]:
    """Return rows of a Party's file as its pack has them, by column.

    Args:
        file: its name without ``.csv``.
        party: whose.
        where: values as printed of some columns, by which rows are chosen.
    """
    table = as_text(frozen().tables.by_name[file].filter(party=party))
    with tempfile.TemporaryDirectory(prefix="dcca-guidance-") as folder:
        path = Path(folder) / FILES[file].file_name
        write_csv(table, FILES[file], path)
        with path.open(encoding="utf-8", newline="") as lines:
            return [row for row in csv.DictReader(lines) if where.items() <= row.items()]


def _rules() -> RuleSet:
    """Return the built-in rules, with both distributors' consent to be named."""
    first, last = made.MONTH.first_day, made.MONTH.days[-1]
    return replace(read_rules(), waivers=[Waiver("ED", "Made", list(made.DISTRIBUTORS), first, last)])


def _months_before() -> list[MonthBefore]:
    """Return the twelve months before, of which the first distributor's failures are known."""
    first = made.MONTH.number - SETTLED
    return [
        MonthBefore(str(month := Month(at // 12, at % 12 + 1)), "", METRIC_VERSION, _rates(str(month), failures))
        for at, failures in enumerate(made.FAILURES_BEFORE, first)
    ]


def _rates(month: str, failures: int) -> pl.DataFrame:
    process = "Distribution Networks Post I&C Activity"
    row = ("X", "ED", process, "6.5", "", month, made.NETWORK_REQUESTS - failures, failures)
    return pl.DataFrame([row], schema=EARLIER, orient="row")
