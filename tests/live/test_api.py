"""What the API answers is what its description says, and what the stream tells is the state."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest
from aiohttp import ClientResponse
from prometheus_client.parser import text_string_to_metric_families
from yarl import URL

from dcc_analytics.live import publisher as publishing
from dcc_analytics.live import server as serving
from dcc_analytics.live.changes import changed
from dcc_analytics.live.publisher import WAITING, Subscriber
from dcc_analytics.live.server import Server, readiness
from dcc_analytics.live.state import Now, NowChange, UserDetail, Users
from dcc_analytics.live.trust import Reason
from dcc_analytics.snapshot.members import Member
from tests.live.made_state import made_trust
from tests.live.served import NWE, OPERATOR, asking, bearing

pytestmark = pytest.mark.slow


async def read(server: Server, path: str, token: str = OPERATOR) -> bytes:
    async with asking(server) as client:
        answer = await client.get(path, headers=bearing(token))
        assert 200 == answer.status
        return await answer.read()


async def test_answers_are_of_the_types_the_description_names(server: Server) -> None:
    now = msgspec.json.decode(await read(server, "/api/v1/now"), type=Now, strict=True)
    assert 10 < len(now.users)
    listed = msgspec.json.decode(await read(server, "/api/v1/users"), type=Users, strict=True).users
    assert {(user.party, user.role) for user in now.users} <= {(user.party, user.role) for user in listed}
    detail = msgspec.json.decode(await read(server, "/api/v1/users/NWE/IS"), type=UserDetail, strict=True)
    (own,) = [user for user in now.users if (user.party, user.role) == ("NWE", "IS")]
    assert own == detail.user
    assert sum(service.requests for service in detail.month) == own.month.requests


async def test_a_link_leads_to_its_user_whatever_that_is_called(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.viewer, "members", lambda _now_us: [Member("A/B ?", "IS")])
    async with asking(server) as client:
        (listed,) = (await (await client.get("/api/v1/users", headers=bearing(OPERATOR))).json())["users"]
        answer = await client.get(URL(listed["href"], encoded=True), headers=bearing(OPERATOR))
        assert "nothing is known of it yet" == (await answer.json())["error"]


async def test_the_same_is_told_to_the_operator_and_to_the_user_itself(server: Server) -> None:
    async with asking(server) as client:
        told = []
        for token in (OPERATOR, NWE):
            detail = await (await client.get("/api/v1/users/NWE/IS", headers=bearing(token))).json()
            told.append({name: each for name, each in detail.items() if name not in {"made_at", "trust"}})
    assert told[0] == told[1]


async def test_the_description_has_every_path_and_no_other(server: Server) -> None:
    document = json.loads(await read(server, "/openapi.json"))
    assert document["openapi"].startswith("3.1")
    routes = {
        (resource.canonical, route.method.lower())
        for resource in server.application.router.resources()
        for route in resource
        if route.method != "HEAD"
    }
    described = {(path, method) for path, methods in document["paths"].items() for method in methods}
    assert routes == described


async def test_every_reference_of_the_description_leads_somewhere(server: Server) -> None:
    document = json.loads(await read(server, "/openapi.json"))

    def references(node: Any) -> Iterator[str]:  # noqa: ANN401 (any part of a document)
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            node = list(node.values())
        if isinstance(node, list):
            for each in node:
                yield from references(each)

    found = set(references(document))
    assert 15 < len(found)
    schemas = document["components"]["schemas"]
    assert set() == {name.removeprefix("#/components/schemas/") for name in found} - set(schemas)
    assert all("description" in schemas[name] for name in ("Now", "Trust", "UserNow", "Baseline"))


async def test_metrics_are_read_by_prometheus_and_say_what_the_state_says(server: Server) -> None:
    families = {each.name: each for each in text_string_to_metric_families((await read(server, "/metrics")).decode())}
    assert all(name.startswith("dcca_") for name in families)
    trust = server.publisher.state.trust
    assert trust.dead_letters == families["dcca_dead_letters"].samples[0].value
    assert 1 == families["dcca_conservation"].samples[0].value
    by_user = {(s.labels["party"], s.labels["role"]): s.value for s in families["dcca_round_trips_last_hour"].samples}
    assert {(u.party, u.role): u.last_hour.ended for u in server.publisher.state.users} == by_user


async def test_health_and_readiness_need_no_token(server: Server) -> None:
    async with asking(server) as client:
        assert 204 == (await client.get("/healthz")).status
        answer = await client.get("/readyz")
        assert (200, {"ready": True, "reasons": []}) == (answer.status, await answer.json())


def test_a_view_that_says_workers_stand_still_is_ready_and_one_without_a_ledger_is_not() -> None:
    stale, away = Reason("no_commits", "stale"), Reason("kafka_away", "away")
    trust = msgspec.structs.replace(made_trust(), status="disconnected", reasons=[stale, away])
    assert readiness(msgspec.structs.replace(trust, reasons=[stale])).ready
    assert [away] == readiness(trust).reasons
    assert not readiness(trust).ready


# -- the benchmark -----------------------------------------------------------------------------------------


def release(out: Path, month: str, *, status: str = "final", packs: bool = True, rate: float = 0.1) -> None:
    """Write what a snapshot and a release leave behind."""
    folder = out / "snapshots" / month
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"status": status}), encoding="utf-8")
    row = {
        "party": "NWE", "role": "IS", "process": "Meter Reads", "srv": "4.8.1", "variant": "",
        "benchmark_status": "ok", "failure_rate": 0.2, "industry_failure_rate": rate, "industry_rtt_median_ms": 7000,
        "peer_failure_rate_p25": 0.1, "peer_failure_rate_median": 0.2, "peer_failure_rate_p75": None, "peers": "10-19",
    }  # fmt: skip
    pl.DataFrame([row, {**row, "party": "BHG"}]).write_parquet(folder / "round_trips_monthly.parquet")
    if packs:
        (out / "packs" / month).mkdir(parents=True)


async def test_the_benchmark_is_that_of_the_newest_month_that_was_released(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    release(tmp_path, "2026-07")
    release(tmp_path, "2026-08", rate=0.125)
    release(tmp_path, "2026-09", packs=False)
    release(tmp_path, "2026-10", status="provisional")
    detail = json.loads(await read(serve(out=tmp_path), "/api/v1/users/NWE/IS", NWE))
    assert "2026-08" == detail["benchmark"]["month"]
    (row,) = detail["benchmark"]["rows"]
    assert ("4.8.1", 0.125, None) == (row["srv"], row["industry_failure_rate"], row["peer_failure_rate_p75"])


async def test_without_a_released_month_nothing_of_others_is_shown(
    serve: Callable[..., Server], tmp_path: Path
) -> None:
    release(tmp_path, "2026-09", packs=False)
    detail = json.loads(await read(serve(out=tmp_path), "/api/v1/users/NWE/IS", NWE))
    assert {"month": None, "rows": []} == detail["benchmark"]


# -- the stream --------------------------------------------------------------------------------------------


async def events(answer: ClientResponse, number: int) -> list[tuple[str, str, bytes]]:
    """Return so many events: name, id, data."""
    found: list[tuple[str, str, bytes]] = []
    async with asyncio.timeout(10):
        while len(found) < number:
            fields = {}
            while (line := (await answer.content.readline()).rstrip(b"\n")) != b"":
                name, _, value = line.partition(b": ")
                fields[name.decode()] = value
            if "event" in fields:
                found.append((fields["event"].decode(), fields["id"].decode(), fields["data"]))
    return found


def tick(server: Server) -> None:
    """Let something new be told."""
    server.viewer._model.changes += 1
    server.publisher.tick()


async def test_a_reader_begins_with_everything_and_follows_by_changes(server: Server) -> None:
    async with asking(server) as client, client.get("/api/v1/stream", headers=bearing(OPERATOR)) as answer:
        assert ("text/event-stream", "no") == (answer.content_type, answer.headers["X-Accel-Buffering"])
        ((name, state_id, data),) = await events(answer, 1)
        state = msgspec.json.decode(data, type=Now)
        assert ("now", state.id) == (name, state_id)
        for _ in range(3):
            tick(server)
        for name, _, data in await events(answer, 3):
            assert "change" == name
            state = changed(state, msgspec.json.decode(data, type=NowChange))
        assert server.publisher.state == state


async def test_a_reader_that_comes_back_gets_what_it_missed(server: Server) -> None:
    ids = [server.publisher.state.id]
    for _ in range(4):
        tick(server)
        ids.append(server.publisher.state.id)
    back = {**bearing(OPERATOR), "Last-Event-ID": ids[1]}
    async with asking(server) as client, client.get("/api/v1/stream", headers=back) as answer:
        assert [("change", each) for each in ids[2:]] == [event[:2] for event in await events(answer, 3)]


@pytest.mark.parametrize("last", ["", "0-1", "nonsense", "long ago"])
async def test_a_reader_that_missed_too_much_or_another_process_gets_everything(server: Server, last: str) -> None:
    begun = server.publisher.state.id
    for _ in range(WAITING + 2):
        tick(server)
    back = {**bearing(OPERATOR), "Last-Event-ID": begun if last == "long ago" else last}
    async with asking(server) as client, client.get("/api/v1/stream", headers=back) as answer:
        assert [("now", server.publisher.state.id)] == [event[:2] for event in await events(answer, 1)]


async def test_a_user_reads_its_own_part_whole(server: Server) -> None:
    async with asking(server) as client, client.get("/api/v1/stream", headers=bearing(NWE)) as answer:
        tick(server)
        for name, _, data in await events(answer, 2):
            detail = msgspec.json.decode(data, type=UserDetail)
            assert ("user", "NWE", "IS") == (name, detail.user.party, detail.user.role)


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
async def test_a_packed_stream_is_the_plain_one(server: Server, encoding: str) -> None:
    headers = {**bearing(OPERATOR), "Accept-Encoding": encoding}
    async with asking(server) as client, client.get("/api/v1/stream", headers=headers) as answer:
        assert (encoding == "gzip") == ("Content-Encoding" in answer.headers)
        tick(server)
        (_, _, whole), (_, last, _) = await events(answer, 2)
        assert server.publisher.state.id == last
        assert 10 < len(msgspec.json.decode(whole, type=Now).users)


async def test_a_silent_stream_has_a_heartbeat(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "HEARTBEAT_S", 0.05)
    async with asking(server) as client, client.get("/api/v1/stream", headers=bearing(OPERATOR)) as answer:
        await events(answer, 1)
        assert b": heartbeat\n" == await asyncio.wait_for(answer.content.readline(), 5)
    assert serving.HEARTBEAT_S <= 15


async def test_a_reader_that_is_too_slow_is_dropped_and_the_others_go_on(server: Server) -> None:
    dropped: list[bool] = []
    slow, quick = Subscriber(None, lambda: dropped.append(True)), Subscriber(None, lambda: dropped.append(False))
    for each in (slow, quick):
        server.publisher.subscribe(each, "")
    quick.messages.get_nowait()
    for _ in range(WAITING + 3):
        tick(server)
        quick.messages.get_nowait()
    assert [True] == dropped
    assert {quick} == server.publisher.subscribers
    assert (1, WAITING) == (server.publisher.dropped, slow.messages.qsize())


async def test_one_process_serves_500_readers(server: Server) -> None:
    """Each gets each state; what is told is encoded once."""
    readers = [Subscriber(None, lambda: None) for _ in range(500)]
    async with asking(server) as client:
        answers = [await client.get("/api/v1/stream", headers=bearing(OPERATOR)) for _ in readers]
        await asyncio.gather(*(events(answer, 1) for answer in answers))
        began = asyncio.get_running_loop().time()
        tick(server)
        told = await asyncio.gather(*(events(answer, 1) for answer in answers))
        assert asyncio.get_running_loop().time() - began < 3
        assert {server.publisher.state.id} == {event[1] for ((event),) in told}
        assert 500 == len(server.publisher.subscribers)
        for answer in answers:
            answer.close()


async def test_no_more_readers_are_let_in_than_one_process_serves(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "MOST_SUBSCRIBERS", 1)
    async with asking(server) as client, client.get("/api/v1/stream", headers=bearing(OPERATOR)) as answer:
        await events(answer, 1)
        assert 503 == (await client.get("/api/v1/stream", headers=bearing(OPERATOR))).status


async def test_a_status_that_only_time_has_changed_is_told_at_once_and_logged(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    before = server.publisher.state
    server.publisher.tick()
    assert before is server.publisher.state, "nothing is new, and no age is due"
    server.viewer._model.outside.heard_us -= 4_000_000
    server.publisher.tick()
    assert "disconnected" == server.publisher.state.trust.status != before.trust.status
    assert [f"status is=disconnected was={before.trust.status} why=kafka_away"] == caplog.messages


def test_states_are_made_twice_a_second_at_most() -> None:
    assert publishing.EVERY_S >= 0.5
