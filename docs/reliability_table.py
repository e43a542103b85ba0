"""The page of reliability: the prose of ``reliability.md.in`` and what ``python -m bench kills`` has stored."""

from collections import defaultdict
from string import Template
from typing import Any, Final

from performance_page import ROOT, number, stored

TEMPLATE: Final = ROOT / "docs" / "reliability.md.in"
NAME: Final = "reliability.md"

_NONE_YET: Final = "No run is stored yet: `python -m bench kills --store` makes one.\n"

#: The parts, in the order the table has them, and who counts in each.
_COUNTING: Final = {
    "kills-at-least-once": "stock Faust, `at_least_once`",
    "kills-exactly-once": "stock Faust, `exactly_once`",
    "kills-worker": "`dcca worker`",
}
_DISKS: Final = {"no-kill": "no kill", "kept": "disk kept", "lost": "disk lost"}
_COLUMNS: Final = ("lost", "doubled", "wrong keys", "counted minus sent")

Values = dict[tuple[str, str], list[float]]


def pages() -> dict[str, str]:
    """Return the page by file name."""
    results = [result for _, result in stored(kills=True)]
    return {NAME: Template(TEMPLATE.read_text(encoding="utf-8")).substitute(kills=table(results))}


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
        if (part, f"{disk}: sent") in values
    ]  # fmt: skip
    return "\n".join(
        [
            "| counts | stops | runs | requests sent | lost | doubled | wrong keys | counted minus sent |",
            "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
            *rows,
            "",
            *sorted({_told_of(result) for result in results}),
            "",
        ]
    )


def _row(part: str, disk: str, values: Values) -> str:
    sent = values[part, f"{disk}: sent"]
    lost, doubled, wrong, share = (values[part, f"{disk}: {column}"] for column in _COLUMNS)
    return (
        f"| {_COUNTING[part]} | {_DISKS[disk]} | {len(sent)} | {_range(sent)} | {_range(lost)} | {_range(doubled)} | "
        f"{_range(wrong)} % | {_range(share, sign=True)} % |"
    )


def _range(values: list[float], *, sign: bool = False) -> str:
    """Return least and most of some values, one number where they are alike.

    >>> _range([3.0, 1.0, 2.0]), _range([0.0, 0.0]), _range([-1.5, 12.0], sign=True)
    ('1 to 3', '0', '-1.5 to +12')
    """
    ends = dict.fromkeys(_signed(value) if sign else number(value) for value in (min(values), max(values)))
    return " to ".join(ends)


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else '-' if value < 0 else ''}{number(abs(value))}"


def _told_of(result: dict[str, Any]) -> str:
    machine = result["machine"]
    return (
        f"Stored {result['date']}: {machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']} GB, "
        f"Python {machine['python']}, Kafka {machine['kafka']}, faust-streaming {machine['faust']}; "
        f"load before {result['load_before']}."
    )
