"""What a document is before it is written: chapters of sections of paragraphs, lists and tables. Pure.

Text may hold ``[words](#anchor)``, a link within the document, and words between backticks, a name as files have it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

_SPAN: Final = re.compile(r"\[(?P<words>[^\]]+)\]\(#(?P<anchor>[a-z0-9-]+)\)|`(?P<name>[^`]+)`")


class Span(NamedTuple):
    """Words of a text that are alike: plain, a link if they have an anchor, or a name."""

    words: str
    anchor: str = ""
    is_name: bool = False


def spans(text: str) -> Iterator[Span]:
    """Yield the spans of a text.

    >>> [*spans("see `open` in [Alerts](#alerts).")]
    [Span(words='see ', anchor='', is_name=False), Span(words='open', anchor='', is_name=True), \
Span(words=' in ', anchor='', is_name=False), Span(words='Alerts', anchor='alerts', is_name=False), \
Span(words='.', anchor='', is_name=False)]
    """
    end = 0
    for match in _SPAN.finditer(text):
        if match.start() > end:
            yield Span(text[end : match.start()])
        name = match["name"]
        yield Span(name, is_name=True) if name else Span(match["words"], match["anchor"])
        end = match.end()
    if end < len(text):
        yield Span(text[end:])


def plain(text: str) -> str:
    """Return a text without its marks.

    >>> plain("see `open` in [Alerts](#alerts).")
    'see open in Alerts.'
    """
    return "".join(span.words for span in spans(text))


def anchor(title: str) -> str:
    """Return what a section of a title is linked by.

    >>> anchor("R-BP-1"), anchor("Round trips, and what ends them")
    ('r-bp-1', 'round-trips-and-what-ends-them')
    """
    return "-".join(re.findall("[a-z0-9]+", title.lower()))


def link(words: str) -> str:
    """Return a link to the section, or the row of a table, that has these words for a title."""
    return f"[{words}](#{anchor(words)})"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; its first column names the rows.

    Attributes:
        caption: what it shows.
        header: a title for each column.
        rows: a text for each column.
        widths: of the columns, in hundredths of the page.
        linked: whether rows can be linked to, by the text of their first column.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    linked: bool = False

    def __post_init__(self) -> None:
        if {len(self.header)} != {len(self.widths), *map(len, self.rows)}:
            raise ValueError(f"the table {self.caption!r} has rows or widths of another number than its columns")


#: A paragraph, a list, or a table.
Block: TypeAlias = str | tuple[str, ...] | Grid


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the document, with parts of its own below it.

    Attributes:
        title: of it.
        blocks: what it says.
        parts: in order.
        name: what it is linked by, where that is not its title.
    """

    title: str
    blocks: tuple[Block, ...] = ()
    parts: tuple["Section", ...] = ()
    name: str = ""

    @property
    def anchor(self) -> str:
        """The anchor of links to it."""
        return anchor(self.name or self.title)


@dataclass(frozen=True, slots=True)
class Document:
    """The whole of it.

    Attributes:
        title: on the first page.
        edition: which release it is of, and from what definitions.
        chapters: in order.
    """

    title: str
    edition: str
    chapters: tuple[Section, ...]


def numbered(sections: tuple[Section, ...], before: str = "") -> Iterator[tuple[str, Section]]:
    """Yield sections with their numbers, each before its parts.

    >>> [number for number, _ in numbered((Section("A", parts=(Section("B"), Section("C"))), Section("D")))]
    ['1', '1.1', '1.2', '2']
    """
    for place, section in enumerate(sections, 1):
        number = f"{before}{place}"
        yield number, section
        yield from numbered(section.parts, f"{number}.")


def blocks_of(text: str) -> tuple[Block, ...]:
    r"""Return paragraphs and lists as they are written: a blank line between them, ``- `` before each item of a list.

    >>> blocks_of("One\nline.\n\n- a\n- b\n  c\n")
    ('One line.', ('a', 'b c'))
    """
    return tuple(_block(part) for part in text.strip().split("\n\n"))


def _block(part: str) -> Block:
    if not part.startswith("- "):
        return " ".join(part.split())
    return tuple(" ".join(item.split()) for item in re.split(r"(?m)^- ", part) if item)
