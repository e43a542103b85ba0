"""What commands say: results on standard output, progress on standard error where someone is looking."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


def tell(result: dict[str, object], text: str, *, as_json: bool) -> None:
    """Print a result for machines, or for people."""
    typer.echo(json.dumps(result, ensure_ascii=False) if as_json else text)


def console() -> Console:
    """Return what progress is written to."""
    return Console(stderr=True)


def say(text: str) -> None:
    """Say on standard error what is being done."""
    typer.echo(text, err=True)


@contextmanager
def bars() -> Iterator[Progress]:
    """Show bars as long as the context lasts; where nobody looks (no terminal), nothing is drawn."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console(), disable=not sys.stderr.isatty()) as progress:
        yield progress
