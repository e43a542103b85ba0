"""The command line as it is, for the checks of what is written about it."""

from docs.generate import Command, commands

__all__ = ["Command", "commands"]
