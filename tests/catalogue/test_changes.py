"""What became of metrics from one file to the next, and what each class of change takes."""

import pytest
from msgspec.structs import replace

from dcc_analytics.catalogue.changes import changes, read_rates
from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.catalogue.metrics import CLASSES, NEW_DIMENSION, WITHIN, Metric

A = Metric(
    id="a", version=1, title="A", description="All.", source="a test", observed="alerts", aggregate="count", page="A"
)


def told(*sets: list[Metric]) -> list[tuple[str, str, str, tuple[str, ...]]]:
    old, new = sets
    return [(each.kind, each.entry.id, each.kind_of_work, each.fields) for each in changes(old, new)]


def test_entries_are_compared_by_id() -> None:
    other = replace(A, id="b")
    assert [("removed", "a", WITHIN, ()), ("added", "b", WITHIN, ())] == told([A], [other])
    assert [] == told([A, other], [other, A])


def test_an_entry_that_counts_otherwise_is_amended_by_a_new_version() -> None:
    amended = replace(A, version=2, dimensions=("srv",))
    assert [("amended", "a", NEW_DIMENSION, ("version", "dimensions"))] == told([A], [amended])


def test_an_entry_amended_under_its_old_version_is_refused() -> None:
    words = "metric a: filter changed and version 1 did not rise to 2; figures of two definitions must not bear one"
    with pytest.raises(UsageError, match=words):
        changes([A], [replace(A, filter={"code": ("N13",)})])


def test_other_words_are_no_amendment_and_need_no_version() -> None:
    assert [("reworded", "a", WITHIN, ("title", "figure"))] == told([A], [replace(A, title="B", figure="none")])


def test_rates_of_work_are_of_each_class_and_no_other() -> None:
    assert set(CLASSES) == set(read_rates().hours)
    with pytest.raises(UsageError, match=r"r\.toml holds no rates: hours names repairs; the classes of change are"):
        read_rates('currency = "GBP"\nper_hour = 1\n[hours]\nrepairs = 3', "r.toml")
    with pytest.raises(UsageError, match=r"r\.toml holds no rates: .*`\$\.per_hour`"):
        read_rates('currency = "GBP"\nper_hour = -1\n[hours]\nrepairs = 3', "r.toml")
