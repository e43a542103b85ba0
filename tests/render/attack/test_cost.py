"""The report of what disclosure control costs is that of the rules as they are. Requirement: R-OUT-2."""

from pathlib import Path

from tests.render.attack.cost import table

PAGE = Path(__file__).parents[3] / "docs" / "disclosure.md"


def test_the_page_has_the_table_that_the_rules_give() -> None:
    assert "\n".join(["", *table(), ""]) in PAGE.read_text(encoding="utf-8")
