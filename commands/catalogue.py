"""``dcca catalogue``: metrics checked, compared, and what changing them costs."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TypeAlias

import msgspec
import typer

from dcc_analytics.catalogue.changes import changes, read_rates
from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.catalogue.metrics import built_in_metrics, in_force
from dcc_analytics.commands.change_cost import change_request
from dcc_analytics.commands.change_words import as_data, form, listed
from dcc_analytics.commands.options import Json, MonthOption, Rules
from dcc_analytics.commands.output import tell
from dcc_analytics.snapshot.metric_file import read_metric_file
from dcc_analytics.snapshot.rule_file import read_rules

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Check metrics, compare them, cost a change.")

Old: TypeAlias = Annotated[Path, typer.Argument(help="File of metrics as they are; an empty file for none.")]
New: TypeAlias = Annotated[Path, typer.Argument(help="File of metrics as they will be.")]


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File of metrics, TOML.")], as_json: Json = False
) -> None:
    """Check that every metric of FILE is inside the language, so that a snapshot can be taken with it as it is.

    The language is in docs/changing-metrics.md. An entry outside it ends with exit code 2, and the class of change it
    would be.

    Examples:

        dcca catalogue check docs/metrics-example.toml
    """
    entries = read_metric_file(file)
    in_force(built_in_metrics(), entries)
    lines = [f"{each.id}, version {each.version}: {each.title}" for each in entries]
    told = f"{len(entries)} metrics inside the language"
    tell({"metrics": msgspec.to_builtins(entries)}, "\n".join([*lines, told]), as_json=as_json)


@app.command("diff")
def diff(old: Old, new: New, as_json: Json = False) -> None:
    """Tell what was added, amended, reworded and removed from OLD to NEW, and the class of each change.

    Examples:

        dcca catalogue diff agreed.toml proposed.toml
    """
    found = changes(read_metric_file(old), read_metric_file(new))
    data = [
        {"metric": each.entry.id, "change": each.kind, "class": each.kind_of_work, "fields": each.fields}
        for each in found
    ]
    tell({"changes": data}, listed(found), as_json=as_json)


@app.command("cost")
def cost(
    old: Old,
    new: New,
    events: Annotated[Path, typer.Option(help="Folder of recorded events: the sample it is measured on.")],
    month: MonthOption,
    rules: Rules = None,
    rates: Annotated[Path | None, typer.Option(help="Hours by class of change and price, TOML; else assumed.")] = None,
    as_json: Json = False,
) -> None:
    """Print the change request from OLD to NEW: what each change costs, measured on a sample of recorded events.

    The sample is folded in memory, frozen and drawn with both sets of metrics: keys and bytes, throughput, pages and
    seconds of a pack, what disclosure control withholds, whether history can be back-filled, and the work by class of
    change. A sample of the size of a month tells the month; `dcca simulate` makes some.

    Examples:

        dcca catalogue cost agreed.toml proposed.toml --events tests/data/sample --month 2026-10
    """
    sets = read_metric_file(old), read_metric_file(new)
    found = changes(*sets)
    if not found:
        raise UsageError(f"{old} and {new} hold the same metrics; there is nothing to cost")
    try:
        given = read_rates(rates.read_text(encoding="utf-8"), str(rates)) if rates else read_rates()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--rates {rates} can't be read ({error}); give a file of rates") from error
    request = change_request(found, sets, events, month, rules=read_rules(rules), rates=given)
    assumed = rates is None
    data = {**asdict(request), "work": as_data(request, given, assumed=assumed)}
    tell(data, form(request, given, assumed=assumed), as_json=as_json)
