"""Text that remembers its figures: whatever is done to it on its way to a page, they stay what and where they are."""

from hypothesis import given
from hypothesis import strategies as st

from dcc_analytics.render.pdf.fonts import fitted, wrapped
from dcc_analytics.render.pdf.said import Mark, Other, Said, counted, cut, joined, named, number, rest, said
from dcc_analytics.render.pdf.sources import Figure, Source, Unit
from dcc_analytics.render.pdf.table import Table, TableColumn

SOURCE = Source("failures", "", "sum(failures)")
MANY = number(1_234, SOURCE)
TEXTS = st.text("ab 12", min_size=1, max_size=8)
PARTS = st.lists(st.one_of(TEXTS, TEXTS.map(named), st.integers(0, 10**7).map(lambda each: number(each, SOURCE))))


def marked(text: str) -> list[tuple[str, Figure | Other]]:
    """Return what is said of which parts of a text."""
    return [(text[mark.start : mark.end], mark.what) for mark in text.marks] if isinstance(text, Said) else []


def test_what_stands_in_the_template_is_wording_and_what_is_put_in_is_not() -> None:
    told = said("{} of 11.3 on {}", MANY, "4 October")
    assert "1,234 of 11.3 on 4 October" == told
    assert "4 October" == rest(told)
    assert [Figure("1,234", Unit.COUNT, SOURCE)] == told.figures


def test_a_number_with_its_noun_is_a_figure_and_wording() -> None:
    assert [("1", Figure("1", Unit.COUNT, SOURCE)), (" day", Other.WORDING)] == marked(counted(1, "day", SOURCE))
    assert "2 days of receipt" == counted(2, "day of receipt", SOURCE, "days of receipt")


def test_a_figure_broken_by_the_end_of_a_line_is_one() -> None:
    told = said("It took {}", Said("4.7 s", [Mark(0, 5, Figure("4.7 s", Unit.SECONDS, SOURCE))]))
    first, second = wrapped(told, 16, 8)
    assert ("It took 4.7", "s") == (first, second)
    assert ["", ""] == [rest(first), rest(second)]
    assert [1, 0] == [len(each.figures) for each in (first, second) if isinstance(each, Said)]


def test_a_figure_that_is_cut_off_carries_nothing_and_is_found() -> None:
    told = fitted(number(123_456_789, SOURCE), 12, 8)
    assert told.endswith("…")
    assert [] == marked(told)
    assert rest(told) == told


def test_a_name_that_is_cut_off_is_still_a_name() -> None:
    assert "…" == rest(fitted(named("8.14.1 Commission Device"), 30, 8))


def test_a_name_the_font_lacks_letters_of_is_still_one() -> None:
    told = said("{}: {}", named("Pr\N{SOFT HYPHEN}ąd 9 漢"), MANY)
    (line,) = wrapped(told, 100, 8)
    assert "Prąd 9 \N{WHITE SQUARE}: 1,234" == line
    assert "" == rest(line)
    assert ("1,234", MANY.marks[0].what) == marked(line)[-1]


@given(PARTS)
def test_joined_texts_keep_all_marks(parts: list[str]) -> None:
    told = joined(", ", parts)
    assert ", ".join(parts) == told
    assert [each for part in parts for each in marked(part)] == marked(told)


@given(PARTS, st.integers(0, 40))
def test_two_parts_have_the_figures_of_the_whole_once(parts: list[str], place: int) -> None:
    told = joined("", parts)
    place = min(place, len(told))
    halves = cut(told, 0, place), cut(told, place, len(told))
    assert told == "".join(halves)
    assert rest(told) == "".join(map(rest, halves))
    assert told.figures == [each for half in halves if isinstance(half, Said) for each in half.figures]


def test_a_name_that_a_cell_cuts_on_its_last_line_is_still_one() -> None:
    column = TableColumn("Meaning", 27, most_lines=2)
    ((cell,),) = Table.of([column], [[named("Failed by 1 of 2 or 3 of 4 and 5 of 6 and 7 of 8 and so on")]]).rows
    assert cell[1].endswith("…")
    assert ["", "…"] == [rest(line) for line in cell]
