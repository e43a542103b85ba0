"""A month told record by record: what is said goes through the real core, from bytes to the snapshot's tables.

A record is keyed by its subject and stamped with its event time unless the story says otherwise.
"""

from collections import Counter
from typing import Any

import polars as pl

from dcc_analytics.catalogue.months import Month
from dcc_analytics.snapshot.alerts import Alerts, month_alerts
from dcc_analytics.snapshot.inventory import Inventory
from dcc_analytics.snapshot.members import Directory
from dcc_analytics.snapshot.round_trips import RoundTrips, round_trips
from dcc_analytics.stream.clock import horizon_us
from dcc_analytics.stream.decode import decode_device, decode_user, decoded
from dcc_analytics.stream.events import Rejected
from dcc_analytics.stream.instants import instant_text
from dcc_analytics.stream.outcomes import RecordClass
from tests.desk import DEVICE, NOON, USER, S, rid
from tests.driver import Driver
from tests.records import Fields, text

OCTOBER = Month.parse("2026-10")
#: Past the end of October by more than eight days: once the clock has come here the month is final.
FINAL = OCTOBER.final_us
_KEYED = object()


def at(us: int) -> str:
    """Return an instant as a field holds it."""
    return instant_text(us)


class Story:
    """Records told to a driver, and what became of them."""

    def __init__(self, partitions: int = 1) -> None:
        self.driver = Driver(partitions)
        self.told: dict[str, list[bytes]] = {"devices": [], "users": []}
        self._reference_read = False

    def tell(self, topic: str, value: bytes, event_us: int, *, key: object = _KEYED, subject: str = USER) -> None:
        """Publish a record."""
        said = subject.encode() if key is _KEYED else key
        assert said is None or isinstance(said, bytes)
        self.driver.publish(topic, said, value, event_us // 1000)
        if topic in self.told:
            self.told[topic].append(value)

    def device(self, device: str = DEVICE, *, as_of: int = NOON - 400 * 86_400 * S, **fields: object) -> None:
        """Tell a version of a Device's record: of a commissioned ESME in the North unless said."""
        said: Fields = {
            "device": device, "as_of": at(as_of), "device_type": "ESME", "status": "Commissioned",
            "csp_region": "North", "date_commissioned": "2025-01-01", "device_manufacturer": "Acme",
            "device_model": "M-1", "device_firmware_version": "1E10",
        }  # fmt: skip
        self.tell("devices", text(said, **fields), as_of, subject=device)

    def user(self, user: str = USER, party: str = "NWE", *roles: str, as_of: int = NOON - S, **fields: object) -> None:
        """Tell a version of a User's entry."""
        said: Fields = {"user": user, "party": party, "roles": list(roles or ("IS",)), "as_of": at(as_of)}
        self.tell("users", text(said, **fields), as_of, subject=user)

    def request(
        self, number: int = 1, *, received: int = NOON, key: object = _KEYED, user: str = USER, target: str = DEVICE,
        **fields: object,
    ) -> None:  # fmt: skip
        """Tell a Service Request; of its target unless ``device`` says otherwise."""
        said: Fields = {
            "request_id": rid(number, user=user, target=target), "received_at": at(received), "srv": "4.8.1",
            "command_variant": 1, "role": "IS", "device": target,
        } | fields  # fmt: skip
        subject = said["device"] if isinstance(said["device"], str) else user
        self.tell("service-requests", text(said), received, key=key, subject=subject.upper())

    def response(
        self, number: int = 1, *, sent: int = NOON + S, key: object = _KEYED, user: str = USER, target: str = DEVICE,
        **fields: object,
    ) -> None:  # fmt: skip
        """Tell a response, keyed by the target of its request."""
        said: Fields = {"request_id": rid(number, user=user, target=target), "sent_at": at(sent), "code": "I0"}
        self.tell("service-responses", text(said | fields), sent, key=key, subject=target)

    def alert(
        self, alert_id: str = "a-1", *, raised: int = NOON, ended: int | None = None, key: object = _KEYED,
        **fields: object,
    ) -> None:  # fmt: skip
        """Tell an Alert about the Device, delivered a second after it was raised unless said."""
        ended = raised + S if ended is None else ended
        said: Fields = {
            "alert_id": alert_id, "kind": "dcc", "code": "N13", "recipient": USER, "role": "IS", "device": DEVICE,
            "raised_at": at(raised), "ended_at": at(ended), "outcome": "delivered",
        } | fields  # fmt: skip
        subject = said["device"] if isinstance(said["device"], str) else USER
        self.tell("alerts", text(said), ended, key=key, subject=subject)

    def let_time_pass(self, until: int = FINAL) -> None:
        """Let the clock of every shard come to an instant: each gets an Alert of its own that says so."""
        for partition in range(self.driver.partitions):
            value = text(
                {
                    "alert_id": f"clock-{until}-{partition}", "kind": "dcc", "code": "CLOCK", "recipient": USER,
                    "raised_at": at(until), "ended_at": at(until), "outcome": "delivered",
                }
            )  # fmt: skip
            self.driver._append("alerts", partition, USER.encode(), value, until // 1000, [])

    def run(self, *, fetch: int = 500) -> None:
        """Fold everything told since the last time; the reference topics are read once, before all else."""
        driver = self.driver
        if not self._reference_read:
            driver.read_reference()
            self._reference_read = True
        moved = True
        while moved:
            moved = False
            for shard in driver.shards:
                moved |= driver.step(shard, fetch)
            driver.tell_horizon()

    # -- what became of it -------------------------------------------------------------------------------------

    def classes(self, topic: str = "") -> dict[str, int]:
        """Return how many records became what, of one topic or of all."""
        found: Counter[str] = Counter()
        for shard in self.driver.shards:
            for (name, of), count in shard.state.counters.items():
                if of and name in set(RecordClass) and topic in {"", of}:
                    found[name] += count
        return dict(found)

    def beside(self) -> dict[str, int]:
        """Return what is counted beside the classes."""
        found: Counter[str] = Counter()
        for shard in self.driver.shards:
            for (name, topic), count in shard.state.counters.items():
                if not topic:
                    found[name] += count
        return dict(found)

    def reasons(self) -> list[str]:
        """Return the reasons of the dead letters."""
        return [each.reason for each in self.driver.dead_letters]

    def directory(self) -> Directory:
        """Return the directory as the snapshot reads it."""
        users = [decoded(decode_user, value) for value in self.told["users"]]
        return Directory(each for each in users if not isinstance(each, Rejected))

    def alerts(self, month: Month = OCTOBER) -> Alerts:
        """Return a month's Alerts as the snapshot has them."""
        return month_alerts([shard.state for shard in self.driver.shards], month, self.directory())

    def month(self, month: Month = OCTOBER) -> RoundTrips:
        """Return a month as the snapshot has it."""
        devices = [decoded(decode_device, value) for value in self.told["devices"]]
        states = [shard.state for shard in self.driver.shards]
        return round_trips(
            states,
            month,
            horizon_us((shard.state.clock_us, shard.finished) for shard in self.driver.shards),
            self.directory(),
            Inventory(each for each in devices if not isinstance(each, Rejected)),
        )

    def rows(self, *columns: str, month: Month = OCTOBER) -> list[tuple[Any, ...]]:
        """Return columns of the month's cells."""
        return self.month(month).cells.select(*columns).rows()

    def failures(self, *columns: str) -> list[tuple[Any, ...]]:
        """Return columns of the month's failures."""
        return self.month().failures.select(*columns).rows()

    def total(self, column: str) -> int:
        """Return the sum of a column of the month's cells."""
        return int(self.month().cells.select(pl.col(column).sum()).item())
