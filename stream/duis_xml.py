"""The hardened XML parser for DUIS documents: bytes from outside become a small tree of named elements, or are refused.

It stands on expat, which holds what the schema does not need out of reach: without a document type there is no entity
to expand and none to fetch, and a document that holds one is refused before it is parsed. Size, depth, number of
elements and attributes are bounded, so that no document of a record's size costs more than a few hundred milliseconds.

Elements of the DCC's own namespaces go by their local names (the header and body of DUIS, the readable SMETS1 part of
the Message Mapping Catalogue); what is of any other namespace, like the signature, is passed over. An element the
reader does not ask for is ignored.

Source: contract section 5; DUIS XML Schema 5.1 and 5.4; Message Mapping Catalogue schema 5.4.
"""

from collections.abc import Mapping
from typing import Final
from xml.parsers import expat

#: Contract section 5. The longest documents of the schema are firmware images, which are not read.
LIMIT_BYTES: Final = 1024 * 1024

#: DUIS nests some 15 deep (tariffs), the readable SMETS1 responses some 20.
LIMIT_DEPTH: Final = 64

#: A profile log of 13 months has some 60,000 elements; it would not fit in ``LIMIT_BYTES``.
LIMIT_ELEMENTS: Final = 60_000

#: No element of the schemas has more than four, none longer than a word.
LIMIT_ATTRIBUTES: Final = 16
LIMIT_ATTRIBUTE_CHARS: Final = 1024

#: All namespaces of the DCC begin so; they did not change from 5.0 to 5.4, only the attribute ``schemaVersion`` did.
_OURS: Final = "http://www.dccinterface.co.uk/"

#: The document type as expat may meet it: in UTF-8 and every 8-bit encoding it takes, in UTF-16 of either order.
_DOCTYPES: Final = tuple("<!DOCTYPE".encode(encoding) for encoding in ("ascii", "utf-16-le", "utf-16-be"))

#: What an XML document's bytes begin with: ``<`` in UTF-8 or UTF-16, with or without a byte order mark.
_BEGINNINGS: Final = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe<\0", b"\xfe\xff\0<", b"\0<")


class DuisError(ValueError):
    """A document is no DUIS message that can be read; the message says why, what is the record's own in quotes."""


class Element:
    """An element of the document with its text and the elements within it.

    Invariants:
        ``text`` is that of an element without others in it, stripped; empty for one that holds elements.
    """

    __slots__ = ("attributes", "children", "name", "text")

    def __init__(self, name: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        self.name = name
        self.attributes = attributes
        self.text = ""
        self.children: list[Element] = []

    def find(self, name: str) -> "Element | None":
        """Return the element of a name directly within this one, None without.

        Raises:
            DuisError: there are several, where the schema has one.
        """
        found = None
        for child in self.children:
            if child.name == name:
                if found is not None:
                    raise DuisError(f"more than one element `{self.name}/{name}`")
                found = child
        return found

    def need(self, name: str) -> "Element":
        """Return the element of a name directly within this one.

        Raises:
            DuisError: there is none, or several.
        """
        found = self.find(name)
        if found is None:
            raise DuisError(f"missing required element `{self.name}/{name}`")
        return found

    def optional(self, path: str) -> str | None:
        """Return the text of an element by its path of names, None where it is absent or says nothing.

        Args:
            path: names with ``/`` between them.
        """
        at: Element | None = self
        for name in path.split("/"):
            at = at.find(name) if at is not None else None
        return at.text or None if at is not None else None

    def required(self, name: str) -> str:
        """Return the text of an element directly within this one.

        Raises:
            DuisError: it is absent or says nothing.
        """
        text = self.need(name).text
        if not text:
            raise DuisError(f"missing required element `{self.name}/{name}`")
        return text


def is_document(value: bytes) -> bool:
    """Return whether a record's value begins as XML does: with ``<`` (contract section 1).

    >>> is_document(b"<sr:Request/>"), is_document(b"{}")
    (True, False)
    """
    return value.startswith(_BEGINNINGS)


def parsed(value: bytes) -> Element:
    """Return the root element of a document.

    Raises:
        DuisError: the document is too long, has a document type, is not well formed, or passes another bound.
    """
    if len(value) > LIMIT_BYTES:
        raise DuisError("the document is over 1 MiB")
    if any(mark in value for mark in _DOCTYPES):
        raise DuisError("the document has a document type, where entities are defined: refused unread")
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartNamespaceDeclHandler = _check_namespace
    tree = _Tree(parser)
    try:
        parser.Parse(value, True)  # noqa: FBT003 (the argument's name is not part of expat's interface)
    except expat.ExpatError as error:
        where = f"line {error.lineno}, column {error.offset}"
        raise DuisError(f"XML is malformed: {expat.errors.messages[error.code]}: '{where}'") from error
    except DuisError:
        raise
    except (LookupError, ValueError) as unknown:
        raise DuisError(f"XML is in an encoding that is not read: '{unknown}'") from unknown
    finally:
        tree.leave()
    if tree.root is None:
        raise DuisError("the root element is not of DUIS: its namespace is none of the DCC's")
    return tree.root


class _Tree:
    """Grows the tree as expat meets elements, up to the end of the body.

    After the body only the signature follows, half of a document: expat still says whether it is well formed.

    Invariants:
        ``open`` holds the elements begun and not ended; ``foreign`` counts those, within the last of them, that are
        passed over. ``parts`` is the text since the last begin or end of an element.
    """

    __slots__ = ("_parser", "elements", "foreign", "open", "parts", "root")

    def __init__(self, parser: expat.XMLParserType) -> None:
        """Begin with nothing, and listen to the parser."""
        self._parser = parser
        self.root: Element | None = None
        self.open: list[Element] = []
        self.foreign = 0
        self.elements = 0
        self.parts: list[str] = []
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.parts.append

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take in the begin of an element."""
        self.elements += 1
        if self.elements > LIMIT_ELEMENTS:
            raise DuisError(f"the document has more than {LIMIT_ELEMENTS} elements")
        if len(self.open) + self.foreign >= LIMIT_DEPTH:
            raise DuisError(f"the document is nested more than {LIMIT_DEPTH} deep")
        if attributes:
            _check(attributes)
        self.parts.clear()
        if self.foreign or not name.startswith(_OURS):
            self.foreign += 1
            return
        element = Element(name[name.rindex(" ") + 1 :], attributes)
        if self.open:
            self.open[-1].children.append(element)
        elif self.root is None:
            self.root = element
        self.open.append(element)

    def end(self, _name: str) -> None:
        """Take in the end of an element."""
        if self.foreign:
            self.foreign -= 1
        else:
            ended = self.open.pop()
            if not ended.children:
                ended.text = "".join(self.parts).strip()
            if ended.name == "Body" and len(self.open) == 1:
                self.leave()
        self.parts.clear()

    def leave(self) -> None:
        """Listen no more: the parser lets go of this, which holds it."""
        self._parser.StartElementHandler = None
        self._parser.EndElementHandler = None
        self._parser.CharacterDataHandler = None


def _check_namespace(_prefix: str | None, name: str) -> None:
    """Refuse a long name of a namespace: every element and attribute of it is told with the whole of it."""
    if name and len(name) > LIMIT_ATTRIBUTE_CHARS:  # xmlns="" has none
        raise DuisError(f"a namespace has a name of more than {LIMIT_ATTRIBUTE_CHARS} characters")


def _check(attributes: dict[str, str]) -> None:
    if len(attributes) > LIMIT_ATTRIBUTES:
        raise DuisError(f"an element has more than {LIMIT_ATTRIBUTES} attributes")
    if max(map(len, attributes.values())) > LIMIT_ATTRIBUTE_CHARS:
        raise DuisError(f"an attribute has more than {LIMIT_ATTRIBUTE_CHARS} characters")
