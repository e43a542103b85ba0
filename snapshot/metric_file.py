"""Files of metrics, read: the catalogue's own and those an operator gives. One that is wrong stops the snapshot."""

from collections.abc import Sequence
from pathlib import Path

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.catalogue.metrics import Metric, built_in_metrics, in_force, parse_metrics


def read_metric_file(path: Path) -> tuple[Metric, ...]:
    """Return the entries of a file; they may be outside the language.

    Raises:
        UsageError: the file can't be read, or an entry is not as it has to be.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} can't be read ({error}); give a file of metrics") from error
    return parse_metrics(text, str(path))


def read_metrics(paths: Sequence[Path] = ()) -> tuple[Metric, ...]:
    """Return the metrics of a month: the catalogue's own, and those of further files.

    Raises:
        UsageError: a file is not as it has to be, an entry outside the language, or an id given twice.
    """
    return in_force(built_in_metrics(), *(read_metric_file(path) for path in paths))
