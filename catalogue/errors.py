"""Every error a person can meet, as one tree.

    DccaError                   1   something could not be done
    ├── UsageError              2   a command, option, rule set, metric or month is not what it should be
    ├── CatalogueError          1   a data file of the catalogue is broken
    ├── BrokerError             1   Kafka can't be started or reached
    ├── AccessError             1   Kafka does not let us in, or not do what we have to
    ├── TopicError              1   topics are missing or not as they have to be
    ├── PublishError            1   recorded events can't be read or sent
    ├── DeadLetterError         1   a dead letter can't be found, or not be sent back
    ├── LiveError               1   a dcca live can't be reached, or refuses
    ├── StateError              1   ledger or estate are damaged, or do not fit the topics
    ├── SnapshotError           1   a month can't be taken from the ledger, or a snapshot can't be read
    ├── RenderError             3   some packs failed; the others are there
    ├── DisclosureError         4   the release gate found an attack that succeeds
    ├── MonthNotComplete        5   a final month was asked for and the month is provisional
    ├── AuditError              6   a month was not folded from its records exactly once
    ├── FiguresDiffer           7   a month folded again has other figures
    ├── PackError               8   a finished pack is not what its manifest says
    └── RetentionError          9   something of single Devices is kept longer than its rule allows

The number is the exit code of ``dcca``. A message says in one line what happened, where, why, and what to do. A
record that can't be read is no error but a value (``stream.events.Rejected``): it must not stop the stream.
"""

from typing import ClassVar


class DccaError(Exception):
    """Something could not be done; the message says what to do about it.

    What a message quotes of a library or of a file from outside may have line breaks; as text it has none.
    """

    exit_code: ClassVar[int] = 1

    def __str__(self) -> str:
        """Return the message in one line."""
        return one_line(super().__str__())


def one_line(text: str) -> str:
    r"""Return a text in one line.

    >>> one_line("not what it should be:\n\n  'x\x0by'")
    "not what it should be: 'x y'"
    """
    return " ".join(filter(None, map(str.strip, text.splitlines())))


class UsageError(DccaError):
    """Correct the command, option, rule set, metric or month the message names."""

    exit_code: ClassVar[int] = 2


class CatalogueError(DccaError):
    """Correct the data file of the catalogue at the row and column the message names."""


class BrokerError(DccaError):
    """Start the broker, free its port or disk, or correct ``--bootstrap``."""


class AccessError(DccaError):
    """Correct the settings under ``[security]``, or have the user granted what ``dcca acl show`` prints."""


class TopicError(DccaError):
    """Create the topics, or give the ones there the partitions the message asks for."""


class PublishError(DccaError):
    """Correct the recorded events at the line the message names, or see to the broker, and publish again."""


class DeadLetterError(DccaError):
    """Name a dead letter that is there, or correct what the message says keeps it from being sent back."""


class LiveError(DccaError):
    """Start ``dcca live``, or give ``dcca top`` its address or a token that it accepts."""


class StateError(DccaError):
    """Restore what the message names; the product never resets state by itself."""


class SnapshotError(DccaError):
    """See to the ledger or the snapshot folder the message names."""


class RenderError(DccaError):
    """Some packs failed: correct the cause and render again, what is finished is kept."""

    exit_code: ClassVar[int] = 3


class DisclosureError(DccaError):
    """Nothing may be released: tighten the rule set and take the snapshot again."""

    exit_code: ClassVar[int] = 4


class MonthNotComplete(DccaError):  # noqa: N818 (the state it reports, not a fault)
    """Wait until the month is final, or ask for it as provisional."""

    exit_code: ClassVar[int] = 5


class AuditError(DccaError):
    """Release nothing of the month; keep topics and ledger as they are, and build it anew with ``--application``."""

    exit_code: ClassVar[int] = 6


class FiguresDiffer(DccaError):  # noqa: N818 (what was found, not a fault of the command)
    """Release nothing of the month before it is known why; the message names the first figure that is another."""

    exit_code: ClassVar[int] = 7


class PackError(DccaError):
    """Do not use or deliver the packs the message names: render them again, or ask their sender to."""

    exit_code: ClassVar[int] = 8


class RetentionError(DccaError):
    """Do what ``dcca retention prove`` says of each kind that is kept too long."""

    exit_code: ClassVar[int] = 9
