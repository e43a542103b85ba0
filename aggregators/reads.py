"""Days on which a Device was read: a bit a day for the last five months, 24 bytes a Device.

The longest question is whether a meter was read within thirty days after an installation whose thirtieth day lies in
the month: two months back at most, and the month itself stays open for eight days and may be taken again later.
"""

from typing import Final

#: Days remembered, the newest included.
WINDOW_DAYS: Final = 160
_DAY_BYTES: Final = 4
_MASK_BYTES: Final = WINDOW_DAYS // 8


def with_day(kept: bytes | None, day: int) -> bytes | None:
    """Return the days with one more, or None where that changes nothing: known, or too long ago.

    Args:
        kept: the days so far, None without any.
        day: since 1970.

    >>> days_of(with_day(with_day(None, 20_000), 20_002))
    [20000, 20002]
    """
    if kept is None:
        return _packed(day, 1)
    newest, mask = newest_day(kept), int.from_bytes(kept[_DAY_BYTES:], "little")
    if day > newest:
        return _packed(day, mask << (day - newest) & ((1 << WINDOW_DAYS) - 1) | 1)
    bit = 1 << (newest - day)
    if newest - day >= WINDOW_DAYS or mask & bit:
        return None
    return _packed(newest, mask | bit)


def forgotten_by(kept: bytes | None, day: int) -> int | None:
    """Return the newest of the days kept that are forgotten when a later one is noted; None if none is.

    >>> forgotten_by(with_day(with_day(None, 20_000), 20_001), 20_000 + WINDOW_DAYS)
    20000
    """
    if kept is None:
        return None
    newest, mask = newest_day(kept), int.from_bytes(kept[_DAY_BYTES:], "little")
    back = max(newest + WINDOW_DAYS - day, 0)
    forgotten = mask >> back
    return newest - back - ((forgotten & -forgotten).bit_length() - 1) if forgotten else None


def days_of(kept: bytes | None) -> list[int]:
    """Return the days kept, since 1970, in order."""
    if kept is None:
        return []
    newest, mask = newest_day(kept), int.from_bytes(kept[_DAY_BYTES:], "little")
    return [newest - back for back in range(WINDOW_DAYS - 1, -1, -1) if mask >> back & 1]


def newest_day(kept: bytes) -> int:
    """Return the newest day kept."""
    return int.from_bytes(kept[:_DAY_BYTES], "little")


def _packed(newest: int, mask: int) -> bytes:
    return newest.to_bytes(_DAY_BYTES, "little") + mask.to_bytes(_MASK_BYTES, "little")
