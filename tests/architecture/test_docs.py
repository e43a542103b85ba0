"""The documents: links lead somewhere, and what is written is what is there."""

import doctest
import importlib
import inspect
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree as ET

import pytest
from packaging.requirements import Requirement

from bench.killed_once import Killed, figures
from dcc_analytics.catalogue import errors
from tests.architecture.tree import ROOT, command_options, files, pyproject

DOCUMENTS = [path for path in files() if path.suffix == ".md"]
DECISIONS = [path for path in DOCUMENTS if path.parent == Path("docs/adr") and path.stem != "README"]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)

#: What ties the repository to one machine or one network. Written so that this file does not contain it.
PLACES = re.compile(
    "|".join(
        (
            r"(?<![\w.$}])/(?:work|root|home|Users|tmp)/(?!dcca\b)\w",
            r"\.py" + r"env\b",
            r"--(?:extra-)?index-" + r"url",
            r"pypi\." + r"org|pythonhosted\." + r"org",
            r"repo1?\.maven\." + r"(?:apache\.)?org",
            r"arti" + r"factory|nexus\.",
        )
    )
)


def text_of(path: Path) -> str:
    """Return a file's text, or nothing if it is not text."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def anchors(document: str) -> set[str]:
    """Return the anchors of a document's headings, as they are made from them when it is shown."""
    headings = re.findall(r"(?m)^#+ (.+)$", FENCED.sub("", document))
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_link_leads_to_a_file_and_its_heading(document: Path) -> None:
    for link in LINK.findall(FENCED.sub("", text_of(document))):
        if re.match(r"https?://|mailto:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (ROOT / document).parent / name if name else ROOT / document
        assert target.exists(), f"{document}: {link}"
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), f"{document}: {link}"


def test_every_document_under_docs_can_be_reached_from_the_readme() -> None:
    reached, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        found = (link.partition("#")[0] for link in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link)
        waiting += [(page.parent / name).resolve() for name in found if name]
    documents = {ROOT / path for path in DOCUMENTS if path.parts[0] == "docs"}
    assert set() == documents - reached


@pytest.mark.slow
def test_pages_made_from_the_command_line_and_from_results_are_as_those_say() -> None:
    check = [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"]
    result = subprocess.run(check, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def stored_run(speed: float, *, events: int = 1_000) -> str:
    """Return a benchmark's result in which the worker had a speed."""
    machine = {"cores": 2, "cpu": "a CPU", "memory_gb": 8, "python": "3.11.7", "kafka": "4.4.0"}
    worker = {"part": "worker", "name": "folded", "value": speed, "unit": "events/s"}
    return json.dumps({"events": events, "load_before": 0.1, "machine": machine, "figures": [worker]})


@pytest.fixture
def performance(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The module that makes the page of performance, with results that the test writes."""
    monkeypatch.syspath_prepend(ROOT / "docs")
    module = importlib.import_module("performance_page")
    monkeypatch.setattr(module, "RESULTS", tmp_path)
    return module


def test_the_page_of_performance_tells_least_median_and_most_of_the_runs_of_a_size(
    performance: ModuleType, tmp_path: Path
) -> None:
    for number, speed in enumerate((300.0, 12_345.0, 200.0)):
        (tmp_path / f"{number}.json").write_text(stored_run(speed), encoding="utf-8")
    (tmp_path / "small.json").write_text(stored_run(7.0, events=10), encoding="utf-8")
    made = performance.pages()
    assert "## 1,000 events, 3 runs" in made["performance.md"]
    assert "| `worker` | folded | events/s | 200 | 300 | 12,345 |" in made["performance.md"]
    assert "| `worker` | folded | events/s | 7 | 7 | 7 |" in made["performance.md"]
    assert "![Events a second, medians: worker, ledger on 300](performance.svg)" in made["performance.md"]
    texts = [each.text for each in ET.fromstring(made["performance.svg"]).iter() if each.text]  # noqa: S314 (made here)
    assert {"worker, ledger on", "300"} <= set(texts)


def stored_kill(lost: float, *, part: str = "kills-one-worker") -> str:
    """Return a benchmark's result in which what was killed once has lost some."""
    machine = {"cores": 2, "cpu": "a CPU", "memory_gb": 8, "python": "3.11.7", "kafka": "4.4.0", "faust": "0.15.3"}
    compared = Killed(committed=600, again_s=2.5, rows=Counter({("A",): 3, ("B",): 7 - int(lost)}))
    told = figures(part, 1000, Counter({("A",): 3, ("B",): 7}), compared)
    return json.dumps(
        {
            "date": "2026-11-27", "events": 1000, "load_before": 0.1, "machine": machine,
            "figures": [figure._asdict() for figure in told],
        }
    )  # fmt: skip


def test_the_page_of_performance_tells_what_one_kill_has_left_of_each_and_takes_it_for_no_speed(
    performance: ModuleType, tmp_path: Path
) -> None:
    (tmp_path / "1.json").write_text(stored_kill(0), encoding="utf-8")
    (tmp_path / "2.json").write_text(stored_kill(4), encoding="utf-8")
    (tmp_path / "3.json").write_text(stored_kill(0, part="kills-one-flink"), encoding="utf-8")
    page = performance.pages()["performance.md"]
    assert "| `dcca worker` | 2 | 1 to 2 | 0 | 0 to 1 | 0 | 0 to 4 | 1,000 | 60 % | 2.5 s |" in page
    assert "| Flink | 2 | 2 | 0 | 0 | 0 | 0 | 1,000 | 60 % | 2.5 s |" in page
    assert "Quix Streams |" not in page
    assert "No run is stored yet: `python -m bench --store`" in page
    assert 1 == page.count("Stored 2026-11-27: a CPU")


def test_numbers_on_the_page_of_performance_are_written_as_its_examples_say(performance: ModuleType) -> None:
    ended = doctest.testmod(performance)
    assert (0, 2) == (ended.failed, ended.attempted)


def test_the_page_of_performance_says_so_when_no_run_is_stored(performance: ModuleType) -> None:
    made = performance.pages()
    assert ["performance.md"] == list(made)
    assert "No run is stored yet" in made["performance.md"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_dcca_command_that_is_written_down_exists(document: Path) -> None:
    known = {path.split()[1] for path in command_options()}
    if document != Path("CHANGELOG.md"):
        written = re.findall(r"(?m)(?:^ *|[`/])dcca ([a-z][a-z-]+)", text_of(document))
        assert set() == set(written) - known


@pytest.mark.parametrize(
    "requirement",
    [*pyproject()["project"]["dependencies"], *pyproject()["dependency-groups"]["dev"]],
)
def test_every_dependency_says_why_it_is_one(requirement: str) -> None:
    rows = re.findall(r"(?m)^\| `([^`]+)` \| (.+) \| (.+) \| (.+) \|$", text_of(Path("docs/dependencies.md")))
    assert Requirement(requirement).name in {name for name, *_ in rows}


def test_no_dependency_is_explained_that_is_none() -> None:
    project = pyproject()
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    explained = re.findall(r"(?m)^\| `([^`]+)` \|", text_of(Path("docs/dependencies.md")))
    assert sorted(explained) == sorted(Requirement(each).name for each in wanted)


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_every_decision_has_context_decision_and_consequences(decision: Path) -> None:
    headings = re.findall(r"(?m)^## (.+)$", text_of(decision))
    assert ["Context", "Decision", "Consequences"] == headings
    assert re.match(rf"# {int(decision.stem[:4])}\. \S", text_of(decision))


def test_decisions_are_numbered_in_order() -> None:
    assert [int(path.stem[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_every_error_and_its_exit_code_are_explained() -> None:
    rows = dict(re.findall(r"(?m)^\| `(\w+)` \| (\d+) \|", text_of(Path("docs/exit-codes.md"))))
    classes = [each for _, each in inspect.getmembers(errors, inspect.isclass) if issubclass(each, errors.DccaError)]
    assert {each.__name__: str(each.exit_code) for each in classes} == rows


@pytest.mark.parametrize("line", ["see /" + "home/ada/notes", "cd /" + "tmp/x", "--index-" + "url https://x.example"])
def test_a_path_of_one_machine_is_found(line: str) -> None:
    assert PLACES.search(line)


def test_nothing_names_a_path_of_one_machine_or_where_packages_come_from() -> None:
    found = {str(path): match.group() for path in files() if (match := PLACES.search(text_of(path)))}
    assert {} == found


@pytest.mark.parametrize("suffix", [".py", ".md", ".toml", ".yaml"])
def test_text_ends_its_lines_with_lf_and_the_last_one_too(suffix: str) -> None:
    texts = {path: (ROOT / path).read_bytes() for path in files() if path.suffix == suffix}
    assert texts
    assert [] == [path for path, text in texts.items() if b"\r" in text or (text and not text.endswith(b"\n"))]
