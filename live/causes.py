"""Why round trips failed in the last hours: by reason, and by kind of Device. Pure."""

from collections import Counter, defaultdict
from typing import Final, NamedTuple

from dcc_analytics.catalogue.codes import reason_text
from dcc_analytics.live.figures import DeviceNow, ReasonNow
from dcc_analytics.live.groups import Groups, summed
from dcc_analytics.live.lines import FailKey
from dcc_analytics.live.recent import HOUR_SLOTS, SLOTS, Recent
from dcc_analytics.live.rings import Counted
from dcc_analytics.snapshot.members import Directory, Member
from dcc_analytics.stream.instants import instant_text

#: Reasons and kinds of Devices shown.
MOST_ROWS: Final = 30
_MOST_SRVS: Final = 3
_ANY: Final = Member("", "")


class _Reason(NamedTuple):
    member: Member
    srv: str
    code: str


class _Kind(NamedTuple):
    member: Member
    device_type: str
    manufacturer: str
    model: str
    firmware_version: str


class Causes:
    """Counts failures by what they have in common."""

    def __init__(self, recent: Recent, directory: Directory) -> None:
        """Count what was recent, for the Members of a directory."""
        self._recent = recent

        def reason(key: FailKey) -> _Reason:
            return _Reason(directory.member(key.user, key.role, key.srv), key.srv, key.reason)

        def kind(key: FailKey) -> _Kind:
            facts = key.facts
            member = directory.member(key.user, key.role, key.srv)
            return _Kind(member, facts.device_type, facts.manufacturer, facts.model, facts.firmware_version)

        self._reasons = Groups(recent.failures, reason)
        self._kinds = Groups(recent.failures, kind)
        # Of a nation's forty thousand combinations the sums of all Members are made at once, not one by one.
        self._all_reasons = Groups(recent.failures, lambda key: key.reason)
        self._all_kinds = Groups(recent.failures, lambda key: kind(key)._replace(member=_ANY))
        self._counted_at = -1
        self._of_hour: dict[Member, Counter[str]] = {}

    def reasons(self, only: Member | None = None) -> list[ReasonNow]:
        """Return the reasons of six hours, most failures in the last hour first.

        Args:
            only: a Member; all when None.
        """
        if only is None:
            lines = self._all_reasons.by_slot(SLOTS)
        else:
            lines = summed(self._reasons.by_slot(SLOTS), lambda of: of.code if of.member == only else None)
        users: dict[str, set[Member]] = defaultdict(set)
        srvs: dict[str, Counter[str]] = defaultdict(Counter)
        for of, (failed,) in self._reasons.window(HOUR_SLOTS).items():
            if failed > 0 and only in {None, of.member}:
                users[of.code].add(of.member)
                srvs[of.code][of.srv] += failed
        found = [
            ReasonNow(
                code, reason_text(code), _last_hour(line), int(line.sum()), len(users[code]),
                [srv for srv, _ in srvs[code].most_common(_MOST_SRVS)], self._since(line),
            )
            for code, line in lines.items()
        ]  # fmt: skip
        found.sort(key=lambda each: (-each.failures_last_hour, -each.failures_last_6_hours, each.reason_code))
        return found[:MOST_ROWS]

    def commonest(self, member: Member) -> str:
        """Return the reason of most of a Member's failures in the last hour; empty when it had none.

        The page asks for each Member that is unusual: they are counted once for all.
        """
        changes = self._recent.failures.changes
        if self._counted_at != changes:
            self._counted_at, self._of_hour = changes, defaultdict(Counter)
            for of, (failed,) in self._reasons.window(HOUR_SLOTS).items():
                self._of_hour[of.member][of.code] += failed
        found = self._of_hour.get(member, Counter[str]())
        code, failed = min(found.items(), key=lambda each: (-each[1], each[0]), default=("", 0))
        return code if failed > 0 else ""

    def devices(self, only: Member | None = None) -> list[DeviceNow]:
        """Return the kinds of Devices that failed in six hours, most failures in the last hour first.

        Args:
            only: a Member; all when None.
        """
        if only is None:
            lines = self._all_kinds.by_slot(SLOTS)
        else:
            kinds = self._kinds.by_slot(SLOTS)
            lines = summed(kinds, lambda of: of._replace(member=_ANY) if of.member == only else None)
        users: dict[_Kind, set[Member]] = defaultdict(set)
        for of, (failed,) in self._kinds.window(HOUR_SLOTS).items():
            if failed > 0 and only in {None, of.member}:
                users[of._replace(member=_ANY)].add(of.member)
        found = [
            DeviceNow(
                kind.device_type, kind.manufacturer, kind.model, kind.firmware_version,
                _last_hour(line), int(line.sum()), len(users[kind]), self._since(line),
            )
            for kind, line in lines.items()
        ]  # fmt: skip
        found.sort(key=lambda each: (-each.failures_last_hour, -each.failures_last_6_hours, each.model))
        return found[:MOST_ROWS]

    def _since(self, line: Counted) -> str:
        """Return when the first slot that has any begins."""
        ring = self._recent.failures
        first = int((line[:, 0] != 0).argmax())
        return instant_text(max(0, ring.begins_us(SLOTS) + first * ring.slot_us))


def _last_hour(line: Counted) -> int:
    return int(line[-HOUR_SLOTS:].sum())
