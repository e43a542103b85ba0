"""The page of performance and its picture: the prose of ``performance.md.in`` and the results in ``bench/results``."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from pathlib import Path
from statistics import median
from string import Template
from typing import Any, Final

from speed_picture import Speed, picture

ROOT: Final = Path(__file__).resolve().parents[1]
TEMPLATE: Final = ROOT / "docs" / "performance.md.in"
RESULTS: Final = ROOT / "bench" / "results"
PICTURE: Final = "performance.svg"

_NONE_YET: Final = "No run is stored yet: `python -m bench --store` makes one.\n"

#: Parts of the bench that are no comparison of speed: their results stand on other pages.
KINDS: Final = ("kills", "growth", "nation", "estate", "ledger")

#: What the picture compares: label, part, figure, whether it is the product's.
_COMPARED: Final = (
    ("decoding, no broker", "decode", "decoded", False),
    ("getmany", "getmany", "fetched", False),
    ("getmany and decoding", "getmany", "fetched and decoded", False),
    ("folding, no broker", "fold", "folded", True),
    ("worker, ledger on", "worker", "folded", True),
    ("Kafka Streams, a smaller job", "kafka-streams", "folded", False),
    ("Flink, a smaller job", "flink", "folded", False),
    ("a batch by polars", "polars", "made into round trips", False),
    ("Quix Streams, counting", "quix", "folded", False),
    ("stock Faust, a dict", "faust", "folded", False),
    ("stock Faust, two Tables", "faust-tables", "folded", False),
)

#: Who is killed once, by part, in the order the table has them.
_KILLED: Final = {
    "kills-one-worker": "`dcca worker`",
    "kills-one-kafka-streams": "Kafka Streams",
    "kills-one-flink": "Flink",
    "kills-one-quix": "Quix Streams",
}
_OF_A_KILL: Final = (
    "rows", "rows right", "rows too high", "rows too low", "doubled", "lost", "events", "committed when killed",
    "commits again after",
)  # fmt: skip


def stored(of: str = "speed", parts: Collection[str] = ()) -> list[tuple[str, dict[str, Any]]]:
    """Return name and content of every stored result, by name: of speed, or of one of ``KINDS``; each has its page.

    Args:
        of: which of these.
        parts: of which it has to have measured one, if any are named.
    """
    read = ((path.stem, json.loads(path.read_text(encoding="utf-8"))) for path in sorted(RESULTS.glob("*.json")))
    found = [(name, result) for name, result in read if of == _kind(result)]
    return [each for each in found if not parts or any(figure["part"] in parts for figure in each[1]["figures"])]


def _kind(result: dict[str, Any]) -> str:
    """Return what a result is of."""
    kinds = {figure["part"].partition("-")[0] for figure in result["figures"]}
    return next((kind for kind in KINDS if kind in kinds), "speed")


def pages() -> dict[str, str]:
    """Return the page and, where results are stored, its picture, by file name."""
    results = stored()
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        results=_results(results), killed=killed([result for _, result in stored("kills", _KILLED)])
    )
    if not results:
        return {"performance.md": text}
    most = max(result["events"] for _, result in results)
    return {"performance.md": text, PICTURE: picture(_speeds(_values(_of_size(results, most))))}


def _results(results: list[tuple[str, dict[str, Any]]]) -> str:
    if not results:
        return _NONE_YET
    sizes = sorted({result["events"] for _, result in results}, reverse=True)
    sections = [_section(_of_size(results, size), with_picture=size == sizes[0]) for size in sizes]
    return "\n".join([*sections, _runs(results)])


def _of_size(results: list[tuple[str, dict[str, Any]]], events: int) -> list[dict[str, Any]]:
    return [result for _, result in results if result["events"] == events]


def _values(results: Iterable[dict[str, Any]]) -> dict[tuple[str, str, str], list[float]]:
    """Return every run's value of each figure, by part, name and unit, in the order they were measured in."""
    values = defaultdict[tuple[str, str, str], list[float]](list)
    for result in results:
        for figure in result["figures"]:
            values[figure["part"], figure["name"], figure["unit"]].append(figure["value"])
    return dict(values)


def _section(results: list[dict[str, Any]], *, with_picture: bool) -> str:
    values = _values(results)
    ratios = {key: found for key, found in values.items() if key[0] == "ratios"}
    others = {key: found for key, found in values.items() if key[0] != "ratios"}
    runs = "one run" if len(results) == 1 else f"{len(results)} runs"
    lines = [f"## {results[0]['events']:,} events, {runs}", ""]
    if ratios:
        rows = [f"| {name} | {_spread(found)} |" for (_, name, _), found in ratios.items()]
        lines += ["| ratio | least | median | most |", "| --- | ---: | ---: | ---: |", *rows, ""]
    if with_picture:
        lines += [f"![{_alternative(values)}]({PICTURE})", ""]
    rows = [f"| `{part}` | {name} | {unit} | {_spread(found)} |" for (part, name, unit), found in others.items()]
    return "\n".join(
        [
            *lines,
            "| part | figure | unit | least | median | most |",
            "| --- | --- | --- | ---: | ---: | ---: |",
            *rows,
            "",
        ]
    )


def killed(results: list[dict[str, Any]]) -> str:
    """Return the table of one kill of each: least to most of each figure over the stored results."""
    if not results:
        return "No run is stored yet: `python -m bench kills-one --store` makes one.\n"
    values = {(part, name): (unit, found) for (part, name, unit), found in _values(results).items()}
    rows = [
        " | ".join([f"| {who}", *(_with_unit(name, *values[part, name]) for name in _OF_A_KILL)]) + " |"
        for part, who in _KILLED.items()
        if (part, "rows") in values
    ]
    head = [f"| killed | {' | '.join(_OF_A_KILL)} |", f"| --- |{' ---: |' * len(_OF_A_KILL)}"]
    return "\n".join([*head, *rows, "", *sorted({told_of(result) for result in results}), ""])


def _with_unit(name: str, unit: str, values: list[float]) -> str:
    """Return a figure's extent, with its unit where its name does not say it."""
    units = {"committed when killed": " %", "commits again after": f" {unit}"}
    return f"{extent(values)}{units.get(name, '')}"


def _speeds(values: dict[tuple[str, str, str], list[float]]) -> list[Speed]:
    """Return the speeds that are compared, fastest first."""
    found = ((label, values.get((part, name, "events/s")), ours) for label, part, name, ours in _COMPARED)
    speeds = [Speed(label, min(each), median(each), max(each), ours) for label, each, ours in found if each]
    return sorted(speeds, key=lambda speed: -speed.median)


def _alternative(values: dict[tuple[str, str, str], list[float]]) -> str:
    """Return the picture in words."""
    words = "; ".join(f"{speed.label} {number(speed.median)}" for speed in _speeds(values))
    return f"Events a second, medians: {words}"


def _spread(values: list[float]) -> str:
    return " | ".join(number(each) for each in (min(values), median(values), max(values)))


def number(value: float) -> str:
    """Return a number to three significant digits, or whole where it has more.

    >>> number(27123.4), number(999.6), number(3.14159), number(0.01234), number(0.0)
    ('27,123', '1,000', '3.14', '0.0123', '0')
    """
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def extent(values: list[float], *, sign: bool = False) -> str:
    """Return least and most of some values, one number where they are alike.

    >>> extent([3.0, 1.0, 2.0]), extent([0.0, 0.0]), extent([-1.5, 12.0], sign=True)
    ('1 to 3', '0', '-1.5 to +12')
    """
    if not values:
        return ""
    ends = dict.fromkeys(_signed(value) if sign else number(value) for value in (min(values), max(values)))
    return " to ".join(ends)


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else '-' if value < 0 else ''}{number(abs(value))}"


def told_of(result: dict[str, Any]) -> str:
    """Return when and where a result was stored."""
    machine = result["machine"]
    return (
        f"Stored {result['date']}: {machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']} GB, "
        f"Python {machine['python']}, Kafka {machine['kafka']}, faust-streaming {machine['faust']}; "
        f"load before {result['load_before']}."
    )


def _runs(results: list[tuple[str, dict[str, Any]]]) -> str:
    rows = [
        f"| {name} | {result['events']:,} | {each['cpu']}, {each['cores']} cores, {each['memory_gb']} GB | "
        f"{each['python']} | {each['kafka']} | {result['load_before']} |"
        for name, result in results
        if (each := result["machine"])
    ]
    columns = ["| run | events | machine | Python | Kafka | load before |", "| --- | ---: | --- | --- | --- | ---: |"]
    return "\n".join(["## Stored runs", "", *columns, *rows, ""])
