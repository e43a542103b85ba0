"""Text that remembers which parts of it are figures: a string, drawn as any other, with the source of each of them.

All that has a digit is a figure with its source, wording (what a template says whatever the figures are), or named as
one of the few kinds that are no figures. Text that is none of these has a ``rest``, and a test finds it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from dcc_analytics.render.pdf.sources import Figure, Source, Unit
from dcc_analytics.render.pdf.words import count, duration, percent

_PLACE: Final = re.compile(r"\{\}")


class Other(StrEnum):
    """What has digits and is no figure."""

    WORDING = "words that are the same in every pack"
    NAME = "code, name or version"
    DATE = "day, month or instant"
    TICK = "label of a scale"
    PAGE = "number of a page"
    RECORD = "of the snapshot's own record"
    DRAWN = "counted among what a figure draws"
    GOES_ON = "end of a figure that began on the line above"


@dataclass(frozen=True, slots=True)
class Mark:
    """From where to where a text is what."""

    start: int
    end: int
    what: Figure | Other


class Said(str):
    """Text with its marks, in order and apart from each other."""

    __slots__ = ("marks",)
    marks: tuple[Mark, ...]

    def __new__(cls, text: str, marks: Iterable[Mark] = ()) -> Self:
        """Return a text with marks."""
        made = super().__new__(cls, text)
        made.marks = tuple(marks)
        return made

    @property
    def figures(self) -> list[Figure]:
        """Those that are in it."""
        return [mark.what for mark in self.marks if isinstance(mark.what, Figure)]

    def __add__(self, other: str) -> "Said":
        """Return both, the second behind."""
        return joined("", (self, other))


def figure(text: str, unit: Unit, source: Source) -> Said:
    """Return a figure as text."""
    return Said(text, (Mark(0, len(text), Figure(text, unit, source)),) if text else ())


def other(text: str, kind: Other) -> Said:
    """Return text that has digits and no figure."""
    return Said(text, (Mark(0, len(text), kind),) if text else ())


def named(text: str) -> Said:
    """Return a code, name or version."""
    return other(text, Other.NAME)


def dated(text: str) -> Said:
    """Return a day, month or instant."""
    return other(text, Other.DATE)


def counted(number: int, one: str, source: Source, many: str = "") -> Said:
    """Return a number with its noun, as ``words.plural`` has it."""
    noun = one if number == 1 else many or f"{one}s"
    return joined("", (figure(count(number), Unit.COUNT, source), other(f" {noun}", Other.WORDING)))


def every(number: int, one: str, source: Source) -> Said:
    """Return that it is so of all of a number with its noun; of one, that it is so of that one."""
    return said("The {}" if number == 1 else "All {}", counted(number, one, source))


def number(value: int, source: Source) -> Said:
    """Return a number."""
    return figure(count(value), Unit.COUNT, source)


def rated(rate: float | None, source: Source) -> Said:
    """Return a fraction as a percentage."""
    return figure(percent(rate), Unit.RATE, source)


def lasting(ms: int | None, source: Source) -> Said:
    """Return a time."""
    return figure(duration(ms), Unit.SECONDS, source)


def said(template: str, *parts: str) -> Said:
    """Return a template with parts in place of its ``{}``; what stands in the template itself is wording.

    >>> told = said("{} of 11.3", figure("7", Unit.COUNT, Source("round_trips_monthly", "", "sum(requests)")))
    >>> told, rest(told), [each.text for each in told.figures]
    ('7 of 11.3', '', ['7'])
    """
    between = _PLACE.split(template)
    if len(between) != len(parts) + 1:
        raise ValueError(f"{template!r} has {len(between) - 1} places for {len(parts)} parts")
    every = [other(between[0], Other.WORDING)]
    for part, after in zip(parts, between[1:], strict=True):
        every += [part if isinstance(part, Said) else Said(part), other(after, Other.WORDING)]
    return joined("", every)


def joined(separator: str, parts: Iterable[str]) -> Said:
    """Return texts one after the other with a separator between."""
    texts = list(parts)
    return Said(separator.join(texts), _shifted(texts, len(separator)))


def _shifted(texts: Iterable[str], gap: int) -> Iterator[Mark]:
    at = 0
    for each in texts:
        if isinstance(each, Said):
            for mark in each.marks:
                yield Mark(at + mark.start, at + mark.end, mark.what)
        at += len(each) + gap


def listed_said(parts: Iterable[str]) -> Said:
    """Return texts as a list, as ``words.listed`` does."""
    *first, last = list(parts) or [""]
    return said("{} and {}", joined(", ", first), last) if first else joined("", [last])


def rest(text: str) -> str:
    """Return what of a text nothing is said of."""
    if not isinstance(text, Said):
        return text
    kept, at = [], 0
    for mark in text.marks:
        kept.append(text[at : mark.start])
        at = mark.end
    return "".join((*kept, text[at:]))


def cut(text: str, start: int, end: int, *, tail: str = "") -> str:
    """Return a part of a text; a figure that is broken belongs to where it begins, one cut off by a tail to nobody."""
    part = text[start:end] + tail
    if not isinstance(text, Said):
        return part
    marks = []
    for mark in text.marks:
        if mark.end <= start or mark.start >= end:
            continue
        if tail and mark.end > end and isinstance(mark.what, Figure):
            continue
        goes_on = mark.start < start and isinstance(mark.what, Figure)
        what = Other.GOES_ON if goes_on else mark.what
        marks.append(Mark(max(mark.start, start) - start, min(mark.end, end) - start, what))
    return Said(part, marks)
