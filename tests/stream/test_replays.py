"""Dead letters sent back on a real broker: once each, as they were, where they stood; never what can't be read."""

import asyncio
import contextlib

import pytest
from aiokafka import AIOKafkaProducer

from dcc_analytics.catalogue.errors import BrokerError, DeadLetterError, TopicError
from dcc_analytics.stream import replays
from dcc_analytics.stream.dead_letters import Letter, Place, letters
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.replays import Replay, Replayer, read_replays
from dcc_analytics.stream.send_back import SentBack, send_back
from tests.letters import STAMP_MS, letter, records, send
from tests.records import ALERT, KINDS, REQUEST, RESPONSE, USER, text

pytestmark = pytest.mark.broker

KEY = USER.encode()
USER_RECORD = {"user": USER, "party": "NWE", "roles": ["IS"], "as_of": "2026-10-05T12:00:00Z"}


async def everything(connection: Connection, *, dry_run: bool = False) -> SentBack:
    return await send_back(connection, lambda _: True, dry_run=dry_run)


async def all_letters(connection: Connection) -> list[Letter]:
    return [each async for each in letters(connection)]


# -- what is sent ------------------------------------------------------------------------------------------


async def test_a_record_is_as_it_was_where_it_stood_and_says_that_it_was_sent_back(made: Connection) -> None:
    headers = (("received_at", b"2026-10-05T12:00:00Z"), ("kind", b"response"))
    await send(made, letter("alerts", 7, KEY, text(ALERT), partition=3, headers=headers))
    done = await everything(made)
    assert [(Place("alerts", 3, 7), Place("alerts", 3, 0))] == done.sent
    ((partition, record),) = await records(made, "alerts")
    assert (3, STAMP_MS, KEY, text(ALERT)) == (partition, record.timestamp, record.key, record.value)
    assert [*headers, ("dcca-replayed", b"alerts/3/7")] == list(record.headers)


async def test_what_was_sent_back_is_not_sent_again_by_whoever_set_it_aside(made: Connection) -> None:
    same = letter("alerts", 7, KEY, text(ALERT))
    await send(made, same, same)
    assert 1 == len((await everything(made)).sent)
    await send(made, same)
    again = await everything(made)
    assert ([], [(Place("alerts", 1, 7), Place("alerts", 1, 0))]) == (again.sent, again.before)
    assert 1 == len(await records(made, "alerts"))


async def test_a_record_at_the_same_offset_of_a_topic_made_anew_is_another(made: Connection) -> None:
    await send(made, letter("alerts", 7, KEY, text(ALERT)))
    await everything(made)
    await send(made, letter("alerts", 7, KEY, text(ALERT, alert_id="a-2"), stamp_ms=STAMP_MS + 1))
    assert 1 == len((await everything(made)).sent)


async def test_a_record_without_key_goes_back_and_requests_go_before_responses_and_alerts(made: Connection) -> None:
    await send(
        made,
        letter("alerts", 1, None, text(ALERT)),
        letter("service-responses", 1, KEY, text(RESPONSE)),
        letter("service-requests", 1, KEY, text(REQUEST)),
    )
    assert ["service-requests", "service-responses", "alerts"] == [at.topic for at, _ in (await everything(made)).sent]
    ((_, record),) = await records(made, "alerts")
    assert record.key is None


async def test_a_dry_run_says_the_same_and_sends_nothing(made: Connection) -> None:
    await send(made, letter("alerts", 7, KEY, text(ALERT)), letter("alerts", 8, KEY, b"{}"))
    said = await everything(made, dry_run=True)
    assert ([Place("alerts", 1, 7)], [Place("alerts", 1, 8)]) == (
        [at for at, _ in said.sent],
        [refused.origin for refused in said.refused],
    )
    assert ([], {}) == (await records(made, "alerts"), await read_replays(made))


async def test_a_corrected_value_is_sent_under_the_place_of_the_wrong_one(made: Connection) -> None:
    await send(made, letter("alerts", 7, KEY, b"{}"))
    place = Place("alerts", 1, 7)
    done = await send_back(made, lambda each: each.origin == place, named={place}, value=text(ALERT))
    assert 1 == len(done.sent)
    ((_, record),) = await records(made, "alerts")
    assert text(ALERT) == record.value
    assert [True] == [replay.edited for replay in (await read_replays(made)).values()]
    assert 1 == len((await everything(made)).before)


async def test_a_stray_is_read_as_of_its_origin_and_goes_back_to_the_strays(made: Connection) -> None:
    headers = (("dcca-topic", b"alerts"), ("dcca-part", b"alert-end"))
    await send(made, letter("strays", 7, KEY, text(ALERT), headers=headers), letter("strays", 8, KEY, text(ALERT)))
    done = await everything(made)
    assert ([Place("strays", 1, 7)], [Place("strays", 1, 8)]) == (
        [at for at, _ in done.sent],
        [refused.origin for refused in done.refused],
    )
    ((_, record),) = await records(made, "strays")
    assert set(headers) < set(record.headers)


# -- what is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", [*KINDS, "devices", "incidents", "users"])
async def test_what_still_cannot_be_read_is_refused_with_its_reason(made: Connection, topic: str) -> None:
    await send(made, letter(topic, 0, KEY, b"{}", partition=0))
    done = await everything(made)
    assert [] == done.sent
    assert "missing required field" in done.refused[0].why
    assert [] == await records(made, topic)


async def test_a_version_of_which_there_is_a_later_one_is_not_sent_after_it(made: Connection) -> None:
    producer = AIOKafkaProducer(**made.options())
    await producer.start()
    try:
        for key in (KEY, b"other", KEY, b"other"):
            await producer.send_and_wait(made.topic("users"), text(USER_RECORD), key)
    finally:
        await producer.stop()
    await send(
        made,
        letter("users", 0, KEY, text(USER_RECORD), partition=0),
        letter("users", 3, b"other", text(USER_RECORD), partition=0),
    )
    done = await everything(made)
    assert ["a later version stands under its key, which it would replace: users/0/2"] == [
        refused.why for refused in done.refused
    ]
    assert [Place("users", 0, 3)] == [at for at, _ in done.sent]


async def test_a_partition_that_is_no_more_is_named_and_nothing_is_sent(made: Connection) -> None:
    await send(made, letter("users", 7, KEY, text(USER_RECORD), partition=3))
    done = await everything(made)
    assert ["its topic has 1 partitions by now: publish it anew"] == [refused.why for refused in done.refused]


async def test_a_place_without_a_letter_is_named_before_anything_is_sent(made: Connection) -> None:
    await send(made, letter("alerts", 7, KEY, text(ALERT)))
    with pytest.raises(DeadLetterError, match=r"^there is no dead letter alerts/1/8: `dcca dead-letters list --each`"):
        await send_back(made, lambda _: True, named={Place("alerts", 1, 7), Place("alerts", 1, 8)})
    assert [] == await records(made, "alerts")


async def test_topics_made_before_there_were_replays_are_told_how_to_get_it(connection: Connection) -> None:
    with pytest.raises(TopicError, match=r"there is no topic \S+replays; run `dcca topics create` first"):
        async with Replayer(connection):
            pass


async def test_no_broker_is_a_line_that_names_the_address() -> None:
    with pytest.raises(BrokerError, match=r"^no Kafka answers at 127\.0\.0\.1:1; check --bootstrap"):
        async with Replayer(Connection("127.0.0.1:1")):
            pass


# -- others at the same time -------------------------------------------------------------------------------


async def test_a_replay_that_another_has_shut_out_sends_nothing_and_says_so(made: Connection) -> None:
    await send(made, letter("alerts", 7, KEY, text(ALERT)))
    found = await all_letters(made)
    async with Replayer(made) as first, Replayer(made) as second:
        await second.send(found)
        with pytest.raises(DeadLetterError, match=r"another `dcca dead-letters replay` has begun"):
            await first.send(found)
    assert 1 == len(await records(made, "alerts"))


async def test_others_are_shut_out_before_what_they_have_sent_is_read(
    made: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else what another sends between the reading and its end would be sent again."""
    await send(made, letter("alerts", 7, KEY, text(ALERT)))
    found = await all_letters(made)
    async with Replayer(made) as other:

        async def read_while_another_sends(connection: Connection, *, undecided_too: bool) -> dict[str, Replay]:
            notes = await read_replays(connection, undecided_too=undecided_too)
            with contextlib.suppress(DeadLetterError):
                await other.send(found)
            return notes

        monkeypatch.setattr(replays, "read_replays", read_while_another_sends)
        assert 1 == len((await everything(made)).sent)
    assert 1 == len(await records(made, "alerts"))


async def test_a_note_behind_a_transaction_that_is_open_is_waited_for(
    made: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else what stands behind it, decided long ago, would not be seen, and be sent again."""
    await send(made, letter("alerts", 7, KEY, text(ALERT)))
    foreign = AIOKafkaProducer(**made.options(), transactional_id=f"{made.prefix}foreign")
    await foreign.start()
    async with Replayer(made) as replayer:
        await foreign.begin_transaction()
        await foreign.send_and_wait(made.topic("replays"), b"x", b"foreign")
        await replayer.send(await all_letters(made))
    assert {} == await read_replays(made)
    monkeypatch.setattr(replays, "DECIDED_WITHIN_S", 1.0)
    with pytest.raises(DeadLetterError, match=r"a transaction on \S+replays has been open for 1 s"):
        await everything(made)
    monkeypatch.undo()
    waiting = asyncio.ensure_future(everything(made))
    await foreign.abort_transaction()
    await foreign.stop()
    assert ([], 1) == ((await waiting).sent, len((await waiting).before))
    assert 1 == len(await records(made, "alerts"))
