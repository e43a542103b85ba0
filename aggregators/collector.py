"""Python's garbage collector in a process that folds.

What a shard keeps has no reference cycles: tables of numbers, texts and small tuples, freed when nobody holds them.
Python counts every key and entry kept as a reason to look for cycles, and looks through all there is to find none. With
its own thresholds (700, 10, 10) that took 1.7 s of a worker's time over 196,000 events; looking at
every 100,000 objects kept took 0.69 s over 590,000 events, and with these it takes 0.07 s.
Cycles are still found, such as those of tasks that failed: they are few, and wait longer.
"""

import gc
from typing import Final

#: Objects more than when it last looked through the young ones.
YOUNG: Final = 1_000_000
#: Looks through the young before one through what survived them, and of those before one through everything.
MIDDLE, OLD = 10, 100


def spare_what_is_kept() -> None:
    """Have this process look for cycles seldom."""
    gc.set_threshold(YOUNG, MIDDLE, OLD)
