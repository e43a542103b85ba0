"""Where a record belongs: contract section 1 (keys, subjects, strays)."""

import pytest
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given, settings
from hypothesis import strategies as st

from dcc_analytics.catalogue.identities import DCC_IDS
from dcc_analytics.stream.decode import decode_alert, decode_request, decode_response
from dcc_analytics.stream.home import partition_of, request_subject, subject_of
from tests.records import ALERT, DEVICE, REQUEST, RESPONSE, RID, SCHEDULED, USER, text

OTHER = "88-73-84-90-6A-10-02-DC"
(DCC,) = DCC_IDS
NON_DEVICE = f"{USER}:{DCC}:7"


@pytest.mark.parametrize(
    ("murmur2", "key"),
    [
        (-973_932_308, "21"),
        (-790_332_482, "foobar"),
        (-985_981_536, "a-little-bit-long-string"),
        (-1_486_304_829, "a-little-bit-longer-string"),
        (479_470_107, "abc"),
    ],
)
def test_a_key_has_the_partition_the_java_client_gives_it(murmur2: int, key: str) -> None:
    """The hashes are those of Kafka's own ``UtilsTest.testMurmur2``; the sign bit is masked away."""
    assert (murmur2 & 0x7FFFFFFF) % 1000 == partition_of(key, 1000)


@settings(derandomize=True, max_examples=40)
@given(key=st.text(min_size=1, max_size=30), partitions=st.integers(min_value=1, max_value=500))
def test_a_key_has_the_partition_the_producers_default_gives_it(key: str, partitions: int) -> None:
    everywhere = list(range(partitions))
    assert DefaultPartitioner()(key.encode(), everywhere, everywhere) == partition_of(key, partitions)


def test_a_request_belongs_to_its_device_else_to_its_originator() -> None:
    assert subject_of(decode_request(text(REQUEST, device=OTHER.lower())), None) == OTHER
    assert subject_of(decode_request(text(REQUEST)), DEVICE.encode()) == USER


def test_an_alert_belongs_to_its_device_else_to_its_recipient() -> None:
    assert subject_of(decode_alert(text(ALERT, device=OTHER)), None) == OTHER
    assert subject_of(decode_alert(text(ALERT, request_id=RID)), DEVICE.encode()) == USER


def test_a_scheduled_result_belongs_to_its_device_else_to_its_user() -> None:
    assert subject_of(decode_response(text(SCHEDULED, device=OTHER)), None) == OTHER
    assert subject_of(decode_response(text(SCHEDULED)), DEVICE.encode()) == USER


def test_a_response_belongs_to_its_device_whatever_its_key() -> None:
    assert subject_of(decode_response(text(RESPONSE, device=OTHER)), DEVICE.encode()) == OTHER


@pytest.mark.parametrize("key", [OTHER.encode(), OTHER.lower().encode()])
def test_a_response_without_device_belongs_where_its_key_says_if_that_is_an_eui_64(key: bytes) -> None:
    assert subject_of(decode_response(text(RESPONSE)), key) == OTHER


@pytest.mark.parametrize("key", [None, b"", b"rubbish", b"\xff\xfe", OTHER[:-1].encode(), "８8".encode()])
@pytest.mark.parametrize(("expected", "request_id"), [(DEVICE, RID), (USER, NON_DEVICE)])
def test_with_another_key_it_belongs_to_the_requests_target_if_a_device_else_to_its_originator(
    expected: str, request_id: str, key: bytes | None
) -> None:
    assert expected == subject_of(decode_response(text(RESPONSE, request_id=request_id)), key)


def test_the_leg_of_a_request_waits_at_its_target_if_a_device_else_at_its_originator() -> None:
    assert (DEVICE, USER) == (request_subject(RID), request_subject(NON_DEVICE))
