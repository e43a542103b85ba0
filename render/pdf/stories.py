"""Changes that are one: those of the same days, of whatever requests. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from dcc_analytics.render.pdf.day_changes import Change
from dcc_analytics.render.pdf.day_series import Scope, ScopedChange


@dataclass(frozen=True, slots=True)
class Story:
    """Changes that are one: the surest, and those of other requests on the same days."""

    base: ScopedChange
    others: tuple[ScopedChange, ...]

    @property
    def scopes(self) -> list[Scope]:
        """Which requests changed, the surest first."""
        return [self.base.scope, *(each.scope for each in self.others)]

    @property
    def rows(self) -> list[ScopedChange]:
        """Those of rows of the month, the greatest first."""
        found = (each for each in (self.base, *self.others) if each.scope.is_row)
        return sorted(found, key=lambda each: -abs(each.change.more))


def stories(found: Sequence[ScopedChange]) -> list[Story]:
    """Return changes of the same days together; one seen from the other side is not told again."""
    told_apart, left = [], list(found)
    while left:
        base = left[0]
        alike = [each for each in left[1:] if _alike(base, each)]
        told = [base, *alike]
        left = [each for each in left[1:] if each not in told and not _mirrored(base, each)]
        told_apart.append(Story(base, tuple(alike)))
    return told_apart


def _alike(one: ScopedChange, other: ScopedChange) -> bool:
    if one.kind != other.kind or _worse(one.change) != _worse(other.change):
        return False
    both = _days(one.change) & _days(other.change)
    return 2 * len(both) >= len(_days(one.change) | _days(other.change))


def _mirrored(one: ScopedChange, other: ScopedChange) -> bool:
    return (
        one.kind == other.kind
        and _worse(one.change) != _worse(other.change)
        and not _days(one.change) & _days(other.change)
    )


def _days(change: Change) -> set[int]:
    return set(range(change.first.toordinal(), change.last.toordinal() + 1))


def _worse(change: Change) -> bool:
    return change.more > 0
