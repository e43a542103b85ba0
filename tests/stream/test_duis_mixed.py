"""A stream of JSON records and DUIS documents in turn has the figures of the same stream in JSON alone."""

import pytest

from dcc_analytics.stream.decode import DECODERS
from tests.desk import DEVICE, NOON, USER, S, rid
from tests.driver import Driver
from tests.duis_documents import dcc_alert, message, read_request, response
from tests.duis_twins import srvs_of_the_sample, twin
from tests.recorded_sample import TOPICS, counted, lines, month_of, same
from tests.story import Story, at

PARTITIONS = 3
#: Everything of the Device is at home in one of the partitions; one of these keys is another's.
KEYS = ["rubbish-0", "rubbish-1", "rubbish-2", "rubbish-3"]

NO_HEADERS: tuple[tuple[str, bytes], ...] = ()


def published(*, documents: bool) -> tuple[Driver, int]:
    """Return a driver with the sample in its log, every second record a document where it can be one."""
    driver, known, made = Driver(PARTITIONS), srvs_of_the_sample(), 0
    for topic in TOPICS:
        for line in lines(topic):
            value, headers = line.value, NO_HEADERS
            found = (
                twin(topic, line.key, line.value, known)
                if documents and topic in DECODERS and line.number % 2
                else None
            )
            if found is not None:
                value, headers = found[0], tuple(found[1])
                made += 1
            driver.publish(topic, line.key, value, line.timestamp_ms, headers=headers)
    return driver, made


@pytest.mark.slow
def test_mixed_topics_give_the_figures_of_json_alone() -> None:
    plain, _ = published(documents=False)
    mixed, made = published(documents=True)
    assert made > 5_000
    plain.run()
    mixed.run()
    assert same(month_of(plain), month_of(mixed))
    states = [[shard.state for shard in driver.shards] for driver in (plain, mixed)]
    assert counted(states[0]) == counted(states[1])
    refused = [sorted((each.topic, each.offset) for each in driver.dead_letters) for driver in (plain, mixed)]
    assert refused[0] == refused[1]


def told(story: Story, topic: str, key: str, value: bytes, *, record_us: int, received_us: int) -> None:
    """Publish a document that was received at an instant, and written to its topic later."""
    headers = (("received_at", at(received_us).encode()),)
    story.driver.publish(topic, key.encode(), value, record_us // 1000, headers=headers)


@pytest.mark.parametrize("key", KEYS)
def test_a_document_keyed_wrongly_is_passed_on_with_what_its_headers_say(key: str) -> None:
    story = Story(PARTITIONS)
    story.device()
    value = read_request(request_id=rid(1))
    told(story, "service-requests", key, value, record_us=NOON + 3 * S, received_us=NOON)
    story.response(1, sent=NOON + 5 * S)
    story.run()
    story.let_time_pass()
    story.run()
    assert [(1, 1, 5 * S)] == story.rows("requests", "successes", "rtt_sum_us")


@pytest.mark.parametrize("key", KEYS)
def test_the_end_an_alert_document_brings_is_passed_on_to_its_request(key: str) -> None:
    story = Story(PARTITIONS)
    story.device()
    story.request(1, srv="4.1.1")
    failure = f"<sr:CommandFailure><sr:CommandRequestID>{rid(1)}</sr:CommandRequestID></sr:CommandFailure>"
    # About no Device the inventory has: the Alert is at home with its own, its end with the request's.
    failure = failure.replace("</sr:CommandFailure>", f"<sr:DeviceID>{USER}</sr:DeviceID></sr:CommandFailure>")
    told(story, "alerts", key, response(dcc_alert("N13", failure)), record_us=NOON + 9 * S, received_us=NOON + 8 * S)
    story.run()
    story.let_time_pass()
    story.run()
    assert [(1, 0, 1)] == story.rows("requests", "successes", "failures")
    assert story.reasons() == []


def test_a_document_that_cannot_be_read_is_a_dead_letter_with_its_bytes() -> None:
    story = Story()
    value = response(message("4.8.1"), code="I99")
    told(story, "alerts", DEVICE, value, record_us=NOON, received_us=NOON)
    story.run()
    reason = "DUIS XML: a Response document without an Alert on the topic alerts: it belongs on service-responses"
    assert [reason] == story.reasons()
    assert [value] == [each.value for each in story.driver.dead_letters]
    assert {"dead_letter": 1} == story.classes("alerts")
