"""The document as one HTML page: nothing is loaded from elsewhere, and it reads, tabs and prints without a script.

Source: WCAG 2.2, level AA: 1.3.1 (headings in order, scopes of tables), 1.4.3 (contrast of the palette), 1.4.10 (wide
tables scroll by themselves), 2.4.1 (a link past the contents), 2.4.7 (what has the focus is seen), 3.1.1 (language).
"""

from collections.abc import Iterator
from html import escape
from typing import Final

from dcc_analytics.render.guidance.document import Block, Document, Grid, Section, anchor, numbered, plain, spans
from dcc_analytics.render.pdf.style import BENCHMARK, MID_BLUE, RULE, SHADE, TEXT, WHITE

_STYLE: Final = f"""
:root {{ color-scheme: light; }}
body {{ margin: 0 auto; max-width: 60rem; padding: 0 1rem 4rem; font: 1rem/1.5 system-ui, sans-serif; color: {TEXT};
  background: {WHITE}; }}
h1, h2, h3, h4, th, caption {{ color: {BENCHMARK}; line-height: 1.25; }}
h2 {{ margin-top: 3rem; border-top: 2px solid {BENCHMARK}; padding-top: 1rem; }}
h3 {{ margin-top: 2.5rem; }}
a {{ color: {MID_BLUE}; }}
a:focus-visible, [tabindex]:focus-visible {{ outline: 3px solid {BENCHMARK}; outline-offset: 2px; }}
.skip {{ position: absolute; left: -100rem; }}
.skip:focus {{ left: 1rem; top: 1rem; padding: .5rem 1rem; background: {WHITE}; }}
code {{ font-family: ui-monospace, monospace; font-size: .9em; overflow-wrap: anywhere; }}
.table {{ overflow-x: auto; margin: 1rem 0 1.5rem; }}
table {{ border-collapse: collapse; width: 100%; font-size: .9rem; }}
caption {{ text-align: left; font-weight: 600; padding-bottom: .4rem; }}
th, td {{ text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid {RULE}; }}
thead th {{ border-bottom: 2px solid {BENCHMARK}; }}
tbody th {{ font-weight: 600; }}
tr:target, h2:target, h3:target, h4:target {{ background: {SHADE}; }}
nav ol {{ list-style: none; padding-left: 0; }}
nav ol ol {{ padding-left: 1.5rem; }}
nav a {{ display: inline-block; padding: .2rem 0; }}
@page {{ margin: 16mm; }}
@media print {{
  body {{ max-width: none; padding: 0; font-size: 9pt; }}
  .skip {{ display: none; }}
  a {{ color: inherit; text-decoration: none; }}
  .table {{ overflow: visible; }}
  h2 {{ break-before: page; }}
  h2, h3, h4, caption {{ break-after: avoid; }}
  tr {{ break-inside: avoid; }}
}}
"""
#: The level of a chapter's heading; the title of the document is above.
_CHAPTER: Final = 2


def html(document: Document) -> str:
    """Return the page; the same document gives the same text."""
    return "\n".join(_page(document)) + "\n"


def _page(document: Document) -> Iterator[str]:
    title = escape(document.title)
    yield "<!DOCTYPE html>"
    yield '<html lang="en-GB">'
    yield f'<head>\n<meta charset="utf-8">\n<title>{title}</title>'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<style>{_STYLE}</style>\n</head>\n<body>"
    yield '<a class="skip" href="#content">Skip to the content</a>'
    yield f"<header>\n<h1>{title}</h1>\n<p>{escape(document.edition)}</p>\n</header>"
    yield '<nav aria-labelledby="contents">\n<h2 id="contents">Contents</h2>'
    yield from _entries(document.chapters, "")
    yield '</nav>\n<main id="content">'
    for number, section in numbered(document.chapters):
        yield from _section(number, section)
    yield "</main>\n</body>\n</html>"


def _entries(sections: tuple[Section, ...], before: str) -> Iterator[str]:
    """Yield a list of links to sections and to those below them."""
    yield "<ol>"
    for place, section in enumerate(sections, 1):
        number = f"{before}{place}"
        yield f'<li><a href="#{section.anchor}">{number} {escape(section.title)}</a>'
        if section.parts:
            yield from _entries(section.parts, f"{number}.")
        yield "</li>"
    yield "</ol>"


def _section(number: str, section: Section) -> Iterator[str]:
    level = _CHAPTER + number.count(".")
    yield f'<h{level} id="{section.anchor}">{number} {escape(section.title)}</h{level}>'
    for place, block in enumerate(section.blocks, 1):
        yield from _block(block, f"{section.anchor}-table-{place}")


def _block(block: Block, name: str) -> Iterator[str]:
    match block:
        case str():
            yield f"<p>{_inline(block)}</p>"
        case Grid():
            yield from _table(block, name)
        case _:
            yield "<ul>"
            yield from (f"<li>{_inline(item)}</li>" for item in block)
            yield "</ul>"


def _table(grid: Grid, name: str) -> Iterator[str]:
    """Yield a table in a region that can be scrolled by keys, named by its caption."""
    yield f'<div class="table" role="region" tabindex="0" aria-labelledby="{name}">\n<table>'
    yield f'<caption id="{name}">{escape(grid.caption)}</caption>'
    yield "<thead><tr>" + "".join(f'<th scope="col">{escape(title)}</th>' for title in grid.header) + "</tr></thead>"
    yield "<tbody>"
    for title, *cells in grid.rows:
        target = f' id="{anchor(plain(title))}"' if grid.linked else ""
        rest = "".join(f"<td>{_inline(cell)}</td>" for cell in cells)
        yield f'<tr{target}><th scope="row">{_inline(title)}</th>{rest}</tr>'
    yield "</tbody>\n</table>\n</div>"


def _inline(text: str) -> str:
    return "".join(
        f'<a href="#{span.anchor}">{escape(span.words)}</a>'
        if span.anchor
        else f"<code>{escape(span.words)}</code>"
        if span.is_name
        else escape(span.words)
        for span in spans(text)
    )
