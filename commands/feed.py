"""``dcca feed``: a feed looked at as a whole, before it goes live or after it has changed."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from dcc_analytics.aggregators.outgoing import kind_of_reason
from dcc_analytics.commands.connection import connection_to
from dcc_analytics.commands.logs import log_to_stderr
from dcc_analytics.commands.options import DEFAULT_BOOTSTRAP, Bootstrap, Json, Prefix
from dcc_analytics.commands.output import bars, tell
from dcc_analytics.stream.decode import DECODERS
from dcc_analytics.stream.duis import decoded_record, record_bytes
from dcc_analytics.stream.duis_xml import is_document
from dcc_analytics.stream.events import Rejected
from dcc_analytics.stream.extents import Extents, read_up_to
from dcc_analytics.stream.fetched import Record
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.novel import novelties
from dcc_analytics.stream.permissions import Part
from dcc_analytics.stream.recorded import TOPICS, MadeRecord, files_of, read_recorded
from dcc_analytics.stream.rekeyed import read_entry

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Look at what a feed sends.")

UNREAD: Final = "unread"
#: Different fields that are told of a topic, and words; a feed that makes up names has no end of them. Reasons why a
#: record can't be read are so many as the product has, and all are told.
_MOST: Final = 200


@app.callback()
def _group() -> None:
    """Look at what a feed sends."""


@dataclass(slots=True)
class Found:
    """Something that is not known, how often it was seen, and where first."""

    topic: str
    kind: str
    path: str
    word: str
    comes_of_it: str
    first: str
    records: int = 0


@dataclass(slots=True)
class Check:
    """What was seen of a feed.

    Attributes:
        records: looked at, by topic.
        documents: those among them that are DUIS documents.
        found: what is not known, by topic, kind, path and word.
        left_out: how often something was seen that is beyond what is told of a topic.
    """

    records: Counter[str] = field(default_factory=Counter)
    documents: Counter[str] = field(default_factory=Counter)
    found: dict[tuple[str, str, str, str], Found] = field(default_factory=dict)
    left_out: int = 0
    _told: Counter[tuple[str, str]] = field(default_factory=Counter)

    def take(self, topic: str, record: Record, where: str) -> None:
        """Look at a record."""
        self.records[topic] += 1
        self.documents[topic] += topic in DECODERS and is_document(record.value or b"")
        for kind, path, word, comes_of_it in dict.fromkeys(_said(topic, record)):
            name = topic, kind, path, word
            if name not in self.found:
                if kind != UNREAD and self._told[topic, kind] >= _MOST:
                    self.left_out += 1
                    continue
                self._told[topic, kind] += 1
                self.found[name] = Found(topic, kind, path, word, comes_of_it, where)
            self.found[name].records += 1


def _said(topic: str, record: Record) -> Iterator[tuple[str, str, str, str]]:
    """Yield what a record says that is not known, or why it can't be read."""
    if record.value is None and topic not in DECODERS:
        return  # takes the entry of its key away
    event = decoded_record(topic, record) if topic in DECODERS else read_entry(topic, record.value)
    if isinstance(event, Rejected):
        yield UNREAD, kind_of_reason(event.reason), "", "a dead letter"
    elif record.value is not None and topic in DECODERS and is_document(record.value):
        # Of elements nobody looks for none is in the record a document stands for; its words are.
        yield from novelties(topic, record_bytes(topic, record.value, record.headers, record.timestamp))
    elif record.value is not None:
        yield from novelties(topic, record.value)


@app.command("check")
def check(
    events: Annotated[Path | None, typer.Option(help="Folder of recorded events to look at instead of topics.")] = None,
    records: Annotated[
        int, typer.Option(min=0, help="Newest records of each partition that are looked at; 0 for all.")
    ] = 10_000,
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    prefix: Prefix = "",
    as_json: Json = False,
) -> None:
    """Tell what a feed says that this release does not know: fields, words, and records it can't read.

    Fields nobody knows are ignored, words are taken as said, and what can't be read becomes a dead letter; each line
    says what comes of it. It tells and does not judge: the exit code is 0 whatever is found. Reads only. DUIS
    documents are looked at for words, and for whether they can be read; not for elements nobody knows.

    Examples:

        dcca feed check

        dcca feed check --events tests/data/sample --json
    """
    log_to_stderr(verbose=False)
    if events is not None:
        seen = _recorded(events)
    else:
        seen = asyncio.run(_on_topics(connection_to(bootstrap, prefix, Part.MONTH), records))
    lines = sorted(seen.found.values(), key=_order)
    result: dict[str, Any] = {
        "records": seen.records,
        "documents": +seen.documents,
        "unknown": [{name: getattr(each, name) for name in Found.__slots__} for each in lines],
        "left_out": seen.left_out,
    }
    tell(result, _in_words(seen, lines), as_json=as_json)


def _order(found: Found) -> tuple[int, str, int, str]:
    return TOPICS.index(found.topic), found.kind, -found.records, found.path


def _recorded(folder: Path) -> Check:
    seen = Check()
    for topic, path in files_of(folder).items():
        for number, event in enumerate(read_recorded(path), 1):
            seen.take(topic, MadeRecord(number, event.timestamp_ms, event.key, event.value), f"{path.name}:{number}")
    return seen


async def _on_topics(connection: Connection, newest: int) -> Check:
    """Look at the newest records of each partition of every topic a feed writes."""
    seen = Check()
    async with Extents(connection) as extents:
        places = [(topic, p) for topic in TOPICS for p in range(await extents.partitions(topic))]
        starts, ends = await extents.starts(places), await extents.ends(places)
    begins = {place: max(starts[place], ends[place] - newest) if newest else starts[place] for place in places}
    with bars() as shown:
        task = shown.add_task("look at records", total=sum(ends[place] - begins[place] for place in places))
        async for (topic, partition), record in read_up_to(connection, ends, starts=begins):
            seen.take(topic, record, f"{topic}/{partition}/{record.offset}")
            shown.advance(task)
    return seen


def _in_words(seen: Check, lines: list[Found]) -> str:
    looked_at = ", ".join(f"{count:,} of {topic}" for topic, count in seen.records.items()) or "none"
    told = [f"records looked at: {looked_at}"]
    if documents := seen.documents.total():
        told.append(
            f"{documents:,} are DUIS documents: looked at for words and whether they can be read, not for elements"
        )
    if not lines:
        return "\n".join([*told, f"all {'that was looked at' if documents else 'of it'} is known"])
    told.append(f"{'records':>9}  {'topic':17} {'what':7} {'':40} comes of it (first seen)")
    for each in lines:
        name = f"{each.path} = {each.word}" if each.word else each.path
        told.append(f"{each.records:9,}  {each.topic:17} {each.kind:7} {name:40} {each.comes_of_it} ({each.first})")
    if seen.left_out:
        told.append(f"more than {_MOST} fields or words of a topic are not listed: {seen.left_out:,} times")
    return "\n".join(told)
