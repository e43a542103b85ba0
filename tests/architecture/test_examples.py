"""The examples in docstrings are run."""

import doctest
import importlib

import pytest

from tests.architecture.tree import modules


@pytest.mark.parametrize("module", modules())
def test_the_examples_in_docstrings_hold(module: str) -> None:
    assert 0 == doctest.testmod(importlib.import_module(module)).failed


def test_there_are_examples() -> None:
    assert any(doctest.DocTestFinder().find(importlib.import_module(each)) for each in modules())
