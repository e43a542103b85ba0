"""What ``dcca retention`` says: the rules, what was found, and where one Device is, in words and for machines."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from dcc_analytics.catalogue.retention import RETENTION, Found, Rule, Where
from dcc_analytics.stream.instants import instant_text

#: Places shown of each kind that is kept too long; all are in the JSON.
_PLACES: Final = 5
_DAY: Final = len("2026-10-05")


@dataclass(frozen=True, slots=True)
class Inventory:
    """A Device in ``devices``: how many of its records lie there, and whether the newest says that it is there."""

    device: str
    records: int
    there: bool


def rules_as_json() -> dict[str, object]:
    """Return the rules for machines."""
    return {"rules": [{"id": each.id, **_rule(each)} for each in RETENTION.values()]}


def _rule(rule: Rule) -> dict[str, object]:
    return {
        "where": rule.where.value,
        "holds": rule.holds,
        "kept": rule.kept.words,
        "counted_from": rule.counted_from,
        "needed_for": rule.needed_for,
        "dropped_by": rule.dropped_by,
        "setting": rule.setting or None,
        "source": rule.source,
        "note": rule.note or None,
    }


def shown() -> str:
    """Return the rules as text."""
    return "\n\n".join("\n".join(_shown(each)) for each in RETENTION.values())


def _shown(rule: Rule) -> Iterator[str]:
    yield f"{rule.id} ({rule.where.value}): {rule.words}"
    yield f"  holds:    {rule.holds}"
    yield f"  for:      {rule.needed_for}"
    yield f"  drops it: {rule.dropped_by}"
    if rule.setting:
        yield f"  setting:  {rule.setting}"
    if rule.note:
        yield f"  note:     {rule.note}"


def found_as_json(
    found: Sequence[Found], inventory: Inventory | None, as_of: datetime, not_looked_at: Sequence[Where]
) -> dict[str, object]:
    """Return what was found for machines: by kind and place."""
    result: dict[str, object] = {
        "as_of": as_of.isoformat(),
        "beyond": sum(each.beyond for each in found),
        "found": [_found(each, of_device=inventory is not None) for each in found],
        "not_looked_at": list(not_looked_at),
    }
    if inventory is not None:
        result["device"] = {
            "id": inventory.device,
            "found": any(each.of_device for each in found),
            "may_lie_in": [each.place for each in found if each.may_hold and not each.of_device],
            "in_devices": {"records": inventory.records, "in_the_inventory": inventory.there},
        }
    return result


def _found(each: Found, *, of_device: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "kind": each.rule.id,
        "place": each.place,
        "entries": each.entries,
        "oldest": None if each.oldest_us is None else instant_text(each.oldest_us),
        "rule": each.rule.words,
        "beyond": each.beyond,
        "verdict": "beyond" if each.beyond else "ok" if each.is_judged else "not judged",
        "why": each.why or None,
    }
    if of_device:
        told["of_device"] = each.of_device
        told["until"] = None if each.until_us is None or not each.of_device else instant_text(each.until_us)
    return told


def lines(found: Sequence[Found], not_looked_at: Sequence[Where]) -> Iterator[str]:
    """Yield what was found: a line for each kind, then what is kept too long and what to do."""
    yield f"{'kind':<17}{'where':<13}{'entries':>12}  {'oldest':<11}{'verdict':<15}rule"
    for rule in RETENTION.values():
        of_rule = [each for each in found if each.rule is rule]
        if rule.id == "rewritten":  # a part of all those before
            continue
        beyond = sum(each.beyond for each in of_rule)
        oldest_us = min((each.oldest_us for each in of_rule if each.oldest_us is not None), default=None)
        entries = f"{sum(each.entries for each in of_rule):,}" if of_rule else "-"
        if beyond:
            verdict = f"{beyond:,} BEYOND"
        elif not of_rule:
            verdict = "not looked at" if rule.where in not_looked_at else "none found"
        else:
            verdict = "ok" if all(each.is_judged for each in of_rule) else "not judged"
        yield f"{rule.id:<17}{rule.where.value:<13}{entries:>12}  {_day(oldest_us):<11}{verdict:<15}{rule.words}"
    yield from _amiss(found)


def _amiss(found: Iterable[Found]) -> Iterator[str]:
    by_why: dict[tuple[str, str], list[Found]] = {}
    for each in found:
        if each.why:
            by_why.setdefault((each.rule.id, each.why), []).append(each)
    for (kind, why), places in by_why.items():
        yield f"{kind}: {why}"
        yield from (f"  {each.place}: {each.beyond:,} of {each.entries:,}" for each in places[:_PLACES])
        if len(places) > _PLACES:
            yield f"  and {len(places) - _PLACES} more"


def device_lines(found: Sequence[Found], inventory: Inventory, not_looked_at: Sequence[Where]) -> Iterator[str]:
    """Yield where a Device is found, and until when."""
    yield _of_inventory(inventory)
    for each in found:
        if each.of_device:
            until = _endless(each) if each.until_us is None else f"gone by {instant_text(each.until_us)}"
            why = f" ({each.why})" if each.why else ""
            yield f"{each.rule.id} in {each.place}: {each.of_device:,}, {until}{why}"
    if not any(each.of_device for each in found):
        yield "found in nothing else that was looked at"
    elif any(each.of_device and each.rule.where is Where.LEDGER for each in found):
        more = RETENTION["replaced"].kept.words
        yield f"what goes from the ledger may lie in records that were replaced for {more} more"
    for each in found:
        if each.may_hold and not each.of_device:
            yield f"may lie in {each.place} ({each.why})"
    looked = {each.rule.where for each in found}
    missing = sorted({rule.where for rule in RETENTION.values()} - looked - {*not_looked_at})
    if missing:
        yield f"none was there to be looked at: {', '.join(missing)}"
    if not_looked_at:
        yield f"not looked at: {', '.join(not_looked_at)}"
    yield "not looked into: topics of events, hashes of scheduled results, backups, packs that were delivered"
    yield from _amiss(each for each in found if each.beyond)


def _endless(each: Found) -> str:
    in_inventory = each.rule.where in {Where.LEDGER, Where.ESTATE}
    return "as long as it is in the inventory" if in_inventory else "without end"


def _of_inventory(inventory: Inventory) -> str:
    if not inventory.records:
        return f"{inventory.device} is not in devices"
    is_there = "which have it in the inventory" if inventory.there else "the newest of which says that it has left"
    return f"{inventory.device} has {inventory.records:,} records in devices, {is_there}"


def _day(instant_us: int | None) -> str:
    return "-" if instant_us is None else instant_text(instant_us)[:_DAY]
