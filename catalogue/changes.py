"""Changes between two sets of metrics: what was added, amended, reworded, removed, and of which class each is."""

import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Annotated, Final, NamedTuple

import msgspec
from msgspec import Meta, Struct

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.catalogue.metrics import CLASSES, Metric, class_of

ADDED: Final = "added"
AMENDED: Final = "amended"
REWORDED: Final = "reworded"
REMOVED: Final = "removed"
#: Fields that change no figure.
_WORDS: Final = frozenset({"title", "description", "source", "page", "figure"})


class Change(NamedTuple):
    """A change of one entry.

    Attributes:
        kind: what became of it.
        was, now: the entry; None where there was, or is, none.
        fields: that are others.
    """

    kind: str
    was: Metric | None
    now: Metric | None
    fields: tuple[str, ...] = ()

    @property
    def entry(self) -> Metric:
        """The entry as it will be; as it was, if it goes."""
        entry = self.now or self.was
        if entry is None:
            raise ValueError("a change is of an entry")
        return entry

    @property
    def kind_of_work(self) -> str:
        """The class of change; what goes needs no code."""
        return CLASSES[0] if self.now is None else class_of(self.now)


def changes(old: Sequence[Metric], new: Sequence[Metric]) -> tuple[Change, ...]:
    """Return the changes that make one set of entries the other, by id.

    Raises:
        UsageError: an entry was amended, and its version has not risen.

    >>> common = dict(title="T", description="D", source="S", observed="alerts", aggregate="count", page="P")
    >>> was = [Metric(id=name, version=1, **common) for name in ("a", "b", "c")]
    >>> now = [was[0], Metric(id="b", version=2, filter={"code": ("N13",)}, **common)]
    >>> [(each.kind, each.entry.id, each.fields) for each in changes(was, now)]
    [('amended', 'b', ('version', 'filter')), ('removed', 'c', ())]
    """
    before, after = {each.id: each for each in old}, {each.id: each for each in new}
    found = [_change(before.get(name), after.get(name)) for name in sorted({*before, *after})]
    return tuple(each for each in found if each is not None)


def _change(was: Metric | None, now: Metric | None) -> Change | None:
    if was is None or now is None:
        return Change(ADDED if was is None else REMOVED, was, now)
    fields = tuple(name for name in Metric.__struct_fields__ if getattr(was, name) != getattr(now, name))
    if not fields:
        return None
    if set(fields) <= _WORDS:
        return Change(REWORDED, was, now, fields)
    if now.version <= was.version:
        raise UsageError(
            f"metric {now.id}: {', '.join(fields)} changed and version {was.version} did not rise to "
            f"{was.version + 1}; figures of two definitions must not bear one number"
        )
    return Change(AMENDED, was, now, fields)


class ChangeRates(Struct, frozen=True, forbid_unknown_fields=True):
    """What a change of each class takes.

    Attributes:
        currency: of the price.
        per_hour: in it.
        hours: by class of change.
    """

    currency: Annotated[str, Meta(min_length=1)]
    per_hour: Annotated[float, Meta(ge=0)]
    hours: Mapping[str, Annotated[float, Meta(ge=0)]]

    def __post_init__(self) -> None:
        """Refuse rates that leave a class out, or name one that is none.

        Raises:
            ValueError: says which classes there are.
        """
        if set(self.hours) != set(CLASSES):
            raise ValueError(f"hours names {', '.join(self.hours)}; the classes of change are {', '.join(CLASSES)}")


def read_rates(text: str | None = None, name: str = "catalogue/data/change_rates.toml") -> ChangeRates:
    """Return rates from the text of a file, or the assumed ones.

    Raises:
        UsageError: the text is not as it has to be.
    """
    if text is None:
        text = (files("dcc_analytics.catalogue.data") / "change_rates.toml").read_text(encoding="utf-8")
    try:
        return msgspec.convert(tomllib.loads(text), ChangeRates)
    except ValueError as refused:
        raise UsageError(
            f"{name} holds no rates: {refused}; see catalogue/data/change_rates.toml for some"
        ) from refused
