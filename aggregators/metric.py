"""Which metric a ledger is folded by: figures of two must never meet in one ledger.

A metric is what the same events are folded to: which records become what, what a leg's outcome, time and ``in_time``
are, under which key it counts. What is decided at the snapshot (processes, Members, disclosure control) is none of it:
there the manifest names rule set and catalogue, and a month can be frozen anew.
"""

from typing import Final

#: Raised whenever the same events are to be folded to other figures, from the first release on. The ledger of another
#: version is refused; a new application starts beside it (docs/upgrading.md).
METRIC_VERSION: Final = 1

#: Catalogues whose targets, time-outs and codes fold as a version does. One that changed is entered here: under the
#: version there is, if it folds the same, else under the next.
CATALOGUES: Final = {1: frozenset({"2b677350b146"})}
