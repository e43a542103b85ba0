"""The page of retention: the rules of the catalogue, and what is said of them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from dcc_analytics.catalogue.retention import RETENTION, Rule

NAME: Final = "retention.md"
_TEMPLATE: Final = Path(__file__).parent / "retention.md.in"


def page(rules: Iterable[Rule] = tuple(RETENTION.values())) -> str:
    """Return the text of the page."""
    rows = [
        f"| `{each.id}` | {each.where.value} | {each.holds} | {_kept(each)} | {each.needed_for} | {each.dropped_by} |"
        for each in rules
    ]
    head = ["| kind | where | holds | kept | needed for | dropped by |", "| --- | --- | --- | --- | --- | --- |"]
    return _TEMPLATE.read_text(encoding="utf-8").replace("%(rules)s", "\n".join([*head, *rows]))


def _kept(rule: Rule) -> str:
    setting = f"; setting `{rule.setting}`" if rule.setting else ""
    note = f" ({rule.note})" if rule.note else ""
    return f"{rule.words}{note}{setting}. Source: {rule.source}"
