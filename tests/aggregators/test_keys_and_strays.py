"""Whatever its key, a record is folded where it belongs: contract section 1 (keys, subjects, strays)."""

import pytest

from dcc_analytics.stream.home import partition_of
from dcc_analytics.stream.strays import ALERT_END
from tests.desk import DAY, DEVICE, MIN, NOON, OTHER_DEVICE, USER, H, S, rid
from tests.driver import APPLICATION
from tests.records import REQUEST, text
from tests.story import Story, at

#: So many that the Device, the other Device and the Users are at home in different ones.
PARTITIONS = 6
HOME = partition_of(DEVICE, PARTITIONS)


def test_the_devices_and_users_of_these_tests_are_at_home_in_different_partitions() -> None:
    subjects = (DEVICE, OTHER_DEVICE, USER)
    assert len({partition_of(each, PARTITIONS) for each in subjects}) == len(subjects)


@pytest.mark.parametrize(
    "key",
    [DEVICE.lower().encode(), OTHER_DEVICE.encode(), USER.encode(), b"rubbish", b"\xff\xfe", b"", None],
    ids=repr,
)
def test_a_request_keyed_otherwise_is_passed_on_and_folded_at_home(key: bytes | None) -> None:
    story = Story(PARTITIONS)
    story.request(key=key)
    story.response()
    story.run()
    assert [1, 1, S] == list(story.rows("requests", "successes", "rtt_sum_us")[0])
    away = 0 if key is None else partition_of(key.decode("latin-1"), PARTITIONS)
    strays = int(away != HOME)
    assert strays == story.classes("service-requests").get("stray_passed_on", 0)
    assert strays == story.classes("strays").get("leg_opened", 0)


@pytest.mark.parametrize("key", [OTHER_DEVICE.encode(), b"rubbish", None], ids=repr)
@pytest.mark.parametrize("device", [DEVICE, DEVICE.lower()])
def test_a_response_that_names_its_device_finds_its_leg_whatever_its_key(key: bytes | None, device: str) -> None:
    story = Story(PARTITIONS)
    story.request()
    story.response(key=key, device=device)
    story.run()
    assert [(1, 1)] == story.rows("requests", "successes")


@pytest.mark.parametrize("key", [DEVICE.encode(), DEVICE.lower().encode(), b"rubbish", None], ids=repr)
def test_a_response_without_device_finds_its_leg_by_its_key_or_the_requests_target(key: bytes | None) -> None:
    story = Story(PARTITIONS)
    story.request()
    story.response(key=key)
    story.run()
    assert [(1, 1)] == story.rows("requests", "successes")


def test_a_request_keyed_in_another_case_is_folded_where_it_lies_if_that_is_its_home() -> None:
    story = Story(1)
    story.request(key=DEVICE.lower().encode())
    story.request(2, key=b"rubbish")
    story.run()
    assert {"leg_opened": 2} == story.classes("service-requests")


def test_a_stray_keeps_its_bytes_its_timestamp_and_the_position_it_was_first_read_at() -> None:
    story = Story(PARTITIONS)
    story.request(key=OTHER_DEVICE.encode(), received=NOON)
    story.run()
    (stray,) = story.driver.log["strays", HOME]
    away = partition_of(OTHER_DEVICE, PARTITIONS)
    (record,) = story.driver.log["service-requests", away]
    assert (record.value, record.timestamp, DEVICE.encode()) == (stray.value, stray.timestamp, stray.key)
    origin = {
        "dcca-topic": b"service-requests", "dcca-partition": str(away).encode(), "dcca-offset": b"0",
        "dcca-part": b"whole", "dcca-application": APPLICATION.encode(),
    }  # fmt: skip
    assert origin == dict(stray.headers)


def test_a_record_keyed_otherwise_is_folded_rightly_whatever_headers_of_its_own_it_has() -> None:
    """A feed's header ``topic`` says nothing of the product's topics; it was taken for the stray's origin once."""
    story = Story(PARTITIONS)
    story.request()
    said = text(REQUEST, request_id=rid(2), device=DEVICE, role="IS")
    own = (("topic", b"crm-updates"), ("part", b"alert-end"), ("offset", b"x"))
    story.driver.publish("service-requests", OTHER_DEVICE.encode(), said, NOON // 1000, headers=own)
    story.run()
    assert [(2,)] == story.rows("requests")
    assert [] == story.reasons()


def test_a_device_record_keyed_otherwise_reaches_the_estate_of_its_device() -> None:
    story = Story(PARTITIONS)
    story.tell("devices", text({
        "device": DEVICE, "as_of": at(NOON - DAY), "device_type": "ESME", "status": "Commissioned",
        "csp_region": "South",
    }), NOON - DAY, subject=OTHER_DEVICE)  # fmt: skip
    story.run()
    assert ["South"] == [
        version.facts.region for version in story.driver.estates[HOME].versions(DEVICE) if version.facts
    ]


def test_an_alert_is_folded_at_its_own_subject_and_its_end_where_its_request_waits() -> None:
    """The Alert is about one Device, the request it names about another."""
    story = Story(PARTITIONS)
    story.request()
    story.alert(device=OTHER_DEVICE, request_id=rid(), raised=NOON + H)
    story.let_time_pass(NOON + 2 * H)
    story.run()
    counted = [
        shard.partition
        for shard in story.driver.shards
        if any(sent.code == "N13" for sent, *_ in shard.state.alert_rows())
    ]
    assert [partition_of(OTHER_DEVICE, PARTITIONS)] == counted
    (stray,) = story.driver.log["strays", HOME]
    assert dict(stray.headers)["dcca-part"] == ALERT_END
    assert [(1, 1)] == story.rows("requests", "failures")
    assert [("N13", 1)] == story.failures("reason_code", "failures")


@pytest.mark.parametrize("key", [OTHER_DEVICE.encode(), b"rubbish", None], ids=repr)
def test_an_alert_keyed_otherwise_is_counted_at_home_and_ends_its_leg(key: bytes | None) -> None:
    story = Story(PARTITIONS)
    story.request()
    story.alert(key=key, request_id=rid(), raised=NOON + H)
    story.run()
    received = [
        sum(counts[:2]) for sent, _, _, counts in story.driver.shards[HOME].state.alert_rows() if sent.code == "N13"
    ]
    assert [1] == received
    assert [("N13", 1)] == story.failures("reason_code", "failures")


def test_a_firmware_delivery_finds_an_11_1_that_concerns_no_device_at_its_originator() -> None:
    """N60 meets its 11.1: a request to the DCC is at home at its User, the Alert at the hub."""
    dcc = "90-B3-D5-1F-30-00-00-02"
    story = Story(PARTITIONS)
    story.request(srv="11.1", target=dcc, device=None)
    story.alert(code="N60", request_id=rid(target=dcc), parameters={"target_device": DEVICE, "result": "success"})
    story.let_time_pass(NOON + H)
    story.run()
    assert [(1, 1)] == story.rows("requests", "successes")


def test_an_alert_that_names_a_request_nobody_sent_is_counted_and_in_the_end_an_orphan() -> None:
    story = Story()
    story.alert(request_id=rid(77))
    story.let_time_pass(NOON + 8 * DAY)
    story.run()
    assert {"alert": 2} == story.classes("alerts")
    assert {"orphans": 1} == story.beside()


def test_an_alert_whose_delivery_failed_ends_its_leg_like_others() -> None:
    story = Story()
    story.request()
    story.alert(request_id=rid(), outcome="failed")
    story.run()
    assert [("N13", 1)] == story.failures("reason_code", "failures")


def test_an_alert_told_again_is_counted_once_and_ends_nothing_twice() -> None:
    story = Story()
    story.request()
    story.alert(request_id=rid(), raised=NOON + MIN)
    story.alert(request_id=rid(), raised=NOON + MIN, ended=NOON + 9 * MIN)
    story.run()
    assert {"alert": 1, "duplicate_alert": 1} == story.classes("alerts")
    assert story.beside() == {}


def test_a_stray_without_its_origin_is_a_dead_letter() -> None:
    story = Story()
    story.driver._append("strays", 0, DEVICE.encode(), text(REQUEST), NOON // 1000, [])
    story.run()
    assert ["a stray without its origin: header topic is ''"] == story.reasons()
