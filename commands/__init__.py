"""The ``dcca`` command line: one module a command or group, each command a list of steps.

Promise: a command parses, calls the stages in order, and says what came of it; it decides no figure. An error a person
can meet is one line on standard error and an exit code (``docs/exit-codes.md``). Results go to standard output,
progress and logs to standard error.
"""
