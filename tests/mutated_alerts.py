"""Mutations of the rules of Alerts: contract sections 2 to 4 and 6 to 8."""

from collections.abc import Callable
from typing import Any, Final

import msgspec
import polars as pl

from dcc_analytics.aggregators.alerts import AlertCounter
from dcc_analytics.aggregators.facts import DeviceFacts
from dcc_analytics.snapshot import alerts as tables
from dcc_analytics.snapshot.members import Directory, Member
from dcc_analytics.stream.estate import Facts
from dcc_analytics.stream.events import Alert
from dcc_analytics.stream.instants import DAY_US, MINUTE_US
from dcc_analytics.stream.match import Matcher
from dcc_analytics.stream.memory import KNOWN_US
from tests.mutation import (
    ALERTS,
    ALERTS_DAILY,
    ALERTS_MONTHLY,
    BENCHMARKED,
    N13_N55,
    Broken,
    Mutation,
    constant,
    ruled,
)

Count = Callable[[AlertCounter, Alert, int], None]


def _counted(change: Callable[[Alert], Alert | None]) -> Broken:
    """Count another Alert instead, or none."""

    def mutate(original: Count) -> object:
        def count(self: AlertCounter, alert: Alert, stamp_us: int) -> None:
            other = change(alert)
            if other is not None:
                original(self, other, stamp_us)

        return count

    return mutate


def _raised_when_it_ended(alert: Alert) -> Alert:
    later_us = alert.ended_us - alert.raised_us
    return msgspec.structs.replace(alert, raised_us=alert.ended_us, ended_us=alert.ended_us + later_us)


def _never_negative(alert: Alert) -> Alert:
    return msgspec.structs.replace(alert, ended_us=max(alert.raised_us, alert.ended_us))


def _alone(alert: Alert) -> Alert:
    return msgspec.structs.replace(alert, throttled_count=0)


def _alone_if_lost(alert: Alert) -> Alert:
    return alert if alert.delivered else _alone(alert)


def _in_capitals(alert: Alert) -> Alert:
    return msgspec.structs.replace(alert, code=alert.code.upper())


def _role_not_heard(alert: Alert) -> Alert:
    return msgspec.structs.replace(alert, role="")


class _AtTheEnd(DeviceFacts):
    """Facts of whatever holds when the delivery of an Alert ends."""

    def __init__(self, facts: DeviceFacts, ended_us: int) -> None:
        self._facts, self._ended_us = facts, ended_us

    def facts_at(self, device: str | None, _at_us: int) -> Facts:
        return self._facts.facts_at(device, self._ended_us)


def _facts_at_the_end(original: Count) -> object:
    def count(self: AlertCounter, alert: Alert, stamp_us: int) -> None:
        facts = self._facts
        self._facts = _AtTheEnd(facts, alert.ended_us)
        original(self, alert, stamp_us)
        self._facts = facts

    return count


Repeats = Callable[[Matcher, Alert, int], bool]


def _from_the_last_one_told(original: Repeats) -> object:
    def repeats_alert(self: Matcher, event: Alert, stamp_us: int) -> bool:
        repeated = original(self, event, stamp_us)
        self._memory.alerts.remember(event.alert_id, event.ended_us, stamp_us + KNOWN_US)
        return repeated

    return repeats_alert


def _equal_is_the_same(original: Repeats) -> object:
    def repeats_alert(self: Matcher, event: Alert, stamp_us: int) -> bool:
        like = f"{event.recipient}{event.device}{event.code}"
        return original(self, msgspec.structs.replace(event, alert_id=like), stamp_us)

    return repeats_alert


Cells = Callable[..., pl.DataFrame]


def _represented_is_received(original: Cells) -> object:
    return lambda *of: original(*of).with_columns(requests=pl.col("represented"))


def _only_those_delivered(original: Cells) -> object:
    return lambda cells: original(cells.with_columns(requests=pl.col("successes")))


def _to_their_own_users_only(original: Cells) -> object:
    def cells(*of: Any) -> pl.DataFrame:  # noqa: ANN401 (handed on as they are)
        directory: Directory = of[-1]
        listed = pl.Series([party for party, _ in directory.members()])
        return original(*of).filter(pl.col("party").is_in(listed.implode()))

    return cells


def _nobody_only_receives(original: Callable[..., set[Member]]) -> object:
    def members_of(month: object, trips: object, alerts: tables.Alerts, *rest: object) -> set[Member]:
        return original(month, trips, alerts._replace(cells=alerts.cells.clear()), *rest)

    return members_of


_COUNT: Final = "dcc_analytics.aggregators.alerts:AlertCounter.count"
_REPEATS: Final = "dcc_analytics.stream.match:Matcher.repeats_alert"
_CELLS: Final = "dcc_analytics.snapshot.alerts:_cells"
_READ_RULES: Final = "dcc_analytics.snapshot.rule_file:read_rules"
_COUNTED: Final = (
    Mutation("1: an Alert need not be about a Device", _COUNT, _counted(lambda alert: alert if alert.device else None),
             N13_N55, ("'N55', 'Unknown'", "(no such row|alerts is)")),
    Mutation("1: an unknown code is counted under itself", _COUNT, _counted(_in_capitals), ALERTS_MONTHLY,
             ("'8f36'", "no such row")),
    Mutation("2: who is in no directory gets Alerts too", _CELLS, _to_their_own_users_only, ALERTS_MONTHLY,
             ("90-B3-D5-1F-31-FF-00-01-", "no such row")),
    Mutation("3.10: the ten minutes of an Alert are inclusive", "dcc_analytics.stream.match:ALERT_REPEAT_US",
             constant(10 * MINUTE_US - 1), ALERTS_MONTHLY, ("'8F0B'", "(delivered|failed) is")),
    Mutation("8, Peers: the ten minutes of an Alert run from the last one kept", _REPEATS, _from_the_last_one_told,
             ALERTS_MONTHLY, ("'8F0B'", "(delivered|failed) is")),
    Mutation("3.10: equal Alerts with ids of their own are no repeats", _REPEATS, _equal_is_the_same, ALERTS,
             ("'8F3E'", "delivered is")),
    Mutation("4: represented is received and throttled", _COUNT, _counted(_alone), ALERTS_MONTHLY, ("represented is",)),
    Mutation("8, Firmware: throttled ones are represented by an undelivered Alert too", _COUNT,
             _counted(_alone_if_lost), ALERTS, ("represented is",)),
    Mutation("4: received and represented are never mixed", _CELLS, _represented_is_received, ALERTS_DAILY,
             ("'8F3E'", "success_rate is")),
    Mutation("4: an Alert given up is received", _COUNT, _counted(lambda alert: alert if alert.delivered else None),
             ALERTS_DAILY, ("'8F3E'", "failed is '0', expected '6'")),
    Mutation("4: a negative delivery time is a clock fault and left out", _COUNT, _counted(_never_negative),
             ALERTS_MONTHLY, ("'8F0C'", "delivery_n is")),
    Mutation("8, Ends: an Alert more than a day ahead of its record is counted, not timed",
             "dcc_analytics.aggregators.alerts:is_clock_fault", constant(lambda *_: False), ALERTS_MONTHLY,
             ("'8F0C'", "delivery_n is")),
    Mutation("8, Ends: an Alert exactly a day ahead of its record is timed",
             "dcc_analytics.aggregators.alerts:is_clock_fault",
             constant(lambda event_us, stamp_us: event_us >= stamp_us + DAY_US), ALERTS, ("'8F0C'", "delivery_n is")),
)  # fmt: skip
_PLACED: Final = (
    Mutation("8, Time: an Alert's day goes by raised_at", _COUNT, _counted(_raised_when_it_ended), ALERTS_DAILY,
             ("'8F0D'", "not expected")),
    Mutation("8, Time: an Alert's month goes by raised_at", _COUNT, _counted(_raised_when_it_ended), ALERTS_MONTHLY,
             ("'8F0D'", "(no such row|delivered is)")),
    Mutation("8, Time: the Device facts of an Alert go by raised_at", _COUNT, _facts_at_the_end, ALERTS,
             ("'8F0E'", "not expected")),
    Mutation("8, Who: an Alert's absent Role goes by the Device Type", "dcc_analytics.catalogue.roles:_BY_DEVICE_TYPE",
             constant({}), ALERTS_MONTHLY, ("-GS ", "(no such row|is)")),
    Mutation("8, Ends: an Alert's Role is as said", _COUNT, _counted(_role_not_heard), ALERTS_MONTHLY,
             ("-GT ", "(no such row|no file)")),
    Mutation("8, Who: who only got Alerts gets a pack", "dcc_analytics.snapshot.take:members_of",
             _nobody_only_receives, ALERTS_MONTHLY, ("RSA-GT ", "no file, expected 1 rows")),
    Mutation("6: N55 is listed beside N13", "dcc_analytics.snapshot.alerts:_OF_METERS", constant(("N13",)), N13_N55,
             ("'N55'", "no such row")),
    Mutation("6: N13 and N55 are listed whether delivered or not", "dcc_analytics.snapshot.alert_tables:n13_n55",
             _only_those_delivered, N13_N55, ("alerts is",)),
)  # fmt: skip
_SHOWN: Final = (
    Mutation("7.3: an industry figure of Alerts needs ten groups", _READ_RULES, ruled("industry", groups=9),
             ALERTS_MONTHLY, ("'8086'", "industry_success_rate is"), month=BENCHMARKED),
    Mutation("7.3: an industry figure of a day's Alerts needs ten groups", _READ_RULES,
             ruled("industry", groups=20), ALERTS_DAILY, ("'8089'", "benchmark_status is 'few', expected 'ok'"),
             month=BENCHMARKED),
    Mutation("7.3: the largest two have less than 90 % of Alerts", _READ_RULES,
             ruled("industry", largest_two_percent=95), ALERTS_MONTHLY, ("'81A0'", "industry_success_rate is"),
             month=BENCHMARKED),
    Mutation("7.3: the rest of Alerts is at least 10 % of the largest", _READ_RULES,
             ruled("industry", p_percent=50), ALERTS_MONTHLY, ("'8F0A'", "industry_success_rate is ''"),
             month=BENCHMARKED),
    Mutation("7.3: delivery times of all need six groups", _READ_RULES, ruled("industry", timed_groups=5),
             ALERTS_MONTHLY, ("'802C'", "industry_delivery_best_s is"), month=BENCHMARKED),
    Mutation("7.3: groups whose Alerts were all lost have no times", _READ_RULES,
             ruled("industry", timed_groups=5), ALERTS_MONTHLY, ("'8090'", "industry_delivery_worst_s is"),
             month=BENCHMARKED),
    Mutation("7.3: best and worst delivery times have two significant digits", _READ_RULES,
             ruled("rounding", significant_digits=3), ALERTS_MONTHLY, ("industry_delivery_worst_s is",),
             month=BENCHMARKED),
    Mutation("7.4: a peer has thirty Alerts, not more", _READ_RULES, ruled("peers", requests=31),
             ALERTS_MONTHLY, ("'8071'", "peers is '', expected '6-9'"), month=BENCHMARKED),
    Mutation("7.4: a peer has thirty Alerts, not less", _READ_RULES, ruled("peers", requests=29),
             ALERTS_MONTHLY, ("'8071'", "peers is '10-19', expected '6-9'"), month=BENCHMARKED),
    Mutation("7.4: the median of Alerts is shown from six groups", _READ_RULES,
             ruled("peers", median_groups=8), ALERTS_MONTHLY, ("'8071'", "peer_failure_rate_median is ''"),
             month=BENCHMARKED),
)  # fmt: skip

ALERT_RULES: Final = (*_COUNTED, *_PLACED, *_SHOWN)
