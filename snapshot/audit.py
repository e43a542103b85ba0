"""The audit of a month: whether each record its figures are made from was folded once. Pure.

The ledger keeps a sum of the records folded, by topic and class, in every commit (``aggregators.audit``); the manifest
of a snapshot holds it. Here it is set against the sum of the records that stand in Kafka, read again by nothing that
folds. Where sums are equal, no record was lost, folded twice, put into two classes or changed. What the product sends
out itself is checked likewise: each record counted as a dead letter, or as passed on, stands once in its topic.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Self

from dcc_analytics.aggregators.audit import NOTHING, AuditSum, added, taken_off
from dcc_analytics.aggregators.provenance import Before
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.catalogue.errors import SnapshotError
from dcc_analytics.stream.decode import DECODERS
from dcc_analytics.stream.fetched import Place
from dcc_analytics.stream.outcomes import RecordClass
from dcc_analytics.stream.strays import SOURCES

PROVEN: Final = "proven"
DIFFERS: Final = "differs"
#: Nobody has audited the snapshot.
NOT_AUDITED: Final = "not audited"

Sums = Mapping[tuple[str, int, str], AuditSum]


class Line(NamedTuple):
    """A sum that was checked.

    Attributes:
        what: ``read`` for the records of a topic, ``dead letters`` and ``passed on`` for those sent out.
        topic, partition: of the records.
        folded: as the ledger has it.
        found: as Kafka has it; None where what was sent out is no longer kept.
    """

    what: str
    topic: str
    partition: int
    folded: AuditSum
    found: AuditSum | None


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found.

    Attributes:
        application: whose ledger.
        since: the month from whose audited snapshot on records were read; None from the beginning of the ledger on.
        lines: every sum checked.
    """

    application: str
    since: str | None
    lines: tuple[Line, ...]

    @property
    def verdict(self) -> str:
        """``proven``, or ``differs``."""
        return DIFFERS if self.differing() else PROVEN

    def differing(self) -> list[Line]:
        """Return the lines whose sums are not equal."""
        return [line for line in self.lines if line.found not in {None, line.folded}]

    def told(self) -> dict[str, Any]:
        """Return it as data: the verdict, the sums by topic, and the partitions that differ."""
        totals: dict[tuple[str, str], list[AuditSum]] = defaultdict(lambda: [NOTHING, NOTHING])
        unchecked = set()
        for line in self.lines:
            total = totals[line.what, line.topic]
            total[0] = added(total[0], line.folded)
            total[1] = added(total[1], line.found or NOTHING)
            if line.found is None:
                unchecked.add((line.what, line.topic))
        return {
            "verdict": self.verdict,
            "application": self.application,
            "since": self.since,
            "checked": [
                {"what": what, "topic": topic, "folded": _told(folded), "found": _told(found)}
                for (what, topic), (folded, found) in totals.items()
                if (what, topic) not in unchecked
            ],
            "not_kept_any_more": [{"what": what, "topic": topic} for what, topic in sorted(unchecked)],
            "differing": [
                {"what": line.what, "topic": line.topic, "partition": line.partition, "folded": _told(line.folded),
                 "found": _told(line.found or NOTHING)}
                for line in self.differing()
            ],
        }  # fmt: skip


def _told(total: AuditSum) -> dict[str, Any]:
    """Return a sum as JSON; its digits are too many for the numbers of most readers of JSON."""
    return {"records": total[0], "sum": f"{total[1]:016x}"}


def ledger_sums(states: Iterable[ShardState], before: Sequence[Before] = ()) -> dict[str, Any]:
    """Return what a manifest says of the audit sums of all shards: where they begin, and the sums by class.

    Args:
        states: of the shards.
        before: applications the ledger was restored from, oldest first; what they have sent out carries their names.
    """
    begun: dict[str, int] = {}
    sums: dict[str, dict[str, Any]] = {}
    for state in states:
        begun |= state.audit.begun.data
        sums |= {name: _told(total) for name, total in state.audit.sums.data.items()}
    told = {"begun": dict(sorted(begun.items())), "sums": dict(sorted(sums.items()))}
    restored = [{"application": each.application, "applied": dict(sorted(each.applied.items()))} for each in before]
    return {**told, "before": restored} if restored else told


class Audited(NamedTuple):
    """What the manifest of a snapshot says of the records folded.

    Attributes:
        month: of the snapshot.
        application: whose ledger.
        begun: the first offset of the sums, by place.
        ends: the offset after the last record folded, by place.
        sums: by topic, partition and class.
        before: applications whose commits it begins with, oldest first, each with the offset up to which it folded.
    """

    month: str
    application: str
    begun: Mapping[Place, int]
    ends: Mapping[Place, int]
    sums: Sums
    before: tuple[tuple[str, Mapping[Place, int]], ...] = ()

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> Self:
        """Return what a manifest says.

        Raises:
            SnapshotError: it says nothing of them.
        """
        try:
            said = manifest["audit"]
            begun = {_place(name): int(offset) for name, offset in said["begun"].items()}
            offsets = manifest["offsets"]
            ends = {(topic, partition): int(offsets[topic][str(partition)]) for topic, partition in begun}
            sums = {}
            for name, total in said["sums"].items():
                place, _, became = name.partition("|")
                sums[(*_place(place), became)] = int(total["records"]), int(total["sum"], 16)
            before = tuple(
                (str(each["application"]), {_place(name): int(offset) for name, offset in each["applied"].items()})
                for each in said.get("before", ())
            )
            return cls(str(manifest["month"]), str(manifest["application"]), begun, ends, sums, before)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SnapshotError(
                f"the snapshot's manifest has no audit sums ({error!r}); take the snapshot again with this release"
            ) from error

    def follows(self, other: "Audited") -> bool:
        """Return whether these are the sums of the other and of what was folded since."""
        grown = all(other.ends.get(place, offset) <= self.ends[place] for place, offset in self.begun.items())
        return self._holds(other) and self.begun == other.begun and grown

    def _holds(self, other: "Audited") -> bool:
        """Return whether the other's commits are of this ledger."""
        return other.application == self.application or any(
            application == other.application and all(other.ends[place] <= applied.get(place, 0) for place in other.ends)
            for application, applied in self.before
        )

    def folded_by(self, place: Place, offset: int) -> str:
        """Return which application folded a record, whose name what it sent out carries."""
        for application, applied in self.before:
            if offset < applied.get(place, 0):
                return application
        return self.application


def _place(name: str) -> Place:
    topic, _, partition = name.partition("/")
    return topic, int(partition)


@dataclass(frozen=True, slots=True)
class Found:
    """What stands in Kafka of the records of some offsets.

    Attributes:
        read: by place.
        dead_letters: by the place of their origin; None if the topic has let some go.
        passed_on: likewise.
    """

    read: Mapping[Place, AuditSum]
    dead_letters: Mapping[Place, AuditSum] | None
    passed_on: Mapping[Place, AuditSum] | None


def compared(now: Audited, base: Audited | None, found: Found) -> Audit:
    """Set the sums of a snapshot against what was found.

    Args:
        now: of the snapshot.
        base: of an earlier one that was audited, after which records were read again; None if all were.
        found: in Kafka.
    """

    def folded(topic: str, partition: int, classes: Iterable[str]) -> AuditSum:
        total = NOTHING
        for became in classes:
            name = topic, partition, became
            before = NOTHING if base is None else base.sums.get(name, NOTHING)
            total = added(total, taken_off(now.sums.get(name, NOTHING), before))
        return total

    lines = []
    for topic in SOURCES:
        for place in sorted(place for place in now.begun if place[0] == topic):
            lines.append(Line("read", *place, folded(*place, RecordClass), found.read.get(place, NOTHING)))
            sent = [("dead letters", RecordClass.DEAD_LETTER, found.dead_letters)]
            if topic in DECODERS:
                sent.append(("passed on", RecordClass.STRAY, found.passed_on))
            for what, became, standing in sent:
                of_place = None if standing is None else standing.get(place, NOTHING)
                lines.append(Line(what, *place, folded(*place, [became]), of_place))
    return Audit(now.application, None if base is None else base.month, tuple(lines))
