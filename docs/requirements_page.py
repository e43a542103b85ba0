"""The page of requirements: what the catalogue says of each, and of the assumptions they rest on."""

from collections.abc import Iterable, Mapping
from typing import Final

from dcc_analytics.catalogue.assumptions import ASSUMPTIONS, Assumption
from dcc_analytics.catalogue.requirements import REQUIREMENTS, Requirement
from dcc_analytics.catalogue.touched import ALL_COLUMNS, Touched

NAME: Final = "requirements.md"
_HEAD: Final = """\
# Requirements

<!-- Made by docs/generate.py from catalogue/data/requirements.csv and assumptions.csv: run `make docs`. -->

What the product must do, and where it does: metric, file, figure of the pack, and the tests that prove it. Whether
files, columns, headings and tests are there is checked by `tests/architecture/test_requirements.py`.

**Assumed** is what no source that was read settles. Each such rule has an id below; wherever a figure that rests on it
is printed it is marked by that word: at the column in the metadata of the CSV file, and in `pack.pdf` at the page or
heading and in the list on the page "Method".
"""
_NONE: Final = "none"


def page(
    requirements: Mapping[str, Requirement] = REQUIREMENTS, assumptions: Mapping[str, Assumption] = ASSUMPTIONS
) -> str:
    """Return the text of ``requirements.md``."""
    return "\n".join(
        [
            _HEAD,
            *_overview(requirements.values()),
            *(line for each in requirements.values() for line in _requirement(each)),
            "## Assumptions",
            "",
            *(line for each in assumptions.values() for line in _assumption(each, requirements.values())),
        ]
    )


def _overview(requirements: Iterable[Requirement]) -> list[str]:
    rows = [
        f"| [{each.id}](#{_anchor(each.id)}) | {_files(each.files) or _NONE} | "
        f"{', '.join(each.headings) or _NONE} | {each.not_met or 'met'} |"
        for each in requirements
    ]
    return ["| requirement | files | figure in `pack.pdf` | state |", "| --- | --- | --- | --- |", *rows, ""]


def _requirement(each: Requirement) -> list[str]:
    said = [
        ("Metric", each.metrics),
        ("File", _columns(each.files)),
        ("Figure", ", ".join(f'"{heading}"' for heading in each.headings) or "none"),
        ("Proved by", ", ".join(map(_test, each.tests)) or "nothing yet"),
        ("Assumed", ", ".join(_link(rule.id) for rule in each.assumptions)),
        ("State", f"**{each.not_met}**" if each.not_met else "met"),
        ("Remark", each.remark),
        ("Source", each.source),
    ]
    return [f"## {each.id}", "", each.text, "", *(f"- {name}: {text}" for name, text in said if text), ""]


def _assumption(each: Assumption, requirements: Iterable[Requirement]) -> list[str]:
    resting = ", ".join(_link(rests.id) for rests in requirements if each in rests.assumptions)
    said = [
        ("Why", each.why),
        ("Rule", each.source),
        ("Touches", _columns(each.touches)),
        ("Drawn under", ", ".join(f'"{heading}"' for heading in each.headings) or "nothing"),
        ("Rests on it", resting or "nothing"),
    ]
    return [f"### {each.id}", "", each.statement, "", *(f"- {name}: {text}" for name, text in said), ""]


def _files(files: Touched) -> str:
    return ", ".join(f"`{file}.csv`" for file in files)


def _columns(files: Touched) -> str:
    """Return files with their columns.

    >>> _columns({"failures": ("day", "srv"), "inventory": ("*",)})
    '`failures.csv` (`day`, `srv`); `inventory.csv` (all columns)'
    """
    return "; ".join(
        f"`{file}.csv` ({', '.join('all columns' if name == ALL_COLUMNS else f'`{name}`' for name in columns)})"
        for file, columns in files.items()
    )


def _test(node: str) -> str:
    """Return a test as a link to its file.

    >>> _test("tests/test_month.py::test_a_thing")
    '[`test_month.py::test_a_thing`](../tests/test_month.py)'
    """
    path, _, name = node.partition("::")
    return f"[`{path.rpartition('/')[2]}::{name}`](../{path})"


def _link(name: str) -> str:
    return f"[{name}](#{_anchor(name)})"


def _anchor(name: str) -> str:
    return name.lower()
