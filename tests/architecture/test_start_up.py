"""What the command line loads before it knows which command it is to run."""

import subprocess
import sys

import pytest

from tests.architecture.tree import ROOT

#: Needed to draw pages alone: half of the second that every command would take to start.
DRAWING = ("matplotlib", "fpdf", "fontTools", "PIL")


def loaded_by(*modules: str) -> set[str]:
    """Return the packages that a new interpreter has loaded once it has imported modules."""
    program = f"import sys, {', '.join(modules)}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(ended.stdout.split())


@pytest.mark.slow
def test_the_command_line_starts_without_what_draws_pages() -> None:
    assert set() == loaded_by("dcc_analytics.commands.main") & set(DRAWING)


@pytest.mark.slow
def test_rendering_loads_what_draws_pages() -> None:
    """Or the test before would watch for names that nothing has."""
    assert set(DRAWING) == loaded_by("dcc_analytics.render.packs") & set(DRAWING)
