"""Texts that repeat, as codes: four bytes for each in the largest tables of a month, where text takes sixteen and more.

A code sorts, compares and groups as its text does, and a table is written, or handed to whoever joins it, as text.
"""

import polars as pl

#: The type of a column of codes.
CODES = pl.Categorical


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a table with its texts written out.

    >>> as_text(pl.DataFrame({"code": ["N1", "N2"]}, {"code": CODES})).schema["code"]
    String
    """
    return frame.with_columns(pl.col(CODES).cast(pl.String))
