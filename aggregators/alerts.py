"""Counting Alerts: each in the cell of its recipient, code, day and Device, timed where its clocks can be right."""

from dcc_analytics.aggregators.cells import SUCCEEDED, TIMED
from dcc_analytics.aggregators.device_records import record_of_alert
from dcc_analytics.aggregators.facts import DeviceFacts
from dcc_analytics.aggregators.keys import AlertDigestKey, AlertKey, month_number, role_or_type
from dcc_analytics.aggregators.state import ShardState
from dcc_analytics.catalogue.months import day_of
from dcc_analytics.stream.events import Alert
from dcc_analytics.stream.outcomes import is_clock_fault


class AlertCounter:
    """Counts Alerts into a shard's state."""

    def __init__(self, state: ShardState, facts: DeviceFacts) -> None:
        """Count into ``state``, with what ``facts`` knows of Devices."""
        self._state = state
        self._facts = facts

    def count(self, alert: Alert, stamp_us: int) -> None:
        """Count an Alert that is no repeat, and keep what a measure needs of it beside.

        Source: contract sections 4 (Alert delivery time: of delivered Alerts) and 8 (Time and place: its day and its
        Device's facts go by ``raised_at``). A negative time is a clock fault: counted, not timed.
        """
        state = self._state
        raised_us = alert.raised_us
        facts = self._facts.facts_at(alert.device, raised_us)
        role = role_or_type(alert.role, facts)
        day = day_of(raised_us)
        of = (alert.recipient, role, alert.kind, alert.code, month_number(day))
        parts = (state.alert_digests.keys.number_of(of, AlertDigestKey), day, state.facts.number(facts))
        took_us = alert.ended_us - raised_us
        flags = SUCCEEDED if alert.delivered else 0
        if flags and took_us >= 0 and not is_clock_fault(alert.ended_us, stamp_us):
            flags |= TIMED
        alerts = state.alerts
        alerts.append(alerts.keys.number_of(parts, AlertKey), flags, took_us)
        if alert.throttled_count:
            alerts.weigh(alert.throttled_count)
        kept = record_of_alert(alert, role)
        if kept is not None:
            state.keep(kept)
