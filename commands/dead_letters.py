"""``dcca dead-letters``: what could not be read, by kind and one by one, and how it is sent back."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from dcc_analytics.aggregators.outgoing import kind_of_reason
from dcc_analytics.catalogue.errors import DeadLetterError, UsageError
from dcc_analytics.catalogue.months import Month
from dcc_analytics.commands.connection import connection_to
from dcc_analytics.commands.letter_words import Kind, kinds_table, one_by_one, shown, summary, told_back, whole
from dcc_analytics.commands.options import DEFAULT_BOOTSTRAP, Bootstrap, Json, Prefix
from dcc_analytics.commands.output import bars, tell
from dcc_analytics.stream.dead_letters import Letter, Place, Watch, letters
from dcc_analytics.stream.events import Rejected
from dcc_analytics.stream.instants import US_PER_MS, instant_us
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.permissions import Part
from dcc_analytics.stream.replays import Replay, read_replays
from dcc_analytics.stream.send_back import read_again, send_back

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="See what could not be read, and send it back when it can be.",
)


def _place(text: str) -> Place:
    try:
        return Place.parse(text)
    except ValueError as amiss:
        raise UsageError(
            f"{text!r} is no place; give topic, partition and offset as `dcca dead-letters list` does, for example "
            "alerts/3/17"
        ) from amiss


Where: TypeAlias = Annotated[
    Place,
    typer.Argument(parser=_place, metavar="PLACE", help="TOPIC/PARTITION/OFFSET of the record, or of its dead letter."),
]
Topic: TypeAlias = Annotated[str, typer.Option(help="Only records of this topic.")]
Reason: TypeAlias = Annotated[str, typer.Option(help="Only those in whose kind of reason this stands, in any case.")]
Since: TypeAlias = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="Only records with timestamps from this day on."),
]
OfMonth: TypeAlias = Annotated[
    Month | None,
    typer.Option("--month", parser=Month.parse, metavar="YYYY-MM", help="Only records with timestamps of this month."),
]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which dead letters are meant."""

    topic: str
    reason: str
    since: datetime | None
    month: Month | None

    def takes(self, letter: Letter) -> bool:
        """Return whether a letter is meant."""
        at_us = letter.timestamp * US_PER_MS
        return (
            (not self.topic or letter.origin.topic == self.topic)
            and (not self.reason or self.reason.lower() in kind_of_reason(letter.reason).lower())
            and (self.since is None or at_us >= instant_us(self.since.replace(tzinfo=UTC)))
            and (self.month is None or self.month.start_us <= at_us < self.month.end_us)
        )


@app.command("list")
def list_letters(
    topic: Topic = "",
    reason: Reason = "",
    since: Since = None,
    month: OfMonth = None,
    each: Annotated[bool, typer.Option("--each", help="Name each dead letter rather than count kinds.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Lines shown; counts are of all.")] = 50,
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    prefix: Prefix = "",
    as_json: Json = False,
) -> None:
    """Count dead letters by topic and by the kind of reason why they can't be read; show nothing of what they hold.

    A record that several applications have set aside counts once. Dead letters go 30 days after they were set aside;
    that they were sent back is known for good.

    Examples:

        dcca dead-letters list

        dcca dead-letters list --topic alerts --month 2026-10 --each --limit 1000
    """
    chosen, connection = Filter(topic, reason, since, month), connection_to(bootstrap, prefix, Part.DEAD_LETTERS)
    with _bar() as watch:
        kinds, named, count = asyncio.run(_listed(connection, chosen, limit if each else 0, watch))
    result: dict[str, object] = {"letters": count, "kinds": [kind.as_json() for kind in kinds[:limit]]}
    if each:
        result = {"letters": count, "each": [summary(*one) for one in named]}
    words = one_by_one(named, count) if each else kinds_table(kinds, limit)
    tell(result, words if count else "no dead letters", as_json=as_json)


async def _listed(
    connection: Connection, chosen: Filter, most: int, watch: Watch
) -> tuple[list[Kind], list[tuple[Letter, Replay | None]], int]:
    """Return kinds, the most frequent first, the first letters, without their values, and how many there are."""
    replays = await read_replays(connection)
    kinds: dict[tuple[str, str], Kind] = {}
    named: list[tuple[Letter, Replay | None]] = []
    seen: set[str] = set()
    async for letter in letters(connection, watch=watch):
        if letter.identity in seen or not chosen.takes(letter):
            continue
        seen.add(letter.identity)
        kind, replay = (letter.origin.topic, kind_of_reason(letter.reason)), replays.get(letter.identity)
        new = Kind(*kind, letter.timestamp, letter.timestamp, letter.origin)
        kinds.setdefault(kind, new).add(letter, replayed=replay is not None)
        if len(named) < most:
            named.append((letter._replace(value=None), replay))
    return sorted(kinds.values(), key=lambda each: (-each.count, each.topic, each.kind)), named, len(seen)


@app.command("show")
def show(
    place: Where,
    save: Annotated[
        Path | None, typer.Option(help="Write the value to this file, to be looked into or corrected.")
    ] = None,
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    prefix: Prefix = "",
    as_json: Json = False,
) -> None:
    """Show a dead letter: where the record stood, when, why it can't be read, what it holds, and what to do.

    What it holds may be personal data. A terminal gets no control characters of it, and no more than 16 kB.

    Examples:

        dcca dead-letters show alerts/3/17

        dcca dead-letters show alerts/3/17 --save letter.json
    """
    connection = connection_to(bootstrap, prefix, Part.DEAD_LETTERS)
    with _bar() as watch:
        letter, replay = asyncio.run(_found(connection, place, watch))
    if save is not None:
        try:
            save.write_bytes(letter.value or b"")
        except OSError as error:
            raise UsageError(f"--save {save} can't be written ({error}); give another file") from error
    event = read_again(letter)
    why_now = event.reason if isinstance(event, Rejected) else None
    tell(whole(letter, replay, why_now), shown(letter, replay, why_now), as_json=as_json)


async def _found(connection: Connection, place: Place, watch: Watch) -> tuple[Letter, Replay | None]:
    replays = await read_replays(connection)
    found = [each async for each in letters(connection, watch=watch) if place in {each.origin, each.own}]
    if not found:
        raise DeadLetterError(
            f"there is no dead letter {place}: `dcca dead-letters list --each` names those there are; they go 30 days "
            "after they were set aside"
        )
    return found[-1], replays.get(found[-1].identity)


@app.command("replay")
def replay(
    places: Annotated[
        list[Place] | None,
        typer.Argument(parser=_place, metavar="[PLACE]...", help="Which, by the places that `list --each` names."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All that the filters take, rather than named ones.")] = False,
    topic: Topic = "",
    reason: Reason = "",
    since: Since = None,
    month: OfMonth = None,
    value: Annotated[
        Path | None, typer.Option(help="Send this file as the value, a corrected one, of the one place named.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Send nothing; say what would be.")] = False,
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    prefix: Prefix = "",
    as_json: Json = False,
) -> None:
    """Send dead letters back to where their records stood, once the product or a mapping was corrected.

    Each is sent at most once, however often this is run, killed or run twice at a time; a second run says where the
    record stands. Key, timestamp, partition and the headers that are read stay as they were. What still can't be read
    is refused with the kind of reason (exit code 1 if it was named), as is a version of a Device, Incident or User of
    which there is a later one.

    Workers fold it by its own timestamp, as a record that comes late. Up to seven days late by the stream's clock, all
    figures become what they should have been. Later, an Alert, a scheduled result and an end of a leg still held count
    as they should; but a request finds no answer any more that came in time, and becomes NO-RESPONSE, and an end has to
    find its request there: workers must have folded the requests before.

    Final months are not closed to it: what is sent back of them is counted, but for an end of a leg, which is late and
    changes no figure. Where a month was frozen, its next `dcca snapshot` is a revision that lists every figure that is
    another.

    What the sender itself has sent again must not be sent back: told again after more than a day it counts twice.

    Examples:

        dcca dead-letters replay --all --reason "unknown kind" --dry-run

        dcca dead-letters replay --all --topic service-requests --month 2026-10

        dcca dead-letters replay alerts/3/17 --value letter.json
    """
    named = set(places or ())
    if bool(named) == every:
        raise UsageError("name places, or give --all with or without filters; not both")
    if value is not None and len(named) != 1:
        raise UsageError("--value is for one named place")
    chosen = Filter(topic, reason, since, month)
    with _bar() as watch:
        sending = send_back(
            connection_to(bootstrap, prefix, Part.DEAD_LETTERS),
            lambda letter: chosen.takes(letter) and (every or letter.origin in named or letter.own in named),
            named=named,
            value=None if value is None else _read(value),
            dry_run=dry_run,
            watch=watch,
        )
        done = asyncio.run(sending)
    result, words = told_back(done, dry_run=dry_run)
    tell(result, words, as_json=as_json)
    if named and done.refused:
        raise typer.Exit(1)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"--value {path} can't be read ({error}); give a file with the corrected value") from error


@contextmanager
def _bar() -> Iterator[Watch]:
    """Show how far dead letters have been read."""
    with bars() as shown:
        task = shown.add_task("read dead letters", total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)
