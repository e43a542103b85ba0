"""What the marks of a page are to who can't see it: the tree of titles, paragraphs, tables, figures, as they are read.

fpdf2 tags pictures and nothing else. This stands in for its builder: what is drawn is a heading, a paragraph or a cell
if one is open, else decoration, which is passed over when a page is read out. Of the insides of fpdf2 it leans on
``FPDF.struct_builder`` and how that is written out, ``FPDF._out`` and ``PDFPage``; fpdf2 is pinned for it, and the test
by veraPDF fails if they move.

Source: ISO 32000-1, 14.6 to 14.8 (marked content, logical structure, tagged PDF); ISO 14289-1 (PDF/UA-1), 7.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from fpdf import FPDF
from fpdf.annotations import PDFAnnotation
from fpdf.output import PDFPage
from fpdf.structure_tree import StructureTreeBuilder
from fpdf.syntax import PDFObject, PDFString

from dcc_analytics.render.pdf.sources import Figure, Series


@dataclass(frozen=True, slots=True)
class Tag:
    """A kind of element.

    Attributes:
        name: as ISO 32000-1 has it.
        attributes: of all elements of the kind, a dictionary as the file has it.
        groups: whether it holds other elements only; what is drawn in it is decoration.
    """

    name: str
    attributes: str = ""
    groups: bool = False


DOCUMENT: Final = Tag("Document", groups=True)
SECTION: Final = Tag("Sect", groups=True)
TITLE: Final = Tag("H1")
HEADING: Final = Tag("H2")
PARAGRAPH: Final = Tag("P")
LIST: Final = Tag("L", groups=True)
ITEM: Final = Tag("LI", groups=True)
ITEM_TEXT: Final = Tag("LBody")
TABLE: Final = Tag("Table", groups=True)
ROW: Final = Tag("TR", groups=True)
CELL: Final = Tag("TD")
ROW_TITLE: Final = Tag("TH", "<</O/Table/Scope/Row>>")
COLUMN_TITLE: Final = Tag("TH", "<</O/Table/Scope/Column>>")
CONTENTS: Final = Tag("TOC", groups=True)
ENTRY: Final = Tag("TOCI", groups=True)
REFERENCE: Final = Tag("Reference", groups=True)
LINK: Final = Tag("Link")
FIGURE: Final = Tag("Figure")

Running: TypeAlias = Literal["Header", "Footer"]
#: Left, foot, right and top, in points from the lower left corner of the page.
Box: TypeAlias = tuple[float, float, float, float]
#: What may be the owner of marks that are read out to nobody, as the page's operators have it.
_DECORATION: Final = "/Artifact BMC"


def rows_title(columns: int) -> Tag:
    """Return the kind of a cell across a table that is the title of the rows below it."""
    return Tag("TH", f"<</O/Table/Scope/Column/ColSpan {columns}>>")


@dataclass(frozen=True, slots=True)
class _Content:
    """A sequence of marks on a page, or an annotation on it, as the kid of an element."""

    page: PDFPage
    kid: int | PDFAnnotation

    def written(self, home: PDFPage | None) -> str:
        if isinstance(self.kid, PDFAnnotation):
            return f"<</Type/OBJR/Pg {self.page.ref}/Obj {self.kid.ref}>>"
        return str(self.kid) if self.page is home else f"<</Type/MCR/Pg {self.page.ref}/MCID {self.kid}>>"


class Element(PDFObject):
    """A part of the document: what holds it, what it holds, and for a figure what to say in its place.

    Attributes:
        tag: its kind.
        alternative: says what a figure shows; like its box, it may be set until the document is written.
        box: the area of a figure.
        carried: the figures drawn in it.
        properties: names and values that tell where those stand; set when all are known.
        kids: what it holds.
    """

    def __init__(self, tag: Tag, parent: PDFObject) -> None:
        super().__init__()
        self.tag = tag
        self.alternative = ""
        self.box: Box | None = None
        self.carried: list[Figure | Series] = []
        self.properties: list[tuple[str, str]] = []
        self.kids: list[Element | _Content] = []
        self._parent = parent

    def hold(self, kid: "Element | _Content") -> None:
        """Take in a part, as the last."""
        self.kids.append(kid)

    def serialize(self, obj_dict: object = None, _security_handler: object = None) -> str:  # noqa: ARG002 (fpdf2's)
        """Return the element as the file has it; fpdf2's own way asks each object for all it has, and is slow."""
        home = next((kid.page for kid in self.kids if isinstance(kid, _Content)), None)
        kids = " ".join(kid.ref if isinstance(kid, Element) else kid.written(home) for kid in self.kids)
        entries = f"/S/{self.tag.name}/P {self._parent.ref}"
        if home:
            entries += f"/Pg {home.ref}"
        attributes = [self.tag.attributes] if self.tag.attributes else []
        if self.box:
            attributes.append(f"<</O/Layout/BBox[{' '.join(f'{each:.1f}' for each in self.box)}]>>")
        if self.properties:
            told = "".join(f"<</N{_string(name)}/V{_string(value)}>>" for name, value in self.properties)
            attributes.append(f"<</O/UserProperties/P[{told}]>>")
        if attributes:
            entries += f"/A[{''.join(attributes)}]" if len(attributes) > 1 else f"/A{attributes[0]}"
        if self.alternative:
            entries += f"/Alt {_string(self.alternative)}"
        return f"{self.id} 0 obj\n<<{entries}/K[{kids}]>>\nendobj"


def _string(text: str) -> str:
    return PDFString(text).serialize()


class _Finder(PDFObject):
    """One of the two objects that find elements: the root from the document, the tree from marks and annotations."""

    def __init__(self, entries: Callable[[], str]) -> None:
        super().__init__()
        self._entries = entries

    def serialize(self, obj_dict: object = None, _security_handler: object = None) -> str:  # noqa: ARG002 (fpdf2's)
        return f"{self.id} 0 obj\n<<{self._entries()}>>\nendobj"


class Structure(StructureTreeBuilder):
    """The elements of a document in the making, and which of them is open.

    Elements are read in the order in which they were opened, wherever their marks stand and whenever they are drawn.

    Attributes:
        innermost: the element that is open; a new one becomes its part.
        elements: all of them, in the order in which they were opened.
    """

    def __init__(self, pdf: FPDF) -> None:
        """Take the place of the document's own builder; its pages must be empty."""
        super().__init__()
        self._pdf = pdf
        self._tree = _Finder(self._owners)
        self._root = _Finder(lambda: f"/Type/StructTreeRoot/K {document.ref}/ParentTree {self._tree.ref}")
        self.innermost = document = Element(DOCUMENT, self._root)
        self.elements = [document]
        self._open: Element | str = _DECORATION  # whose is what is drawn next
        self._decorating = False
        self._begun: Element | str | None = None  # whose the marks last drawn on the page are; None: none begun
        self._on_pages: dict[int, list[Element]] = {}  # whose each sequence of a page is, by its number
        self._annotated: list[tuple[PDFAnnotation, Element]] = []
        pdf.struct_builder = self

    # -- opening and closing -----------------------------------------------------------------------------------

    @contextmanager
    def element(self, tag: Tag) -> Iterator[Element]:
        """Open a new element within the one that is open; what is drawn meanwhile is its content.

        Within decoration it stays decoration: the header of a table is drawn alike when it is repeated.
        """
        if self._decorating:
            yield Element(tag, self.innermost)
            return
        with self.within(self.placed(tag)) as made:
            yield made

    def placed(self, tag: Tag) -> Element:
        """Return a new element that comes next in reading order, to be filled when it can be."""
        made = Element(tag, self.innermost)
        self.innermost.hold(made)
        self.elements.append(made)
        return made

    @contextmanager
    def within(self, element: Element) -> Iterator[Element]:
        """Open an element again, within decoration too."""
        before = self.innermost, self._open, self._decorating
        self.innermost, self._open, self._decorating = element, _DECORATION if element.tag.groups else element, False
        try:
            yield element
        finally:
            self.innermost, self._open, self._decorating = before

    @contextmanager
    def decoration(self, running: Running | None = None) -> Iterator[None]:
        """Let nothing that is drawn meanwhile be read out; the head and foot of a page are told apart."""
        before = self._open, self._decorating
        self._open = f"/Artifact <</Type/Pagination/Subtype/{running}>> BDC" if running else _DECORATION
        self._decorating = True
        try:
            yield
        finally:
            self._open, self._decorating = before

    # -- drawing -----------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Say on the page whose the operators are that come next; marks of one owner in a row are one sequence."""
        owner = self._open
        if owner is self._begun:
            return
        self.end()
        self._begun = owner
        if isinstance(owner, str):
            self._pdf._out(owner)  # noqa: SLF001 (see the top)
            return
        number = self._pdf.page
        owners = self._on_pages.setdefault(number, [])
        self._pdf._out(f"/{owner.tag.name} <</MCID {len(owners)}>> BDC")  # noqa: SLF001 (see the top)
        owner.hold(_Content(self._pdf.pages[number], len(owners)))
        owners.append(owner)

    def end(self) -> None:
        """End the sequence of the page; to be called before another page is drawn on."""
        if self._begun is not None:
            self._pdf._out("EMC")  # noqa: SLF001 (see the top)
            self._begun = None

    def carry(self, what: Figure | Series) -> None:
        """Let what is open carry the source of a figure; decoration carries none."""
        if isinstance(self._open, Element):
            self._open.carried.append(what)

    def annotate(self, annotation: PDFAnnotation) -> None:
        """Put an annotation on the page, as a part of the element that is open."""
        page = self._pdf.pages[self._pdf.page]
        page.add_annotation(annotation)
        self.innermost.hold(_Content(page, annotation))
        self._annotated.append((annotation, self.innermost))

    # -- writing -----------------------------------------------------------------------------------------------

    def finish(self) -> None:
        """Number what the tree finds: pages from 0, then annotations, in which the tab key goes in reading order."""
        self.end()
        for number, page in self._pdf.pages.items():
            page.struct_parents = number - 1
            page.tabs = "/S"  # type: ignore[attr-defined]
        for number, (annotation, _) in enumerate(self._annotated, self._pdf.pages_count):
            annotation.struct_parent = number  # type: ignore[attr-defined]

    def _owners(self) -> str:
        """Return the entries of the tree that finds the element of each sequence and annotation."""
        pages = [
            f"{number - 1}[{' '.join(owner.ref for owner in owners)}]"
            for number, owners in sorted(self._on_pages.items())
        ]
        annotated = [
            f"{number} {owner.ref}" for number, (_, owner) in enumerate(self._annotated, self._pdf.pages_count)
        ]
        return f"/Nums[{' '.join([*pages, *annotated])}]"

    def empty(self) -> bool:
        """Say that there is a tree to be written."""
        return False

    def __iter__(self) -> Iterator[PDFObject]:
        """Yield all objects of the tree, its root first."""
        yield self._root
        yield self._tree
        yield from self.elements
