"""``dcca retention``: what is kept of single Devices, by which rules, and proof that nothing is kept longer."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from dcc_analytics.aggregators.ledger_log import look_into_ledger
from dcc_analytics.catalogue.errors import RetentionError, UsageError
from dcc_analytics.catalogue.retention import RETENTION, Found, Where
from dcc_analytics.commands.connection import connection_to
from dcc_analytics.commands.options import (
    DEFAULT_APPLICATION,
    DEFAULT_BOOTSTRAP,
    Application,
    Bootstrap,
    Json,
    Out,
    Prefix,
)
from dcc_analytics.commands.output import tell
from dcc_analytics.commands.retention_estates import (
    abandoned_estates,
    estates_folder,
    look_into_estates,
    of_ledger,
)
from dcc_analytics.commands.retention_words import Inventory, device_lines, found_as_json, lines, rules_as_json, shown
from dcc_analytics.render.device_search import lines_in_packs, rows_in_snapshot
from dcc_analytics.render.expired import Kept, clear_going, delete, kept_packs, kept_snapshots, leftovers
from dcc_analytics.stream.held_records import held_records, records_of_inventory
from dcc_analytics.stream.identity import IdentityError, eui64
from dcc_analytics.stream.instants import instant_us
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.permissions import Part

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="What is kept of single Devices, by which rules, and proof that nothing is kept longer.",
)

SnapshotMonths: TypeAlias = Annotated[
    int,
    typer.Option(
        envvar="DCCA_RETENTION_SNAPSHOT_MONTHS",
        min=12,
        max=120,
        help="Months after the end of its month for which a snapshot is kept.",
    ),
]
PackMonths: TypeAlias = Annotated[
    int,
    typer.Option(
        envvar="DCCA_RETENTION_PACK_MONTHS",
        min=1,
        max=120,
        help="Months after the end of its month for which packs are kept.",
    ),
]
AsOf: TypeAlias = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="Judge as of the end of this day; today's by default."
    ),
]
SNAPSHOT_MONTHS = RETENTION["snapshots"].kept.months or 0
PACK_MONTHS = RETENTION["packs"].kept.months or 0
_DEFAULT_OUT = Path("dcca-out")
_APPLY = "run `dcca retention apply --delete`"
_BY_HAND = "it is not known to be ours ({}): see to it by hand"


@app.command("show")
def show(as_json: Json = False) -> None:
    """Print the rules: what is kept of single Devices, where, for how long, why, and what drops it.

    Examples:

        dcca retention show

        dcca retention show --json
    """
    tell(rules_as_json(), shown(), as_json=as_json)


@app.command("prove")
def prove(
    out: Out = _DEFAULT_OUT,
    state: Annotated[
        Path | None,
        typer.Option(help="Folder of workers' estates, as `dcca worker --state` has it; none when left out."),
    ] = None,
    device: Annotated[
        str, typer.Option(metavar="ID", help="Say of this Device where it is found, and until when.")
    ] = "",
    as_of: AsOf = None,
    snapshot_months: SnapshotMonths = SNAPSHOT_MONTHS,
    pack_months: PackMonths = PACK_MONTHS,
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    application: Application = DEFAULT_APPLICATION,
    prefix: Prefix = "",
    as_json: Json = False,
) -> None:
    """Look at what lies there of single Devices, and judge it by the rules; exit code 9 if anything is kept longer.

    Reads every record of the ledger's topic, also those that were replaced or aborted and not compacted yet, dead
    letters, strays, the estates under --state, and snapshots and packs under OUT. Writes nothing. What the ledger and
    the estates hold is judged by the clock of the ledger, the rest by today's date. Estates lie on every worker's
    machine: run it on each.

    With --device it says of one Device where it is found and until when. Topics of events are not looked into: they are
    the feed's, and keep records for as long as their retention.ms says.

    Examples:

        dcca retention prove --state /var/lib/dcca/state

        dcca retention prove --device 88-73-84-90-6A-10-02-DB --json
    """
    wanted, now = _device(device), _now(as_of)
    not_looked_at = _not_looked_at(out, state)
    connection = connection_to(bootstrap, prefix, Part.RETENTION, application)
    found = asyncio.run(_in_kafka(connection, application, state, wanted, now))
    inventory = None
    if wanted is not None:
        inventory = Inventory(wanted, *asyncio.run(records_of_inventory(connection, wanted)))
    found += _in_folders(out, snapshot_months, pack_months, wanted, now.date())
    beyond = sum(each.beyond for each in found)
    text = lines(found, not_looked_at) if inventory is None else device_lines(found, inventory, not_looked_at)
    tell(found_as_json(found, inventory, now, not_looked_at), "\n".join(text), as_json=as_json)
    if beyond:
        raise RetentionError(f"{beyond:,} entries are kept longer than their rules allow; do what is said of each kind")


@app.command("apply")
def apply(
    out: Out = _DEFAULT_OUT,
    delete_them: Annotated[bool, typer.Option("--delete", help="Delete them, rather than only name them.")] = False,
    as_of: AsOf = None,
    snapshot_months: SnapshotMonths = SNAPSHOT_MONTHS,
    pack_months: PackMonths = PACK_MONTHS,
    as_json: Json = False,
) -> None:
    """Name the snapshots and packs under OUT that are kept longer than their rules allow; with --delete, delete them.

    A month's age is what the manifests say. The standing snapshot of a month, and its newest final one, go last. Only
    folders that are wholly this product's are deleted, and no link is followed: what is not known to be ours is named,
    and has to be seen to by hand. All the rest that is kept of Devices goes by itself.

    Examples:

        dcca retention apply

        dcca retention apply --out month-end --delete
    """
    _folder_of_output(out)
    today = _now(as_of).date()
    kept, left = [*kept_snapshots(out, snapshot_months), *kept_packs(out, pack_months)], list(leftovers(out))
    due, amiss = [each for each in kept if each.beyond(today)], [each for each in kept if each.amiss]
    if delete_them:
        clear_going(out)
        for each in due:
            try:
                delete(each)
            except OSError as error:
                raise UsageError(
                    f"{each.path} can't be deleted ({error}); see to its rights, and run it again"
                ) from error
    said = "deleted" if delete_them else "would be deleted"
    gone = {str(each.path): f"{each.rule.id}, until {each.until}" for each in due}
    gone |= {str(each.path): f"{each.rule.id}, on its way out" for each in left if each.going}
    alone = {str(each.path): _BY_HAND.format(each.amiss) for each in amiss}
    alone |= {str(each.path): each.why for each in left if not each.going}
    text = [f"{said}: {path} ({why})" for path, why in gone.items()]
    text += [f"left alone: {path}: {why}" for path, why in alone.items()]
    result = {
        "deleted" if delete_them else "would_be_deleted": list(gone),
        "left_alone": alone,
        "kept": len(kept) - len(due) - len(amiss),
    }
    nothing = "nothing is kept longer than its rule allows" if kept else f"no snapshots and no packs lie in {out}"
    tell(result, "\n".join(text) or nothing, as_json=as_json)


def _device(text: str) -> str | None:
    try:
        return eui64(text) if text else None
    except IdentityError as amiss:
        raise UsageError(
            f"--device {text!r} is no Device ({amiss}); give an id such as 88-73-84-90-6A-10-02-DB"
        ) from amiss


def _not_looked_at(out: Path, state: Path | None) -> list[Where]:
    """Return what is not looked at: estates unless their folder is given; snapshots and packs where none were made.

    Raises:
        UsageError: what was given for OUT is no folder.
    """
    if out != _DEFAULT_OUT:
        _folder_of_output(out)
    return [
        *([Where.ESTATE] if state is None else ()),
        *([] if out.is_dir() else (Where.SNAPSHOTS, Where.PACKS)),
    ]


def _folder_of_output(out: Path) -> None:
    if not out.is_dir():
        raise UsageError(f"--out {out} is no folder; give the one that has snapshots and packs")


def _now(as_of: datetime | None) -> datetime:
    return datetime.now(UTC) if as_of is None else as_of.replace(tzinfo=UTC) + timedelta(days=1, microseconds=-1)


async def _in_kafka(
    connection: Connection, application: str, state: Path | None, device: str | None, now: datetime
) -> list[Found]:
    """Return what lies in Kafka and, judged by the ledger, in the estates."""
    now_ms = instant_us(now) // 1000
    folder = estates_folder(state, connection.own(application))
    estates = look_into_estates(folder, device)
    left = {partition: each.left() for partition, each in estates.items()}
    shards = await look_into_ledger(connection, application, left=left, device=device, now_ms=now_ms)
    found = list(of_ledger(shards, left))
    found += [each.found(shards[partition] if partition < len(shards) else None) for partition, each in estates.items()]
    found += abandoned_estates(folder, device)
    return found + await held_records(connection, device=device, now_ms=now_ms)


def _in_folders(out: Path, snapshot_months: int, pack_months: int, device: str | None, today: date) -> list[Found]:
    """Return what lies in snapshots and packs, and was left beside them."""
    found = [(each, rows_in_snapshot) for each in kept_snapshots(out, snapshot_months)]
    found += [(each, lines_in_packs) for each in kept_packs(out, pack_months)]
    looked = [
        replace(_folder(each, today), of_device=0 if device is None or each.amiss else search(each.path, device))
        for each, search in found
    ]
    return looked + [
        Found(each.rule, str(each.path), 1, None, int(each.beyond), each.why, may_hold=True) for each in leftovers(out)
    ]


def _folder(kept: Kept, today: date) -> Found:
    beyond = kept.beyond(today) or bool(kept.amiss)
    why = _BY_HAND.format(kept.amiss) if kept.amiss else _APPLY if beyond else ""
    oldest_us = None if kept.month is None else kept.month.end_us
    until_us = None if kept.until is None else instant_us(datetime.combine(kept.until, datetime.min.time(), UTC))
    return Found(kept.rule, str(kept.path), kept.members, oldest_us, int(beyond), why, 0, until_us)
