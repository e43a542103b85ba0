"""What an explanation says, for people and for machines. Pure."""

from collections.abc import Iterator
from typing import Any

from dcc_analytics.explain.explanation import Explanation, Item
from dcc_analytics.explain.row import Row
from dcc_analytics.explain.sums import Sum
from dcc_analytics.explain.telling import place_text

OF_OTHERS = "records of other Members are among these: for the operator alone, never to be passed on"


def lines(row: Row, said: Explanation, limit: int) -> Iterator[str]:
    """Yield an explanation line by line.

    Args:
        row: what is explained.
        said: what is behind it.
        limit: of the items shown.
    """
    key = ", ".join(f"{name} {value}" for name, value in row.key.items() if value)
    of = f"all Members in Role {row.pack.member.role}" if row.of_role else "-".join(row.pack.member)
    yield f"{row.file}.csv row {row.number} of {of}, {row.pack.month}: {key}"
    if said.of_others:
        yield OF_OTHERS
    for each in said.items[:limit]:
        item = each()
        yield ""
        yield item.head
        yield from (f"  {place_text(told.position)}  {told.instant}  {told.did}" for told in item.records)
    if len(said.items) > limit:
        yield ""
        yield f"{len(said.items) - limit:,} more {said.noun} are not shown; --limit shows them"
    yield ""
    yield from said.remarks
    yield from (in_words(each) for each in said.sums)


def in_words(found: Sum) -> str:
    """Return a sum in words.

    >>> in_words(Sum("requests", "41", "41")), in_words(Sum("open", "1", "0"))
    ('requests 41 = 41 in the file', 'open 1, but 0 in the file')
    """
    if found.agrees:
        return f"{found.column} {found.explained or 'empty'} = {found.in_file or 'empty'} in the file"
    return f"{found.column} {found.explained or 'empty'}, but {found.in_file or 'empty'} in the file"


def as_data(row: Row, said: Explanation, limit: int) -> dict[str, Any]:
    """Return an explanation for machines."""
    return {
        "file": f"{row.file}.csv",
        "row": row.number,
        "month": str(row.pack.month),
        "party": None if row.of_role else row.pack.member.party,
        "role": row.pack.member.role,
        "key": row.key,
        "of_others": said.of_others,
        "items": said.noun,
        "behind": len(said.items),
        "shown": [_item_data(each()) for each in said.items[:limit]],
        "remarks": list(said.remarks),
        "sums": [{"column": each.column, "explained": each.explained, "in_file": each.in_file} for each in said.sums],
        "agrees": all(each.agrees for each in said.sums),
    }


def _item_data(item: Item) -> dict[str, Any]:
    return {
        **item.data,
        "records": [
            {
                "topic": told.position.topic,
                "partition": told.position.partition,
                "offset": told.position.offset,
                "strays": (
                    None
                    if told.position.via is None
                    else {"partition": told.position.via[0], "offset": told.position.via[1]}
                ),
                "at": told.instant,
                "did": told.did,
            }
            for told in item.records
        ],
    }
