"""Everything a PDF says: text of pages and what is read out in its place, bookmarks, metadata, attached files.

It reads PDFs as fpdf2 writes them and qpdf compresses them, some milliseconds each, where a general reader takes a
second. What it does not know (encryption, another filter, a predictor, a font without a table of its characters) is
refused, never passed over: a text nobody can read is a text in which anything may stand.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Final

_OBJECT: Final = re.compile(rb"(?:^|\n)(\d+) 0 obj\b(.*?)\nendobj", re.DOTALL)
_STREAM: Final = re.compile(rb"\bstream\r?\n(.*?)endstream", re.DOTALL)
_OBJECT_STREAM: Final = re.compile(rb"/Type\s*/ObjStm\b")
_CROSS_REFERENCES: Final = re.compile(rb"/Type\s*/XRef\b")
_FIRST: Final = re.compile(rb"/First\s+(\d+)")
_FILTER: Final = re.compile(rb"/Filter\s*\[?\s*/(\w+)")
_FONT_NAME: Final = re.compile(rb"/(F\d+)\s+(\d+)\s+0\s+R")
#: Outlines of characters, and which code has which: bytes that are no text.
_FONT_PROGRAM: Final = re.compile(rb"/(?:FontFile\d?|CIDToGIDMap)\s+(\d+)\s+0\s+R")
_TO_UNICODE: Final = re.compile(rb"/ToUnicode\s+(\d+)\s+0\s+R")
_LITERAL: Final = re.compile(rb"\(((?:\\.|[^\\()])*)\)", re.DOTALL)
_HEX: Final = re.compile(rb"<([0-9A-Fa-f\s]+)>")
_SHOWN: Final = rb"\((?:\\.|[^\\()])*\)\s*(?:Tj|'|\")|<[0-9A-Fa-f\s]*>\s*Tj|\[(?:\((?:\\.|[^\\()])*\)|[^\]()])*\]\s*TJ"
_SHOWS: Final = re.compile(_SHOWN, re.DOTALL)
_TEXT_OBJECT: Final = re.compile(rb"\bBT\b(.*?)\bET\b", re.DOTALL)
#: What is shown, and which font is set.
_OPERATION: Final = re.compile(rb"(?P<shown>" + _SHOWN + rb")|/(?P<font>\w+)\s+[-.\d]+\s+Tf\b", re.DOTALL)
#: Keeps the font that is set, and sets it again.
_STATES: Final = frozenset({b"q", b"Q"})
_ESCAPE: Final = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_PLAIN_ESCAPES: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r\n": b""}
_BF_CHARS: Final = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_BF_RANGES: Final = re.compile(rb"beginbfrange(.*?)endbfrange", re.DOTALL)
_PAIR: Final = re.compile(rb"<(\w+)>\s*<(\w+)>")
_TRIPLE: Final = re.compile(rb"<(\w+)>\s*<(\w+)>\s*<(\w+)>")
_UTF_16: Final = b"\xfe\xff"


class Unreadable(Exception):  # noqa: N818 (a text that can't be looked into, not a fault of ours)
    """A PDF holds something that can't be looked into; the message says what."""


@dataclass(frozen=True, slots=True)
class Said:
    """A text of a PDF, and where in the document it stands: ``page``, ``metadata`` or ``attachment``."""

    place: str
    text: str


def texts(data: bytes) -> Iterator[Said]:
    """Yield all texts of a PDF; white space in them is single spaces, so that names broken into lines are whole.

    Raises:
        Unreadable: something in it can't be looked into.
    """
    if not data.startswith(b"%PDF-"):
        raise Unreadable("it is no PDF")
    objects = {int(number): body for number, body in _OBJECT.findall(data)}
    plain = _STREAM.sub(b"", data)
    for number in [number for number, body in objects.items() if _OBJECT_STREAM.search(_dictionary(body))]:
        packed = objects.pop(number)
        content = _content(packed)
        objects |= _unpacked(_dictionary(packed), content)
        plain = b"\n".join((plain, content))
    if b"/Encrypt" in plain:
        raise Unreadable("it is encrypted")
    fonts = {int(number) for number in _FONT_PROGRAM.findall(plain)}
    maps = {int(number) for number in _TO_UNICODE.findall(plain)}
    tables = dict(_tables(plain, objects))
    yield Said("metadata", _spaced(_strings(plain)))
    for number, body in objects.items():
        if number in fonts | maps or not _STREAM.search(body) or b"/Subtype /Image" in body:
            continue
        if _CROSS_REFERENCES.search(_dictionary(body)):
            continue  # where the objects are, in numbers
        content = _content(body)
        if b"BT" in content and _SHOWS.search(content):
            yield Said("page", _spaced(_page(content, tables)))
            yield Said("metadata", _spaced(_strings(_SHOWS.sub(b"", content))))  # what is said in place of text shown
        elif b"/EmbeddedFile" in body:
            yield Said("attachment", _spaced(_decoded(content)))
        else:
            yield Said("metadata", _spaced(unescape(_decoded(content))))


def _dictionary(body: bytes) -> bytes:
    """Return what an object says before its stream, if it has one."""
    found = _STREAM.search(body)
    return body[: found.start()] if found else body


def _unpacked(dictionary: bytes, content: bytes) -> dict[int, bytes]:
    """Return the objects of an object stream by their numbers; the stream begins with those and their places."""
    first = _FIRST.search(dictionary)
    if first is None:
        raise Unreadable("an object stream does not say where its objects begin")
    begin = int(first[1])
    try:
        head = list(map(int, content[:begin].split()))
    except ValueError as error:
        raise Unreadable(f"an object stream has no list of its objects: {error}") from error
    places = [begin + place for place in head[1::2]]
    return {
        number: content[place:end]
        for number, place, end in zip(head[::2], places, [*places[1:], len(content)], strict=True)
    }


def _content(body: bytes) -> bytes:
    """Return the bytes of an object's stream as they were before they were compressed."""
    found = _STREAM.search(body)
    if found is None:
        raise Unreadable("an object it refers to is missing")
    filtered = _FILTER.search(body[: found.start()])
    if filtered is None:
        return found[1]
    if filtered[1] != b"FlateDecode":
        raise Unreadable(f"a stream has the filter {filtered[1].decode('latin-1')}")
    inflate = zlib.decompressobj()
    try:
        content = inflate.decompress(found[1])
    except zlib.error as error:
        raise Unreadable(f"a stream can't be inflated: {error}") from error
    if not inflate.eof:
        raise Unreadable("a stream ends before its data do")
    return content


def _tables(data: bytes, objects: dict[int, bytes]) -> Iterator[tuple[bytes, dict[int, str]]]:
    """Yield the name of each font on the pages, and its characters by their codes."""
    for name, number in set(_FONT_NAME.findall(data)):
        found = _TO_UNICODE.search(objects.get(int(number), b""))
        if found is None:
            raise Unreadable(f"font {name.decode()} has no table of its characters")
        yield name, _table(_content(objects.get(int(found[1]), b"")))


def _table(content: bytes) -> dict[int, str]:
    table: dict[int, str] = {}
    for part in _BF_CHARS.findall(content):
        for code, text in _PAIR.findall(part):
            table[int(code, 16)] = _utf_16(bytes.fromhex(text.decode()))
    for part in _BF_RANGES.findall(content):
        for first, last, text in _TRIPLE.findall(part):
            begin = int(text, 16)
            for code in range(int(first, 16), int(last, 16) + 1):
                table[code] = chr(begin + code - int(first, 16))
    return table


def _page(content: bytes, tables: dict[bytes, dict[int, str]]) -> str:
    """Return what a page shows, each text by the characters of the font that is set."""
    font, kept, lines, after = b"", list[bytes](), list[str](), 0
    for each in _TEXT_OBJECT.finditer(content):
        for state in [word for word in content[after : each.start()].split() if word in _STATES]:
            if state == b"q":
                kept.append(font)
            else:
                font = kept.pop() if kept else b""
        after = each.end()
        for operation in _OPERATION.finditer(each[1]):
            if operation["font"]:
                font = operation["font"]
            else:
                lines.append(_shown(_raw(operation["shown"]), font, tables))
    return "\n".join(lines)


def _shown(codes: bytes, font: bytes, tables: dict[bytes, dict[int, str]]) -> str:
    if font not in tables:
        raise Unreadable(f"a page shows text in font {font.decode('latin-1') or 'none'}, which has no table")
    return codes.decode("utf-16-be", errors="replace").translate(tables[font])


def _raw(operation: bytes) -> bytes:
    """Return the codes that an operation shows."""
    if operation.startswith(b"(") and b"\\" not in operation:
        return operation[1 : operation.rindex(b")")]
    if operation.startswith(b"("):
        return _unescaped(operation[1 : operation.rindex(b")")])
    literals = _LITERAL.findall(operation)
    rest = _LITERAL.sub(b"", operation) if literals else operation
    return b"".join([*map(_unescaped, literals), *(bytes.fromhex(each.decode()) for each in _HEX.findall(rest))])


def _strings(data: bytes) -> str:
    """Return the strings in the dictionaries of a PDF: titles, bookmarks, names of attached files."""
    found = [_unescaped(each) for each in _LITERAL.findall(data)]
    found += [
        bytes.fromhex(text) for each in _HEX.findall(data) if not len(text := b"".join(each.split()).decode()) % 2
    ]
    return "\n".join(map(_decoded, found))


def _unescaped(text: bytes) -> bytes:
    if b"\\" not in text:
        return text

    def plain(found: re.Match[bytes]) -> bytes:
        said = found[1]
        if said.isdigit():
            return bytes([int(said, 8) & 0xFF])
        return _PLAIN_ESCAPES.get(said, said)

    return _ESCAPE.sub(plain, text)


def _utf_16(text: bytes) -> str:
    return text.decode("utf-16-be", errors="replace")


def _decoded(text: bytes) -> str:
    if text.startswith(_UTF_16):
        return _utf_16(text[2:])
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")


def _spaced(text: str) -> str:
    return " ".join(text.split())
