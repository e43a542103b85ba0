"""The file and the pages of further metrics, made from their entries as they stand in the snapshot. R-CHG-1."""

from dataclasses import replace

import pytest

from dcc_analytics.catalogue.errors import SnapshotError
from dcc_analytics.render.csv_metadata import csv_metadata
from dcc_analytics.render.files import files_of
from dcc_analytics.render.pdf.layout import faults
from dcc_analytics.render.pdf.pack import PackPdf
from dcc_analytics.render.snapshot_folder import SnapshotFolder
from tests.render.metric_rows import METRICS

pytestmark = pytest.mark.slow


def lines(pack: PackPdf, head: str) -> list[str]:
    """Return the texts of the pages that have a head, in reading order of their drawing."""
    pages = {box.page for box in pack.boxes if box.text in {head, f"{head} (continued)"} and box.top_mm < 20}
    return [box.text for box in pack.boxes if box.page in pages]


def test_each_page_an_entry_names_has_its_metrics_with_what_they_mean_r_chg_1(drawn: dict[str, PackPdf]) -> None:
    page = lines(drawn["BUSY-IS"], "Further metrics")
    assert [each.title for each in METRICS if each.page == "Further metrics"] == [
        text for text in page if text in {each.title for each in METRICS}
    ]
    assert any("Metric by-day, version 2, in metrics.csv." in text for text in page)
    assert {"Region / Meter Type", "Region 29 / Electricity", "You", "Median", "Industry"} <= set(page)
    assert "Slowest tenth" in lines(drawn["BUSY-IS"], "Times")
    assert not [box for box in drawn["BUSY-IS"].boxes if box.text == "Not drawn"]


def test_rows_beyond_a_pages_worth_are_in_the_file_alone(drawn: dict[str, PackPdf]) -> None:
    assert "5 more with smaller numbers are in metrics.csv." in lines(drawn["BUSY-IS"], "Further metrics")


def test_nothing_overlaps_or_runs_off_on_pages_of_metrics(drawn: dict[str, PackPdf]) -> None:
    boxes = drawn["BUSY-IS"].boxes
    pages = {box.page for box in boxes if box.text in {"Further metrics", "Times"}}
    assert [] == list(faults(box for box in boxes if box.page in pages))


def test_a_member_without_rows_of_a_metric_has_neither_page_nor_file(
    drawn: dict[str, PackPdf], month: SnapshotFolder
) -> None:
    assert [] == lines(drawn["FEW-GS"], "Further metrics")
    few = next(each for each in month.members() if each.folder == "FEW-GS")
    assert "metrics" not in {file.name for file in files_of(month, few)}


def test_the_metadata_of_the_file_say_what_each_metric_means(month: SnapshotFolder) -> None:
    busy = next(each for each in month.members() if each.folder == "BUSY-IS")
    (file,) = (each for each in files_of(month, busy) if each.name == "metrics")
    column = csv_metadata(file)["tableSchema"]["columns"][0]
    assert "rated, version 2: Failures by Region. Failure rate of what was sent" in column["dc:description"]
    assert "by\\-day|counted|hidden|timed|rated" == column["datatype"]["format"]


def test_a_snapshot_whose_metrics_cannot_be_read_is_refused_with_its_place(month: SnapshotFolder) -> None:
    broken = replace(month, manifest={**month.manifest, "metrics": [{"id": "x"}]})
    with pytest.raises(SnapshotError, match=r"manifest\.json names metrics that can't be read .*take the snapshot"):
        broken.metrics()


def test_a_snapshot_of_an_older_release_has_none(month: SnapshotFolder) -> None:
    without = {name: said for name, said in month.manifest.items() if name != "metrics"}
    assert () == replace(month, manifest=without).metrics()


def test_a_label_too_long_keeps_what_tells_rows_apart(drawn: dict[str, PackPdf]) -> None:
    labels = [text for text in lines(drawn["BUSY-IS"], "Times") if text.startswith("Distribution")]
    assert [True, True] == [each.endswith(("digital_signature", "key_agreement")) for each in labels]
