"""Texts as codes: they sort, compare, group and are written as the texts they stand for."""

from pathlib import Path

import polars as pl
import pytest

from dcc_analytics.snapshot.texts import CODES, as_text

TEXTS = ["b", "a", "", "é", "B", "ab", "a", "10", "9"]


def coded() -> pl.DataFrame:
    """Return ``TEXTS`` as codes, in an order in which nothing was met before."""
    return pl.DataFrame({"text": TEXTS, "place": range(len(TEXTS))}).with_columns(pl.col("text").cast(CODES))


@pytest.mark.parametrize("descending", [False, True])
def test_codes_sort_as_their_texts_do(*, descending: bool) -> None:
    expected = as_text(coded()).sort("text", "place", descending=descending)
    assert expected.equals(as_text(coded().sort("text", "place", descending=descending)))


def test_codes_are_found_by_texts_whether_or_not_any_is_such() -> None:
    assert 2 == coded().filter(pl.col("text").is_in(("a", "nobody said this"))).height
    assert 0 == coded().filter(pl.col("text") == "nor this").height


def test_codes_written_as_text_are_the_same_bytes(tmp_path: Path) -> None:
    for name, frame in (("text", pl.DataFrame({"text": TEXTS})), ("codes", as_text(coded().select("text")))):
        frame.write_parquet(tmp_path / name)
    assert (tmp_path / "text").read_bytes() == (tmp_path / "codes").read_bytes()


def test_a_table_without_codes_stays_as_it_is() -> None:
    table = pl.DataFrame({"text": TEXTS, "number": range(len(TEXTS))})
    assert table.equals(as_text(table))
