"""The attack by comparing packs: what is told of others has to be the same in all packs of a Role and month.

Knows: two packs. Who has two, of a colluding peer or as one firm that serves several, subtracts them.
Tries: every figure of others in every file, row by row, and the list of peers' values of each service.
Succeeds: where two packs have another figure in the same row. One that leaves out its recipient, or is made from
    others' counts, is such a figure.
"""

from collections.abc import Iterator
from typing import Final

import polars as pl

from dcc_analytics.render.attack.finding import Finding
from dcc_analytics.render.attack.finished import PACK, Release, is_of_others
from dcc_analytics.render.columns import FileDefinition
from dcc_analytics.render.files import FILES

_PEER_VALUES: Final = "peer_values"
_SERVICE: Final = ("process", "srv", "variant")
_MEASURES: Final = ("failure_rate", "rtt_median_s")


def differences(release: Release) -> Iterator[Finding]:
    """Yield the figures of others in which packs of a Role differ."""
    for role in release.roles:
        for file in FILES.values():
            if file.name == _PEER_VALUES:
                yield from _values(release, role)
            else:
                yield from _figures(release, role, file)


def _figures(release: Release, role: str, file: FileDefinition) -> Iterator[Finding]:
    rows = release.rows(role, file.name)
    shared = [name for name in rows.columns if name not in (*file.key, PACK, "group") and is_of_others(name, file)]
    if not shared or rows.is_empty():
        return
    several = rows.group_by(file.key).agg(pl.col(name).n_unique() for name in shared)
    for name in shared:
        differing = several.filter(pl.col(name) > 1).sort(file.key)
        for key in differing.select(file.key).iter_rows():
            cell = rows.filter(
                pl.all_horizontal(pl.col(of).eq_missing(pl.lit(v)) for of, v in zip(file.key, key, strict=True))
            )
            yield _finding(release, role, file.file_name, key, column=name, cell=cell.select(PACK, name))


def _values(release: Release, role: str) -> Iterator[Finding]:
    """Yield services of which packs list other values of peers, a pack without any among them."""
    sent = release.rows(role, "round_trips_monthly").select(PACK, *_SERVICE)
    values = release.rows(role, _PEER_VALUES)
    listed = values.group_by(PACK, *_SERVICE, "measure", maintain_order=True).agg(pl.col("value").str.join(" "))
    every = sent.join(pl.DataFrame({"measure": _MEASURES}), how="cross").join(
        listed, on=(PACK, *_SERVICE, "measure"), how="left", nulls_equal=True
    )
    for key, cell in every.sort(*_SERVICE, "measure").group_by(*_SERVICE, "measure", maintain_order=True):
        if cell["value"].n_unique() > 1:
            yield _finding(release, role, f"{_PEER_VALUES}.csv", key, column="value", cell=cell.select(PACK, "value"))


def _finding(
    release: Release, role: str, file: str, key: tuple[object, ...], *, column: str, cell: pl.DataFrame
) -> Finding:
    """Return what is found in a row: the pack that stands alone with its figure, and one it differs from."""
    packs = release.of(role)
    by_figure = cell.group_by(column).agg(pl.col(PACK).min(), pl.len()).sort("len", PACK)
    one, other = (packs[by_figure[PACK][place]] for place in (0, -1))
    number = by_figure.height
    told = f"it has {number} figures in {cell.height} packs; {other.path.name} has another"
    return Finding(one.name, file, "|".join("" if each is None else str(each) for each in key), column, told)
