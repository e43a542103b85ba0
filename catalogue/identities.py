"""Ids that are no Device's: the DCC, the target of requests that concern none."""

import re
from typing import Final

from dcc_analytics.catalogue.tables import Row, read_table

_EUI64: Final = re.compile("[0-9A-F]{2}(-[0-9A-F]{2}){7}")


def _id(row: Row) -> str:
    def upper_case_eui64(text: str) -> str:
        if _EUI64.fullmatch(text) is None:
            raise ValueError("is no EUI-64 in upper case, which ids are compared in")
        return text

    return row.read("id", upper_case_eui64)


DCC_IDS: Final = frozenset(map(_id, read_table("identities.csv", ("id", "meaning"))))
