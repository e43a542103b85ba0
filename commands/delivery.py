"""``dcca packs verify`` and ``diff``: what a pack says of itself, and what another version says instead."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from dcc_analytics.commands.options import Json
from dcc_analytics.commands.output import bars, tell
from dcc_analytics.render.delivery.diff import FileDiff, differences
from dcc_analytics.render.delivery.pack import DeliveredPack, pack_folders
from dcc_analytics.render.delivery.verify import refuse, verified

#: Differences of a file that are told unless all are asked for.
_TOLD = 20

AnyPacks = Annotated[
    Path, typer.Argument(metavar="DIR", help="A pack, or a folder of packs such as OUT/packs/YYYY-MM.")
]
All = Annotated[bool, typer.Option("--all", help=f"Tell every difference; {_TOLD} of each file otherwise.")]


def verify(folder: AnyPacks, as_json: Json = False) -> None:
    """Check the packs in DIR against their manifests; exit code 8 if one is not what its manifest says.

    Every file is hashed: it may be missing, changed or not in the manifest. CSV files are read too: header and types by
    the metadata beside them, the number of rows by the manifest. Whether the manifest itself is the
    one that was sent, its SHA-256 tells, which --json prints here and for `dcca packs encrypt`.

    Examples:

        dcca packs verify dcca-out/packs/2026-10

        dcca packs verify NWE-IS --json
    """
    with bars() as shown:
        found = [verified(path) for path in shown.track(pack_folders(folder), description="verify packs")]
    lines = []
    for each in found:
        lines.append(f"{each.folder}: {f'{len(each.faults)} faults' if each.faults else f'{each.files} files'}")
        lines += [f"  {fault}" for fault in each.faults]
    whole = sum(1 for each in found if not each.faults)
    lines.append(f"{whole} of {len(found)} packs are what their manifests say")
    tell({"folder": str(folder), "packs": [asdict(each) for each in found]}, "\n".join(lines), as_json=as_json)
    refuse(found)


def diff(
    was: Annotated[Path, typer.Argument(metavar="A", help="Folder of the older version of a pack.")],
    now: Annotated[Path, typer.Argument(metavar="B", help="Folder of the newer version.")],
    every: All = False,
    as_json: Json = False,
) -> None:
    """Tell what is another in B than in A, two versions of one Member's pack of a month.

    First what their manifests say (snapshot, revision, rule set), then each file: figures by row and column with their
    old and new value, rows that came and went. It tells and does not judge: the exit code is 0 whether they differ.

    Examples:

        dcca packs diff first/NWE-IS dcca-out/packs/2026-10/NWE-IS

        dcca packs diff first/NWE-IS second/NWE-IS --all --json
    """
    found = differences(DeliveredPack.read(was), DeliveredPack.read(now), most=None if every else _TOLD)
    lines = [f"manifest.json: {len(found.manifest)} entries are others"] if found.manifest else []
    lines += [f"  {name}: {_shown(one)} -> {_shown(other)}" for name, (one, other) in found.manifest.items()]
    lines += [line for file in found.files for line in _lines(file)]
    tell(asdict(found), "\n".join(lines) or "no difference", as_json=as_json)


def _lines(file: FileDiff) -> Iterator[str]:
    counts = file.counts
    rows = f": {counts['changed']} figures changed, {counts['came']} rows came, {counts['gone']} went" if counts else ""
    yield f"{file.file} {file.state}{rows}"
    if file.columns:
        yield f"  columns of one version only: {', '.join(file.columns)}"
    for entry in file.entries:
        yield f"  {_entry(entry)}"
    if more := sum(counts.values()) - len(file.entries):
        yield f"  and {more} more; --all tells them"


def _entry(entry: Mapping[str, str | None]) -> str:
    key, row, column, was, now = entry.values()
    return f"{key}  {column}: {_shown(was)} -> {_shown(now)}" if column else f"{key}  {row}: {was or now or ''}"


def _shown(value: object) -> str:
    return "(empty)" if value is None else str(value)
