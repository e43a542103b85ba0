"""A document is the event its JSON twin is, over a month of every kind of record (contract section 5)."""

from collections import Counter

import msgspec
import pytest

from dcc_analytics.stream.decode import DECODERS, decoded
from dcc_analytics.stream.duis import decoded_record
from tests.driver import LogRecord
from tests.duis_twins import srvs_of_the_sample, twin
from tests.recorded_sample import lines

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("topic", "at_least"), [("service-requests", 1_500), ("service-responses", 4_000), ("alerts", 3_000)]
)
def test_a_document_is_the_event_its_json_twin_is(topic: str, at_least: int) -> None:
    known, twins = srvs_of_the_sample(), Counter[str]()
    for line in lines(topic):
        found = twin(topic, line.key, line.value, known)
        if found is not None:
            value, headers = found
            of_json = decoded(DECODERS[topic], line.value)
            of_document = decoded_record(topic, LogRecord(0, line.timestamp_ms, line.key, value, list(headers)))
            assert as_read(of_json) == as_read(of_document), (line, value)
            twins[type(of_document).__name__] += 1
    assert twins.total() > at_least, twins


def as_read(event: object) -> dict[str, object]:
    """Return an event's fields, but what a document derives: the Device of a response, known there by its key."""
    fields: dict[str, object] = msgspec.structs.asdict(event)  # type: ignore[arg-type]  # any event is one
    if "instruction" in fields:
        del fields["device"]
    return fields
