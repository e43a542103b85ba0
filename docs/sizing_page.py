"""The page of sizing: the prose of ``sizing.md.in``, and the arithmetic of a nation from stored results."""

from collections.abc import Iterator
from math import ceil
from statistics import median
from string import Template
from typing import Any, Final, NamedTuple

from performance_page import ROOT, number, stored

from dcc_analytics.stream.instants import HOUR_US
from dcc_analytics.stream.memory import KNOWN_US

TEMPLATE: Final = ROOT / "docs" / "sizing.md.in"
NAME: Final = "sizing.md"

#: What is asked for: Devices, events a second on average and at the peak, seconds of a month of 31 days.
DEVICES: Final = 54_000_000
MEAN_EVENTS_S: Final = 1_000
PEAK_EVENTS_S: Final = 20_000
MONTH_S: Final = 31 * 86_400
#: Of which ``python -m bench nation`` makes a part.
NATION_EVENTS: Final = 2_700_000_000
#: Of a core, so that a backlog is worked off and a worker may go.
USED: Final = 0.5
#: Of the events of the national mix, the share that are Alerts.
ALERTS: Final = 0.6
#: What has ended is known for so many hours.
KNOWN_H: Final = KNOWN_US // HOUR_US
#: Days a request that nobody answers is held at most, until its month is final.
OPEN_DAYS: Final = 40

_NONE_YET: Final = "No run is stored yet: `python -m bench growth --store` makes one.\n"
_SIZES: Final = {"growth-quarter": "a quarter", "growth-half": "half", "growth-whole": "the whole"}


class Line(NamedTuple):
    """A line of the arithmetic: what is needed, how much of it, and from what."""

    need: str
    much: str
    why: str


def pages() -> dict[str, str]:
    """Return the page by file name."""
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        events_month=f"{MEAN_EVENTS_S * MONTH_S:,}",
        devices=f"{DEVICES:,}",
        arithmetic=_table(arithmetic()),
        growth=_growth([result for _, result in stored("growth")]),
        ledger=_measured("ledger"),
        nation=_measured("nation", by_size=True),
        estate=_measured("estate"),
    )
    return {NAME: text}


def arithmetic() -> Iterator[Line]:
    """Yield what follows from stored figures, those left out that no run has."""
    events_s, cpu_s = _median("worker", "folded"), _median("worker", "CPU")
    if events_s and cpu_s:
        mean, of_mean = MEAN_EVENTS_S * cpu_s / 1e6, f"{MEAN_EVENTS_S:,} events/s, {number(cpu_s)} CPU s a million"
        yield Line("cores for workers on average", number(mean), of_mean)
        cores = ceil(PEAK_EVENTS_S / events_s / USED)
        of_peak = f"{PEAK_EVENTS_S:,} events/s, {number(events_s)} events/s a core, {100 * USED:.0f} % of each used"
        yield Line("cores for workers at the peak", f"{cores}", of_peak)
        minutes = 60 * PEAK_EVENTS_S / (cores * events_s - PEAK_EVENTS_S)
        beside = "by those cores, while the peak goes on"
        yield Line("an hour's standstill at the peak is worked off in", f"{number(minutes)} min", beside)
    yield from _memory()
    kept = _median("ledger", "commits every 1 s: in the topic", of="ledger")
    if kept:
        month_gb, of = MEAN_EVENTS_S * MONTH_S * kept / 1e9, f"{number(kept)} bytes an event, a commit each second"
        yield Line("ledger written in a month, before compaction", f"{number(month_gb)} GB", of)


def _memory() -> Iterator[Line]:
    """Yield lines of memory, of all workers together."""
    facts_mb = _median("bounded", "facts of a month")
    if facts_mb:
        much_gb, of = DEVICES / 1e9 * facts_mb, f"{number(facts_mb)} MB a million Devices, all of them read"
        yield Line("memory of all workers for single Devices", f"{number(much_gb)} GB", of)
    leg = _median("bounded", "an open leg")
    if leg:
        much_gb = 0.01 * MEAN_EVENTS_S * 86_400 * OPEN_DAYS * leg / 1e9
        of = f"all events being requests, {OPEN_DAYS} days until a month is final, {number(leg)} bytes a leg"
        yield Line("and for each 1 % of requests that nobody answers", f"{number(much_gb)} GB", of)
    alert, ended = _median("bounded", "an Alert, for a day"), _median("bounded", "an ended leg, for a day")
    if alert and ended:
        much_gb = MEAN_EVENTS_S * KNOWN_H * 3_600 * (ALERTS * alert + (1 - ALERTS) / 2 * ended) / 1e9
        of = (
            f"{KNOWN_H} h, {100 * ALERTS:.0f} % of events being Alerts, {number(alert)} bytes each, and the others "
            f"requests and what ends them, {number(ended)} bytes a leg"
        )
        yield Line("and for what has ended, so that it is known when told again", f"{number(much_gb)} GB", of)
    slope = _median("memory", "over the second half")
    if slope:
        much_gb, of = MEAN_EVENTS_S * MONTH_S / 1e9 * slope, f"{number(slope)} MB a million events of a small nation"
        yield Line("and for what is counted in a month, at most", f"{number(much_gb)} GB", of)


def _median(part: str, name: str, *, of: str = "speed") -> float | None:
    """Return the median of a figure over stored runs of the largest size that has it."""
    found: dict[int, list[float]] = {}
    for _, result in stored(of):
        values = [each["value"] for each in result["figures"] if (each["part"], each["name"]) == (part, name)]
        found.setdefault(result["events"], []).extend(values)
    sizes = [events for events, values in found.items() if values]
    return median(found[max(sizes)]) if sizes else None


def _table(lines: Iterator[Line]) -> str:
    rows = [f"| {line.need} | {line.much} | {line.why} |" for line in lines]
    return "\n".join(["| what | how much | from |", "| --- | ---: | --- |", *rows])


def _growth(results: list[dict[str, Any]]) -> str:
    """Return the table of the largest stored run of growth."""
    if not results:
        return _NONE_YET
    result = max(results, key=lambda each: each["events"])
    by_size = {part: _figures(result, part) for part in _SIZES}
    found = _figures(result, "growth")
    head = [
        "| | unit | " + " | ".join(_SIZES.values()) + " | foretold |",
        "| --- | --- |" + " ---: |" * (len(_SIZES) + 1),
    ]
    rows = []
    for name, (_, unit) in by_size["growth-whole"].items():
        values = " | ".join(number(figures[name][0]) for figures in by_size.values())
        foretold = found.get(f"{name}: largest, foretold by the others")
        rows.append(f"| {name} | {unit} | {values} | {f'{foretold[0]:.0f} %' if foretold else ''} |")
    return "\n".join([*head, *rows, ""])


def _measured(part: str, *, by_size: bool = False) -> str:
    """Return the table of a part's newest stored run; with ``by_size`` a column for the newest of each size."""
    newest = {result["events"] if by_size else 0: result for _, result in stored(part)}
    if not newest:
        return _NONE_YET.replace("growth", part)
    results = [result for _, result in sorted(newest.items())]
    columns = [_figures(result, part) for result in results]
    sizes = [f"1/{round(NATION_EVENTS / result['events']):,}" if by_size else "" for result in results]
    rows = [
        f"| {name} | {unit} | " + " | ".join(number(each[name][0]) if name in each else "" for each in columns) + " |"
        for name, (_, unit) in columns[-1].items()
    ]
    loads = " | ".join(f"{result['load_before']:.3g}" for result in results)
    head = [f"| | unit | {' | '.join(sizes)} |", "| --- | --- |" + " ---: |" * len(results)]
    return "\n".join([*head, *rows, f"| others that wanted one of the cores when it began | processes | {loads} |", ""])


def _figures(result: dict[str, Any], part: str) -> dict[str, tuple[float, str]]:
    return {each["name"]: (each["value"], each["unit"]) for each in result["figures"] if each["part"] == part}
