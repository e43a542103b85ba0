"""A nation's months into files of recorded events, by as many processes as there are cores.

A day's causes are made by one process and written by the day they are recorded on; then the parts of each day are
sorted and joined. So memory is bounded by days, and the bytes don't depend on the number of processes.
"""

import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.simulator.day import lines_of_day
from dcc_analytics.simulator.estate import Estate
from dcc_analytics.simulator.fates import Chances
from dcc_analytics.simulator.nation import Nation
from dcc_analytics.simulator.reference import directory_lines, incident_lines, inventory_lines
from dcc_analytics.simulator.text import day_of_line

EVENT_TOPICS: Final = ("service-requests", "service-responses", "alerts")
_HOMES_A_TASK: Final = 20_000


def write_nation(
    nation: Nation, folder: Path, *, processes: int = 1, progress: Callable[[float], None] = lambda _: None
) -> dict[str, int]:
    """Write a nation's recorded events, one file a topic.

    Args:
        nation: what to simulate.
        folder: gets the files; made if there is none.
        processes: how many work at it; the bytes are the same.
        progress: called with the share that is done, 0 to 1.

    Returns:
        Lines by topic.

    Raises:
        UsageError: the folder holds such files already, or can't be written to.
    """
    if any(folder.glob("*.ndjson*")):
        raise UsageError(f"{folder} holds recorded events already; give another folder or empty it")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        parts = Path(tempfile.mkdtemp(prefix="parts-", dir=folder))
    except OSError as error:
        raise UsageError(f"{folder} can't be written to ({error}); give another folder") from error
    try:
        return _write(nation, folder, parts, processes, progress)
    except OSError as error:
        raise UsageError(f"{folder} can't be written to ({error}); make room or give another folder") from error
    finally:
        shutil.rmtree(parts, ignore_errors=True)


def _write(
    nation: Nation, folder: Path, parts: Path, processes: int, progress: Callable[[float], None]
) -> dict[str, int]:
    homes = _world(nation)[0].size
    with ProcessPoolExecutor(processes, mp_context=get_context("forkserver")) as pool:
        tasks = [pool.submit(_write_day, nation, day, parts) for day in nation.days]
        tasks += [
            pool.submit(_write_inventory, nation, range(begin, min(homes, begin + _HOMES_A_TASK)), parts)
            for begin in range(0, homes, _HOMES_A_TASK)
        ]
        for done, task in enumerate(as_completed(tasks), start=1):
            task.result()
            progress(0.8 * done / len(tasks))
        joining = {topic: pool.submit(_join_days, nation, parts, topic, folder) for topic in EVENT_TOPICS}
        written = {
            "users": _write_lines(folder / "users.ndjson", directory_lines(nation)),
            "incidents": _write_lines(folder / "incidents.ndjson", incident_lines(nation)),
            "devices": _join_inventory(parts, folder),
        }
        for done, (topic, joined) in enumerate(joining.items(), start=1):
            written[topic] = joined.result()
            progress(0.8 + 0.2 * done / len(joining))
    return written


@cache
def _world(nation: Nation) -> tuple[Estate, Chances]:
    """Return what every day of a nation needs, made once in each process."""
    estate = Estate(nation)
    return estate, Chances(nation, estate)


def _write_day(nation: Nation, day: int, parts: Path) -> None:
    """Write what a day causes, apart by the day it is recorded on; nothing comes after the feed's end."""
    lines = lines_of_day(nation, *_world(nation), day)
    for topic, texts in lines.by_topic.items():
        by_day: dict[int, list[str]] = defaultdict(list)
        for text in texts:
            by_day[day_of_line(text)].append(text)
        for recorded, those in by_day.items():
            if recorded in nation.days:
                _write_lines(parts / f"{topic} {recorded} {day}", those)


def _write_inventory(nation: Nation, homes: range, parts: Path) -> None:
    _write_lines(parts / f"devices {homes.start:010d}", inventory_lines(_world(nation)[0], homes))


def _join_days(nation: Nation, parts: Path, topic: str, folder: Path) -> int:
    """Join a topic's parts, each day in order of time."""
    by_day: dict[int, list[Path]] = defaultdict(list)
    for part in parts.glob(f"{topic} *"):
        by_day[int(part.name.split()[1])].append(part)
    counted: Counter[str] = Counter()
    with (folder / f"{topic}.ndjson").open("w", encoding="utf-8", newline="") as file:
        for day in nation.days:
            lines = sorted(line for part in by_day[day] for line in _read_lines(part))
            file.writelines(lines)
            counted[topic] += len(lines)
    return counted[topic]


def _join_inventory(parts: Path, folder: Path) -> int:
    """Join the parts of the inventory, in order of homes: a Device's versions stand together."""
    count = 0
    with (folder / "devices.ndjson").open("w", encoding="utf-8", newline="") as file:
        for part in sorted(parts.glob("devices *")):
            lines = _read_lines(part)
            file.writelines(lines)
            count += len(lines)
    return count


def _read_lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines(keepends=True)


def _write_lines(path: Path, lines: Iterable[str]) -> int:
    texts = list(lines)
    path.write_text("".join(texts), encoding="utf-8", newline="")
    return len(texts)
