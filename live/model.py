"""Everything live knows, and how it changes: by commits, directory, Incidents, and what is told of topics.

It does no I/O of its own; the hours before are a file, and whoever makes the model gives it one.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from dcc_analytics.catalogue.months import Month, month_of
from dcc_analytics.live.history import History, HourKey
from dcc_analytics.live.judge import Outside, clock_us
from dcc_analytics.live.lines import Increment
from dcc_analytics.live.month import MonthCount, MonthFigures, Of
from dcc_analytics.live.recent import Recent
from dcc_analytics.live.shard import FollowedShard
from dcc_analytics.snapshot.collect import standing_events
from dcc_analytics.snapshot.incidents import newest
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.stream.decode import decode_incident, decode_user
from dcc_analytics.stream.events import Incident
from dcc_analytics.stream.fetched import Record
from dcc_analytics.stream.instants import HOUR_US, US_PER_S

#: The month's figures are counted anew this often at most: they look at every cell.
MONTH_EVERY_US: Final = 5 * US_PER_S


class Model:
    """What is known now.

    Attributes:
        application: whose ledger is followed.
        shards: by partition.
        recent: the last hours.
        history: the hours of the weeks before.
        directory: whose a User id is.
        incidents: the newest version of each.
        outside: what is known besides the ledger.
        changes: counts whatever was taken in, so that nothing is made anew when nothing is new.
    """

    def __init__(self, application: str, partitions: int, history: History) -> None:
        """Begin for so many shards."""
        self.application = application
        self.shards = {partition: FollowedShard(partition) for partition in range(partitions)}
        self.recent = Recent()
        self.history = history
        self.directory = Directory(())
        self.incidents: list[Incident] = []
        self.outside = Outside()
        self.changes = 0
        self._months = MonthCount(self.directory)
        self._month: tuple[int, dict[Of, MonthFigures]] | None = None
        self._reference: dict[str, list[Record]] = {"users": [], "incidents": []}

    # -- what comes ----------------------------------------------------------------------------------------

    def begin(self, read: Mapping[int, int]) -> None:
        """Take in what the ledger held when following began: shard by shard, and their recent past in its order.

        Args:
            read: by partition of the ledger, the offset up to which all was gathered.
        """
        found: list[tuple[Increment, bool]] = []
        for shard in self.shards.values():
            found.extend(shard.begin())
        for added, told in sorted(found, key=lambda each: each[0].clock_us):
            self._count(added, told=told)
        for partition, shard in self.shards.items():
            self.history.read_up_to(partition, read.get(partition, 0))
            if shard.state is not None and shard.state.seq:
                self.recent.advance(shard.state.clock_us)
        self.outside.begun = True
        self.changes += 1

    def absorb(self, partition: int, added: Increment, offset: int) -> None:
        """Take in what a commit added.

        Args:
            partition: whose.
            added: what.
            offset: of the ledger, after the commit's last record that was read.
        """
        self._count(added, told=False)
        self.history.read_up_to(partition, offset)
        self.changes += 1

    def _count(self, added: Increment, *, told: bool) -> None:
        if not self.recent.add(added) or told:
            return
        hour = added.clock_us // HOUR_US
        for line, (ended, failed) in added.lines.items():
            member = self.directory.member(line.user, line.role, line.srv)
            self.history.add(HourKey(hour, member.party, member.role, line.process), ended, failed)

    def refer(self, name: str, records: Sequence[Record]) -> None:
        """Take in records of ``users`` or ``incidents``, in their order."""
        if not records:
            return
        self._reference[name].extend(records)
        if name == "users":
            self.directory = Directory(standing_events(self._reference[name], decode_user))
            self._months, self._month = MonthCount(self.directory), None
        else:
            self.incidents = newest(standing_events(self._reference[name], decode_incident))
        self.changes += 1

    # -- what is known -------------------------------------------------------------------------------------

    @property
    def clock_us(self) -> int:
        """The stream's clock, as a snapshot would have it; 0 before anything was read."""
        return clock_us(self.outside, self.shards)

    def settle(self) -> int:
        """Let the clock pass what it passes; return it."""
        clock = self.clock_us
        for shard in self.shards.values():
            shard.open_legs.advance(clock)
        return clock

    def month(self, now_us: int) -> dict[Of, MonthFigures]:
        """Return the figures of the month of the stream's clock, a few seconds old at most.

        Args:
            now_us: now, by the wall's clock.
        """
        if self._month is None or now_us - self._month[0] >= MONTH_EVERY_US:
            self._month = now_us, self.figures(month_of(self.clock_us))
        return self._month[1]

    def figures(self, month: Month) -> dict[Of, MonthFigures]:
        """Return the figures of any month, as the clock stands."""
        self.settle()
        states = {p: (shard.state, shard.open_legs) for p, shard in self.shards.items() if shard.state is not None}
        return self._months.count(states, month)
