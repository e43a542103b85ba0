"""Figures the pages are drawn from: rows in order, their names, and where they stand among peers."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dcc_analytics.render.pdf import strips
from dcc_analytics.render.pdf.figures import PackFigures, ServiceRow
from dcc_analytics.render.pdf.flow import Flow, Running
from dcc_analytics.render.pdf.fonts import FontFolder
from dcc_analytics.render.pdf.layout import faults
from dcc_analytics.render.pdf.paper import Paper
from dcc_analytics.render.pdf.plots import Plots
from dcc_analytics.render.pdf.row_kinds import SERVICE_WORDS
from dcc_analytics.render.pdf.strips import Scale, draw_strip_table
from dcc_analytics.render.snapshot_folder import MemberEntry, SnapshotFolder
from tests.render.snapshot_maker import OTHERS, member, monthly, write_snapshot

A = MemberEntry("A", "A Limited", "IS", "A-IS")
Row = dict[str, Any]


def figures_of(path: Path, **tables: list[Row]) -> PackFigures:
    return PackFigures.read(SnapshotFolder.open(write_snapshot(path, {"members": [member("A", "IS")], **tables})), A)


def service(path: Path, **values: Any) -> ServiceRow:  # noqa: ANN401 (any column)
    row = {**monthly("A", "IS", "Meter Reads", "4.8.1", **values)}
    return figures_of(path, round_trips_monthly=[row]).rows[0]


@pytest.mark.parametrize(
    ("standing", "failures", "others"),
    [
        ("Best quarter", 3, OTHERS),  # the interval is 0.10 to 0.88 %, the middle half 1 to 4 %
        ("Better half", 4, OTHERS),  # 0.16 to 1.02 %
        ("Can't be told", 15, OTHERS),
        ("Can't be told", 20, OTHERS),
        ("Can't be told", 25, OTHERS),
        ("Worse half", 52, OTHERS),  # 3.99 to 6.8 %
        ("Worst quarter", 53, OTHERS),  # 4.07 to 6.9 %
        ("Worse half", 500, {**OTHERS, "peer_failure_rate_p25": None, "peer_failure_rate_p75": None}),
        ("Worse half", 500, {**OTHERS, "peer_failure_rate_p25": 0.02, "peer_failure_rate_p75": 0.02}),
        ("No benchmark", 500, {}),
    ],
)
def test_where_a_rate_stands_is_said_in_words(tmp_path: Path, standing: str, failures: int, others: Row) -> None:
    assert standing == service(tmp_path, successes=1_000 - failures, failures=failures, **others).standing


@pytest.mark.parametrize(("compared", "standing"), [("alike", "Can't be told"), ("few", "Few requests"), (None, "–")])
def test_what_is_not_said_to_be_worse_is_not_drawn_so(tmp_path: Path, compared: str | None, standing: str) -> None:
    """A snapshot of a release that compared nothing says nothing."""
    assert standing == service(tmp_path, successes=500, failures=500, **{**OTHERS, "compared": compared}).standing


def test_few_requests_and_open_ones_have_no_standing(tmp_path: Path) -> None:
    assert "Few requests" == service(tmp_path / "few", successes=28, failures=1, **OTHERS).standing
    assert "Can't be told" == service(tmp_path / "enough", successes=29, failures=1, **OTHERS).standing
    assert "Still open" == service(tmp_path / "open", successes=0, failures=0, open=9, **OTHERS).standing


def test_rows_come_in_the_order_of_table_1_with_their_peers(tmp_path: Path) -> None:
    services = [("Other SRVs", "99.9"), ("Meter Reads", "4.10"), ("Meter Reads", "4.8.1"), ("Prepayment", "2.2")]
    peers = [
        {"party": "A", "role": "IS", "process": "Meter Reads", "srv": "4.10", "variant": "", "measure": measure,
         "position": position, "value": value}
        for measure, position, value in (("rtt_median_s", 1, 3.0), ("failure_rate", 2, 0.5), ("failure_rate", 1, 0.1))
    ]  # fmt: skip
    found = figures_of(
        tmp_path, round_trips_monthly=[monthly("A", "IS", *each) for each in services], peer_values=peers
    )
    assert ["2.2", "4.8.1", "4.10", "99.9"] == [row.srv for row in found.rows]
    assert ["Prepayment", "Meter Reads", "Other SRVs"] == found.processes
    assert [(), (), (0.1, 0.5), ()] == [row.peer_rates for row in found.rows]


def with_peers(path: Path, *rates: float, **others: float | None) -> ServiceRow:
    """Return the row of a service with these peers; the middle half of them is 0.010 to 0.030."""
    ranked = [
        {"party": "A", "role": "IS", "process": "Meter Reads", "srv": "4.8.1", "variant": "", "measure": "failure_rate",
         "position": position, "value": rate}
        for position, rate in enumerate(rates, 1)
    ]  # fmt: skip
    quartiles = {"peer_failure_rate_p25": 0.010, "peer_failure_rate_p75": 0.030, **others}
    row = monthly("A", "IS", "Meter Reads", "4.8.1", **{**OTHERS, **quartiles})
    return figures_of(path, round_trips_monthly=[row], peer_values=ranked).rows[0]


def test_peers_far_above_the_others_are_counted_and_not_where_they_are(tmp_path: Path) -> None:
    row = with_peers(tmp_path / "far", 0.0, 0.01, 0.03, 0.09, 0.091, 0.9)
    assert ((0.0, 0.01, 0.03, 0.09), 2) == (row.near, row.far_above)
    assert 0.10 == Scale.over([row]).greatest, "the scale would tell where they are"


def test_peers_far_above_are_drawn_as_one_mark_at_the_edge(tmp_path: Path, fonts: FontFolder) -> None:
    paper = Paper(fonts, title="T", subject="S", created=datetime(2026, 11, 10, tzinfo=UTC))
    flow = Flow(paper, Running("head", "foot"))
    flow.new_page("Section")
    rows = [with_peers(tmp_path / str(far), 0.0, 0.01, 0.03, *[0.9] * far) for far in range(3)]
    draw_strip_table(flow, rows)
    assert [] == list(faults(paper.boxes))
    assert "far above" in {box.text for box in paper.boxes}
    paper.output()  # fpdf2 closes the files of fonts only then


def test_an_interval_longer_than_the_scale_ends_where_that_does(
    tmp_path: Path, fonts: FontFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None of 30 failed: chance leaves open up to 11.4 %, and the scale of a row whose marks are near ends at 5 %."""
    ends: list[tuple[float, float]] = []
    monkeypatch.setattr(
        strips, "own_interval", lambda _paper, left_mm, right_mm, _y_mm: ends.append((left_mm, right_mm))
    )
    paper = Paper(fonts, title="T", subject="S", created=datetime(2026, 11, 10, tzinfo=UTC))
    flow = Flow(paper, Running("head", "foot"))
    flow.new_page("Section")
    row, scale = service(tmp_path, successes=30, failures=0, **OTHERS), Scale(0.05, (0.0, 0.05))
    strips.draw_row(flow, scale, SERVICE_WORDS, row, Plots(flow, lambda _: "a strip"))
    assert [(scale.x_mm(0.0), scale.x_mm(0.05))] == ends[-1:]
    paper.output()


def test_where_no_middle_half_is_known_none_is_far(tmp_path: Path) -> None:
    without = with_peers(tmp_path / "none", 0.0, 0.9, peer_failure_rate_p25=None, peer_failure_rate_p75=None)
    alike = with_peers(tmp_path / "alike", 0.0, 0.9, peer_failure_rate_p25=0.0, peer_failure_rate_p75=0.0)
    assert [0, 0] == [without.far_above, alike.far_above]


def test_variants_of_an_srv_are_told_apart_at_the_start_of_their_label(tmp_path: Path) -> None:
    row = service(tmp_path, variant="key_agreement")
    assert "key agreement: Read Active Import Profile Data" == row.label
    assert "Read Active Import Profile Data, key agreement" == row.name
