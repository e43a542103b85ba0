"""``dcca explain``: the records behind the figures of a row of a pack."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer

from dcc_analytics.catalogue.errors import SnapshotError
from dcc_analytics.commands.connection import connection_to
from dcc_analytics.commands.options import DEFAULT_BOOTSTRAP, Bootstrap, Json, Prefix
from dcc_analytics.commands.output import bars
from dcc_analytics.explain.explanation import Explanation
from dcc_analytics.explain.families import FAMILIES
from dcc_analytics.explain.fetch import Fetcher
from dcc_analytics.explain.pack_file import read_row
from dcc_analytics.explain.row import Row
from dcc_analytics.explain.words import as_data, in_words, lines
from dcc_analytics.stream.permissions import Part

File = Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file in the folder of its pack.")]
Number = Annotated[int, typer.Argument(metavar="ROW", help="Of the row; 1 is the first after the header.")]

#: What may be the case when nothing was removed by retention and figures differ all the same.
_OTHERWISE: Final = (
    "the file was changed (render the pack again), Device records were read after the events they explain, or "
    "compaction has removed those of then"
)


def explain(
    file: File,
    row: Number,
    figure: Annotated[str, typer.Option(help="Only what is behind this column.")] = "",
    limit: Annotated[int, typer.Option(min=0, help="Shown of what is behind the row; the sums are of all.")] = 50,
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    prefix: Prefix = "",
    as_json: Json = False,
) -> None:
    """Show every record behind a row of a pack, what each did, and that they sum up to the row's figures.

    Reads the retained topics again, up to the offsets in the pack's manifest: round trips, failures, Alerts, installs
    with the weeks that foretell them, gains, firmware deliveries, N42 after N16, outages, and of the inventory the
    version of each Device's record that holds at the month's end.

    Rows of peer_values.csv, and the columns industry_... and peer_..., are over all Members of the Role; other rows can
    hang on records of other Members too, and then the second line says so. These are for the operator alone, never to
    be passed on.

    Examples:

        dcca explain dcca-out/packs/2026-10/NWE-IS/round_trips_monthly.csv 3

        dcca explain dcca-out/packs/2026-10/NWE-IS/round_trips_daily.csv 17 --figure failures --json

        dcca explain dcca-out/packs/2026-10/NWE-IS/cos_gains.csv 1
    """
    asked = read_row(file, row, figure=figure)
    connection = connection_to(bootstrap, prefix, Part.MONTH, asked.pack.application or "")
    with bars() as shown:
        task = shown.add_task("read topics", total=None)
        fetcher = Fetcher(connection, asked, lambda count: shown.advance(task, count))
        said = asyncio.run(_explanation(fetcher, asked, lambda total: shown.update(task, total=total)))
    if as_json:
        typer.echo(json.dumps(as_data(asked, said, limit), ensure_ascii=False))
    else:
        for line in lines(asked, said, limit):
            typer.echo(line)
    wrong = [in_words(each) for each in said.sums if not each.agrees]
    if wrong:
        gone = f"{fetcher.removed} and what stood before can't be explained any more"
        why = gone if fetcher.removed else _OTHERWISE
        raise SnapshotError(f"the records do not sum up to the row ({'; '.join(wrong)}): {why}")


async def _explanation(fetcher: Fetcher, row: Row, tell_total: Callable[[int], None]) -> Explanation:
    """Read what concerns the row, read and fold it, and tell what is behind it."""
    await fetcher.look()
    directory, users = await fetcher.directory()
    family = FAMILIES[row.file]
    concern = family.concern(row, users)
    tell_total(fetcher.records(concern))
    await fetcher.note(concern)
    said = family.explained(row, await fetcher.fold(concern, directory))
    if not fetcher.removed:
        return said
    return replace(said, remarks=[*said.remarks, f"{fetcher.removed}: what stood before is not among these"])
