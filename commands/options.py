"""Options that several commands share, each said once."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from dcc_analytics.catalogue.months import Month

Bootstrap: TypeAlias = Annotated[
    str, typer.Option(envvar="DCCA_BOOTSTRAP", help="Kafka brokers, host:port separated by commas.")
]
Prefix: TypeAlias = Annotated[str, typer.Option(envvar="DCCA_PREFIX", help="Leads the name of every topic.")]
Application: TypeAlias = Annotated[
    str,
    typer.Option(
        envvar="DCCA_APPLICATION", help="Consumer group and ledger; workers with the same share the partitions."
    ),
]
Partitions: TypeAlias = Annotated[
    int,
    typer.Option(
        envvar="DCCA_TOPICS_PARTITIONS",
        min=1,
        max=10_000,
        help="Partitions of each co-partitioned topic, which as many workers share.",
    ),
]
MonthOption: TypeAlias = Annotated[
    Month, typer.Option(parser=Month.parse, metavar="YYYY-MM", help="The month, in UTC, for example 2026-10.")
]
Out: TypeAlias = Annotated[
    Path, typer.Option(envvar="DCCA_OUT", help="Folder that gets snapshots/YYYY-MM and packs/YYYY-MM.")
]
Rules: TypeAlias = Annotated[
    Path | None,
    typer.Option(envvar="DCCA_RULES", help="Rule set of disclosure control, TOML; the built-in one when left out."),
]
Metrics: TypeAlias = Annotated[
    list[Path] | None,
    typer.Option(envvar="DCCA_METRICS", help="Further metrics, TOML as in docs/changing-metrics.md; may be repeated."),
]
Final: TypeAlias = Annotated[bool, typer.Option("--final", help="Refuse a month that can still change (exit code 5).")]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for machines.")]
Verbose: TypeAlias = Annotated[
    bool, typer.Option("--verbose", envvar="DCCA_VERBOSE", help="Log also what helps to look into a fault.")
]

DEFAULT_BOOTSTRAP = "localhost:9092"
DEFAULT_APPLICATION = "dcca"
