"""``dcca explain``: the records behind the figures of a row of a pack."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from dcc_analytics.catalogue.errors import SnapshotError
from dcc_analytics.commands.options import DEFAULT_BOOTSTRAP, Bootstrap, Json, Prefix
from dcc_analytics.commands.output import bars
from dcc_analytics.explain.choose import RoundTrip, behind, choose
from dcc_analytics.explain.concern import Concern
from dcc_analytics.explain.fetch import Fetcher
from dcc_analytics.explain.pack_file import read_row
from dcc_analytics.explain.row import Row
from dcc_analytics.explain.sums import sums
from dcc_analytics.explain.words import as_data, in_words, lines
from dcc_analytics.stream.kafka import Connection

File = Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file in the folder of its pack.")]
Number = Annotated[int, typer.Argument(metavar="ROW", help="Of the row; 1 is the first after the header.")]


def explain(
    file: File,
    row: Number,
    figure: Annotated[str, typer.Option(help="Only the round trips behind this column.")] = "",
    limit: Annotated[int, typer.Option(min=0, help="Round trips shown; the sums are always of all.")] = 50,
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    prefix: Prefix = "",
    as_json: Json = False,
) -> None:
    """Show every record behind a row of a pack, what each did, and that they sum up to the row's figures.

    Folds the retained topics again, up to the offsets in the pack's manifest. Rows of peer_values.csv, and the columns
    industry_... and peer_..., are over all Members of the Role: for the operator alone, never to be passed on.

    Examples:

        dcca explain dcca-out/packs/2026-10/NWE-IS/round_trips_monthly.csv 3

        dcca explain dcca-out/packs/2026-10/NWE-IS/round_trips_daily.csv 17 --figure failures --json
    """
    asked = read_row(file, row, figure=figure)
    with bars() as shown:
        task = shown.add_task("read topics", total=None)
        fetcher = Fetcher(Connection(bootstrap, prefix), asked, lambda count: shown.advance(task, count))
        trips = asyncio.run(_trips(fetcher, asked, lambda total: shown.update(task, total=total)))
    found = sums(asked, trips)
    narrowed = behind(figure, trips) if figure else trips
    if as_json:
        typer.echo(json.dumps(as_data(asked, narrowed, found, limit), ensure_ascii=False))
    else:
        for line in lines(asked, narrowed, found, limit):
            typer.echo(line)
    wrong = [in_words(each) for each in found if not each.agrees]
    if wrong:
        why = fetcher.removed or "the file was changed, or Device records were read after the events they explain"
        raise SnapshotError(f"the records do not sum up to the row ({'; '.join(wrong)}): {why}; render the pack again")


async def _trips(fetcher: Fetcher, row: Row, tell_total: Callable[[int], None]) -> list[RoundTrip]:
    """Read twice and choose what the row is over."""
    await fetcher.look()
    tell_total(fetcher.records)
    directory, users = await fetcher.directory()
    concern = Concern(row.key["srv"], None if row.of_role else users)
    await fetcher.note(concern)
    stories, replay = await fetcher.fold(concern)
    return choose(row, stories, directory, replay.facts_at)
