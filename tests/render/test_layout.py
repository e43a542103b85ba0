"""The measure pages are held to finds every fault it is there for."""

from dataclasses import replace

import pytest

from dcc_analytics.render.pdf.layout import TextBox, faults

GOOD = TextBox(1, 20, 50, 60, 53, 8.0, "text", 40.0)


def test_text_in_its_place_has_no_fault() -> None:
    assert [] == list(
        faults([GOOD, replace(GOOD, top_mm=53, bottom_mm=56), replace(GOOD, left_mm=60, right_mm=90)][:2])
    )


@pytest.mark.parametrize(
    ("said", "change"),
    [
        ("has 7.9 pt", {"size_pt": 7.9}),
        ("across the page", {"left_mm": 7.0, "allowed_mm": None}),
        ("across the page", {"right_mm": 203.0, "allowed_mm": None}),
        ("down the page", {"top_mm": 5.0}),
        ("down the page", {"bottom_mm": 290.0}),
        ("40.0 mm wide, allowed are 39.0", {"allowed_mm": 39.0}),
    ],
)
def test_text_that_is_small_or_leaves_its_place_is_a_fault(said: str, change: dict[str, float | None]) -> None:
    (found,) = faults([replace(GOOD, **change)])  # type: ignore[arg-type]  # any of the fields
    assert found.startswith("page 1: 'text'")
    assert found.endswith(said) or said in found


@pytest.mark.parametrize("shift", [{"left_mm": 59.0, "right_mm": 99.0}, {"top_mm": 52.5, "bottom_mm": 55.5}, {}])
def test_text_over_other_text_is_a_fault(shift: dict[str, float]) -> None:
    other = replace(GOOD, text="other", **shift)  # type: ignore[arg-type]  # any of the fields
    assert ["page 1: 'text' and 'other' overlap"] == list(faults([GOOD, other]))


def test_text_on_another_page_is_over_nothing() -> None:
    assert [] == list(faults([GOOD, replace(GOOD, page=2)]))
