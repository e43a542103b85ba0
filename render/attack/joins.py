"""The attack by joining: whatever links the values of one peer over figures, files or months.

Knows: several files of several months.
Tries: a column that could be a label, an order that is not that of the values, digits by which a value is told from
    all others, a volume, an exact number of peers.
Succeeds: where a file has a column or a pack a file the contract does not know; where values of peers are not sorted
    and numbered, or are finer than the rule set rounds them; where the number of peers is no band.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Final

import polars as pl

from dcc_analytics.render.attack.finding import Finding
from dcc_analytics.render.attack.finished import GAP, KNOWN_FILES, PACK, Release, header_of
from dcc_analytics.render.files import FILES

_PEER_VALUES: Final = "peer_values"
_LIST: Final = ("process", "srv", "variant", "measure")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
#: A gap to the industry's rate has three decimals under every rule set.
_GAP_UNIT: Final = Decimal("0.001")
_BESIDE: Final = frozenset({"README.txt", "annex.pdf", "manifest.json", "pack.pdf"})


def joins(release: Release) -> Iterator[Finding]:
    """Yield what links values of peers."""
    yield from _columns(release)
    for role in release.roles:
        yield from _values(release, role)
        yield from _precision(release, role)


def _columns(release: Release) -> Iterator[Finding]:
    for pack in release.packs:
        for path in sorted(path for path in pack.path.rglob("*") if path.is_file()):
            name = path.relative_to(pack.path).as_posix()
            if name in _BESIDE or name.removesuffix("-metadata.json") in KNOWN_FILES:
                if path.suffix == ".csv":
                    known = KNOWN_FILES[name].header
                    for column in header_of(path):
                        if column not in known:
                            what = "a column the contract does not know may link rows"
                            yield Finding(pack.name, name, "", column, what)
            else:
                yield Finding(pack.name, name, "", "", "a file the contract does not know may link others")


def _values(release: Release, role: str) -> Iterator[Finding]:
    """Yield lists of peers' values that are not sorted and numbered."""
    packs = release.of(role)
    rows = release.rows(role, _PEER_VALUES)
    for key, values in rows.group_by(PACK, *_LIST, maintain_order=True):
        place, *of = key
        figures = [Decimal(each) for each in values["value"] if _NUMBER.fullmatch(each or "")]
        numbered = values["position"].to_list() == [str(number) for number in range(1, len(figures) + 1)]
        if figures != sorted(figures) or not numbered:
            what = "the values of peers stand in an order that is not theirs"
            row = "|".join(str(each or "") for each in of)
            yield Finding(packs[int(str(place))].name, f"{_PEER_VALUES}.csv", row, "position", what)


def _precision(release: Release, role: str) -> Iterator[Finding]:
    """Yield figures of others that are finer than they may be, and numbers of peers that are no band."""
    rounding = release.rules.rounding
    rate, bands = Decimal(f"{1:.{rounding.rate_decimals}f}"), _bands(release)
    packs = release.of(role)
    for file in FILES.values():
        rows = release.rows(role, file.name)
        for name in rows.columns:
            coarse = _coarse(file.name, name)
            if not coarse:
                continue
            for value, measure, place in _distinct(rows, name):
                if name == "peers":
                    fine = value not in bands
                elif not _NUMBER.fullmatch(value.removeprefix("-") if coarse == "gap" else value):
                    fine = True
                elif coarse == "time" or measure.endswith("_s"):
                    fine = not _has_digits(Decimal(value), rounding.significant_digits)
                else:
                    fine = Decimal(value) != Decimal(value).quantize(_GAP_UNIT if coarse == "gap" else rate)
                if fine:
                    what = "it is finer than the rule set allows, so that it tells one value from all others"
                    yield Finding(packs[place].name, file.file_name, "", name, what)


def _coarse(file: str, name: str) -> str:
    """Return how a column's values are rounded: as a rate, a gap, a time or a band; empty for what is exact."""
    if name == GAP:
        return "gap"
    if name == "value" and file == _PEER_VALUES:
        return "rate"
    if name == "peers" or name.startswith(("peer_failure_rate", "peer_share", "peer_result")):
        return "rate"
    return "time" if name.startswith("industry_") and name.endswith(("_best_s", "_worst_s")) else ""


def _distinct(rows: pl.DataFrame, name: str) -> list[tuple[str, str, int]]:
    measure = pl.col("measure") if "measure" in rows.columns else pl.lit("")
    found = rows.select(pl.col(name).alias("figure"), measure.alias("of"), PACK).drop_nulls("figure")
    return list(found.group_by("figure", "of").agg(pl.col(PACK).min()).sort("figure", "of").iter_rows())


def _has_digits(value: Decimal, digits: int) -> bool:
    """Return whether a number has at most so many significant digits.

    >>> [_has_digits(Decimal(each), 2) for each in ("4300.000", "0.041", "4.310")]
    [True, True, False]
    """
    return len(value.normalize().as_tuple().digits) <= digits


def _bands(release: Release) -> set[str]:
    begins = release.rules.peers.bands
    return {f"{begin}-{end - 1}" for begin, end in pairwise(begins)} | {f"{begins[-1]}+"}
