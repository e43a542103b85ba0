"""Documents that can't or must not be read are refused with words, and never raise: contract section 5."""

import codecs
import gc
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dcc_analytics.stream.decode import DECODERS
from dcc_analytics.stream.duis import decoded_record
from dcc_analytics.stream.duis_xml import (
    LIMIT_ATTRIBUTE_CHARS,
    LIMIT_ATTRIBUTES,
    LIMIT_BYTES,
    LIMIT_DEPTH,
    LIMIT_ELEMENTS,
    DuisError,
    is_document,
    parsed,
)
from dcc_analytics.stream.events import Rejected, Request
from tests.driver import LogRecord
from tests.duis_documents import (
    DCC_RID,
    NOON_MS,
    PAYLOAD,
    RESPONSE_ID,
    SR,
    dcc_alert,
    decoded,
    device_alert,
    document,
    message,
    read_request,
    references,
    refused,
    request,
    response,
    smets1,
)
from tests.records import DEVICE, KINDS, RID, text

TOPIC = "service-requests"
DOCUMENT = read_request()
ROOT_BEGINS = DOCUMENT.index(b"<sr:Request")
HAS_DOCTYPE = "DUIS XML: the document has a document type, where entities are defined: refused unread"


def with_prolog(prolog: str, *, said: str = "") -> bytes:
    """Return a good document with something before its root, and ``said`` in the text of an element."""
    value = DOCUMENT[:ROOT_BEGINS] + prolog.encode() + DOCUMENT[ROOT_BEGINS:]
    return value.replace(b"<sr:Body>", f"<sr:Body>{said}".encode())


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "value",
    [
        with_prolog("<!DOCTYPE Request>"),
        with_prolog('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>', said="&x;"),
        with_prolog('<!DOCTYPE r SYSTEM "http://127.0.0.1:1/evil.dtd">'),
        with_prolog('<!DOCTYPE r [<!ENTITY % x SYSTEM "http://127.0.0.1:1/evil.dtd"> %x;]>'),
        with_prolog(f'<!DOCTYPE r [<!ENTITY l0 "lol">{LAUGHS}]>', said="&l9;"),
        with_prolog(f'<!DOCTYPE r [<!ENTITY a "{"a" * 10_000}">]>', said="&a;" * 10_000),
        with_prolog('<!DOCTYPE r [<!ATTLIST r a CDATA "b">]>'),
        with_prolog("<!DOCTYPE r []>").decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        with_prolog("<!DOCTYPE r []>").decode().replace("UTF-8", "UTF-16").encode("utf-16-be"),
        with_prolog("<!DOCTYPE r []>").replace(b"UTF-8", b"ISO-8859-1"),
    ],
    ids=lambda value: repr(value[38:90]),
)
@pytest.mark.parametrize("topic", sorted(KINDS))
def test_a_document_type_is_refused_with_all_it_could_define(topic: str, value: bytes) -> None:
    assert HAS_DOCTYPE == refused(topic, value)


def test_an_entity_nobody_defined_is_refused() -> None:
    assert "XML is malformed: undefined entity" in refused(TOPIC, with_prolog("", said="&x;"))


def test_the_entities_of_xml_itself_are_read() -> None:
    value = DOCUMENT.replace(RID.encode(), RID.replace("-", "&#45;").replace(":", "&#x3A;").encode())
    found = decoded(TOPIC, value)
    assert isinstance(found, Request)
    assert RID == found.request_id


def padded_to(size: int) -> bytes:
    """Return a good document of so many bytes."""
    value = DOCUMENT.replace(b"<sr:Body>", b"<sr:Padding></sr:Padding><sr:Body>")
    return value.replace(b"<sr:Padding>", b"<sr:Padding>" + b"x" * (size - len(value)))


def test_a_document_of_1_mib_is_read_and_one_a_byte_longer_is_refused() -> None:
    assert decoded(TOPIC, DOCUMENT) == decoded(TOPIC, padded_to(LIMIT_BYTES))
    assert LIMIT_BYTES == 1_048_576
    assert refused(TOPIC, padded_to(LIMIT_BYTES + 1)) == "DUIS XML: the document is over 1 MiB"
    assert refused(TOPIC, b"<" * 3_000_000) == "DUIS XML: the document is over 1 MiB"


def nested_to(depth: int, name: str) -> bytes:
    """Return a good document nested so deep, counted from its root."""
    extra = f"<{name}>" * (depth - 2) + f"</{name}>" * (depth - 2)
    return DOCUMENT.replace(b"<sr:Body>", b"<sr:Body>" + extra.encode())


@pytest.mark.parametrize("name", ["sr:a", "foreign"])
def test_a_document_may_be_nested_to_a_depth_and_no_deeper(name: str) -> None:
    assert decoded(TOPIC, DOCUMENT) == decoded(TOPIC, nested_to(LIMIT_DEPTH, name))
    expected = f"DUIS XML: the document is nested more than {LIMIT_DEPTH} deep"
    assert expected == refused(TOPIC, nested_to(LIMIT_DEPTH + 1, name))
    assert expected == refused(TOPIC, nested_to(30_000, name))


@pytest.mark.parametrize("name", ["a", "sr:a"])
def test_a_document_may_have_so_many_elements_and_no_more(name: str) -> None:
    before = DOCUMENT[: DOCUMENT.index(b"</sr:Body>")].count(b"<sr:")

    def of(elements: int) -> bytes:
        return DOCUMENT.replace(b"<sr:Body>", b"<sr:Body>" + f"<{name}/>".encode() * (elements - before))

    assert decoded(TOPIC, DOCUMENT) == decoded(TOPIC, of(LIMIT_ELEMENTS))
    assert f"DUIS XML: the document has more than {LIMIT_ELEMENTS} elements" == refused(TOPIC, of(LIMIT_ELEMENTS + 1))


def test_an_element_may_have_so_many_attributes_of_such_a_length_and_no_more() -> None:
    def of(count: int, chars: int) -> bytes:
        attributes = "".join(f' a{n}="{"x" * chars}"' for n in range(count))
        return DOCUMENT.replace(b"<sr:Body>", f"<sr:Body{attributes}>".encode())

    assert decoded(TOPIC, DOCUMENT) == decoded(TOPIC, of(LIMIT_ATTRIBUTES, LIMIT_ATTRIBUTE_CHARS))
    assert "DUIS XML: an element has more than 16 attributes" == refused(TOPIC, of(LIMIT_ATTRIBUTES + 1, 0))
    assert "DUIS XML: an attribute has more than 1024 characters" == refused(TOPIC, of(1, LIMIT_ATTRIBUTE_CHARS + 1))
    assert "DUIS XML: an element has more than 16 attributes" == refused(TOPIC, of(50_000, 1))


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("iso-8859-1", "ISO-8859-1"),
        ("ascii", "US-ASCII"),
        ("cp1252", "windows-1252"),
        ("iso-8859-15", "ISO-8859-15"),
    ],
)
def test_encodings_a_document_declares_are_read_by_the_parser(encoding: str, name: str) -> None:
    value = DOCUMENT.decode().replace("UTF-8", name).encode(encoding)
    assert decoded(TOPIC, DOCUMENT) == decoded(TOPIC, value)


def test_utf_16_is_read_in_both_byte_orders() -> None:
    declared = DOCUMENT.decode().replace("UTF-8", "UTF-16")
    for encoding, mark in (("utf-16-le", codecs.BOM_UTF16_LE), ("utf-16-be", codecs.BOM_UTF16_BE)):
        assert decoded(TOPIC, DOCUMENT) == decoded(TOPIC, mark + declared.encode(encoding))


@pytest.mark.parametrize("name", ["utf-7", "shift_jis", "idna", "rot13", "no-such-thing", "zlib", "utf-32", "\u0130"])
def test_an_encoding_that_is_not_read_is_refused_with_words(name: str) -> None:
    reason = refused(TOPIC, DOCUMENT.replace(b"UTF-8", name.encode()))
    assert reason.startswith(("DUIS XML: XML is in an encoding that is not read", "DUIS XML: XML is malformed"))


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("no element found", b"<!-- -->"),
        ("XML is malformed", b"<"),
        ("XML is malformed: unclosed token", DOCUMENT[:-1]),
        ("XML is malformed: not well-formed (invalid token)", DOCUMENT.replace(b"4.1.1<", b"4.1.1\xff<")),
        ("XML is malformed: mismatched tag", DOCUMENT.replace(b"</sr:Header>", b"</sr:Head>")),
        ("XML is malformed: mismatched tag", DOCUMENT.replace(b"</ds:Reference>", b"")),
        ("XML is malformed: not well-formed (invalid token)", DOCUMENT + b"{}"),
        ("XML is malformed: junk after document element", DOCUMENT + DOCUMENT[ROOT_BEGINS:]),
        ("XML is malformed: unbound prefix", DOCUMENT.replace(f'xmlns:sr="{SR}"'.encode(), b"")),
        ("XML is malformed: duplicate attribute", DOCUMENT.replace(b"<sr:Body>", b'<sr:Body a="1" a="2">')),
        ("the root element is not of DUIS", b"<r/>"),
        ("the root element is not of DUIS", DOCUMENT.replace(SR.encode(), b"http://www.example.org/Gateway")),
        ("the root element is neither Request nor Response: 'Reply'", document("Reply", "", "")),
    ],
    ids=lambda each: repr(each)[:40],
)  # fmt: skip
@pytest.mark.parametrize("topic", sorted(KINDS))
def test_what_is_no_document_of_duis_is_refused_with_words(topic: str, words: str, value: bytes) -> None:
    reason = refused(topic, value)
    assert words in reason
    assert reason.startswith("DUIS XML: ")


def test_comments_and_processing_instructions_are_passed_over() -> None:
    value = with_prolog("<!-- a --><?stop here?>").replace(b"4.1.1<", b"4.1<!-- b -->.1<![CDATA[]]><")
    assert decoded(TOPIC, DOCUMENT) == decoded(TOPIC, value)


def test_space_around_a_text_is_not_part_of_it() -> None:
    value = DOCUMENT.replace(b"</", b" \r\n</").replace(f">{RID}".encode(), f">\n {RID}".encode())
    assert decoded(TOPIC, DOCUMENT) == decoded(TOPIC, value)


@pytest.mark.parametrize("value", [None, b"", b" ", b"{}", b" <sr:Request/>", b"\xef\xbb\xbf{}", b"[<]"])
def test_what_does_not_begin_as_a_document_is_refused_as_json(value: bytes | None) -> None:
    found = decoded_record(TOPIC, LogRecord(0, NOON_MS, None, value))
    assert isinstance(found, Rejected)
    assert "XML" not in found.reason
    assert value is None or not is_document(value)


@pytest.mark.parametrize("topic", sorted(KINDS))
def test_a_json_record_is_read_as_ever(topic: str) -> None:
    value = text(KINDS[topic])
    assert DECODERS[topic](value) == decoded(topic, value, (("received_at", b"1970-01-01T00:00:00Z"),))


# -- whatever the bytes are --------------------------------------------------------------------------------

FIRMWARE = f"<sr:UpdateFirmware><sr:DeviceIDList>{DEVICE}</sr:DeviceIDList></sr:UpdateFirmware>"
FAILURE = f"<sr:CommandFailure><sr:CommandRequestID>{RID}</sr:CommandRequestID></sr:CommandFailure>"

#: One of each kind of message.
DOCUMENTS = [
    read_request(execute_at="2026-10-06T00:00:00Z"),
    request("11.1", FIRMWARE, request_id=DCC_RID, variant=8),
    request("1.6", "<sr:SignedPreCommand/>", variant=5),
    response(message("4.8.1", PAYLOAD), response_id=RESPONSE_ID),
    response(message("4.8.1"), code="I99"),
    response(device_alert(throttled=3), request_id="", response_id=RESPONSE_ID),
    response(dcc_alert("N13", FAILURE)),
    response(smets1("<sr:ResponseMessage><ra:SMETSData/></sr:ResponseMessage>", beside=references("4.8.1"))),
]

#: Pieces that turn one document into another kind of broken one.
PIECES = st.sampled_from([
    b"<", b">", b"&", b"</sr:Body>", b"<sr:Body>", b"<sr:DeviceID>", b"</sr:DeviceID>", b"<![CDATA[", b"]]>", b"<!--",
    b"<!DOCTYPE x>", b"<!DOCTYPE", b"&lt;", b"&x;", b"\0", b"\xff\xfe", b"xmlns:sr=''", b" a='1'", b"<?x?>", b"8F67",
    b"N24", b"9" * 40, b"-1", b"\xd9\xa3", b"sr:", b"ra:", b'encoding="utf-7"', b"ReplyID", b"DSPScheduledMessage",
    b"SMETS1ResponseMessage",
])  # fmt: skip
NAMES = ["received_at", "recipient", "ended_at", "outcome", "planned_at", "kind", "user", "alert_id"]
GOOD = [b"2026-10-05T12:00:00Z", DEVICE.encode(), b"delivered", b"pre_command"]
HEADERS = st.lists(st.tuples(st.sampled_from(NAMES), st.binary(max_size=8) | st.sampled_from(GOOD)), max_size=3)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Return one of the documents with some of it cut, doubled, or put in."""
    value = draw(st.sampled_from(DOCUMENTS))
    for _ in range(draw(st.integers(0, 4))):
        begin = draw(st.integers(0, len(value)))
        end = draw(st.integers(begin, min(len(value), begin + 60)))
        put = draw(st.just(b"") | st.just(value[begin:end] * 2) | PIECES | st.binary(max_size=6))
        value = value[:begin] + put + value[end:]
    return value


@pytest.mark.parametrize("topic", sorted(KINDS))
@settings(derandomize=True, max_examples=200, deadline=None)
@given(value=mutated() | st.binary(max_size=80).map(lambda tail: b"<" + tail), headers=HEADERS)
def test_whatever_the_bytes_are_a_record_is_an_event_or_has_a_reason(
    topic: str, value: bytes, headers: list[tuple[str, bytes]]
) -> None:
    found = decoded(topic, value, headers)
    if isinstance(found, Rejected):
        assert found.reason
        json.dumps(found.reason).encode()
    else:
        assert found.event_us > 0


@settings(derandomize=True, max_examples=100, deadline=None)
@given(name=st.text(max_size=12), said=st.text(max_size=30))
def test_whatever_an_element_says_a_request_is_read_or_refused(name: str, said: str) -> None:
    escaped = said.replace("&", "&amp;").replace("<", "&lt;")
    value = DOCUMENT.replace(b"<sr:Header>", f"<sr:Header><sr:{name}>{escaped}</sr:{name}>".encode())
    found = decoded(TOPIC, value)
    assert isinstance(found, Request) or found.reason  # type: ignore[union-attr]  # no other event is on the topic


def test_a_parser_is_gone_when_its_document_is_read_or_refused() -> None:
    def parsers() -> int:
        return sum(type(each).__name__ == "xmlparser" for each in gc.get_objects())

    gc.collect()
    gc.disable()  # the worker's collector runs seldom: nothing may wait for it
    try:
        before = parsers()
        parsed(DOCUMENT)
        for bad in (DOCUMENT[:200], nested_to(LIMIT_DEPTH + 1, "sr:a")):
            with pytest.raises(DuisError):
                parsed(bad)
        assert before == parsers()
    finally:
        gc.enable()
