"""A row explained over a log of a few records, and what is said of it."""

from dcc_analytics.explain.explanation import Explanation, Item
from dcc_analytics.explain.families import FAMILIES
from dcc_analytics.explain.row import PackOf, Row
from dcc_analytics.snapshot.members import Member
from tests.desk import USER
from tests.explain.sample_month import folded_of
from tests.story import FINAL, OCTOBER, Story

NWE = Member("NWE", "IS")


def explained(
    story: Story, file: str, values: dict[str, str], *, user: str = USER, member: Member = NWE
) -> Explanation:
    """Explain a row of the given values, over what a story tells."""
    story.run()
    row = Row(file, 1, values, "", PackOf(member, OCTOBER, FINAL, {}))
    concern = FAMILIES[file].concern(row, {user})
    return FAMILIES[file].explained(row, folded_of(story.driver, concern, FINAL, directory=story.directory()))


def items(said: Explanation) -> list[Item]:
    return [each() for each in said.items]


def whats(said: Explanation) -> list[str]:
    """Return what each item is to the row."""
    return [str(item.data.get("said", "")) for item in items(said)]


def told(said: Explanation) -> list[str]:
    """Return what the records of Alerts are said to have done."""
    return [each.did for item in items(said) for each in item.records if each.position.topic == "alerts"]


def figures(said: Explanation) -> dict[str, str]:
    return {each.column: each.explained for each in said.sums}
