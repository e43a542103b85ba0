"""The page of settings: every one there is, from the options of the command line."""

from collections.abc import Iterator
from itertools import groupby
from typing import Final

import typer

from dcc_analytics.commands.main import app
from dcc_analytics.commands.settings import Setting, settings

NAME: Final = "settings.md"

_HEAD: Final = """\
# Settings

<!-- Made by docs/generate.py from the options of the command line: run `make docs` after changing one. -->

A setting is given by its flag, else by its environment variable, else in the file that `--config` or `DCCA_CONFIG`
names, else it has its default. `dcca config show --origin` prints each as it stands, with where it came from. The file
is TOML; a key that is no setting, and a value that a setting can't have, is an error that names the line:

    bootstrap = "kafka-1.example.org:9093,kafka-2.example.org:9093"
    application = "dcca"

    [worker]
    state = "/var/lib/dcca/state"
    commit_every = 2.0

Relative paths count from the folder a command runs in. A secret is never a setting: a setting names the file that holds
it, which only its owner should be able to read. For where a file can't be, `dcca top` takes its token from the variable
`DCCA_LIVE_TOKEN` too.
"""

_TITLES: Final = {
    "": "Of all parts",
    "live": "`[live]`: what is seen now, and whoever looks at it",
    "render": "`[render]`: the packs",
    "retention": "`[retention]`: how long snapshots and packs are kept",
    "security": "`[security]`: how Kafka is spoken to",
    "topics": "`[topics]`: the topics as they are made",
    "worker": "`[worker]`: the workers",
}


def page() -> str:
    """Return the text of the page."""
    table = settings(typer.main.get_command(app))
    parts = [_HEAD]
    for section, rows in groupby(table, key=lambda each: each.key.rpartition(".")[0]):
        parts.append(f"## {_TITLES[section]}\n\n" + "\n".join(_table(rows)) + "\n")
    return "\n".join(parts)


def _table(rows: Iterator[Setting]) -> Iterator[str]:
    yield "| key | flag and variable | value | default | what it is | who reads it |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for each in rows:
        default = f"`{each.default}`" if each.default else "none"
        readers = ", ".join(f"`{path}`" if path else "every command" for path in each.commands)
        names = f"`{each.flag}` `{each.variable}`"
        yield f"| `{each.key}` | {names} | {each.kind} | {default} | {each.option.help} | {readers} |"
