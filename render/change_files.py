"""``changes.csv``: what is another than in the revision before, one Member's part; and the same in a sentence.

Only what the other files print is in it, as they print it: two figures that print alike are no change to a reader.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import polars as pl

from dcc_analytics.render.columns import Column, FileDefinition, Kind
from dcc_analytics.render.comparison_columns import NAMED_COMPARISON
from dcc_analytics.render.csv_files import seconds_text
from dcc_analytics.render.files import files_for
from dcc_analytics.render.snapshot_folder import MemberEntry, SnapshotFolder
from dcc_analytics.snapshot.changes import CHANGED, figures

CHANGES: Final = FileDefinition.of(
    "changes",
    "Changes since the revision before",
    "One row for each figure that is another, and for each row that came or went.",
    Column("table", Kind.TEXT, "File", "Name of the file, without .csv; members: what you are called."),
    Column("key", Kind.TEXT, "Row of it", "What tells its rows apart; a semicolon within a value has a \\ before it."),
    Column("column", Kind.TEXT, "Column", "Of the figure; empty for a whole row."),
    Column("row", Kind.TEXT, "What became of the row", "Whether it came, went, or holds another figure.",
           ("changed", "came", "gone")),
    Column("was", Kind.TEXT, "Was", "As the file of the revision before printed it; for a row that went its figures."),
    Column("is", Kind.TEXT, "Is", "As the file prints it; for a row that came its figures."),
    Column("why", Kind.TEXT, "Why", "What has moved since and can have touched it; +3: so many records more."),
    key=3,
)  # fmt: skip

_ENTRY: Final = ("table", "key", "column", "row", "was", "is", "why")
_ROW: Final = ("table", "key", "row", "why")
_PLACE: Final = "place"
#: What a Member is called stands on the cover.
_NAME: Final = Column("party_name", Kind.TEXT, "Name", "Of the Party.")
_MEMBERS: Final = "members"
#: Of a key, where the values of a row are seconds.
_OF_TIMES: Final = r"(?:^|; )measure=\w+_s(?:;|$)"


def revision(snapshot: SnapshotFolder) -> int:
    """Return the number of a snapshot among those of its month; 1 is the first."""
    return int(snapshot.manifest.get("revision", 1))


def own_changes(snapshot: SnapshotFolder, member: MemberEntry) -> pl.DataFrame:
    """Return a Member's part of what changed, as it is printed; empty for the first revision.

    Raises:
        SnapshotError: the list can't be read.
    """
    if revision(snapshot) == 1:
        return pl.DataFrame(schema=dict.fromkeys(_ENTRY, pl.String))
    entries = snapshot.table(CHANGES.name, member).join(_columns(member.role), on=("table", "column"))
    parts = [_printed(entries.filter(kind=kind), kind) for kind in sorted(entries["kind"].unique())]
    printed = (
        pl.concat([entries.clear(), *parts])
        .sort("table", "key", _PLACE)
        .with_columns(pl.col("printed").alias("column"))
    )
    changed = printed.filter((pl.col("row") == CHANGED) & pl.col("was").ne_missing(pl.col("is"))).select(_ENTRY)
    rows = (
        printed.filter(pl.col("row") != CHANGED).group_by(_ROW, maintain_order=True).agg(figures("was"), figures("is"))
    )
    return pl.concat([changed, rows.with_columns(column=pl.lit("")).select(_ENTRY)])


def own_devices(snapshot: SnapshotFolder, member: MemberEntry) -> Mapping[str, int]:
    """Return how many of a Member's Devices came, went and changed, and of how many the list says it."""
    every: list[dict[str, Any]] = snapshot.manifest.get("changes", {}).get("devices", [])
    own = (each for each in every if (each["party"], each["role"]) == (member.party, member.role))
    return next(own, {"came": 0, "gone": 0, "changed": 0, "listed": 0})


def _columns(role: str) -> pl.DataFrame:
    """Return the columns that a pack prints: ``table``, ``column`` of it, name in ``printed``, and kind.

    Of a file that a pack has only while others agree nothing is told: what one has taken back would stand there.
    """
    files = [file for file in files_for(role) if file is not NAMED_COMPARISON]
    known = [(file.name, column.source, column.name, column.kind) for file in files for column in file.columns]
    known += [(file.name, "", "", Kind.TEXT) for file in files]
    known += [(_MEMBERS, _NAME.source, _NAME.name, _NAME.kind), (_MEMBERS, "", "", Kind.TEXT)]
    return pl.DataFrame(
        [(*names, kind.value) for *names, kind in known],
        schema=dict.fromkeys(("table", "column", "printed", "kind"), pl.String),
        orient="row",
    ).with_row_index(_PLACE)


def _printed(entries: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Return entries whose values are of a kind, printed as their files print them."""
    return entries.with_columns(_PRINTED.get(kind, _text)(name).alias(name) for name in ("was", "is"))


def _text(name: str) -> pl.Expr:
    return pl.when(pl.col(name) != "").then(name)


def _seconds(name: str) -> pl.Expr:
    return seconds_text(pl.col(name).cast(pl.Int64))


def _rate(name: str) -> pl.Expr:
    return _decimals(name, 6)


def _measured(name: str) -> pl.Expr:
    in_seconds = pl.col("key").str.contains(_OF_TIMES)
    return pl.when(in_seconds).then(_decimals(name, 3)).otherwise(_decimals(name, 6))


def _decimals(name: str, decimals: int) -> pl.Expr:
    return pl.col(name).map_elements(lambda number: f"{float(number):.{decimals}f}", return_dtype=pl.String)


_PRINTED: Final[Mapping[str, Callable[[str], pl.Expr]]] = MappingProxyType(
    {Kind.SECONDS: _seconds, Kind.RATE: _rate, Kind.MEASURED: _measured}
)
