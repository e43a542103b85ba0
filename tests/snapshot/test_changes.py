"""The entries that make one version of a table the other, worked out by hand and as a law."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from dcc_analytics.snapshot.changes import ENTRY, table_changes
from dcc_analytics.snapshot.evidence import DECIMAL, INSTANT
from tests.properties.profile import PROFILE

SCHEMA: dict[str, Any] = {
    "party": pl.String, "role": pl.String, "srv": pl.String, "day": pl.Date, "n": pl.Int64, "rate": pl.Float64,
    "text": pl.String, "within": pl.Boolean, "sent_at": INSTANT, "age": DECIMAL,
}  # fmt: skip
KEY = ("srv", "day")
VALUES = tuple(name for name in SCHEMA if name not in {"party", "role", *KEY})
DAY = date(2026, 10, 5)

Told = dict[tuple[str, str, str], dict[str, object]]


def table(*rows: dict[str, Any]) -> pl.DataFrame:
    said = [{"party": "A", "role": "IS", "srv": "4.8.1", "day": DAY, **row} for row in rows]
    return pl.DataFrame(said, schema=SCHEMA, orient="row")


def entries(was: pl.DataFrame, now: pl.DataFrame) -> list[tuple[Any, ...]]:
    """Return entries without the Member."""
    return table_changes(was, now, KEY).drop("party", "role").rows()


def test_the_same_table_has_no_entries() -> None:
    same = table({"n": 1, "rate": 0.25}, {"srv": "6.23"})
    assert (0, list(ENTRY)) == ((found := table_changes(same, same, KEY)).height, found.columns)


def test_a_value_that_is_another_is_told_with_what_it_was() -> None:
    was = table({"n": 1, "rate": None, "text": "ok", "sent_at": datetime(2026, 10, 5, 12, tzinfo=UTC)})
    now = table({"n": 2, "rate": 0.1, "text": None, "sent_at": datetime(2026, 10, 5, 12, 0, 0, 1000, tzinfo=UTC)})
    key = "srv=4.8.1; day=2026-10-05"
    assert [
        (key, "changed", "n", "1", "2"),
        (key, "changed", "rate", None, "0.1"),
        (key, "changed", "text", "ok", None),
        (key, "changed", "sent_at", "2026-10-05T12:00:00.000Z", "2026-10-05T12:00:00.001Z"),
    ] == entries(was, now)


def test_a_row_that_came_or_went_is_told_value_by_value_or_as_a_bare_row() -> None:
    assert [
        ("srv=4.8.1; day=2026-10-05", "gone", "n", "1", None),
        ("srv=6.23; day=2026-10-05", "came", "", None, None),
    ] == entries(table({"n": 1}), table({"srv": "6.23"}))


def test_a_row_belongs_to_its_member() -> None:
    found = table_changes(table({"n": 1}), table({"party": "B", "n": 1}), KEY)
    assert [("A", "gone"), ("B", "came")] == found.select("party", "row").rows()


def test_rows_a_key_does_not_tell_apart_are_numbered() -> None:
    was, now = table({"n": 1}, {"n": 2}), table({"n": 1}, {"n": 3}, {"n": 4})
    key = "srv=4.8.1; day=2026-10-05"
    assert [(f"{key}; row 2", "changed", "n", "2", "3"), (f"{key}; row 3", "came", "n", None, "4")] == entries(was, now)


def test_a_semicolon_within_a_key_does_not_make_two_rows_one() -> None:
    first, second = "a; row 2", "a"
    found = table_changes(
        table({"srv": second}, {"srv": second}).drop("day"), table({"srv": first}).drop("day"), ["srv"]
    )
    assert [("srv=a", "gone"), ("srv=a; row 2", "gone"), ("srv=a\\; row 2", "came")] == found.select(
        "key", "row"
    ).rows()


def test_a_column_only_one_release_has_is_no_figure_that_changed() -> None:
    was, now = table({"n": 1, "text": "x"}).drop("rate"), table({"n": 2, "rate": 0.5}).drop("text")
    assert [("n", "1", "2")] == [row[2:] for row in entries(was, now)]
    came = entries(was.clear(), now)
    assert [("n", None, "2"), ("rate", None, "0.5")] == [row[2:] for row in came]


def test_a_table_that_was_not_there_has_come_row_by_row() -> None:
    nothing = pl.DataFrame(schema={"party": pl.String, "role": pl.String})
    assert [("came", "n", None, "1")] == [row[1:] for row in entries(nothing, table({"n": 1}))]
    assert [("gone", "n", "1", None)] == [row[1:] for row in entries(table({"n": 1}), nothing)]


def test_without_a_key_each_member_has_one_row() -> None:
    was, now = (pl.DataFrame({"party": ["A"], "role": ["IS"], "party_name": [name]}) for name in ("Old", "New"))
    assert [("A", "IS", "", "changed", "party_name", "Old", "New")] == table_changes(was, now, []).rows()


TEXT = st.text("ab;=\\ ", max_size=4)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "party": st.sampled_from("AB"),
            "role": st.sampled_from(("IS", "ED")),
            "srv": TEXT,
            "day": st.sampled_from((DAY, date(2026, 10, 6))),
            "n": st.none() | st.integers(-2, 2),
            "rate": st.none() | st.floats(allow_nan=False, allow_infinity=False),
            "text": st.none() | TEXT,
            "within": st.none() | st.booleans(),
            "sent_at": st.none() | st.datetimes(datetime(2026, 10, 1), datetime(2026, 10, 2)),  # noqa: DTZ001 (of UTC)
            "age": st.none() | st.integers(-9_999, 9_999).map(lambda number: Decimal(number).scaleb(-3)),
        }
    ),
    max_size=6,
)


def told(frame: pl.DataFrame) -> Told:
    """Return a table as texts, made without polars' help."""
    found: Told = {}
    seen = Counter[tuple[str, str, str]]()
    for row in frame.iter_rows(named=True):
        parts = (f"{name}={_text(row[name]).replace(chr(92), chr(92) * 2).replace(';', chr(92) + ';')}" for name in KEY)
        of = row["party"], row["role"], "; ".join(parts)
        seen[of] += 1
        numbered = of if seen[of] == 1 else (*of[:2], f"{of[2]}; row {seen[of]}")
        found[numbered] = {name: _read(name, None if row[name] is None else _text(row[name])) for name in VALUES}
    return found


def _text(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case datetime():
            return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03}Z"
        case _:
            return str(value)


def applied(was: Told, changes: Iterable[dict[str, Any]]) -> Told:
    """Return what entries make of a table."""
    found = {of: dict(row) for of, row in was.items()}
    for each in changes:
        of = each["party"], each["role"], each["key"]
        if each["row"] == "gone":
            found.pop(of, None)
            continue
        row = found.setdefault(of, dict.fromkeys(VALUES))
        if each["column"]:
            assert _read(each["column"], each["was"]) == row[each["column"]]
            row[each["column"]] = _read(each["column"], each["is"])
    return found


def _read(column: str, said: str | None) -> object:
    """Return a fraction read from its text, which has several spellings; any other value as its text."""
    return float(said) if column == "rate" and said is not None else said


@PROFILE
@given(ROWS, ROWS)
def test_changes_applied_to_the_old_table_give_the_new_one(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    was, now = (pl.DataFrame(rows, schema=SCHEMA, orient="row") for rows in (before, after))
    changes = list(table_changes(was, now, KEY).iter_rows(named=True))
    assert told(now) == applied(told(was), changes)
    assert all(each["was"] != each["is"] or not each["column"] for each in changes)
