"""``python -m bench``: measure parts of the product beside yardsticks of the same run, and keep the results."""

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Annotated, Any, Final

import typer

from bench.figures import Figure, PartFailedError, ratios
from bench.parts import (
    bounded,
    decode,
    estate,
    faust_stock,
    flink,
    fold,
    getmany,
    growth,
    kafka_streams,
    kills,
    kills_one,
    ledger,
    live,
    memory,
    nation,
    opening,
    overload,
    polars_batch,
    publish,
    pyplot,
    quix,
    render,
    simulate,
    snapshot,
    state,
    watching,
    worker,
    workers,
)
from bench.run import EVENTS_A_HOME, Run
from bench.stored import result_of, store
from dcc_analytics.catalogue.errors import DccaError
from dcc_analytics.simulator.nation import LEAST_HOMES

#: In the order a whole run takes them.
PARTS: Final[dict[str, Callable[[Run], list[Figure]]]] = {
    "simulate": simulate.measure,
    "decode": decode.measure,
    "fold": fold.measure,
    "memory": memory.measure,
    "bounded": bounded.measure,
    "publish": publish.measure,
    "getmany": getmany.measure,
    "faust": faust_stock.measure_dict,
    "faust-tables": faust_stock.measure_tables,
    "quix": quix.measure,
    "kafka-streams": kafka_streams.measure,
    "flink": flink.measure,
    "worker": worker.measure,
    "workers": workers.measure,
    "overload": overload.measure,
    "live": live.measure,
    "state": state.measure,
    "watching": watching.measure,
    "opening": opening.measure,
    "snapshot": snapshot.measure,
    "polars": polars_batch.measure,
    "render": render.measure,
    "pyplot": pyplot.measure,
}
#: One kill of each that promises exactness, all over the same events.
KILLS_ONE: Final[dict[str, Callable[[Run], list[Figure]]]] = {
    "kills-one-worker": kills_one.measure_worker,
    "kills-one-kafka-streams": kills_one.measure_kafka_streams,
    "kills-one-flink": kills_one.measure_flink,
    "kills-one-quix": kills_one.measure_quix,
}
#: Minutes of killing, which measure no speed: left out of a run of all parts, and named one by one or by this word.
KILLS: Final[dict[str, Callable[[Run], list[Figure]]]] = {
    **KILLS_ONE,
    "kills-at-least-once": kills.measure_at_least_once,
    "kills-exactly-once": kills.measure_exactly_once,
    "kills-worker": kills.measure_worker,
}
#: Whole runs of three sizes: left out likewise.
GROWTH: Final[dict[str, Callable[[Run], list[Figure]]]] = {"growth": growth.measure}
#: Minutes to hours, and the size is their own: left out likewise.
NATION: Final[dict[str, Callable[[Run], list[Figure]]]] = {
    "nation": nation.measure,
    "estate": estate.measure,
    "ledger": ledger.measure,
}
#: Words for several parts.
WORDS: Final = {"kills": KILLS, "kills-one": KILLS_ONE}
#: Of the smallest nation there is.
LEAST_EVENTS: Final = LEAST_HOMES * EVENTS_A_HOME


def run(
    parts: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PART]...",
            help=f"Of {', '.join(PARTS)}: all by default. Or {', '.join([*GROWTH, *NATION, *WORDS])}, or one of these.",
        ),
    ] = None,
    *,
    events: Annotated[int, typer.Option(min=LEAST_EVENTS, help="Events of the national mix.")] = 1_000_000,
    scale: Annotated[
        float | None,
        typer.Option(min=1, help="In place of --events: of a month of Great Britain, one event in so many."),
    ] = None,
    devices: Annotated[int, typer.Option(min=1, help="Of the part estate.")] = estate.ASKED_DEVICES,
    packs: Annotated[bool, typer.Option(help="Of the part nation: whether packs are made, too.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
    keep: Annotated[bool, typer.Option("--store", help="Keep the results in bench/results; then `make docs`.")] = False,
) -> None:
    """Measure parts of the product over events in the national mix, on a Kafka of its own.

    Measured processes run on one core, the broker where it likes. Machines and moments differ, so the figures to
    compare are the ratios: shares of a yardstick of the same run.

    Examples:
        python -m bench

        python -m bench fold decode --events 200000 --json

        python -m bench nation --scale 1000

        python -m bench estate --devices 10000000
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that what was started is stopped
    logging.getLogger("aiokafka").setLevel(logging.ERROR)  # it warns of every retry, and topics are just being made
    every = {**PARTS, **GROWTH, **NATION, **KILLS}
    named = {each for name in parts or PARTS for each in WORDS.get(name, (name,))}
    wanted = {name: part for name, part in every.items() if name in named}
    unknown = sorted(named - every.keys())
    if unknown:
        raise typer.BadParameter(
            f"there is no part {', '.join(unknown)}; there are {', '.join([*PARTS, *GROWTH, *NATION, *WORDS])}"
        )
    load_before = os.getloadavg()[0]
    if scale is not None:
        events = max(LEAST_EVENTS, round(nation.EVENTS / scale))
    figures, why = _measure(wanted, Run(events, devices=devices, packs=packs))
    result = result_of(events, [*ratios(figures), *figures], load_before=load_before)
    if as_json:
        sys.stdout.write(json.dumps(result, indent=2) + "\n")
    else:
        sys.stdout.write(_table(result["figures"]))
    if why is not None:
        sys.stderr.write(f"{why}\n")
        raise typer.Exit(1)
    if keep:
        path = store(result)
        sys.stderr.write(f"stored as bench/results/{path.name}; `make docs` takes it into its page\n")


def _measure(wanted: dict[str, Callable[[Run], list[Figure]]], run: Run) -> tuple[list[Figure], str | None]:
    """Measure parts in order; return their figures and, when one failed and the run ended with it, why."""
    figures: list[Figure] = []
    with run as shared:
        for number, (name, part) in enumerate(wanted.items(), 1):
            sys.stderr.write(f"part {number} of {len(wanted)}: {name}\n")
            try:
                figures += part(shared)
            except KeyboardInterrupt:
                return figures, f"bench: interrupted in part {name}; what was measured before stands above"
            except (PartFailedError, DccaError, OSError, subprocess.SubprocessError) as failed:
                again = f"python -m bench {name} --events {run.events}"
                return figures, (
                    f"bench: part {name} failed ({failed}), parts after it were left out; correct that, see whether "
                    f"`{again}` goes through, and run again"
                )
    return figures, None


def _table(figures: list[dict[str, Any]]) -> str:
    rows = [(each["part"], each["name"], f"{each['value']:,.6g}", each["unit"]) for each in figures]
    wide, wider, widest = (max((len(row[at]) for row in rows), default=0) for at in range(3))
    return "".join(f"{part:<{wide}}  {name:<{wider}}  {value:>{widest}}  {unit}\n" for part, name, value, unit in rows)


if __name__ == "__main__":
    typer.run(run)
