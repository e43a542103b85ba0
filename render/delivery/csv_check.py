"""A CSV file beside its metadata: header, rows, and whether each value is of the type that is said of its column.

Only the types that ``render.csv_metadata`` gives are known; one of another kind is told of rather than passed over. A
row is held at a time, since an inventory may have a million.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

_WHOLE: Final = r"[0-9]+"
_DAY: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_INSTANT: Final = rf"{_DAY}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}\.[0-9]{{3}}Z"
#: Days and instants repeat from row to row; reading one takes longer than looking it up.
_KEPT: Final = 1024

Check = Callable[[str], object]
"""Whether a value that is not empty is of a type."""


def csv_faults(path: Path, metadata: Mapping[str, Any], rows: int | None) -> Iterator[str]:
    """Yield what a CSV file has otherwise than its metadata says.

    Args:
        path: of the file.
        metadata: of it, as CSV on the Web.
        rows: how many it should have.
    """
    datatypes = {column["name"]: column.get("datatype", "string") for column in metadata["tableSchema"]["columns"]}
    checks: list[tuple[int, str, Check]] = []
    for place, (name, datatype) in enumerate(datatypes.items()):
        try:
            check = _check(datatype)
        except (ValueError, TypeError, AttributeError, re.error) as error:
            yield f"column {name}: the type in its metadata is not known here ({error})"
            continue
        checks += [(place, name, check)] if check else []
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            reader = csv.reader(lines, strict=True)
            header = next(reader, [])
            if header == list(datatypes):
                yield from _row_faults(reader, len(header), checks, rows)
            else:
                yield f"its header is {','.join(header)!r}, its metadata names {','.join(datatypes)!r}"
    except (OSError, ValueError, csv.Error) as error:
        yield f"it can't be read as CSV ({error})"


def _row_faults(
    reader: Iterable[list[str]], width: int, checks: list[tuple[int, str, Check]], rows: int | None
) -> Iterator[str]:
    number, wrong = 0, dict[str, list[int]]()
    for number, row in enumerate(reader, 1):
        if len(row) != width:
            yield f"row {number} has {len(row)} values, its header {width}"
            return
        for place, name, check in checks:
            if row[place] and not check(row[place]):
                wrong.setdefault(name, []).append(number)
    if number != rows:
        yield f"it has {number} rows, the manifest says {rows}"
    for name, where in wrong.items():
        yield f"column {name}: {len(where)} values are not of the type in its metadata, the first in row {where[0]}"


def _check(datatype: Any) -> Check | None:  # noqa: ANN401 (a name or an object)
    """Return what tells values of a type; None where each is.

    Raises:
        ValueError: the type is not known here.
    """
    said: dict[str, str] = {"base": datatype} if isinstance(datatype, str) else datatype
    match said.get("base"):
        case "string":
            return re.compile(said["format"], re.DOTALL).fullmatch if "format" in said else None
        case "nonNegativeInteger":
            return re.compile(_WHOLE).fullmatch
        case "boolean":
            return {"true", "false"}.__contains__
        case "date":
            return _readable(_DAY, date.fromisoformat)
        case "dateTimeStamp":
            return _readable(_INSTANT, datetime.fromisoformat)
        case "decimal":
            return _decimal(said)
        case other:
            raise ValueError(f"{other!r}")


def _readable(pattern: str, read: Callable[[str], object]) -> Check:
    """Return what tells values that are written so and can be read."""

    @lru_cache(_KEPT)
    def check(value: str) -> bool:
        with suppress(ValueError):
            return re.fullmatch(pattern, value) is not None and bool(read(value))
        return False

    return check


def _decimal(said: Mapping[str, str]) -> Check:
    decimals = f"{{{len(said['format'].partition('.')[2])}}}" if "format" in said else "+"
    written = re.compile(rf"-?[0-9]+\.[0-9]{decimals}").fullmatch
    least, greatest = float(said.get("minimum", "-inf")), float(said.get("maximum", "inf"))
    return lambda value: written(value) and least <= float(value) <= greatest
