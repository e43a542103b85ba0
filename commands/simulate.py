"""``dcca simulate``: months of a simulated nation as recorded events, and what is planted in them."""

import time
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from dcc_analytics.catalogue.months import Month
from dcc_analytics.commands.options import Json
from dcc_analytics.commands.output import bars, tell
from dcc_analytics.commands.render import CORES, Processes
from dcc_analytics.simulator.nation import FIRST_MONTH, Nation
from dcc_analytics.simulator.stories import STORIES
from dcc_analytics.simulator.write import write_nation

Homes: TypeAlias = Annotated[int, typer.Option(help="Homes at the start; each has four to five Devices.")]
Seed: TypeAlias = Annotated[int, typer.Option(help="Of all chance: the same gives the same events.")]


def _month(given: str | Month) -> Month:
    """Return a month as typer gives it: a text, or the default itself."""
    return given if isinstance(given, Month) else Month.parse(given)


FirstMonth: TypeAlias = Annotated[
    Month, typer.Option(parser=_month, metavar="YYYY-MM", help="The first month, in UTC.")
]


def simulate(
    out: Annotated[Path, typer.Option(help="Folder that gets <topic>.ndjson, a line for each Kafka record.")],
    homes: Homes = 5_000,
    seed: Seed = 176,
    month: FirstMonth = FIRST_MONTH,
    months: Annotated[int, typer.Option(help="Months in a row.")] = 1,
    days_after: Annotated[int, typer.Option(help="Days of traffic after the last month; nine make it final.")] = 9,
    processes: Processes = CORES,
    as_json: Json = False,
) -> None:
    """Simulate a nation: its Parties, homes and Devices, and months of their messages, three of five of them Alerts.

    A home causes about 170 events a month. Stories are planted in the first month; they are named at the end, with
    the packs that show them.

    Examples:

        dcca simulate --out events

        dcca simulate --out events --homes 100000 --month 2026-07 --months 4 --seed 7
    """
    began = time.monotonic()
    nation = Nation(seed, homes, month, months, days_after)
    written = simulate_with_bar(nation, out, processes)
    seconds = time.monotonic() - began
    count = sum(written.values())
    stories = "".join(f"  {story.title}: {story.pack}\n" for story in STORIES)
    tell(
        {
            "folder": str(out),
            "records": written,
            "seconds": round(seconds, 3),
            "stories": [{"title": story.title, "pack": story.pack, "look": story.look} for story in STORIES],
        },
        f"{count:,} records in {out} in {seconds:.1f} s ({count / seconds:,.0f} a second)\n"
        f"Stories planted in {month}, and the packs that show them:\n{stories}",
        as_json=as_json,
    )


def simulate_with_bar(nation: Nation, folder: Path, processes: int) -> dict[str, int]:
    """Simulate with a bar; return lines by topic."""
    with bars() as shown:
        task = shown.add_task("simulate days", total=len(nation.days))
        return write_nation(
            nation,
            folder,
            processes=processes,
            progress=lambda share: shown.update(task, completed=round(share * len(nation.days))),
        )
