"""The file of ``--config``: values for settings, in TOML, checked as a whole before any of them is used."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from typer import BadParameter
from typer._click import Context

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.commands.settings import SECTIONS, Setting

#: What TOML gives for a type of setting; text for all others. A type is compared, not asked: True would be a number.
_FITS: Final[Mapping[type, tuple[type, ...]]] = {float: (float, int), int: (int,), bool: (bool,)}


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """What a file says.

    Attributes:
        path: of the file.
        values: by key of the setting.
        lines: the line of each, from 1.
    """

    path: Path
    values: dict[str, Any]
    lines: dict[str, int]

    def for_typer(self, table: Iterable[Setting]) -> dict[str, Any]:
        """Return the values as typer takes them: those of each command under its words."""
        made: dict[str, Any] = {}
        for setting in table:
            if setting.key in self.values:
                for reader in setting.readers:
                    at = made
                    for word in reader.path:
                        at = at.setdefault(word, {})
                    at[reader.option.name] = self.values[setting.key]
        return made


def read_config(path: Path, table: Iterable[Setting], context: Context) -> ConfigFile:
    """Read a file and check every value.

    Args:
        path: of the file.
        table: the settings there are.
        context: of ``dcca``, for typer's own checks.

    Raises:
        UsageError: the file can't be read, names no setting, or gives a value that a setting can't have.
    """
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"--config {path} can't be read ({error}); correct it, or name another file") from error
    known, lines = {each.key: each for each in table}, _lines(text)
    values = _flat(content)
    for key, value in values.items():
        where = f"{path}, line {lines.get(key, 1)}"
        if key not in known:
            near = get_close_matches(key, known, 1, 0.5)
            hint = f"did you mean {near[0]}?" if near else "`dcca config show` lists the settings"
            raise UsageError(f"{where}: there is no setting {key}; {hint}")
        _check(known[key], value, where, context)
    return ConfigFile(path, values, lines)


def _flat(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return values by key; what stands in a section has its name before."""
    values: dict[str, Any] = {}
    for name, value in content.items():
        if isinstance(value, dict) and name in SECTIONS:
            values |= {f"{name}.{inner}": each for inner, each in value.items()}
        else:
            values[name] = value
    return values


def _lines(text: str) -> dict[str, int]:
    """Return the line of each key, as plain TOML is written: sections in brackets, a key to a line."""
    lines: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        if begun := re.match(r"\s*\[\s*([\w-]+)\s*\]", line):
            section = f"{begun[1]}."
            lines.setdefault(begun[1], number)
        elif given := re.match(r"\s*([\w.\"-]+)\s*=", line):
            lines.setdefault(section + given[1].replace('"', ""), number)
    return lines


def _check(setting: Setting, value: Any, where: str, context: Context) -> None:  # noqa: ANN401 (of any setting)
    """Check that a setting can have a value.

    Raises:
        UsageError: it can't.
    """
    wrong = UsageError(f"{where}: {setting.key} is {value!r}, and takes: {setting.kind}")
    if setting.option.multiple and not isinstance(value, list):
        raise wrong
    fits = _FITS.get(setting.each, (str,))
    if not all(type(each) in fits for each in (value if setting.option.multiple else [value])):
        raise wrong
    try:
        setting.option.process_value(context, value)
    except BadParameter as refused:
        raise wrong from refused
