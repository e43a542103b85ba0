"""The name of a namespace is bounded: it is told again with each element of it, so a document could take hours."""

import pytest

from dcc_analytics.stream.duis_xml import LIMIT_ATTRIBUTE_CHARS
from tests.duis_documents import decoded, read_request, refused

TOPIC = "service-requests"
DOCUMENT = read_request()
REFUSED = "DUIS XML: a namespace has a name of more than 1024 characters"


@pytest.mark.parametrize("place", [b"<sr:Body>", b"</sr:Body>"], ids=["in the body", "after it"])
@pytest.mark.parametrize("prefix", ["", ":p"])
def test_a_long_name_of_a_namespace_is_refused_before_anything_is_of_it(place: bytes, prefix: str) -> None:
    def of(chars: int, elements: int) -> bytes:
        within = ("<b/>" if not prefix else '<p:b p:c=""/>') * elements
        return DOCUMENT.replace(place, place + f'<a xmlns{prefix}="{"x" * chars}">{within}</a>'.encode())

    assert decoded(TOPIC, DOCUMENT) == decoded(TOPIC, of(LIMIT_ATTRIBUTE_CHARS, 9))
    assert REFUSED == refused(TOPIC, of(LIMIT_ATTRIBUTE_CHARS + 1, 9))
    assert REFUSED == refused(TOPIC, of(400_000, 40_000))


def test_no_namespace_has_no_name() -> None:
    document = DOCUMENT.replace(b"</sr:Body>", b'</sr:Body><a xmlns=""/>')
    assert decoded(TOPIC, DOCUMENT) == decoded(TOPIC, document)
