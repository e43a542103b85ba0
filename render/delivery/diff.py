"""Two versions of a pack compared: what their manifests say, and which figures, rows and files are others.

Values are compared as the files print them, by the same comparison as revisions of a snapshot. Of each row of a large
file only its key and a hash are held; the values are read of rows that are others alone, so many at a time.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl
from polars.exceptions import PolarsError

from dcc_analytics.catalogue.errors import PackError, UsageError
from dcc_analytics.render.change_files import CHANGES
from dcc_analytics.render.delivery.pack import DeliveredPack
from dcc_analytics.snapshot.changes import CAME, CHANGED, GONE, figures, table_changes
from dcc_analytics.snapshot.files import checksum

#: What an entry says, in the order of its columns; ``column`` is null for a whole row, whose figures are one text.
ENTRY: Final = ("key", "row", "column", "was", "is")
#: Keys whose rows are read and compared at a time.
_SLICE_KEYS: Final = 50_000
#: 64 bits: that a row changed and kept its hash is less likely than a disk that reads it wrongly.
_HASH: Final = " hash"
_SAME: Final = ("month", "party", "role")


@dataclass(frozen=True, slots=True)
class FileDiff:
    """What is another in a file.

    Attributes:
        file: its name.
        state: ``came``, ``gone`` or ``changed``.
        counts: figures ``changed``, rows that ``came`` and are ``gone``; empty for what is no CSV file of both.
        columns: those only one of the versions has.
        entries: the first of them, or all.
    """

    file: str
    state: str
    counts: Mapping[str, int]
    columns: tuple[str, ...]
    entries: tuple[Mapping[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class PackDiff:
    """What is another in a pack: in its manifest, by dotted name with both values, and in its files."""

    manifest: Mapping[str, tuple[Any, Any]]
    files: tuple[FileDiff, ...]


def differences(was: DeliveredPack, now: DeliveredPack, *, most: int | None) -> PackDiff:
    """Return what is another in the newer of two versions of a pack.

    Args:
        was: the older.
        now: the newer.
        most: entries that are kept of each file; None: all.

    Raises:
        UsageError: they are of two Members or months.
        PackError: a file that a manifest lists can't be read.
    """
    for name in _SAME:
        if was.manifest[name] != now.manifest[name]:
            raise UsageError(
                f"{was.path} is of {name} {was.manifest[name]}, {now.path} of {now.manifest[name]}; give two versions "
                "of one Member's pack of one month"
            )
    return PackDiff(_manifests(was.manifest, now.manifest), tuple(_files(was, now, most)))


def _manifests(was: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    before, after = (dict(_flat(each, "")) for each in (was, now))
    names = [*after, *(name for name in before if name not in after)]
    return {name: (before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)}


def _flat(said: Mapping[str, Any], lead: str) -> Iterator[tuple[str, Any]]:
    """Yield what a manifest says by dotted names; files are compared as they are."""
    for name, value in said.items():
        if isinstance(value, dict):
            if lead or name != "files":
                yield from _flat(value, f"{lead}{name}.")
        else:
            yield f"{lead}{name}", value


def _files(was: DeliveredPack, now: DeliveredPack, most: int | None) -> Iterator[FileDiff]:
    for name in [*now.files, *(each for each in was.files if each not in now.files)]:
        if name not in was.files:
            yield FileDiff(name, CAME, {}, (), ())
        elif name not in now.files:
            yield FileDiff(name, GONE, {}, (), ())
        elif _hash(was, name) != _hash(now, name):
            # What a list of changes says of its own revision differs as a whole; its rows would be told twice.
            compared = name.endswith(".csv") and name != CHANGES.file_name
            yield _csv(was, now, name, most) if compared else FileDiff(name, CHANGED, {}, (), ())


def _hash(pack: DeliveredPack, name: str) -> str:
    """Return the checksum of a file as it is, which need not be what its manifest says."""
    try:
        return checksum(pack.path / name)
    except OSError as error:
        raise PackError(f"{pack.path / name} can't be read ({error}); see `dcca packs verify {pack.path}`") from error


def _csv(was: DeliveredPack, now: DeliveredPack, name: str, most: int | None) -> FileDiff:
    """Return what is another in a CSV file that both versions have."""
    counts, entries = Counter[str](), list[Mapping[str, str | None]]()
    before, after = (_scan(pack.path / name) for pack in (was, now))
    try:
        columns = [rows.collect_schema().names() for rows in (before, after)]
        key = [each for each in now.metadata(name)["tableSchema"]["primaryKey"] if all(each in has for has in columns)]
        common = [each for each in columns[1] if each in columns[0]]
        for some in _others(before, after, key, common).iter_slices(_SLICE_KEYS):
            found = _entries(_of(before, some), _of(after, some), key)
            counts.update(found["row"].to_list())
            entries += found[: None if most is None else max(most - len(entries), 0)].to_dicts()
    except (OSError, PolarsError) as error:
        raise PackError(f"{name} of {was.path} or {now.path} can't be read ({error})") from error
    either = tuple(sorted(set(columns[0]) ^ set(columns[1])))
    return FileDiff(name, CHANGED, {row: counts[row] for row in (CHANGED, CAME, GONE)}, either, tuple(entries))


def _scan(path: Path) -> pl.LazyFrame:
    return pl.scan_csv(path, infer_schema=False)


def _others(was: pl.LazyFrame, now: pl.LazyFrame, key: Sequence[str], common: Sequence[str]) -> pl.DataFrame:
    """Return the keys of rows that are not in both versions with the same values, in order."""
    before, after = (
        rows.select(*key, pl.struct(common).hash().alias(_HASH)).collect(engine="streaming") for rows in (was, now)
    )
    by = [*key, _HASH]
    apart = [
        one.join(other, on=by, how="anti", nulls_equal=True).select(key)
        for one, other in ((before, after), (after, before))
    ]
    return pl.concat(apart).unique().sort(key)


def _of(rows: pl.LazyFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with some keys in their order, as of one Member, which a comparison of tables asks for."""
    found = rows.join(keys.lazy(), on=keys.columns, how="semi", nulls_equal=True, maintain_order="left")
    return found.with_columns(party=pl.lit(""), role=pl.lit("")).collect(engine="streaming")


def _entries(was: pl.DataFrame, now: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """Return changed figures, and each row that came or went as one entry, by row."""
    every = table_changes(was, now, key)
    rows = every.filter(pl.col("row") != CHANGED).group_by("key", "row", maintain_order=True)
    whole = rows.agg(figures("was"), figures("is")).with_columns(column=pl.lit(None, pl.String))
    return pl.concat([every.filter(row=CHANGED).select(ENTRY), whole.select(ENTRY)]).sort("key", maintain_order=True)
