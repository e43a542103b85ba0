"""Rule sets as files: ``rules/default.toml``, or the one an operator gives.

A rule set that can't be read stops the snapshot: no figure of others leaves under rules nobody has seen.
"""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Final

import msgspec

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.snapshot.rules import RuleSet

_DEFAULT: Final = "the default rule set"


def read_rules(path: Path | None = None) -> RuleSet:
    """Return the rule set of a file, or the default one.

    Raises:
        UsageError: the file can't be read, or a value is missing, unknown or not what it should be.
    """
    name = _DEFAULT if path is None else str(path)
    try:
        text = path.read_text(encoding="utf-8") if path else _default_text()
        return msgspec.convert(tomllib.loads(text), RuleSet)
    except (OSError, RecursionError, ValueError) as refused:
        raise UsageError(f"{name} is no rule set: {refused}; see snapshot/rules/default.toml for one") from refused


def _default_text() -> str:
    return (files("dcc_analytics.snapshot") / "rules" / "default.toml").read_text(encoding="utf-8")
