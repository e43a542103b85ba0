"""The settings: every option of ``dcca`` that has an environment variable, as one table made from the command line.

An option that says ``envvar="DCCA_WORKER_STATE"`` is a setting: its flag, type, default and sentence are the option's
own, its key in the file of ``--config`` follows from the variable (``worker.state``), and who reads it is whichever
command has the option. A flag goes before the environment, that before the file, the file before the default; typer
itself decides so, here and when a command runs.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args, get_origin

from typer._click import Context

VARIABLE: Final = "DCCA_"
#: Leads the keys of what one part alone has, and names its section of the file.
SECTIONS: Final = ("live", "render", "retention", "security", "topics", "worker")
#: Read of the environment, and no setting: a path to the settings, a secret, and faults for tests.
OTHER_VARIABLES: Final = frozenset({"DCCA_CONFIG", "DCCA_FAULT", "DCCA_LIVE_TOKEN", "DCCA_PROPERTIES"})

#: How a command says where a value came from, in the order in which they are asked.
FLAG, ENVIRONMENT, FILE, DEFAULT = "flag", "environment", "file", "default"
_WORDS: Final = {bool: "true or false", float: "number", int: "whole number", str: "text", Path: "path"}
_ORIGINS: Final = {
    "COMMANDLINE": FLAG, "ENVIRONMENT": ENVIRONMENT, "DEFAULT_MAP": FILE, "DEFAULT": DEFAULT,
}  # fmt: skip


def key_of(variable: str) -> str:
    """Return the key of a setting in the file.

    >>> key_of("DCCA_LIVE_STALE_AFTER"), key_of("DCCA_PREFIX"), key_of("DCCA_OF_ALL_PARTS")
    ('live.stale_after', 'prefix', 'of_all_parts')
    """
    name = variable.removeprefix(VARIABLE).lower()
    section, _, rest = name.partition("_")
    return f"{section}.{rest}" if section in SECTIONS and rest else name


@dataclass(frozen=True, slots=True)
class Reader:
    """An option that reads a setting: the words of its command, and the option as typer has it."""

    path: tuple[str, ...]
    option: Any


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Attributes:
        key: in the file, with its section: ``worker.state``.
        readers: every option that reads it; they agree on all the rest.
    """

    key: str
    readers: tuple[Reader, ...]

    @property
    def option(self) -> Any:  # noqa: ANN401 (typer's)
        """The option, as the first of its readers has it."""
        return self.readers[0].option

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return str(self.option.envvar)

    @property
    def flag(self) -> str:
        """Its flag on the command line."""
        return str(self.option.opts[0])

    @property
    def commands(self) -> tuple[str, ...]:
        """Who reads it; empty words are ``dcca`` itself, before the command."""
        return tuple(" ".join(reader.path) for reader in self.readers)

    @property
    def kind(self) -> str:
        """What a value is, in words."""
        choices, low, high = self.option.type_descriptor.choices, self.option.min, self.option.max
        if choices:
            return " or ".join(str(getattr(each, "value", each)) for each in choices)
        word = _WORDS[self.each]
        bounds = ("" if low is None else f" from {low:,}") + ("" if high is None else f" to {high:,}")
        return f"list of {word}s" if self.option.multiple else word + bounds

    @property
    def each(self) -> type:
        """The type of a value, or of each in a list."""
        annotation = self.option.type_descriptor.annotation
        inner: type = get_args(annotation)[0] if get_origin(annotation) is list else annotation
        return inner

    @property
    def default(self) -> str:
        """What holds when nobody says anything, in words; empty for nothing."""
        said = self.option.show_default
        if isinstance(said, str):
            return said
        value = shown(self.option.default)
        return "" if value in {None, ""} else str(value).lower() if isinstance(value, bool) else str(value)


def shown(value: Any) -> Any:  # noqa: ANN401 (of any setting)
    """Return a value as JSON has it."""
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, list | tuple):
        return [shown(each) for each in value]
    return getattr(value, "value", value)


def settings(root: Any) -> tuple[Setting, ...]:  # noqa: ANN401 (typer's command)
    """Return every setting, those of all parts first, then section by section, each in the order of ``--help``."""
    found: dict[str, list[Reader]] = {}
    for path, command in _commands(root):
        for option in command.params:
            variable = str(getattr(option, "envvar", None) or "")
            if variable.startswith(VARIABLE) and variable not in OTHER_VARIABLES:
                found.setdefault(key_of(variable), []).append(Reader(path, option))
    table = [Setting(key, tuple(readers)) for key, readers in found.items()]
    return tuple(sorted(table, key=lambda each: each.key.rpartition(".")[0]))


def _commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:  # noqa: ANN401 (typer's)
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from _commands(child, (*path, name))


@dataclass(frozen=True, slots=True)
class Resolved:
    """A setting as it stands: its value as JSON has it, and where that came from."""

    setting: Setting
    value: Any
    origin: str


def resolved(root: Context, table: tuple[Setting, ...]) -> list[Resolved]:
    """Return each setting as a command would get it that is given no further flags.

    Args:
        root: of ``dcca`` itself, as it runs now.
        table: the settings.
    """
    return [_resolved(root, each) for each in table]


def _resolved(root: Context, setting: Setting) -> Resolved:
    path, option = setting.readers[0].path, setting.option
    context = root
    for name in path:
        commands: Mapping[str, Any] = getattr(context.command, "commands", {})
        context = Context(commands[name], parent=context, info_name=name)
    if context is root:
        source = root.get_parameter_source(option.name)
        return Resolved(setting, shown(root.params.get(option.name)), _ORIGINS[source.name] if source else DEFAULT)
    value, source = option.consume_value(context, {})
    return Resolved(setting, shown(option.process_value(context, value)), _ORIGINS[source.name])
