"""What was counted in the last minutes and hours. Pure.

A commit is placed at its shard's clock. One whose clock has moved more than an hour can tell no hour: it is left out
here (never of the month), so that a backlog that is folded at a hundred times its pace does not look like a storm.
"""

from typing import Final

from dcc_analytics.live.lines import FailKey, Increment, LineKey
from dcc_analytics.live.rings import Ring
from dcc_analytics.stream.instants import HOUR_US, MINUTE_US

#: Of the lines that are drawn.
SLOT_US: Final = 5 * MINUTE_US
SLOTS: Final = 72
HOUR_SLOTS: Final = HOUR_US // SLOT_US
MINUTES: Final = 60
#: A commit that spans more than this is placed nowhere.
COARSE_US: Final = HOUR_US


class Recent:
    """The last six hours.

    Attributes:
        minutes: ended and failures of the last hour by line.
        slots: the same of six hours.
        failures: by reason and kind of Device, of six hours.
        alerts, dead_letters: of the last hour.
        left_out: of six hours, commits of which nothing else is here.
        newest_us: the newest clock of any shard, by which windows end; -1 before the first.
        from_us: since when all is known, but for single commits; None before anything.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.minutes: Ring[LineKey] = Ring(MINUTE_US, MINUTES, 2)
        self.slots: Ring[LineKey] = Ring(SLOT_US, SLOTS, 2)
        self.failures: Ring[FailKey] = Ring(SLOT_US, SLOTS, 1)
        self.alerts: Ring[tuple[str, str]] = Ring(MINUTE_US, MINUTES, 1)
        self.dead_letters: Ring[str] = Ring(MINUTE_US, MINUTES, 1)
        self.left_out: Ring[str] = Ring(SLOT_US, SLOTS, 1)
        self.from_us: int | None = None
        self.newest_us = -1

    def advance(self, clock_us: int) -> None:
        """Let the newest clock come to an instant."""
        if clock_us <= self.newest_us:
            return
        self.newest_us = clock_us
        for ring in (self.minutes, self.slots, self.failures, self.alerts, self.dead_letters, self.left_out):
            ring.advance(clock_us)

    def add(self, added: Increment) -> bool:
        """Count what a commit added; return whether its clock tells when."""
        at_us = added.clock_us
        self.advance(at_us)
        coarse = is_coarse(added)
        if coarse or added.missed:
            self.left_out.add(at_us, "", added.missed + coarse)
        if coarse:
            self.from_us = max(self.from_us or 0, at_us)
            return False
        if self.from_us is None:
            self.from_us = added.before_us
        for line, (ended, failed) in added.lines.items():
            self.minutes.add(at_us, line, ended, failed)
            self.slots.add(at_us, line, ended, failed)
        for key, count in added.failures.items():
            self.failures.add(at_us, key, count)
        for of, count in added.alerts.items():
            self.alerts.add(at_us, of, count)
        if added.dead_letters:
            self.dead_letters.add(at_us, "", added.dead_letters)
        return True

    def seen_minutes(self) -> int:
        """Return how many of the last sixty minutes were followed."""
        if self.from_us is None:
            return 0
        return max(0, min(MINUTES, (self.newest_us - self.from_us) // MINUTE_US))


def is_coarse(added: Increment) -> bool:
    """Return whether a commit spans so much that it tells no hour."""
    return added.clock_us - added.before_us > COARSE_US
