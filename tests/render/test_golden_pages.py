"""Pages look as they did when somebody last looked at them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from dcc_analytics.render.pdf.pack import PackPdf
from tests.render.golden_pages import PAGES, beside, differs, drawn_pages

GOLDEN = {path.stem: path for path in sorted(PAGES.glob("*.png"))}


@pytest.fixture(scope="module")
def seen(drawn: dict[str, PackPdf]) -> dict[str, Image.Image]:
    return drawn_pages(drawn)


@pytest.mark.slow
def test_every_guarded_page_has_a_picture_and_every_picture_a_page(seen: dict[str, Image.Image]) -> None:
    assert set(GOLDEN) == set(seen), "run python -m tests.render.golden_pages, and look at what it drew"


@pytest.mark.slow
@pytest.mark.parametrize("name", GOLDEN)
def test_a_page_looks_as_it_did(name: str, seen: dict[str, Image.Image], tmp_path: Path) -> None:
    golden = golden_page(name)
    if differs(golden, seen[name]):
        picture = tmp_path / f"{name}.png"
        beside(golden, seen[name]).save(picture)
        pytest.fail(
            f"page {name} has changed: {picture} shows how it was, how it is and the difference; "
            "if it is meant, run python -m tests.render.golden_pages"
        )


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda page: page.line([(100, 300), (112, 300)], fill=0), id="a short line"),
        pytest.param(lambda page: page.text((200, 400), "1", fill=0), id="a digit"),
        pytest.param(lambda page: page.rectangle((100, 500, 106, 506), outline=90), id="a mark"),
    ],
)
def test_a_small_change_is_seen(change: Callable[[ImageDraw.ImageDraw], None]) -> None:
    golden = Image.new("L", (496, 702), 255)
    changed = golden.copy()
    change(ImageDraw.Draw(changed))
    assert differs(golden, changed)
    assert (3 * 496, 702) == beside(golden, changed).size


def test_what_rounding_makes_of_lines_is_no_change() -> None:
    golden = golden_page("busy-is-summary")
    assert not differs(golden, golden.point([max(0, grey - 8) for grey in range(256)]))


def test_a_page_of_another_size_is_another() -> None:
    assert differs(Image.new("L", (496, 702), 255), Image.new("L", (702, 496), 255))


def golden_page(name: str) -> Image.Image:
    with Image.open(GOLDEN[name]) as picture:
        return picture.convert("L")
