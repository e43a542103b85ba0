"""Reference records as a shard takes them in: Devices into its estate, Users and Incidents to be checked only."""

from typing import Final

from dcc_analytics.aggregators.classes import RecordClasses
from dcc_analytics.aggregators.facts import DeviceFacts
from dcc_analytics.aggregators.outgoing import Outgoing
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.stream.decode import REFERENCE_DECODERS, decode_device, decoded
from dcc_analytics.stream.events import Rejected
from dcc_analytics.stream.fetched import Fetched, Record
from dcc_analytics.stream.home import partition_of
from dcc_analytics.stream.instants import stamp_us_of
from dcc_analytics.stream.outcomes import RecordClass
from dcc_analytics.stream.strays import STRAYS

DEVICES: Final = "devices"


class ReferenceFold:
    """Takes in the reference records of one shard.

    Attributes:
        is_read: whether the reference topics were read to their end; Device records after that may be late facts.
    """

    def __init__(  # noqa: PLR0917 (made once, by the shard, of its parts)
        self,
        partition: int,
        partitions: int,
        state: ShardState,
        facts: DeviceFacts,
        classes: RecordClasses,
        out: Outgoing,
    ) -> None:
        """Take records in for a partition of so many."""
        self._partition = partition
        self._partitions = partitions
        self._state = state
        self._facts = facts
        self._classes = classes
        self._out = out
        self.is_read = False

    def fold(self, fetched: Fetched) -> int:
        """Take in records of a reference topic; return how many of them are new."""
        name = f"{fetched.topic}/{fetched.partition}"
        applied = self._state.applied.get(name, 0)
        new = 0
        for record in fetched.records:
            counted = record.offset >= applied
            if fetched.topic == DEVICES:
                self.device(DEVICES, record, counted=counted)
            elif counted:
                self._check(fetched.topic, fetched.partition, record)
            new += counted
        self._state.applied[name] = max(applied, fetched.next_position)
        return new

    def device(self, topic: str, record: Record, *, counted: bool = True) -> None:
        """Take a Device record or its removal into the estate; one read again (the estate was lost) counts no more."""
        if record.value is None and record.key is not None:
            event, device = None, record.key.decode(errors="replace").upper()
        else:
            decoded_event = decoded(decode_device, record.value)
            if isinstance(decoded_event, Rejected):
                if counted:
                    self._out.reject(topic, self._partition, record, decoded_event.reason)
                return
            event, device = decoded_event, decoded_event.device
        home = partition_of(device, self._partitions)
        if home != self._partition:
            if counted:
                self._out.pass_on(topic, record, device, home)
            return
        if event is None:
            self._facts.estate.remove(device, stamp_us=stamp_us_of(record.timestamp))
            self._state.move_out(device)
        else:
            if topic == STRAYS:
                self._state.move_in(event)
            if self._facts.take(event, stamp_us_of(record.timestamp)) and self.is_read:
                self._state.counters.note(("late_facts", ""))
        if counted:
            self._classes.note(RecordClass.REFERENCE, topic, record)

    def _check(self, topic: str, partition: int, record: Record) -> None:
        """Make a dead letter of what the snapshot will not be able to read."""
        event = None if record.value is None else decoded(REFERENCE_DECODERS[topic], record.value)
        if isinstance(event, Rejected):
            self._out.reject(topic, partition, record, event.reason)
        else:
            self._classes.note(RecordClass.REFERENCE, topic, record)
