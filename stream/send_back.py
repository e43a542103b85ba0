"""Sending dead letters back: which of them can be read by now, and in what order they go.

One that still can't be read is never sent: it would come back as another dead letter. Neither is a version on a
compacted topic of which there is a later one under its key: sent back it would stand after that, and replace it.
"""

from collections.abc import AsyncIterator, Callable, Collection, Iterable
from typing import Final, NamedTuple

from dcc_analytics.catalogue.errors import DeadLetterError
from dcc_analytics.stream.dead_letters import Letter, Place, Watch, letters
from dcc_analytics.stream.decode import DECODERS, REFERENCE_DECODERS, Decoded, decode_device, decoded
from dcc_analytics.stream.duis import decoded_record
from dcc_analytics.stream.events import DeviceVersion, Incident, Rejected, StreamEvent, UserEntry
from dcc_analytics.stream.extents import Extents
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.reference import REFERENCE_TOPICS, ReferenceReader
from dcc_analytics.stream.replays import Replay, Replayer, read_replays
from dcc_analytics.stream.strays import STRAYS, read_stray

#: What explains events goes first, and requests before what ends them: an end does not wait for a request that is told
#: more than a week late.
ORDER: Final = (*REFERENCE_TOPICS, *DECODERS, STRAYS)

#: Of one transaction, for whose end all who read the topic wait.
_BATCH_LETTERS: Final = 500
_BATCH_BYTES: Final = 8 * 1024 * 1024

_Event = StreamEvent | DeviceVersion | Incident | UserEntry


class Refused(NamedTuple):
    """A dead letter that was not sent back, and why, in words that may quote what the record holds."""

    origin: Place
    why: str


class SentBack(NamedTuple):
    """What became of the dead letters that were chosen.

    Attributes:
        sent: from where to where; of a dry run where each would go, which is where it stood.
        before: those that were sent back earlier, and to where.
        refused: those that can't be.
        event_times_us: of the events sent, where they have one.
    """

    sent: list[tuple[Place, Place]]
    before: list[tuple[Place, Place]]
    refused: list[Refused]
    event_times_us: list[int]


class _There(NamedTuple):
    """What the topics hold: how many partitions, and the last offset of keys that came after a dead letter."""

    partitions: dict[str, int]
    later: dict[tuple[str, int, bytes | None], int]


def read_again(letter: Letter) -> Decoded[_Event]:
    """Return the event that a dead letter's record holds for this release, or why it still holds none."""
    topic = letter.origin.topic
    if topic == STRAYS:
        topic = read_stray(letter)[0]
    if topic in DECODERS:
        return decoded_record(topic, letter)
    if topic in REFERENCE_DECODERS:
        return decoded(REFERENCE_DECODERS[topic], letter.value)
    if topic == "devices":
        return decoded(decode_device, letter.value)
    return Rejected(f"its topic is none whose records are read: {topic[:40]!r}")


async def send_back(
    connection: Connection,
    chosen: Callable[[Letter], bool],
    *,
    named: Collection[Place] = (),
    value: bytes | None = None,
    dry_run: bool = False,
    watch: Watch | None = None,
) -> SentBack:
    """Send the chosen dead letters back, each at most once whatever was done before.

    Args:
        connection: how to reach Kafka, and the prefix of topic names.
        chosen: says of a dead letter whether it is meant.
        named: places that must be there, of records or of dead letters.
        value: what they are to hold now, None for what they held.
        dry_run: send nothing, only say what would be.
        watch: told how far each reading of the topic has got.

    Raises:
        DeadLetterError: a place that was named is not there, or as ``Replayer.send``; what was sent before stays so.
        BrokerError, TopicError: Kafka can't be reached, or a topic is missing.
    """
    found = [(each.own, each.origin, each.key) async for each in letters(connection, watch=watch) if chosen(each)]
    missing = set(named) - {place for own, origin, _ in found for place in (own, origin)}
    if missing:
        raise DeadLetterError(
            f"there is no dead letter {', '.join(map(str, sorted(missing)))}: `dcca dead-letters list --each` names "
            "those there are; they go 30 days after they were set aside"
        )
    origins = [(origin, key) for _, origin, key in found]
    partitions = await _partitions(connection, origins)
    there = _There(
        partitions, await _later(connection, [each for each in origins if each[0][1] < partitions[each[0][0]]])
    )
    topics = sorted({origin.topic for origin, _ in origins}, key=lambda name: (*ORDER, name).index(name))

    async def letters_of(topic: str) -> AsyncIterator[Letter]:
        async for letter in letters(connection, watch=watch):
            if letter.origin.topic == topic and chosen(letter):
                yield letter

    if dry_run:
        return await _send(letters_of, topics, value, there, await read_replays(connection), None)
    async with Replayer(connection) as replayer:
        return await _send(letters_of, topics, value, there, dict(replayer.sent), replayer)


async def _send(  # noqa: PLR0917 (called above, always with all)
    letters_of: Callable[[str], AsyncIterator[Letter]],
    topics: list[str],
    value: bytes | None,
    there: _There,
    before: dict[str, Replay],
    replayer: Replayer | None,
) -> SentBack:
    """Send topic after topic, so that little has to be held in memory; without a replayer only look."""
    done = SentBack([], [], [], [])
    seen: set[str] = set()
    for topic in topics:
        async for batch in _batches(letters_of(topic)):
            ready = []
            for letter in batch:
                if letter.identity not in seen:
                    seen.add(letter.identity)
                    corrected = letter if value is None else letter._replace(value=value)
                    if _is_ready(corrected, before, there, done):
                        ready.append(corrected)
            if replayer is None:
                done.sent.extend((each.origin, each.origin) for each in ready)
            else:
                await replayer.send(ready, edited=value is not None)
                done.sent.extend((each.origin, replayer.sent[each.identity].place) for each in ready)
    return done


async def _batches(found: AsyncIterator[Letter]) -> AsyncIterator[list[Letter]]:
    """Yield letters by as many as go into one transaction."""
    batch: list[Letter] = []
    size = 0
    async for letter in found:
        batch.append(letter)
        size += len(letter.value or b"")
        if len(batch) >= _BATCH_LETTERS or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    yield batch


def _is_ready(letter: Letter, before: dict[str, Replay], there: _There, done: SentBack) -> bool:
    """Return whether a letter is to be sent; note what else becomes of it."""
    replay = before.get(letter.identity)
    if replay is not None:
        done.before.append((letter.origin, replay.place))
        return False
    event = read_again(letter)
    why = event.reason if isinstance(event, Rejected) else _has_no_place(letter, there)
    if why is not None:
        done.refused.append(Refused(letter.origin, why))
        return False
    event_us = getattr(event, "event_us", None)
    if event_us is not None:
        done.event_times_us.append(event_us)
    return True


def _has_no_place(letter: Letter, there: _There) -> str | None:
    """Return why a record can't go back to where it stood, None if it can."""
    topic, partition, offset = letter.origin
    if partition >= there.partitions[topic]:
        return f"its topic has {there.partitions[topic]} partitions by now: publish it anew"
    last = there.later.get((topic, partition, letter.key), offset)
    if last > offset:
        return f"a later version stands under its key, which it would replace: {Place(topic, partition, last)}"
    return None


async def _partitions(connection: Connection, origins: Iterable[tuple[Place, bytes | None]]) -> dict[str, int]:
    async with Extents(connection) as extents:
        return {topic: await extents.partitions(topic) for topic in {origin.topic for origin, _ in origins}}


async def _later(
    connection: Connection, origins: Iterable[tuple[Place, bytes | None]]
) -> dict[tuple[str, int, bytes | None], int]:
    """Return, for keys on compacted topics, the last offset they have after the first of these records."""
    wanted = {(*origin[:2], key) for origin, key in origins if origin.topic in REFERENCE_TOPICS}
    starts: dict[tuple[str, int], int] = {}
    for origin, _ in origins:
        if origin.topic in REFERENCE_TOPICS:
            place = origin.topic, origin.partition
            starts[place] = min(origin.offset, starts.get(place, origin.offset))
    later: dict[tuple[str, int, bytes | None], int] = {}
    if not starts:
        return later
    async with Extents(connection) as extents, ReferenceReader(connection) as reader:
        ends = await extents.ends(starts)
        await reader.follow(starts)
        while any(reader.position(place) < end for place, end in ends.items()):
            async for fetched in reader.fetch(0.5):
                for record in fetched.records:
                    if (where := (fetched.topic, fetched.partition, record.key)) in wanted:
                        later[where] = record.offset
    return later
