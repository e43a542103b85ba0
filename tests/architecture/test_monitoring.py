"""What Prometheus and Grafana are given: files of the right shape, and metrics that the live process has."""

import json
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from dcc_analytics.live.exposition import Exposition
from dcc_analytics.live.trust import Partition
from tests.architecture.tree import ROOT
from tests.live.made_state import AT, made_now, made_user

COMPOSE = ROOT / "compose"
YAML_FILES = sorted(path.relative_to(COMPOSE).as_posix() for path in COMPOSE.rglob("*.yaml"))


def yaml(path: str) -> dict[str, Any]:
    content: dict[str, Any] = YAML(typ="safe").load(COMPOSE / path)
    return content


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml("prometheus/rules.yaml")["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((COMPOSE / "grafana" / "live.json").read_text(encoding="utf-8"))["panels"]
    return found


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in rules())
    yield from (target["expr"] for panel in panels() for target in panel.get("targets", []))


def named(expression: str) -> set[str]:
    """Return the metrics an expression of PromQL names; what is in quotes is a label's value."""
    return set(re.findall(r"\bdcca_\w+", re.sub(r'"[^"]*"', "", expression)))


def test_metrics_are_found_in_an_expression_and_labels_values_are_not() -> None:
    assert {"dcca_a_total", "dcca_b"} == named('increase(dcca_a_total[5m]) > on (party) dcca_b{status="dcca_c"}')


def test_every_metric_that_is_named_is_served_and_every_one_served_is_of_use() -> None:
    partition = Partition(0, None, AT, 0.0, {"service-requests": 3}, 1, AT, 0)
    state = made_now("a-1", [made_user("NWE", 1.0)])
    state = replace(state, trust=replace(state.trust, partitions=[partition]))
    publisher = SimpleNamespace(state=state, subscribers=set(), dropped=0)
    text = Exposition(publisher).text().decode()  # type: ignore[arg-type]
    served = {sample.name for family in text_string_to_metric_families(text) for sample in family.samples}
    assert served == {name for expression in expressions() for name in named(expression)}


def test_each_rule_says_what_is_wrong_and_how_grave_it_is() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names)
    for rule in rules():
        assert rule["labels"]["severity"] in {"page", "ticket"}, rule["alert"]
        assert {"summary", "description"} == set(rule["annotations"]), rule["alert"]


def test_every_rule_has_its_line_for_operators() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert [] == [rule["alert"] for rule in rules() if f"`{rule['alert']}`" not in page]


def test_panels_have_numbers_of_their_own_and_do_not_overlap() -> None:
    assert len({panel["id"] for panel in panels()}) == len(panels())
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert max(x for x, _ in cells) < 24, panel["title"]
        assert not taken & cells, panel["title"]
        taken |= cells


def test_the_dashboard_asks_the_datasource_that_is_made() -> None:
    (source,) = yaml("grafana/datasource.yaml")["datasources"]
    assert {source["uid"]} == {panel["datasource"]["uid"] for panel in panels() if panel["type"] != "row"}


@pytest.mark.parametrize("path", YAML_FILES)
def test_yaml_is_read(path: str) -> None:
    assert yaml(path)
