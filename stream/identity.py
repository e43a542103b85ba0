"""The identifiers of the field: EUI-64 ids of Devices and Users, and request ids made of two of them.

Source: contract section 1; DUIS XML Schema 5.4, types ``EUI`` and ``RequestID``.
"""

import re
from typing import Final

_EUI: Final = re.compile(r"[0-9A-F]{2}(?:-[0-9A-F]{2}){7}")
_REQUEST_ID: Final = re.compile(rf"({_EUI.pattern}):({_EUI.pattern}):([0-9]{{1,20}})")
_MAX_COUNTER: Final = 2**64 - 1

# Nearly every id comes as it is kept: its form shows when all its digits are made zeros, in a third of the time of the
# pattern. No map remembers which were checked: a nation's Devices are too many, and finding one among half a million
# takes longer than this.
_DIGITS: Final = bytes.maketrans(b"123456789ABCDEF", b"0" * 15)
_EUI_FORM: Final = b"00-00-00-00-00-00-00-00"
_REQUEST_ID_FORM: Final = _EUI_FORM + b":" + _EUI_FORM + b":"


class IdentityError(ValueError):
    """A text is not the identifier it should be; the message says which and why."""


def eui64(text: str) -> str:
    """Return an EUI-64 in upper case.

    Raises:
        IdentityError: not eight hyphenated pairs of hexadecimal digits.

    >>> eui64("88-73-84-90-6a-10-02-db")
    '88-73-84-90-6A-10-02-DB'
    """
    if text.isascii() and text.encode().translate(_DIGITS) == _EUI_FORM:
        return text
    upper = text.upper()
    if not _EUI.fullmatch(upper):
        raise IdentityError(f"not an EUI-64 (eight hyphenated hexadecimal pairs): {text[:40]!r}")
    return upper


def is_eui64(text: str) -> bool:
    """Return whether a text, in any case, is an EUI-64."""
    return _EUI.fullmatch(text.upper()) is not None


def request_id(text: str) -> str:
    """Return a request id ``originator:target:counter`` in upper case.

    Raises:
        IdentityError: not of that form, or a counter above 2^64 - 1.
    """
    counter = text[48:]
    as_kept = len(counter) < 20 and counter.isdigit() and counter[0] != "0"
    if as_kept and text.isascii() and text[:48].encode().translate(_DIGITS) == _REQUEST_ID_FORM:
        return text
    upper = text.upper()
    match = _REQUEST_ID.fullmatch(upper)
    if match is None:
        raise IdentityError(f"not a request id originator:target:counter: {text[:80]!r}")
    counter = match[3]
    if len(counter) > 1 and counter[0] == "0":
        upper = f"{match[1]}:{match[2]}:{int(counter)}"
    if len(counter) == 20 and int(counter) > _MAX_COUNTER:
        raise IdentityError(f"counter above 2^64 - 1 in request id {text[:80]!r}")
    return upper


def originator_of(checked_request_id: str) -> str:
    """Return the User id a checked request id begins with."""
    return checked_request_id[:23]


def target_of(checked_request_id: str) -> str:
    """Return the Device (or DCC) id in the middle of a checked request id."""
    return checked_request_id[24:47]
