"""Changes of metrics in words: what differs, and the form of a change request."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from dcc_analytics.catalogue.changes import Change, ChangeRates
from dcc_analytics.catalogue.metrics import WITHIN
from dcc_analytics.commands.change_cost import Cost, Fold, Request, Size
from dcc_analytics.snapshot.disclosure import OK
from dcc_analytics.snapshot.take import FROZEN_DAYS

ASSUMED: Final = "assumed: built in, agreed by nobody; --rates FILE gives others"
_WIDTH: Final = 18


def in_words(change: Change) -> str:
    """Return what became of an entry, in a line."""
    entry = change.entry
    fields = f" ({', '.join(change.fields)})" if change.fields else ""
    return f"{change.kind:<9} {entry.id}, version {entry.version}: {change.kind_of_work}{fields}"


def form(request: Request, rates: ChangeRates, *, assumed: bool) -> str:
    """Return the form of a change request.

    Args:
        request: as it was measured.
        rates: of work.
        assumed: whether they are those built in.
    """
    fold, said = request.fold, f" ({ASSUMED})" if assumed else ""
    lines = [
        "CHANGE REQUEST: metrics",
        f"Measured on {request.sample}, {request.month}: {fold.events:,} events, {fold.cells:,} cells of round trips",
    ]
    for number, cost in enumerate(request.changes, 1):
        lines += ["", f"{number}. {cost.id}, version {cost.version}, {cost.change}: {cost.title}"]
        lines += [f"   {name:<{_WIDTH}} {text}" for name, text in _entry(cost, fold)]
        lines.append(f"   {'Work':<{_WIDTH}} {_work(cost.hours, rates)}{said}")
    was, now = request.was, request.now
    together = [
        ("Month end", f"freezing took {was.freeze_s:.2f} s of a core, and takes {now.freeze_s:.2f} s"),
        ("Pages of a pack", f"{was.pages:.1f} before, {now.pages:.1f} after (mean of the {now.packs} largest)"),
        ("Drawing a pack", f"{was.seconds:.3f} s of a core before, {now.seconds:.3f} s after (likewise)"),
        ("Work", f"{_work(sum(cost.hours for cost in request.changes), rates)}{said}"),
    ]
    return "\n".join([*lines, "", "Together", *(f"   {name:<{_WIDTH}} {text}" for name, text in together)])


def _work(hours: float, rates: ChangeRates) -> str:
    return f"{hours:g} h at {rates.per_hour:g} {rates.currency}: {hours * rates.per_hour:,.0f} {rates.currency}"


def _entry(cost: Cost, fold: Fold) -> Iterator[tuple[str, str]]:
    yield "Class of change", cost.kind
    for why in cost.why:
        yield "  because", why
    if cost.fields:
        yield "Changed", ", ".join(cost.fields)
    if cost.kind == WITHIN:
        yield "Keys a month", "none more in the ledger: it is computed from cells that are there"
        yield "Throughput", f"as it is: nothing is added to the fold ({_speed(fold)})"
    for fact, other in cost.folds.items():
        yield "Keys a month", f"{fold.cells:,} cells, with {fact} {other.cells:,}; by as much more in the digests"
        yield "Bytes a month", f"ledger {fold.ledger_bytes:,}, with {fact} in cells and digests {other.ledger_bytes:,}"
        yield "Throughput", f"{_speed(fold)}, with {fact} {_speed(other)}; small differences are chance"
    if cost.kind != WITHIN and not cost.folds:
        yield "Keys, throughput", "not known before it is coded: no Device fact is asked for that the sample could show"
    yield "Rows a month", _rows(cost.was, cost.now)
    if cost.now is None:
        yield "Withheld", "not known before it is coded"
    else:
        yield from _withheld(cost.now)
    yield "History", _history(cost)


def _speed(fold: Fold) -> str:
    return f"{fold.events / fold.seconds:,.0f} events/s"


def _rows(was: Size | None, now: Size | None) -> str:
    if now is None:
        return "not known before it is coded"
    before = f"; {was.rows:,} before" if was and was.rows else ""
    bytes_told = f"{now.csv_bytes:,} bytes there and {now.snapshot_bytes:,} in the snapshot"
    return f"{now.rows:,} in metrics.csv of {now.packs} packs, {bytes_told}{before}"


def _withheld(size: Size) -> Iterator[tuple[str, str]]:
    if not size.cells:
        yield "Withheld", "nothing: it is compared with nobody"
    for figures, reasons in size.cells.items():
        lost = {reason: number for reason, number in reasons.items() if reason != OK and number}
        told = f" ({', '.join(f'{reason} {number}' for reason, number in lost.items())})" if lost else ""
        yield "Withheld", f"{figures}: {sum(lost.values())} of {sum(reasons.values())} cells{told}"


def _history(cost: Cost) -> str:
    if cost.now == Size():
        return "packs told before keep it; a month frozen again does not have it"
    if cost.kind == WITHIN:
        return f"can be back-filled for months begun in the last {FROZEN_DAYS} days: `dcca snapshot` takes a revision"
    return "begins when it is coded; earlier months only by folding what the topics retain anew (`dcca rebuild`)"


def as_data(request: Request, rates: ChangeRates, *, assumed: bool) -> Mapping[str, object]:
    """Return what the form says of work, for machines."""
    hours = sum(cost.hours for cost in request.changes)
    return {
        "hours": hours, "per_hour": rates.per_hour, "price": hours * rates.per_hour, "currency": rates.currency,
        "rates_assumed": assumed,
    }  # fmt: skip


def listed(changes: Sequence[Change]) -> str:
    """Return changes a line each."""
    return "\n".join(map(in_words, changes)) or "the entries are the same"
