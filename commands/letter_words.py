"""Dead letters in words: tables by kind and one by one, and a letter as a whole. Nothing raw reaches a terminal."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from dcc_analytics.aggregators.outgoing import kind_of_reason
from dcc_analytics.catalogue.months import month_of
from dcc_analytics.stream.dead_letters import Letter, Place, as_json
from dcc_analytics.stream.instants import US_PER_MS, instant_text
from dcc_analytics.stream.replays import Replay
from dcc_analytics.stream.send_back import SentBack

#: What of a value is shown; all of it is in the file of ``--save``.
_SHOWN_BYTES: Final = 16 * 1024
_HEX_WIDTH: Final = 16

PERSONAL: Final = (
    "This may be personal data: it is for looking into the fault alone, and is gone 30 days after its date."
)


@dataclass(slots=True)
class Kind:
    """Dead letters of a topic whose reasons are of a kind.

    Attributes:
        topic, kind: which.
        first_ms, last_ms: least and greatest timestamp of their records.
        example: where one of them stood.
        count, replayed: how many there are, and how many of them were sent back.
    """

    topic: str
    kind: str
    first_ms: int
    last_ms: int
    example: Place
    count: int = 0
    replayed: int = 0

    def add(self, letter: Letter, *, replayed: bool) -> None:
        """Count one more."""
        self.first_ms, self.last_ms = min(self.first_ms, letter.timestamp), max(self.last_ms, letter.timestamp)
        self.count += 1
        self.replayed += replayed

    def as_json(self) -> dict[str, Any]:
        """Return it for machines."""
        return {
            "topic": self.topic, "kind": self.kind, "count": self.count, "replayed": self.replayed,
            "first": when(self.first_ms), "last": when(self.last_ms), "example": str(self.example),
        }  # fmt: skip


def when(ms: int) -> str:
    """Return a record's timestamp, which may be anything, as text.

    >>> when(86_400_000), when(2**62), when(-1)
    ('1970-01-02T00:00:00.000Z', '4611686018427387904 ms', '-1 ms')
    """
    try:
        return instant_text(ms * US_PER_MS) if ms >= 0 else f"{ms} ms"
    except OverflowError:
        return f"{ms} ms"


def printable(text: str) -> str:
    r"""Return a text with all that a terminal would obey, or turn round, told by its number.

    >>> printable("a\x1b[2Jb\u202ec\n")
    'a\\x1b[2Jb\\u202ec\\n'
    """
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, right: frozenset[int] = frozenset()) -> str:
    """Return rows as lines, each column as wide as it needs.

    Args:
        heads: of the columns.
        rows: of texts.
        right: columns that are numbers.
    """
    lines = [heads, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def kinds_table(kinds: Sequence[Kind], limit: int) -> str:
    """Return kinds as a table, at most so many, and what they come to."""
    rows = [
        (
            each.topic, f"{each.count:,}", f"{each.replayed:,}", when(each.first_ms), when(each.last_ms),
            str(each.example), printable(each.kind),
        )
        for each in kinds[:limit]
    ]  # fmt: skip
    heads = ("topic", "count", "sent back", "first", "last", "for example", "why they can't be read")
    count, replayed = sum(each.count for each in kinds), sum(each.replayed for each in kinds)
    left = f"\n{len(kinds) - limit:,} more kinds: --limit shows more" if len(kinds) > limit else ""
    return (
        f"{table(heads, rows, right=frozenset({1, 2}))}{left}\n"
        f"{count:,} dead letters, {replayed:,} of them sent back; `dcca dead-letters show PLACE` shows one"
    )


def one_by_one(found: Sequence[tuple[Letter, Replay | None]], count: int) -> str:
    """Return letters as a table, without anything of what they hold."""
    rows = [
        (
            str(letter.origin), when(letter.timestamp), "" if replay is None else str(replay.place),
            printable(kind_of_reason(letter.reason)),
        )
        for letter, replay in found
    ]  # fmt: skip
    left = f"\n{count - len(found):,} more: --limit shows more" if count > len(found) else ""
    return table(("place", "timestamp", "sent back as", "why it can't be read"), rows) + left


def summary(letter: Letter, replay: Replay | None) -> dict[str, Any]:
    """Return a letter for machines, without anything of what it holds."""
    return {
        "place": str(letter.origin), "timestamp": when(letter.timestamp), "kind": kind_of_reason(letter.reason),
        "replayed_as": None if replay is None else str(replay.place),
    }  # fmt: skip


def whole(letter: Letter, replay: Replay | None, why_now: str | None) -> dict[str, Any]:
    """Return all of a letter for machines."""
    return {
        **as_json(letter),
        "dead_letter": str(letter.own),
        "set_aside_at": when(letter.set_aside_ms),
        "headers": {name: (value or b"").decode(errors="replace") for name, value in letter.headers},
        "readable_now": why_now is None,
        "replayed_as": None if replay is None else str(replay.place),
        "personal_data": PERSONAL,
    }


def shown(letter: Letter, replay: Replay | None, why_now: str | None) -> str:
    """Return all of a letter as lines: where, when, why, key and value, and what to do.

    Args:
        letter: which.
        replay: the note that it was sent back, if it was.
        why_now: why this release can't read it, None if it can.
    """
    lines = [
        f"record      {letter.origin}, of {when(letter.timestamp)}",
        f"set aside   {when(letter.set_aside_ms)}, as {letter.own}",
        f"why         {printable(letter.reason)}",
        f"key         {_inline(letter.key)}",
        *(f"header      {printable(name)}: {_inline(value)}" for name, value in letter.headers),
        f"value       {'none' if letter.value is None else f'{len(letter.value):,} bytes'}",
        *(f"  {line}" for line in _value_lines(letter.value or b"")),
        PERSONAL,
        _what_to_do(letter, replay, why_now),
    ]
    return "\n".join(lines)


def _inline(value: bytes | None) -> str:
    if value is None:
        return "none"
    try:
        return printable(value.decode()[:200])
    except UnicodeDecodeError:
        return f"{value[:100].hex(' ')} (not UTF-8)"


def _value_lines(value: bytes) -> list[str]:
    """Return a value as lines: JSON indented, other text as it is, what is no text as bytes."""
    cut = len(value) > _SHOWN_BYTES
    try:
        lines = msgspec.json.format(value, indent=2).decode().splitlines()
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        lines = _text_lines(value)
    text, kept = [printable(line) for line in lines], 0
    for number, line in enumerate(text):
        kept += len(line)
        if kept > _SHOWN_BYTES:
            text[number:] = [line[: max(0, len(line) - kept + _SHOWN_BYTES)], "…"]
            cut = True
            break
    return [*text, "(cut: --save FILE writes all of it)"] if cut else text


def _text_lines(value: bytes) -> list[str]:
    part = value[:_SHOWN_BYTES]
    try:
        return part.decode(errors="strict" if part is value or len(value) <= _SHOWN_BYTES else "ignore").split("\n")
    except UnicodeDecodeError:
        return [
            f"{at:06x}  {part[at : at + _HEX_WIDTH].hex(' ')}" for at in range(0, min(len(part), 1024), _HEX_WIDTH)
        ] + (["…"] if len(part) > 1024 else [])


def _what_to_do(letter: Letter, replay: Replay | None, why_now: str | None) -> str:
    if replay is not None:
        edited = ", corrected," if replay.edited else ""
        return f"It was sent back{edited} at {when(replay.at_ms)} and stands at {replay.place}: nothing is left to do."
    if why_now is None:
        return f"This release can read it: `dcca dead-letters replay {letter.origin}` sends it back."
    return (
        "It still can't be read. Where the sender was wrong, have it send a correct record, or correct the value in a "
        f"file (--save FILE) and `dcca dead-letters replay {letter.origin} --value FILE`. Where the product is wrong, "
        "report the kind of reason, never the value, and replay with the release that reads it."
    )


def told_back(done: SentBack, *, dry_run: bool) -> tuple[dict[str, Any], str]:
    """Return what became of letters, for machines and for people."""
    months: dict[str, int] = {}
    for event_us in done.event_times_us:
        month = str(month_of(event_us))
        months[month] = months.get(month, 0) + 1
    months = dict(sorted(months.items()))
    refused = [{"place": str(each.origin), "kind": kind_of_reason(each.why)} for each in done.refused]
    result = {
        "dry_run": dry_run,
        "sent": {str(origin): str(place) for origin, place in done.sent},
        "sent_before": {str(origin): str(place) for origin, place in done.before},
        "refused": refused,
        "months": months,
    }
    would = "would be sent back" if dry_run else "sent back"
    lines = [f"{len(done.sent):,} {would}, {len(done.before):,} had been before, {len(done.refused):,} can't be"]
    lines += [f"{each['place']}: {printable(each['kind'])}" for each in refused[:20]]
    if len(refused) > 20:
        lines.append(f"{len(refused) - 20:,} more: --json names all")
    if months:
        told = ", ".join(f"{month} {count:,}" for month, count in months.items())
        lines.append(
            f"by month of the event: {told}; a month that was frozen changes, and is frozen again as a revision"
        )
    return result, "\n".join(lines)
