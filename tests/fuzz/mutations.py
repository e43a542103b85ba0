"""Good messages changed: a field dropped, told twice, moved, or said otherwise; an element likewise; bytes put in."""

import json
import re
from collections.abc import Callable
from typing import Final

from hypothesis import strategies as st

from dcc_analytics.stream.strays import STRAYS
from tests.fuzz.feed import HEADERS, KEYS, SEPARATOR, STAMPS, TOPICS, logged
from tests.fuzz.seeds import DOCUMENTS, INPUTS, PIECES, RECORDS, VALUES
from tests.records import Fields

#: An element with its text; a document's changes go by these.
_ELEMENT: Final = re.compile(rb"<((?:sr|ra):\w+)>([^<]*)</\1>")
#: A number, text, word or empty container of JSON or TOML.
_VALUE: Final = re.compile(rb'-?\d+|"[^"]*"|true|false|null|\{\}|\[[^\]]*\]')

Pairs = list[tuple[str, str]]


@st.composite
def json_values(draw: st.DrawFn, topic: str) -> bytes:
    """Draw a record of a topic as JSON, with fields of its own or of its kind changed."""
    pairs = _pairs(draw(st.sampled_from(RECORDS[topic])))
    for _ in range(draw(st.integers(0, 4))):
        draw(st.sampled_from(_CHANGES))(draw, pairs)
    return _object(pairs).encode(errors="surrogatepass")


def _pairs(fields: Fields) -> Pairs:
    return [(name, json.dumps(value, ensure_ascii=False)) for name, value in fields.items()]


def _object(pairs: Pairs) -> str:
    return "{" + ",".join(f"{json.dumps(name)}:{said}" for name, said in pairs) + "}"


def _say_otherwise(draw: st.DrawFn, pairs: Pairs) -> None:
    at = draw(st.integers(0, len(pairs) - 1))
    name, said = pairs[at]
    if said[:2] == '{"' and draw(st.booleans()):
        inner = _pairs(json.loads(said)) if said.isascii() else []
        if inner:
            draw(st.sampled_from(_CHANGES))(draw, inner)
            pairs[at] = name, _object(inner)
            return
    pairs[at] = name, draw(st.sampled_from(VALUES))


def _drop(draw: st.DrawFn, pairs: Pairs) -> None:
    if len(pairs) > 1:
        pairs.pop(draw(st.integers(0, len(pairs) - 1)))


def _tell_twice(draw: st.DrawFn, pairs: Pairs) -> None:
    name, said = draw(st.sampled_from(pairs))
    pairs.insert(draw(st.integers(0, len(pairs))), (name, draw(st.sampled_from((said, *VALUES)))))


def _swap(draw: st.DrawFn, pairs: Pairs) -> None:
    one, other = (draw(st.integers(0, len(pairs) - 1)) for _ in range(2))
    pairs[one], pairs[other] = (pairs[one][0], pairs[other][1]), (pairs[other][0], pairs[one][1])


_CHANGES: Final[tuple[Callable[[st.DrawFn, Pairs], None], ...]] = (_say_otherwise, _drop, _tell_twice, _swap)


@st.composite
def documents(draw: st.DrawFn, topic: str) -> bytes:
    """Draw a DUIS document of a topic with elements dropped, told twice, or of another text."""
    value = draw(st.sampled_from(DOCUMENTS[topic]))
    for _ in range(draw(st.integers(0, 3))):
        found = list(_ELEMENT.finditer(value))
        if not found:
            break
        element = draw(st.sampled_from(found))
        name = element[1]
        text = draw(st.sampled_from(PIECES) | st.sampled_from(VALUES).map(lambda said: said.strip('"').encode()))
        whole = b"<%s>%s</%s>" % (name, text, name)
        put = draw(st.sampled_from((whole, b"", element[0] + element[0], element[0] + whole)))
        value = value[: element.start()] + put + value[element.end() :]
    return value


@st.composite
def spliced(draw: st.DrawFn, values: st.SearchStrategy[bytes]) -> bytes:
    """Draw a value with bytes put in, left out or cut off anywhere; half of them as they are."""
    value = draw(values)
    if draw(st.booleans()):
        return value
    at = draw(st.integers(0, len(value)))
    left_out = draw(st.sampled_from((0, 1, 2, len(value))))
    return value[:at] + draw(st.sampled_from(PIECES) | st.binary(max_size=4)) + value[at + left_out :]


def values(topic: str) -> st.SearchStrategy[bytes]:
    """Return a strategy of values for a topic: good, nearly good, and any bytes at all."""
    of_topic = json_values(topic) | documents(topic) if topic in DOCUMENTS else json_values(topic)
    return spliced(of_topic) | st.binary(max_size=40)


@st.composite
def records(draw: st.DrawFn) -> bytes:
    """Draw a record of a log."""
    topic = draw(st.sampled_from(TOPICS))
    headers = draw(st.integers(0, len(HEADERS) - 1))
    of = (*RECORDS, *RECORDS)[headers] if topic == STRAYS else topic
    value = draw(st.none() | values(of) | values(of) | values(of))
    key, stamp = (draw(st.just(0) | st.integers(0, len(among) - 1)) for among in (KEYS, STAMPS))
    return logged(topic, value, key=key, stamp=stamp, headers=headers)


def logs() -> st.SearchStrategy[bytes]:
    """Return a strategy of logs for the target ``shard``."""
    return st.lists(records(), min_size=1, max_size=8).map(SEPARATOR.join)


def headers() -> st.SearchStrategy[bytes]:
    """Return a strategy of headers for the target ``strays``."""
    names = st.sampled_from((b"dcca-topic", b"dcca-partition", b"dcca-offset", b"dcca-part")) | st.binary(max_size=9)
    return st.lists(names | st.tuples(names, st.binary(max_size=9)).map(b"=".join)).map(b"\n".join)


@st.composite
def said_otherwise(draw: st.DrawFn, target: str) -> bytes:
    """Draw a good input with some of its numbers, texts and lists said otherwise."""
    value = draw(st.sampled_from(INPUTS[target]))
    for _ in range(draw(st.integers(0, 2))):
        found = list(_VALUE.finditer(value))
        if found:
            at = draw(st.sampled_from(found))
            value = value[: at.start()] + draw(st.sampled_from(VALUES)).encode() + value[at.end() :]
    return value


@st.composite
def damage(draw: st.DrawFn) -> bytes:
    """Draw a way to damage a ledger."""
    where = draw(st.binary(min_size=7, max_size=7))
    return where + draw(st.binary(max_size=8) | st.sampled_from((b"d|1", b"d|x|0|1", b"h", b"m|legs|000000000001")))


def inputs(target: str) -> st.SearchStrategy[bytes]:
    """Return a strategy of inputs for a target."""
    special = {"shard": logs, STRAYS: headers, "ledger": damage}
    if target in special:
        return special[target]()
    if target in INPUTS:
        return spliced(said_otherwise(target)) | st.binary(max_size=40)
    return values(target)
