"""Errors for people: one tree, one exit code each."""

import inspect

import pytest

from dcc_analytics.catalogue import errors


def _all_errors() -> list[type[errors.DccaError]]:
    return [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.DccaError)]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (1, errors.DccaError), (2, errors.UsageError), (1, errors.CatalogueError), (1, errors.BrokerError),
        (1, errors.TopicError), (1, errors.PublishError), (1, errors.StateError), (1, errors.SnapshotError),
        (3, errors.RenderError), (4, errors.DisclosureError), (5, errors.MonthNotComplete),
    ],
)  # fmt: skip
def test_each_error_ends_the_command_with_its_own_code(code: int, kind: type[errors.DccaError]) -> None:
    assert code == kind.exit_code


def test_the_tree_drawn_at_the_top_names_every_error_with_its_exit_code() -> None:
    drawn = {
        words[0].lstrip("├└─ "): int(words[1])
        for line in (errors.__doc__ or "").splitlines()
        if len(words := line.replace("├── ", "").replace("└── ", "").split()) > 2 and words[1].isdigit()
    }
    assert {kind.__name__: kind.exit_code for kind in _all_errors()} == drawn


def test_each_error_says_in_its_docstring_what_the_operator_is_to_do() -> None:
    assert [] == [kind for kind in _all_errors() if not vars(kind).get("__doc__")]
