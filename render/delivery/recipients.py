"""Who a pack is sealed for: the public keys of each Member, from a CSV file the operator keeps.

    party,role,key
    NWE,IS,age1...

A Member with several keys has several rows, and whoever holds any of the private ones can open its packs.
"""

import csv
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pyrage import RecipientError
from pyrage.x25519 import Recipient

from dcc_analytics.catalogue.errors import UsageError

_HEADER: Final = ["party", "role", "key"]

Recipients = Mapping[tuple[str, str], tuple[Recipient, ...]]
"""The keys by Party and Role."""


def read_recipients(path: Path) -> Recipients:
    """Return the keys in a file.

    Raises:
        UsageError: it can't be read, or a row is not as it has to be; a key is never part of the message.
    """
    found = defaultdict[tuple[str, str], list[Recipient]](list)
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.reader(lines, strict=True)
            if next(reader, None) != _HEADER:
                raise UsageError(f"{path} does not begin with {','.join(_HEADER)}; see `dcca packs encrypt --help`")
            for row in filter(None, reader):
                if len(row) != len(_HEADER) or not all(row):
                    raise UsageError(f"{path}, line {reader.line_num}: a row is a Party, a Role and a key")
                party, role, key = (each.strip() for each in row)
                found[party, role].append(_key(key, f"{path}, line {reader.line_num}"))
    except (OSError, ValueError, csv.Error) as error:
        raise UsageError(f"{path} can't be read ({error}); give a CSV file of {','.join(_HEADER)}") from error
    return {member: tuple(keys) for member, keys in found.items()}


def _key(text: str, where: str) -> Recipient:
    try:
        return Recipient.from_str(text)
    except RecipientError as error:
        secret = "; it is a private key, which its owner must replace" if "SECRET" in text.upper() else ""
        raise UsageError(f"{where}: no public key of age, which begins with age1 ({error}){secret}") from error
