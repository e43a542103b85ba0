"""``dcca config``: what the settings are, and where each came from."""

import os
from difflib import get_close_matches
from typing import Annotated

import typer

from dcc_analytics.commands.config_file import ConfigFile
from dcc_analytics.commands.options import Json
from dcc_analytics.commands.output import say, tell
from dcc_analytics.commands.settings import (
    ENVIRONMENT,
    FILE,
    FLAG,
    OTHER_VARIABLES,
    VARIABLE,
    Resolved,
    Setting,
    resolved,
    settings,
)

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Show the settings.")


@app.callback()
def _group() -> None:
    """Show the settings."""


@app.command("show")
def show(
    context: typer.Context,
    origin: Annotated[bool, typer.Option("--origin", help="Say also where each value came from.")] = False,
    as_json: Json = False,
) -> None:
    """Print every setting as a command gets it that is given no further flags, in the form of the file of --config.

    Settings name files of secrets; what stands in those is never shown. What no command reads is said on standard
    error: a variable DCCA_... that is no setting.

    Examples:

        dcca config show

        dcca --config dcca.toml config show --origin
    """
    root = context.find_root()
    table, file = settings(root.command), root.obj
    found = resolved(root, table)
    _say_unknown(table)
    result = {
        each.setting.key: {"value": each.value, "origin": each.origin, "from": _from(each, file)} for each in found
    }
    tell(dict(result), "\n".join(_as_toml(found, file, origin=origin)), as_json=as_json)


def _from(each: Resolved, file: ConfigFile | None) -> str:
    """Return where a value came from, as it can be found again."""
    if each.origin == ENVIRONMENT:
        return each.setting.variable
    if each.origin == FILE and file is not None:
        return f"{file.path}:{file.lines.get(each.setting.key, 1)}"
    return each.setting.flag if each.origin == FLAG else "default"


def _as_toml(found: list[Resolved], file: ConfigFile | None, *, origin: bool) -> list[str]:
    lines, section = [], ""
    for each in found:
        head, _, name = each.setting.key.rpartition(".")
        if head != section:
            lines += ["", f"[{head}]"]
            section = head
        line = f"# {name} is not set" if each.value is None else f"{name} = {_value(each.value)}"
        lines.append(f"{line:<50} # {_from(each, file)}" if origin else line)
    return lines


def _value(value: object) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, int | float):
        return str(value)
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _say_unknown(table: tuple[Setting, ...]) -> None:
    known = {each.variable for each in table} | OTHER_VARIABLES
    for name in sorted(set(os.environ) - known):
        if name.startswith(VARIABLE):
            near = get_close_matches(name, known, 1, 0.6)
            say(f"{name} is set and is no setting" + (f"; did you mean {near[0]}?" if near else ""))
