"""The records of a ledger partition: their keys, and how their values are read.

By key:

    v                        the version of the metric all of it is folded by
    d|<seq>|<piece>          a piece of the delta of a commit, as ``packed`` has it
    p                        by how many partitions it is folded
    h                        the head of the newest checkpoint
    c|<number>  cells, a|… alerts, t|… failures, n|… counters, s|… slow: a block of 1024, rewritten when it changed
    g|<number>  digests, b|… digests of alerts: a block of 64, likewise
    f|<number>               a block of Device facts, likewise
    m|<map>|<number>         a piece of a map, all of them rewritten each time
"""

from typing import Final

from dcc_analytics.aggregators.delta import MAP_TYPES, Codec
from dcc_analytics.aggregators.keys import AlertDigestKey, AlertKey, CellKey, DigestKey, FailureKey
from dcc_analytics.aggregators.slow import SlowKey
from dcc_analytics.stream.estate import Facts

HEAD_KEY: Final = b"h"
METRIC_KEY: Final = b"v"
DELTA_PREFIX: Final = b"d|"
METRIC: Final = Codec(int, "metric version")
TABLES: Final[dict[str, Codec]] = {
    "cells": Codec(tuple[list[CellKey], list[bytes]], "cells"),
    "alerts": Codec(tuple[list[AlertKey], list[bytes]], "alerts"),
    "failures": Codec(tuple[list[FailureKey], bytes], "failures"),
    "counters": Codec(tuple[list[tuple[str, str]], bytes], "counters"),
    "slow": Codec(tuple[list[SlowKey], bytes], "slow answers"),
}
TABLE_LETTERS: Final = {"cells": "c", "alerts": "a", "failures": "t", "counters": "n", "slow": "s"}
DIGESTS: Final[dict[str, Codec]] = {
    "digests": Codec(tuple[list[DigestKey], list[bytes]], "digests"),
    "alert_digests": Codec(tuple[list[AlertDigestKey], list[bytes]], "digests of alerts"),
}
DIGEST_LETTERS: Final = {"digests": "g", "alert_digests": "b"}
FACTS: Final = Codec(list[Facts], "facts")
MAPS: Final = {name: Codec(list[tuple[key, value]], name) for name, (key, value) in MAP_TYPES.items()}  # type: ignore[valid-type]
