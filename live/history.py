"""The hours of the last weeks, in a SQLite file of live's own: Member, process and outcome by hour.

Beside them, in the same transaction, stand the ledger offsets they were read up to: each commit is in the hours once,
however often live is started. The file may be lost; then live has no baseline until weeks have passed.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

from dcc_analytics.catalogue.errors import StateError
from dcc_analytics.live.surprise import WEEKS, Hour
from dcc_analytics.stream.instants import DAY_US, HOUR_US

HOURS_A_WEEK: Final = 7 * 24
#: Hours kept: eight weeks, and a day for those that are weighed beside them.
_KEPT_HOURS: Final = WEEKS * HOURS_A_WEEK + 24
_FORMAT: Final = 1
_TABLES: Final = """
create table if not exists hours (
    hour integer, party text, role text, process text, ended integer not null, failures integer not null,
    primary key (hour, party, role, process)
) without rowid;
create table if not exists offsets (partition integer primary key, next integer not null);
create table if not exists of (ledger text primary key, format integer not null);
"""

OfMember = tuple[str, str]


class HourKey(NamedTuple):
    """An hour since 1970, a Member, and a process; empty where that is decided at month end."""

    hour: int
    party: str
    role: str
    process: str


class Weeks(NamedTuple):
    """The same hour of the weeks before: for each week in which anything was counted, the hours of the Members."""

    weeks: list[dict[OfMember, Hour]]

    def of(self, member: OfMember) -> list[Hour]:
        """Return a Member's hours; of a week without it nothing has ended."""
        return [week.get(member, Hour(0, 0)) for week in self.weeks]

    def members(self) -> set[OfMember]:
        """Return the Members of which anything ended."""
        return {member for week in self.weeks for member in week}

    def of_all(self) -> list[Hour]:
        """Return the hours of all Members together."""
        return [
            Hour(sum(each.ended for each in week.values()), sum(each.failures for each in week.values()))
            for week in self.weeks
        ]


class History:
    """The file of hours."""

    def __init__(self, path: Path, ledger: str) -> None:
        """Open the file, or make it.

        Args:
            path: of the file; its folder is made.
            ledger: whose hours they are, topic and cluster prefix included.

        Raises:
            StateError: the file is damaged, of another ledger or of another release.
        """
        self._path = path
        self._gathered: dict[HourKey, list[int]] = defaultdict(lambda: [0, 0])
        self._next: dict[int, int] = {}
        self._weeks: tuple[int, dict[int, dict[OfMember, Hour]]] = -1, {}
        self._today: tuple[int, dict[OfMember, list[int]]] = -1, {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(path, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise self._refused(str(error)) from error
        try:
            self._begin(ledger)
        except (sqlite3.Error, StateError) as error:
            self._file.close()
            raise error if isinstance(error, StateError) else self._refused(str(error)) from error

    def _begin(self, ledger: str) -> None:
        self._file.execute("pragma journal_mode=wal")
        self._file.executescript(_TABLES)
        found = self._file.execute("select ledger, format from of").fetchall()
        if not found:
            self._file.execute("insert into of values (?, ?)", (ledger, _FORMAT))
        elif found != [(ledger, _FORMAT)]:
            raise self._refused(f"it holds the hours of {found[0][0]} in format {found[0][1]}, not of {ledger}")

    def _refused(self, why: str) -> StateError:
        return StateError(f"the file of hours {self._path} can't be used: {why}; give another --history or remove it")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Write what was gathered and close."""
        self.flush()
        self._file.close()

    def offsets(self) -> dict[int, int]:
        """Return for each partition the ledger offset after the last commit that is in the hours."""
        return dict(self._file.execute("select partition, next from offsets"))

    def add(self, key: HourKey, ended: int, failures: int) -> None:
        """Gather what ended in an hour; it is written by the next ``flush``."""
        gathered = self._gathered[key]
        gathered[0] += ended
        gathered[1] += failures
        day, today = self._today
        if key.hour * HOUR_US // DAY_US == day:
            counts = today.setdefault((key.party, key.role), [0, 0])
            counts[0] += ended
            counts[1] += failures

    def read_up_to(self, partition: int, offset: int) -> None:
        """Note that everything before an offset is in the hours, with the next ``flush``."""
        self._next[partition] = offset

    def flush(self) -> None:
        """Write what was gathered, and up to where, in one transaction; forget what is too old."""
        if not self._next:
            return
        rows = [(*key, *counts) for key, counts in self._gathered.items()]
        write = self._file
        try:
            write.execute("begin immediate")
            write.executemany(
                "insert into hours values (?, ?, ?, ?, ?, ?) on conflict do update set "
                "ended = ended + excluded.ended, failures = failures + excluded.failures",
                rows,
            )
            write.executemany(
                "insert into offsets values (?, ?) on conflict do update set next = excluded.next", self._next.items()
            )
            write.execute("delete from hours where hour < (select max(hour) from hours) - ?", (_KEPT_HOURS,))
            write.execute("commit")
        except sqlite3.Error as error:
            raise self._refused(str(error)) from error
        self._gathered.clear()
        self._next.clear()

    def weeks(self, now_us: int) -> Weeks:
        """Return what the sixty minutes before an instant were like in the weeks before.

        They lie in two hours of the clock; both are weighed by how much of them belongs to the sixty minutes.
        """
        hour, part = now_us // HOUR_US, now_us % HOUR_US / HOUR_US
        if self._weeks[0] != hour:
            self.flush()
            self._weeks = hour, self._read(hour)
        found, weeks = self._weeks[1], []
        for week in range(1, WEEKS + 1):
            newer = found.get(hour - week * HOURS_A_WEEK)
            older = found.get(hour - week * HOURS_A_WEEK - 1)
            if newer is not None and older is not None:
                weeks.append(_weighed(older, newer, part))
        return Weeks(weeks)

    def _read(self, hour: int) -> dict[int, dict[OfMember, Hour]]:
        wanted = [hour - week * HOURS_A_WEEK - back for week in range(1, WEEKS + 1) for back in (0, 1)]
        marks = ",".join("?" * len(wanted))
        rows = self._file.execute(
            "select hour, party, role, sum(ended), sum(failures) from hours "  # noqa: S608 (marks only)
            f"where hour in ({marks}) group by hour, party, role",
            wanted,
        )
        found: dict[int, dict[OfMember, Hour]] = {}
        for at, party, role, ended, failures in rows:
            found.setdefault(at, {})[party, role] = Hour(ended, failures)
        return found

    def today(self, now_us: int) -> dict[OfMember, list[int]]:
        """Return what has ended on the day of an instant, by Member: ended and failures."""
        day = now_us // DAY_US
        if self._today[0] != day:
            self.flush()
            first = day * DAY_US // HOUR_US
            rows = self._file.execute(
                "select party, role, sum(ended), sum(failures) from hours "
                "where hour between ? and ? group by party, role",
                (first, first + 23),
            )
            self._today = day, {(party, role): [ended, failed] for party, role, ended, failed in rows}
        return self._today[1]


def _weighed(older: Mapping[OfMember, Hour], newer: Mapping[OfMember, Hour], part: float) -> dict[OfMember, Hour]:
    weighed = {}
    for member in {*older, *newer}:
        before, after = older.get(member, Hour(0, 0)), newer.get(member, Hour(0, 0))
        weighed[member] = Hour(
            before.ended * (1 - part) + after.ended * part, before.failures * (1 - part) + after.failures * part
        )
    return weighed
