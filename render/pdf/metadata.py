"""What a document says of itself beside its own entries: its title, and the claim that it can be read out."""

from typing import Final
from xml.sax.saxutils import escape

_METADATA: Final = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part>'
    '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>'
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
)


def metadata(title: str) -> str:
    """Return the metadata of a document of some title.

    Source: ISO 14289-1 (PDF/UA-1), 5 (the claim) and 7.1 (the title).
    """
    return _METADATA.format(title=escape(title))
