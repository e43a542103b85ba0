"""Recorded events on disk: what is read, and what is said of a line that can't be."""

import base64
import gzip
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dcc_analytics.catalogue.errors import PublishError
from dcc_analytics.stream import recorded
from dcc_analytics.stream.recorded import TOPICS, RecordedEvent, files_of, read_recorded


def file_of(folder: Path, *lines: str | bytes, name: str = "alerts.ndjson") -> Path:
    path = folder / name
    content = b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in lines)
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


# -- folders -----------------------------------------------------------------------------------------------


def test_device_records_come_before_the_events_they_explain() -> None:
    assert TOPICS.index("devices") < TOPICS.index("service-requests") < TOPICS.index("service-responses")


def test_the_files_of_a_folder_are_found_gzipped_or_not_in_the_order_they_are_published(tmp_path: Path) -> None:
    plain = file_of(tmp_path, "{}", name="alerts.ndjson")
    packed = file_of(tmp_path, "{}", name="devices.ndjson.gz")
    file_of(tmp_path, "{}", name="notes.txt")
    assert [("devices", packed), ("alerts", plain)] == list(files_of(tmp_path).items())


def test_a_folder_that_is_not_there_or_holds_no_events_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match="there is no folder"):
        files_of(tmp_path / "none")
    with pytest.raises(PublishError, match=r"holds no recorded events; expected files like service-requests"):
        files_of(tmp_path)


# -- lines -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "line"),
    [
        (b'{"a": 1, "b":"\xc3\xa9"}', '{"key": "k", "timestamp": 5, "value": {"a": 1, "b":"é"}}'),
        (b"<xml/>", '{"key": "k", "timestamp": 5, "value_text": "<xml/>"}'),
        (b"", '{"key": "k", "timestamp": 5, "value_text": ""}'),
        (b"\xff\x00", '{"key": "k", "timestamp": 5, "value_base64": "/wA="}'),
        (None, '{"key": "k", "timestamp": 5, "value": null}'),
    ],
)
def test_a_records_bytes_are_exactly_those_said(tmp_path: Path, expected: bytes | None, line: str) -> None:
    assert [RecordedEvent(b"k", expected, 5)] == list(read_recorded(file_of(tmp_path, line)))


@pytest.mark.parametrize("key", ["null", None])
def test_a_key_may_be_missing(tmp_path: Path, key: str | None) -> None:
    said = "" if key is None else f'"key": {key}, '
    assert [RecordedEvent(None, b"1", 5)] == list(
        read_recorded(file_of(tmp_path, "{" + said + '"timestamp": 5, "value": 1}'))
    )


@settings(derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    records=st.lists(
        st.tuples(st.none() | st.text(max_size=9), st.binary(max_size=40), st.integers(min_value=0, max_value=2**53)),
        max_size=5,
    ),
    packed=st.booleans(),
)
def test_any_bytes_come_back_as_they_were(
    tmp_path: Path, records: list[tuple[str | None, bytes, int]], *, packed: bool
) -> None:
    said = [
        json.dumps({"key": key, "timestamp": stamp, "value_base64": base64.b64encode(value).decode()})
        for key, value, stamp in records
    ]
    path = file_of(tmp_path, *said, name="alerts.ndjson.gz" if packed else "alerts.ndjson")
    expected = [RecordedEvent(None if key is None else key.encode(), value, stamp) for key, value, stamp in records]
    assert expected == list(read_recorded(path))


# -- what can't be read ------------------------------------------------------------------------------------

GOOD = '{"timestamp": 5, "value": {}}'


@pytest.mark.parametrize(
    ("words", "bad"),
    [
        ("none of value, value_text, value_base64", '{"timestamp": 5}'),
        ("timestamp", '{"value": {}}'),
        ("timestamp", '{"timestamp": "5", "value": {}}'),
        ("timestamp", '{"timestamp": -2, "value": {}}'),
        ("timestamp", f'{{"timestamp": {2**63}, "value": {{}}}}'),
        ("recursion", '{"timestamp": 5, "value": ' + "[" * 9_999),
        ("", "not json"),
        ("", ""),
        ("", b"\xff"),
        ("", '{"timestamp": 5, "value_base64": "***"}'),
        ("key", '{"key": 5, "timestamp": 5, "value": {}}'),
    ],
)
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, words: str, bad: str | bytes) -> None:
    path = file_of(tmp_path, GOOD, GOOD, bad, GOOD)
    read = read_recorded(path)
    assert [b"{}", b"{}"] == [next(read).value, next(read).value]
    with pytest.raises(PublishError) as refused:
        next(read)
    message = str(refused.value)
    assert f"{path}, line 3: " in message
    assert "correct the line and publish again" in message
    assert words in message


@pytest.mark.parametrize("name", ["alerts.ndjson", "alerts.ndjson.gz"])
def test_a_line_without_end_is_refused_and_never_held_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(recorded, "LINE_BYTES", len(GOOD) + 1)
    path = file_of(tmp_path, GOOD, GOOD + " ", name=name)
    read = read_recorded(path)
    assert b"{}" == next(read).value
    with pytest.raises(PublishError, match=r"line 2: the line is longer than \d+ bytes"):
        next(read)


def test_the_first_line_is_line_1(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match="line 1: "):
        list(read_recorded(file_of(tmp_path, "{")))


@pytest.mark.parametrize("keep", [0.3, 0.9])
def test_a_gzip_file_cut_short_is_damaged(tmp_path: Path, keep: float) -> None:
    said = [json.dumps({"timestamp": number * 7919, "value": {"n": number}}) for number in range(300)]
    path = file_of(tmp_path, *said, name="alerts.ndjson.gz")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(PublishError, match=r"alerts.ndjson.gz can't be read after line \d+: "):
        list(read_recorded(path))


def test_a_file_that_is_no_gzip_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "alerts.ndjson.gz"
    path.write_text(GOOD)
    with pytest.raises(PublishError, match="can't be read after line 0"):
        list(read_recorded(path))
