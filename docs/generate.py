"""Write the pages that are made from the code: ``python docs/generate.py``, or ``--check`` if they are stale.

``commands.md`` is what ``--help`` says of each command, so that page and command line can't differ. ``performance.md``
and its picture are made from the results that ``python -m bench --store`` keeps, ``reliability.md`` from those of
``python -m bench kills --store``, ``sizing.md`` from all and those of ``python -m bench growth --store``,
``requirements.md`` and ``retention.md`` from the catalogue, ``settings.md`` from the options of the command line.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

# Read by typer when it is imported: help as plain text, without frames that depend on the terminal.
os.environ["TYPER_USE_RICH"] = "0"

import licences_page
import performance_page
import reliability_table
import requirements_page
import retention_page
import settings_page
import sizing_page
import typer
from typer.testing import CliRunner

from dcc_analytics.commands.main import app

DOCS: Final = Path(__file__).resolve().parent

#: Typer breaks lines at the width of the terminal; a page has one width.
_COLUMNS: Final = "100"

_HEAD: Final = """\
# Commands

<!-- Made by docs/generate.py from the command line itself: run `make docs` after changing a command. -->

What `--help` says of each. Exit codes are in [exit-codes.md](exit-codes.md).
"""


def command_paths(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:  # noqa: ANN401 (typer's own click)
    """Yield the words that lead to each command that does something, in the order of ``--help``."""
    children = getattr(node, "commands", None)
    if children is None or getattr(node, "invoke_without_command", False):
        yield path
    if children is None:
        return
    for name, child in children.items():
        if not child.hidden:
            yield from command_paths(child, (*path, name))


def help_of(path: tuple[str, ...]) -> str:
    """Return what ``--help`` prints of a command."""
    result = CliRunner().invoke(app, [*path, "--help"], prog_name="dcca", env={"COLUMNS": _COLUMNS})
    if result.exit_code:
        raise RuntimeError(f"dcca {' '.join(path)} --help failed: {result.output}") from result.exception
    return "\n".join(line.rstrip() for line in result.output.strip().splitlines())


def commands_page() -> str:
    """Return the text of ``commands.md``."""
    sections = (f"## dcca {' '.join(path)}\n\n```text\n{help_of(path)}\n```\n" for path in paths())
    return "\n".join([_HEAD, *sections])


def paths() -> list[tuple[str, ...]]:
    """Return the words that lead to each command of ``dcca``."""
    return list(command_paths(typer.main.get_command(app)))


def pages() -> dict[str, str]:
    """Return the text of every page that is made, by file name."""
    return {
        "commands.md": commands_page(),
        licences_page.NAME: licences_page.page(),
        **performance_page.pages(),
        **reliability_table.pages(),
        **sizing_page.pages(),
        requirements_page.NAME: requirements_page.page(),
        retention_page.NAME: retention_page.page(),
        settings_page.NAME: settings_page.page(),
    }


def main(arguments: list[str]) -> int:
    """Write the pages that changed, or with ``--check`` only say which would be."""
    stale = {
        name: text
        for name, text in pages().items()
        if not (DOCS / name).exists() or (DOCS / name).read_text(encoding="utf-8") != text
    }
    for name, text in stale.items():
        if "--check" in arguments:
            print(f"docs/{name} is stale: run `make docs`", file=sys.stderr)
        else:
            (DOCS / name).write_text(text, encoding="utf-8")
            print(f"wrote docs/{name}")
    return int(bool(stale) and "--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
