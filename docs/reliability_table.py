"""The page of reliability: the prose of ``reliability.md.in``, a stored assault, stored ``python -m bench kills``."""

import json
from collections import defaultdict
from string import Template
from typing import Any, Final

from performance_page import ROOT, extent, number, stored, told_of

TEMPLATE: Final = ROOT / "docs" / "reliability.md.in"
NAME: Final = "reliability.md"
#: What ``make assault JSON=docs/assault.json`` has written.
ASSAULT: Final = ROOT / "docs" / "assault.json"

_NONE_YET: Final = "No run is stored yet: `python -m bench kills --store` makes one.\n"

#: The parts, in the order the table has them, and who counts in each.
_COUNTING: Final = {
    "kills-at-least-once": "stock Faust, `at_least_once`",
    "kills-exactly-once": "stock Faust, `exactly_once`",
    "kills-worker": "`dcca worker`",
}
_DISKS: Final = {"no-kill": "no kill", "kept": "disk kept", "lost": "disk lost"}
_HEAD: Final = ("runs", "stood still", "requests sent", "lost", "doubled", "wrong keys", "counted minus sent")
_COLUMNS: Final = ("lost", "doubled", "wrong keys", "counted minus sent")

Values = dict[tuple[str, str], list[float]]


def pages() -> dict[str, str]:
    """Return the page by file name."""
    results = [result for _, result in stored("kills", _COUNTING)]
    return {
        NAME: Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
            kills=table(results), assault=assault(json.loads(ASSAULT.read_text(encoding="utf-8")))
        )
    }


def assault(told: dict[str, Any]) -> str:
    """Return what came of an assault, and a table of its faults."""
    failed = "every figure exact in all of them" if not told["failed"] else f"{len(told['failed'])} of them NOT exact"
    summary = (
        f"The one stored, of seed {told['seed']}: {told['kills']} live processes killed in {told['plans']} plans in "
        f"{told['minutes']:.0f} minutes, {failed}. Seconds are the longest until every partition had committed anew, "
        "three plans being played at a time on two cores."
    )
    head = ["| fault | runs | kills | longest recovery |", "| --- | ---: | ---: | ---: |"]
    return "\n".join([summary, "", *head, *map(_fault, told["faults"]), ""])


def _fault(row: dict[str, Any]) -> str:
    name = row["fault"].replace("_", " ")
    return f"| {name} | {row['runs']} | {row['kills']} | {row['longest_recovery_s']:.1f} s |"


def table(results: list[dict[str, Any]]) -> str:
    """Return the table of stored results: least to most of each figure over the runs of each case."""
    if not results:
        return _NONE_YET
    values: Values = defaultdict(list)
    for result in results:
        for figure in result["figures"]:
            values[figure["part"], figure["name"]].append(figure["value"])
    rows = [
        _row(part, disk, values)
        for part in _COUNTING
        for disk in _DISKS
        if (part, f"{disk}: stood still") in values
    ]  # fmt: skip
    return "\n".join(
        [
            f"| counts | stops | {' | '.join(_HEAD)} |",
            f"| --- | --- |{' ---: |' * len(_HEAD)}",
            *rows,
            "",
            *sorted({told_of(result) for result in results}),
            "",
        ]
    )


def _row(part: str, disk: str, values: Values) -> str:
    still = values[part, f"{disk}: stood still"]
    sent, lost, doubled, wrong, share = (values[part, f"{disk}: {column}"] for column in ("sent", *_COLUMNS))
    counts = f"{extent(sent)} | {extent(lost)} | {extent(doubled)}"
    rates = " | ".join(f"{each} %" if each else "" for each in (extent(wrong), extent(share, sign=True)))
    return f"| {_COUNTING[part]} | {_DISKS[disk]} | {len(still)} | {number(sum(still))} | {counts} | {rates} |"
