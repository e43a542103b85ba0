"""Metrics as entries: what is observed, filtered, told apart, summed up, compared and drawn, said in a TOML file.

An entry is inside the language if it asks only for what the ledger's cells hold at their finest grain; then it is
computed at the snapshot, and no code is written for it. One that asks for more is outside, and ``outside`` says by
which class of change it could come in. ``docs/changing-metrics.md`` is the language for people.

Source: mission, R-CHG-1. What the contract itself asks for is no entry: its files are fixed there, column by column.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from msgspec import Meta, Struct

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.catalogue.processes import OTHER, PROCESSES
from dcc_analytics.catalogue.service_requests import SERVICE_REQUESTS

Id = Annotated[str, Meta(pattern="^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Title = Annotated[str, Meta(pattern=r"^[^\x00-\x1f]+$", max_length=60)]
Text = Annotated[str, Meta(pattern=r"^[^\x00-\x1f]+$", max_length=400)]
Values = Annotated[tuple[str, ...], Meta(min_length=1)]
Filter = dict[str, Values]


class Observed(NamedTuple):
    """What an entry may ask of a kind of cell.

    Attributes:
        named: columns that say of what.
        splits: columns that split it further; a benchmark of a part also looks at what is left (contract 7.6).
        rates: what a rate may be of.
        timed: whether it has times.
    """

    named: tuple[str, ...]
    splits: tuple[str, ...]
    rates: tuple[str, ...] = ()
    timed: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """All that tell its cells apart."""
        return (*self.named, *self.splits)


_SPLITS: Final = ("day", "meter_type", "region", "smets_version")
_DEVICE: Final = ("device_type", "manufacturer", "model", "firmware_version")
_OUTCOMES: Final = ("failures", "successes")
OBSERVED: Final[Mapping[str, Observed]] = MappingProxyType(
    {
        "round_trips": Observed(("process", "srv", "variant"), _SPLITS, (*_OUTCOMES, "in_time"), timed=True),
        "alerts": Observed(("kind", "code"), (*_SPLITS, *_DEVICE), _OUTCOMES, timed=True),
        "failures": Observed(("process", "srv", "variant"), ("reason_code", *_SPLITS, *_DEVICE)),
    }
)
#: Every column by which a metric may be told apart, in the order of ``metrics.csv``.
DIMENSIONS: Final = ("process", "srv", "variant", "kind", "code", "reason_code", *_SPLITS, *_DEVICE)
#: Each comparison holds those before it.
COMPARISONS: Final = ("none", "industry", "median", "quartiles")
FIGURES: Final = ("bars", "strip", "daily", "none")
#: What an aggregate is printed as; those of times end in ``_s``.
MEASURES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "count": "count", "rate": "rate", "share": "share", "mean_time": "mean_s", "best_time": "best_s",
        "worst_time": "worst_s", "quantile_time": "quantile_s",
    }
)  # fmt: skip
FRACTIONS: Final = ("rate", "share")
#: Columns whose values are a closed list, so that a slip of the pen is found; "" is a value of ``variant`` alone.
_KNOWN: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "process": (*PROCESSES, OTHER),
        "srv": tuple(SERVICE_REQUESTS),
        "variant": ("", "digital_signature", "key_agreement"),
        "kind": ("dcc", "device"),
        "meter_type": ("Electricity", "Gas", "None", "Unknown"),
        "smets_version": ("SMETS1", "SMETS2+", "Unknown"),
    }
)


class Metric(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """An entry.

    Attributes:
        id: what it is called in files; it keeps it when it is amended.
        version: rises with every amendment, so that figures of two definitions never mix.
        title, description: for people; the description says what the figure means.
        source: the requirement, or who asked for it and when.
        observed: one of ``OBSERVED``.
        aggregate: one of ``MEASURES``.
        page: the title of the page it is drawn on.
        of: what a rate is of.
        part: what a share is of, as a filter.
        rank_percent: of a quantile; 50 is the median.
        filter: values of columns; what has another is left out.
        dimensions: columns that tell its rows apart, besides the Member.
        comparison: one of ``COMPARISONS``.
        figure: one of ``FIGURES``.
    """

    id: Id
    version: Annotated[int, Meta(ge=1)]
    title: Title
    description: Text
    source: Text
    observed: str
    aggregate: str
    page: Title
    of: str = ""
    part: Filter = {}
    rank_percent: Annotated[int, Meta(ge=1, le=99)] = 50
    filter: Filter = {}
    dimensions: tuple[str, ...] = ()
    comparison: str = "none"
    figure: str = "bars"

    def __post_init__(self) -> None:
        """Refuse what no class of change could make sense of.

        Raises:
            ValueError: says which field, what it holds and what is allowed.
        """
        _check_word("aggregate", self.aggregate, MEASURES)
        _check_word("comparison", self.comparison, COMPARISONS)
        _check_word("figure", self.figure, FIGURES)
        for field, aggregate in (("of", "rate"), ("part", "share")):
            if getattr(self, field) and self.aggregate != aggregate:
                raise ValueError(f"{field} belongs to the aggregate {aggregate}, and the aggregate is {self.aggregate}")
            if self.aggregate == aggregate and not getattr(self, field):
                raise ValueError(f"the aggregate {aggregate} needs {field}, what it is of")
        if len(set(self.dimensions)) < len(self.dimensions):
            raise ValueError("dimensions names a column twice")
        self._check_comparison()
        for field in ("filter", "part"):
            for column, values in getattr(self, field).items():
                if column == "day":
                    raise ValueError(f"{field} names day; a definition holds for every month, so a day is none of it")
                for value in values:
                    _check_word(f"{field}.{column}", value, _KNOWN.get(column, (value,)))

    def _check_comparison(self) -> None:
        if self.aggregate == "count" and self.comparison != "none":
            raise ValueError("comparison has to be none for a count: volumes of others are never told (contract 7.5)")
        if self.aggregate not in FRACTIONS and self.comparison in {"median", "quartiles"}:
            raise ValueError("comparison is none or industry for times: peers are compared by rates and shares")
        if self.comparison == "quartiles" and "day" in self.dimensions:
            raise ValueError("comparison is median at most where day is a dimension: quartiles are of months")
        if self.figure == "daily" and self.dimensions != ("day",):
            raise ValueError('figure daily asks for dimensions = ["day"]')
        if self.figure == "strip" and self.aggregate not in FRACTIONS:
            raise ValueError("figure strip is of rates and shares; bars draws every aggregate")

    @property
    def measure(self) -> str:
        """What its value is, in ``metrics.csv``."""
        return MEASURES[self.aggregate]

    def compares(self, with_what: str) -> bool:
        """Return whether its comparison holds another."""
        return COMPARISONS.index(self.comparison) >= COMPARISONS.index(with_what)


def _check_word(field: str, value: str, allowed: Iterable[str]) -> None:
    words = tuple(allowed)
    if value not in words:
        raise ValueError(f"{field} is {value!r}; allowed are {', '.join(map(repr, words))}")


NEW_DIMENSION: Final = "new dimension"
NEW_OBSERVATION: Final = "new observation"
WITHIN: Final = "within the language"
#: The classes of change, from the cheapest on.
CLASSES: Final = (WITHIN, NEW_DIMENSION, NEW_OBSERVATION)


class Outside(NamedTuple):
    """Why an entry is outside the language: its class of change, in words, and the column asked for, if it is one."""

    kind: str
    words: str
    column: str = ""


def outside(metric: Metric) -> Iterator[Outside]:
    """Yield what an entry asks for that no cell holds; nothing if it is inside the language."""
    cells = OBSERVED.get(metric.observed)
    if cells is None:
        yield Outside(NEW_OBSERVATION, f"observed is {metric.observed!r}; there are {', '.join(OBSERVED)}")
        return
    for column in dict.fromkeys((*metric.dimensions, *metric.filter, *metric.part)):
        if column not in cells.columns:
            words = f"{metric.observed} are not told apart by {column!r}; they are by {', '.join(cells.columns)}"
            yield Outside(NEW_DIMENSION, words, column)
    if metric.of and metric.of not in cells.rates:
        told = f"there are {', '.join(cells.rates)}" if cells.rates else "it has no rates; use count or share"
        yield Outside(NEW_OBSERVATION, f"of is {metric.of!r}, which is not counted of {metric.observed}: {told}")
    if metric.measure.endswith("_s") and not cells.timed:
        yield Outside(NEW_OBSERVATION, f"{metric.observed} have no times")
    if metric.aggregate == "quantile_time":
        for column in dict.fromkeys((*metric.dimensions, *metric.filter)):
            if column in cells.splits:
                words = f"quantiles are not told apart by {column!r}; the digests are by {', '.join(cells.named)}"
                yield Outside(NEW_DIMENSION, words)


def class_of(metric: Metric) -> str:
    """Return the class of change that an entry is of: the dearest it asks for."""
    return max((each.kind for each in outside(metric)), key=CLASSES.index, default=WITHIN)


def parse_metrics(text: str, name: str) -> tuple[Metric, ...]:
    """Return the entries of a file, in its order; they may be outside the language.

    Args:
        text: of the file, TOML with ``[[metrics]]``.
        name: of the file, for words.

    Raises:
        UsageError: the file or an entry is not as it has to be; says which entry and field, and what is allowed.
    """
    try:
        read = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as refused:
        raise UsageError(f"{name} is no TOML: {refused}") from refused
    entries = read.pop("metrics", [])
    if read or not (isinstance(entries, list) and all(isinstance(each, dict) for each in entries)):
        other = ", ".join(read) or "metrics"
        raise UsageError(f"{name} holds {other}; a file of metrics holds [[metrics]] and nothing else")
    found = tuple(
        _entry(entry, f"{name}, {entry.get('id', f'entry {place}')}") for place, entry in enumerate(entries, 1)
    )
    _check_ids(found, name)
    return found


def _entry(entry: Mapping[str, Any], where: str) -> Metric:
    try:
        return msgspec.convert(entry, Metric)
    except msgspec.ValidationError as refused:
        told = str(refused)
        fields = f"; an entry has {', '.join(Metric.__struct_fields__)}" if "unknown field" in told else ""
        raise UsageError(f"{where}: {told}{fields}") from refused


def _check_ids(metrics: Iterable[Metric], name: str) -> None:
    seen = set[str]()
    for metric in metrics:
        if metric.id in seen:
            raise UsageError(f"{name}, {metric.id}: there are two entries of this id; give one of them another")
        seen.add(metric.id)


def built_in_metrics() -> tuple[Metric, ...]:
    """Return the entries of the catalogue itself."""
    text = (files("dcc_analytics.catalogue.data") / "metrics.toml").read_text(encoding="utf-8")
    return parse_metrics(text, "catalogue/data/metrics.toml")


def in_force(*sets: Iterable[Metric]) -> tuple[Metric, ...]:
    """Return entries that can be computed, in the order of their ids.

    Raises:
        UsageError: one is outside the language, or two have one id.
    """
    found = sorted((metric for each in sets for metric in each), key=lambda metric: metric.id)
    _check_ids(found, "the metrics given")
    for metric in found:
        for beyond in outside(metric):
            raise UsageError(
                f"metric {metric.id}: {beyond.words}; this is a change of the class {beyond.kind}, which needs code: "
                "`dcca catalogue cost` tells what it takes"
            )
    return tuple(found)
