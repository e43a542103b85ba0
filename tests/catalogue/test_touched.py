"""Columns of files as cells of the catalogue name them."""

import pytest

from dcc_analytics.catalogue.touched import headings, meet, touched


@pytest.mark.parametrize(
    "text", ["failures", "failures:", ":day", "failures:day,", "failures:day;srv", "failures:*,day", "Failures:day"]
)
def test_what_is_not_so_written_is_refused_with_what_it_has_to_be(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not file:column,column or file:\*"):
        touched(text)


@pytest.mark.parametrize("text", ["failures:day failures:srv", "failures:day,day"])
def test_a_file_or_a_column_that_is_named_twice_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="names something of failures twice"):
        touched(text)


def test_nothing_named_is_nothing_touched() -> None:
    assert {} == dict(touched(""))
    assert not meet(touched(""), touched("failures:*"))


def test_all_columns_of_a_file_have_each_of_them_in_common() -> None:
    assert meet(touched("failures:day"), touched("failures:*"))
    assert not meet(touched("failures:day"), touched("inventory:*"))


@pytest.mark.parametrize("text", ["A; ", "A; A", "; A"])
def test_a_heading_that_is_empty_or_there_twice_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="empty heading or one that is there twice"):
        headings(text)
