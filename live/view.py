"""The operator's view out of the model: who is unusual, where, since when, and why. Pure but for the file of hours."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from dcc_analytics.catalogue.months import month_of
from dcc_analytics.live.causes import Causes
from dcc_analytics.live.changes import order
from dcc_analytics.live.figures import IncidentNow, Line, MonthCounts, RegionNow, UserNow
from dcc_analytics.live.groups import Groups
from dcc_analytics.live.history import Weeks
from dcc_analytics.live.judge import judge
from dcc_analytics.live.lines import LineKey
from dcc_analytics.live.model import Model
from dcc_analytics.live.month import MonthFigures, Of
from dcc_analytics.live.recent import MINUTES, SLOT_US, SLOTS
from dcc_analytics.live.rings import Counted
from dcc_analytics.live.services import Services
from dcc_analytics.live.state import API_VERSION, Now
from dcc_analytics.live.surprise import Hour, baseline, counts, failure_surprise, unusual_since
from dcc_analytics.live.surprise import judge as judge_hour
from dcc_analytics.live.trust import Trust
from dcc_analytics.snapshot.members import Directory, Member
from dcc_analytics.stream.decode import rolled_up
from dcc_analytics.stream.instants import US_PER_S, instant_text

#: The columns of the matrix, each shown even when nothing ended there.
REGIONS: Final = ("North", "Central", "South", "Unknown")
_5_MINUTES: Final = 5
#: Everything together has no Party.
ALL: Final = Member("", "")


class Viewer:
    """Makes views of a model; what it looks up once it keeps until the directory is another."""

    def __init__(self, model: Model, *, stale_after_s: float) -> None:
        """View a model.

        Args:
            model: whose.
            stale_after_s: longest time records may wait without a commit.
        """
        self._model = model
        self._stale_after_s = stale_after_s
        self._regroup()

    def _regroup(self) -> None:
        directory = self.directory = self._model.directory
        recent = self._model.recent

        def member(line: LineKey) -> Member:
            return directory.member(line.user, line.role, line.srv)

        def region(line: LineKey) -> tuple[Member, str]:
            return member(line), rolled_up(line.region)

        def alerted(to: tuple[str, str]) -> Member:
            return directory.member(*to, None)

        self._minutes = Groups(recent.minutes, member)
        self._regions = Groups(recent.minutes, region)
        self._slots = Groups(recent.slots, member)
        self._alerts = Groups(recent.alerts, alerted)
        self.services = Services(recent, directory)
        self.causes = Causes(recent, directory)

    def trust(self, now_us: int) -> Trust:
        """Return whether what is seen can be trusted."""
        model = self._model
        model.settle()
        return judge(
            model.outside, model.shards, now_us, stale_after_s=self._stale_after_s,
            letters_last_hour=int(model.recent.dead_letters.window(MINUTES).sum()),
            left_out=int(model.recent.left_out.window(SLOTS).sum()),
        )  # fmt: skip

    def now(self, now_us: int, state: str) -> Now:
        """Return all that an operator sees.

        Args:
            now_us: now, by the wall's clock.
            state: its id.
        """
        trust = self.trust(now_us)
        everyone, users = self.users(now_us)
        return Now(
            version=API_VERSION,
            id=state,
            made_at=instant_text(now_us),
            application=self._model.application,
            trust=trust,
            all=everyone,
            users=users,
            regions=list(REGIONS),
            services=self.services.now(),
            reasons=self.causes.reasons(),
            devices=self.causes.devices(),
            incidents=self.incidents(),
        )

    def users(self, now_us: int) -> tuple[UserNow, list[UserNow]]:
        """Return everything together, and each Member of which anything is known, most surprising first."""
        parts = self._parts(now_us)
        users = [parts.user(member) for member in parts.members()]
        return parts.user(ALL), sorted(users, key=order)

    def user(self, member: Member, now_us: int) -> UserNow | None:
        """Return a Member's part; None when nothing is known of it and the directory has no such Member."""
        parts = self._parts(now_us)
        known = member in self.directory.members() or member in parts.members()
        return parts.user(member) if known else None

    def members(self, now_us: int) -> list[Member]:
        """Return the Members of the directory and those of whom anything is known, sorted."""
        return sorted({*self._parts(now_us).members(), *self.directory.members()})

    def _parts(self, now_us: int) -> "_Parts":
        if self.directory is not self._model.directory:
            self._regroup()
        return _Parts(self, self._model, self._model.month(now_us))

    def minutes(self, slots: int) -> dict[Member, list[int]]:
        """Return ended and failures of the last minutes by Member, and of all together."""
        return _with_all(self._minutes.window(slots))

    def lines(self) -> dict[Member, Counted]:
        """Return ended and failures by slot and Member, and of all together."""
        found = self._slots.by_slot(SLOTS)
        if found:
            found[ALL] = sum(found.values())  # type: ignore[assignment]
        return found

    def alerts(self) -> dict[Member, list[int]]:
        """Return the Alerts of the last hour by recipient, and of all together."""
        return _with_all(self._alerts.window(MINUTES))

    def regions(self) -> dict[Member, dict[str, list[int]]]:
        """Return ended and failures of the last hour by Member and Region, and of all together."""
        found: dict[Member, dict[str, list[int]]] = defaultdict(dict)
        for (member, region), row in self._regions.window(MINUTES).items():
            found[member][region] = row
            everyone = found[ALL].setdefault(region, [0] * len(row))
            found[ALL][region] = [one + other for one, other in zip(everyone, row, strict=True)]
        return found

    def incidents(self) -> list[IncidentNow]:
        """Return the Incidents that are open by the newest clock, gravest first."""
        now_us = self._model.recent.newest_us
        standing = [
            each
            for each in self._model.incidents
            if each.opened_us <= now_us and (each.closed_us is None or each.closed_us > now_us)
        ]
        return [
            IncidentNow(
                each.incident, each.category, each.summary, instant_text(each.opened_us),
                list(dict.fromkeys(map(rolled_up, each.regions))),
            )
            for each in sorted(standing, key=lambda each: (each.category, each.opened_us, each.incident))
        ]  # fmt: skip


class _Parts:
    """What one view is put together from, each looked up for all Members at once."""

    def __init__(self, viewer: Viewer, model: Model, month: dict[Of, MonthFigures]) -> None:
        recent = model.recent
        self._directory = viewer.directory
        self._month_name = str(month_of(max(0, model.clock_us)))
        self._seen_minutes = recent.seen_minutes()
        self._from_us = recent.slots.begins_us(SLOTS) if recent.newest_us >= 0 else None
        self._five, self._hour = viewer.minutes(_5_MINUTES), viewer.minutes(MINUTES)
        self._lines, self._alerts, self._regions = viewer.lines(), viewer.alerts(), viewer.regions()
        newest_us = max(0, recent.newest_us)
        self._weeks: Weeks = model.history.weeks(newest_us)
        self._today = _with_all({Member(*of): list(row) for of, row in model.history.today(newest_us).items()})
        self._months = _by_member(month)
        self._legs = _legs(model, viewer.directory)

    def members(self) -> list[Member]:
        """Return whoever anything is known of."""
        before = (Member(*member) for member in self._weeks.members())  # one that fell silent is there to be seen
        known = {*self._lines, *self._months, *self._hour, *self._today, *self._alerts, *before}
        return sorted(known - {ALL})

    def user(self, member: Member) -> UserNow:
        """Return a Member's part, or that of all together."""
        hour = counts(*self._hour.get(member, [0, 0]))
        weeks: Sequence[Hour] = self._weeks.of_all() if member == ALL else self._weeks.of((member.party, member.role))
        known = baseline(weeks, seen_minutes=self._seen_minutes)
        judged = judge_hour(hour, weeks, known)
        line = self._lines.get(member)
        slots = [(0, 0)] * SLOTS if line is None else [(int(row[0]), int(row[1])) for row in line]
        since = unusual_since(slots, known) if judged.unusual else None
        open_legs, timed_out = self._legs.get(member, (0, 0))
        return UserNow(
            party=member.party,
            role=member.role,
            name="" if member == ALL else self._directory.party(member.party).name,
            surprise=max(judged.failure_surprise, judged.volume_surprise),
            failure_surprise=judged.failure_surprise,
            volume_surprise=judged.volume_surprise,
            unusual=judged.unusual,
            since_at=None if since is None or self._from_us is None else instant_text(self._from_us + since * SLOT_US),
            last_5_minutes=counts(*self._five.get(member, [0, 0])),
            last_hour=hour,
            today=counts(*self._today.get(member, [0, 0])),
            month=self._month(member),
            baseline=known,
            open_legs=open_legs,
            timed_out_legs=timed_out,
            alerts_last_hour=self._alerts.get(member, [0])[0],
            line=line_of(slots, self._from_us),
            regions=self._in_regions(member, weeks, enough=known.enough),
        )

    def _month(self, member: Member) -> MonthCounts:
        successes, failures, still = self._months.get(member, (0, 0, 0))
        done = successes + failures
        rate = failures / done if done else None
        return MonthCounts(self._month_name, done + still, successes, failures, still, rate)

    def _in_regions(self, member: Member, weeks: Sequence[Hour], *, enough: bool) -> list[RegionNow]:
        found = self._regions.get(member, {})
        shown = []
        for region in REGIONS:
            now = counts(*found.get(region, [0, 0]))
            shown.append(RegionNow(region, now, round(failure_surprise(now, weeks), 2) if enough else 0.0))
        return shown


def line_of(slots: Sequence[tuple[int, int]], from_us: int | None) -> Line:
    """Return a line of slots that begin at an instant; None before anything was read."""
    begins = None if from_us is None else instant_text(max(0, from_us))
    return Line(begins, SLOT_US // US_PER_S, [ended for ended, _ in slots], [failed for _, failed in slots])


def _with_all(found: dict[Member, list[int]]) -> dict[Member, list[int]]:
    if found:
        found[ALL] = [sum(column) for column in zip(*found.values(), strict=True)]
    return found


def _by_member(month: dict[Of, MonthFigures]) -> dict[Member, tuple[int, int, int]]:
    found: dict[Member, list[int]] = {}
    for of, figures in month.items():
        for member in (of.member, ALL):
            sums = found.setdefault(member, [0, 0, 0])
            for place, count in enumerate((figures.successes, figures.failures, figures.open)):
                sums[place] += count
    return {member: (done, failed, still) for member, (done, failed, still) in found.items()}


def _legs(model: Model, directory: Directory) -> dict[Member, tuple[int, int]]:
    """Return legs without an answer by Member, and of them those past their time-out."""
    found: dict[Member, list[int]] = {}
    for shard in model.shards.values():
        for name in ("open", "timed_out"):
            for key, number in shard.open_legs.counts[name].items():
                for member in (directory.member(key.user, key.role, key.srv), ALL):
                    sums = found.setdefault(member, [0, 0])
                    sums[0] += number
                    sums[1] += number if name == "timed_out" else 0
    return {member: (still, late) for member, (still, late) in found.items()}
