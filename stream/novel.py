"""What a record says that this release does not know: fields no reader has, and words no table has. Pure.

Fields nobody knows are ignored, and words are taken as said (contract section 1), so that a newer feed goes on being
read. Neither is an error; whoever runs the system should hear of it all the same, because a field that came may be one
that a figure ought to heed, and a word that came has no name, no target or no place in a process yet.

Nothing here is asked while folding: a worker looks at a record a second, ``dcca feed check`` at as many as it is told.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, get_args

import msgspec

from dcc_analytics.catalogue.codes import is_alert_code, is_response_code
from dcc_analytics.catalogue.devices import DEVICE_FIELDS
from dcc_analytics.catalogue.roles import ROLE_NAMES
from dcc_analytics.catalogue.service_requests import SERVICE_REQUESTS
from dcc_analytics.stream import wire
from dcc_analytics.stream.fetched import Record
from dcc_analytics.stream.identity import is_eui64

FIELD: Final = "field"
WORD: Final = "word"

#: A name or word that is shown; any other may be personal data in its place.
_SHOWN: Final = re.compile(r"[A-Za-z_0-9][\w .+-]{0,47}", re.ASCII)
_LONG_NUMBER: Final = re.compile(r"\d{6}")
_CODE: Final = re.compile(r"[A-Z]{1,2}\d{1,6}")
#: Stands for what is not shown.
NOT_SHOWN: Final = "(not shown)"

_RECORDS: Final[Mapping[str, type[msgspec.Struct]]] = {
    "service-requests": wire.WireRequest,
    "service-responses": wire.WireResponse,
    "alerts": wire.WireAlert,
    "devices": wire.WireDevice,
    "incidents": wire.WireIncident,
    "users": wire.WireUser,
}
_ENUM: Final = re.compile(r"enum(?: of \d+)?: (.+)")


class Novelty(NamedTuple):
    """What this release does not know.

    Attributes:
        kind: ``FIELD`` or ``WORD``.
        path: of the field in the record.
        word: that stands there; empty for a field.
        comes_of_it: what becomes of it.
    """

    kind: str
    path: str
    word: str
    comes_of_it: str


class _Words(NamedTuple):
    """Which words a field may have that are known, and what becomes of others."""

    known: frozenset[str]
    comes_of_it: str


def _enumerated() -> Iterator[tuple[str, _Words]]:
    """Yield the fields of a Device whose words the catalogue lists."""
    for field in DEVICE_FIELDS:
        if found := _ENUM.fullmatch(field.kind):
            words = found[1].split("|") if "|" in found[1] else found[1].split()
            yield field.name, _Words(frozenset(map(str.strip, words)), "stands in the inventory as said")


_ROLES: Final = _Words(frozenset(ROLE_NAMES), "taken as said: a Member of its own")
_SRVS: Final = _Words(
    frozenset(SERVICE_REQUESTS), "counted as itself under Other SRVs, without a target, timed out after 24 h"
)
_QUALIFIED: Final = "shut out of the process it decides, counted under Other SRVs"
_WORDS: Final[Mapping[str, Mapping[str, _Words]]] = {
    "service-requests": {
        "srv": _SRVS,
        "role": _ROLES,
        "parameters.payment_mode": _Words(frozenset({"prepayment", "credit"}), _QUALIFIED),
        "parameters.credential_type": _Words(frozenset({"digital_signature", "key_agreement"}), _QUALIFIED),
    },
    "service-responses": {"srv": _SRVS, "role": _ROLES},
    "alerts": {"role": _ROLES},
    "devices": {
        **dict(_enumerated()),
        "device_type": _Words(
            dict(_enumerated())["device_type"].known, "figures are split by it as said; its Meter Type is None"
        ),
        "status": _Words(
            dict(_enumerated())["status"].known, "taken as said; whether it is commissioned, date_commissioned says"
        ),
        "csp_region": _Words(dict(_enumerated())["csp_region"].known, "figures are split by it as said"),
        "smets_version": _Words(dict(_enumerated())["smets_version"].known, "figures are split by it as said"),
    },
    "incidents": {"regions": _Words(dict(_enumerated())["csp_region"].known, "touches rows of that Region alone")},
    "users": {
        "roles": _Words(frozenset(ROLE_NAMES), "taken as said: a Member of its own, with what every Role's pack has"),
        "size": _Words(frozenset({"large", "small"}), "not read by any figure"),
    },
}
_CODES: Final = "counted as itself, without a name; its first letter says whether it is a failure"
_ALERT_CODES: Final = "counted as itself, without a name"


def novelties(topic: str, value: bytes) -> list[Novelty]:
    """Return what a record says that this release does not know; nothing of one that is no JSON object.

    Args:
        topic: by the product's name.
        value: of the record.

    >>> value = b'{"srv": "4.8.1", "colour": "red", "role": "XX", "parameters": {"shade": 1}}'
    >>> [(each.kind, each.path, each.word) for each in novelties("service-requests", value)]
    [('field', 'colour', ''), ('field', 'parameters.shade', ''), ('word', 'role', 'XX')]
    """
    try:
        said = msgspec.json.decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return []
    if not isinstance(said, dict):
        return []
    return [*_fields(said, _RECORDS[topic]), *_words(topic, said)]


def _fields(said: dict[str, Any], record: type[msgspec.Struct], lead: str = "") -> Iterator[Novelty]:
    known = {field.name: field for field in msgspec.structs.fields(record)}
    for name, value in said.items():
        if name not in known:
            yield Novelty(FIELD, lead + _shown(name), "", "ignored")
        elif isinstance(value, dict):
            for inner in get_args(known[name].type):
                if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
                    yield from _fields(value, inner, f"{name}.")


def _words(topic: str, said: dict[str, Any]) -> Iterator[Novelty]:
    for path, words in _WORDS[topic].items():
        outer, _, inner = path.rpartition(".")
        place = said.get(outer) if outer else said
        value = place.get(inner) if isinstance(place, dict) else None
        for word in value if isinstance(value, list) else [value]:
            if isinstance(word, str) and word and word not in words.known:
                yield Novelty(WORD, path, _shown(word), words.comes_of_it)
    code, kind = said.get("code"), said.get("kind")
    if not isinstance(code, str):
        return
    if topic == "service-responses" and not is_response_code(code):
        yield Novelty(WORD, "code", _shown(code), _CODES)
    if topic == "alerts" and not is_alert_code(str(kind), code):
        yield Novelty(WORD, "code", _shown(code), _ALERT_CODES)


def _shown(text: str) -> str:
    """Return a name or a word; what may be an id, a number of a meter point or free text is not shown."""
    if _CODE.fullmatch(text):
        return text
    return NOT_SHOWN if _SHOWN.fullmatch(text) is None or _LONG_NUMBER.search(text) or is_eui64(text) else text


class FieldWatch:
    """Looks at a record of each topic once in a while, and tells each field nobody knows once."""

    def __init__(self, *, every_s: float = 1.0, most: int = 32) -> None:
        """Watch.

        Args:
            every_s: between two looks at a topic; one takes some 60 µs.
            most: names of a topic that are told; a feed that makes up names would fill a log.
        """
        self._every_s = every_s
        self._most = most
        self._next_s: dict[str, float] = {}
        self._told: dict[str, set[str]] = {topic: set() for topic in _RECORDS}

    def look(self, topic: str, records: Sequence[Record], now_s: float) -> list[str]:
        """Return the fields of the last of these records that are not known and were not told yet.

        Args:
            topic: by the product's name; those of no feed are not looked at.
            records: fetched together.
            now_s: by a clock that does not run backwards.
        """
        told = self._told.get(topic)
        if told is None or not records or now_s < self._next_s.get(topic, 0.0):
            return []
        self._next_s[topic] = now_s + self._every_s
        found = [each.path for each in novelties(topic, records[-1].value or b"") if each.kind == FIELD]
        new = [path for path in dict.fromkeys(found) if path not in told][: self._most - len(told)]
        told.update(new)
        return new
