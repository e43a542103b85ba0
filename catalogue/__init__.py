"""What is measured: SRVs, processes, codes, roles, targets, months, as data files with their sources, and their checks.

Beside it what it is measured for, the requirements, and what was assumed.

Promise: values are immutable and were checked when they were read; each row of data says where it is from and
whether it is verified, and what is not verified is never given out as a text to print, unless as an assumption. The
package knows nothing of streams, stores or packs, and reads nothing but its own data.
"""

from hashlib import sha256
from importlib.resources import files
from typing import Final

#: What is told of figures, or of how long what is kept, and decides none: a word changed there makes no other figures.
_TOLD: Final = frozenset({"assumptions.csv", "requirements.csv", "retention.csv"})


def _version() -> str:
    """Return what the data that decide figures say, in twelve digits: manifests name it, and golden figures too."""
    digest = sha256()
    for entry in sorted(files("dcc_analytics.catalogue.data").iterdir(), key=lambda each: each.name):
        if entry.name.endswith(".csv") and entry.name not in _TOLD:
            digest.update(entry.name.encode() + b"\0" + entry.read_bytes())
    return digest.hexdigest()[:12]


CATALOGUE_VERSION: Final = _version()
