"""``dcca demo``: a simulated month through a real Kafka to packs, and which of them to open first."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from dcc_analytics.commands.month import make_month
from dcc_analytics.commands.options import Json, Partitions
from dcc_analytics.commands.output import say, tell
from dcc_analytics.commands.render import CORES, Processes
from dcc_analytics.commands.simulate import FirstMonth, Homes, Seed, simulate_with_bar
from dcc_analytics.simulator.nation import FIRST_MONTH, Nation
from dcc_analytics.simulator.stories import STORIES

#: So many stories are pointed out; each can be checked in a minute.
_POINTED_OUT = 3


def demo(
    out: Annotated[Path, typer.Option(help="Folder that gets events, packs, snapshots and totals.")] = Path(
        "demo-output"
    ),
    homes: Homes = 2_000,
    seed: Seed = 176,
    month: FirstMonth = FIRST_MONTH,
    partitions: Partitions = 4,
    processes: Processes = CORES,
    as_json: Json = False,
) -> None:
    """Simulate a month, take it through a Kafka of its own to packs, and say which packs are worth opening.

    Examples:

        dcca demo

        dcca demo --homes 20000 --seed 7 --out big-demo
    """
    say(f"Simulating a nation of {homes:,} homes")
    shutil.rmtree(out / "events", ignore_errors=True)
    simulate_with_bar(Nation(seed, homes, month), out / "events", processes)
    result, words = make_month(out / "events", month, out, partitions=partitions, processes=processes)
    packs = Path(result["packs_folder"])
    shown = [
        {"title": story.title, "pack": str(packs / story.pack / "pack.pdf"), "look": story.look}
        for story in STORIES[:_POINTED_OUT]
    ]
    pointed = "".join(f"\n  {each['title']}\n    {each['pack']}\n    {each['look']}\n" for each in shown)
    tell(result | {"stories": shown}, f"{words}\n\nThree packs worth opening:\n{pointed}", as_json=as_json)
