"""What each report of the pack has for the first page; a sentence only where somebody would act on it.

The sentences are those of the pages, where they are their titles.
"""

from collections.abc import Iterator
from math import sqrt
from typing import Final

from dcc_analytics.render.files import files_for
from dcc_analytics.render.pdf.alert_rows import FAILED_OF_ALL, AlertRow, alert_rows
from dcc_analytics.render.pdf.alerts import SECTION as ALERTS
from dcc_analytics.render.pdf.alerts import finding as alerts_finding
from dcc_analytics.render.pdf.facts import NO_CHANGE, Fact, gap_of
from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.firmware import Deliveries
from dcc_analytics.render.pdf.gains import finding as gains_finding
from dcc_analytics.render.pdf.gains import unread as unread_gains
from dcc_analytics.render.pdf.installs import InstallDays, unread_finding
from dcc_analytics.render.pdf.inventory import FILE as MODELS_FILE
from dcc_analytics.render.pdf.inventory import SECTION as INVENTORY
from dcc_analytics.render.pdf.inventory import finding as inventory_finding
from dcc_analytics.render.pdf.inventory import furthest
from dcc_analytics.render.pdf.inventory_rows import model_rows
from dcc_analytics.render.pdf.measures import SECTION as MEASURES
from dcc_analytics.render.pdf.n42 import n42_finding
from dcc_analytics.render.pdf.networks import FILES as NETWORK_FILES
from dcc_analytics.render.pdf.networks import SECTION as NETWORKS
from dcc_analytics.render.pdf.networks import outages_finding
from dcc_analytics.render.pdf.said import figure, named, said
from dcc_analytics.render.pdf.sources import Unit
from dcc_analytics.render.pdf.words import count, percent
from dcc_analytics.snapshot.comparison import WORSE

#: Of fewer no share is told.
_ENOUGH: Final = 10
#: Installs left to others to connect: small suppliers install few a month.
_FEW_LEFT: Final = 5
#: Shares above which each is told: of installs that were left, gains without a read, hubs late, N16 without N42.
_MOST_LEFT: Final = 0.10
_MOST_UNREAD_GAINS: Final = 0.10
_MOST_LATE: Final = 0.05
_MOST_WITHOUT_N42: Final = 0.10
#: Installs are told as more or fewer than predicted beyond so many square roots of them, and such a share.
_DEVIATES: Final = 3.0
_LEAST_OFF: Final = 0.15
#: How bad each is beside a failed request: a lost Alert or a late firmware is seen by nobody; a home without power, or
#: installed and never connected, is somebody's.
_ALERT: Final = 0.2
_LEFT: Final = 5.0
_UNREAD: Final = 2.0
_GAIN: Final = 0.5
_LATE: Final = 0.5
_OFF: Final = 0.5
_MODEL: Final = 0.05
_OUTAGE: Final = 5.0
_N42: Final = 0.2


def report_facts(figures: PackFigures) -> Iterator[Fact]:
    """Yield what the reports have to say, in the order of their pages."""
    yield from _installs(figures)
    yield from _gains(figures)
    yield from _firmware(figures)
    yield from _alerts(figures)
    yield from _networks(figures)
    yield from _inventory(figures)


def _installs(figures: PackFigures) -> Iterator[Fact]:
    daily = figures.table("installs_daily")
    if daily.height:
        days = InstallDays.of(daily, figures.snapshot.month)
        left, every = sum(days.left), sum(days.left) + sum(days.commissioned)
        if left >= _FEW_LEFT and left > _MOST_LEFT * every:
            gap = gap_of(left / every, _MOST_LEFT)
            yield Fact(days.left_said(), NO_CHANGE, _LEFT * left, gap, MEASURES, "installs_daily.csv")
        predicted = sum(each or 0.0 for each in days.predicted)
        off = abs(sum(days.commissioned) - predicted)
        if predicted and off > max(_DEVIATES * sqrt(predicted), _LEAST_OFF * predicted):
            yield Fact(said("{}.", days.finding()), NO_CHANGE, _OFF * off, 1.0, MEASURES, "installs_daily.csv")
    unread = figures.table("installs_without_read", "window_ended_on").height
    if unread:
        yield Fact(unread_finding(unread), NO_CHANGE, _UNREAD * unread, 1.0, MEASURES, "installs_without_read.csv")


def _gains(figures: PackFigures) -> Iterator[Fact]:
    gains = figures.table("cos_gains", "read_within_30_days", "last_install_srv")
    number = unread_gains(gains)
    if number >= _ENOUGH and number > _MOST_UNREAD_GAINS * gains.height:
        gap = gap_of(number / gains.height, _MOST_UNREAD_GAINS)
        source = "cos_gains.csv, read_within_30_days false"
        yield Fact(said("{}.", gains_finding(gains)), NO_CHANGE, _GAIN * number, gap, MEASURES, source)


def _firmware(figures: PackFigures) -> Iterator[Fact]:
    rows = figures.table("firmware_delivery", "received_at", "delivered_at", "within_five_days")
    if not rows.height:
        return
    deliveries = Deliveries(rows)
    late = deliveries.hubs - deliveries.in_time
    if late >= _ENOUGH and late > _MOST_LATE * deliveries.hubs:
        gap = gap_of(late / deliveries.hubs, _MOST_LATE)
        source = "firmware_delivery.csv, within_five_days false"
        yield Fact(said("{}.", deliveries.finding()), NO_CHANGE, _LATE * late, gap, MEASURES, source)


def _alerts(figures: PackFigures) -> Iterator[Fact]:
    rows = alert_rows(figures)
    worse = [row for row in rows if row.compared == WORSE and _alert_excess(row) >= _ENOUGH]
    if worse:
        row = max(worse, key=_alert_excess)
        text = said(
            "{} failed to arrive more often than at your peers: {} of {}, their median is {}.",
            named(_alert(row)),
            figure(percent(row.rate), Unit.RATE, row.source.of(FAILED_OF_ALL)),
            figure(count(row.requests), Unit.COUNT, row.source),
            figure(percent(row.median), Unit.RATE, row.source.of("peer_failure_rate_median")),
        )
        size, source = _ALERT * _alert_excess(row), f"alerts_monthly.csv, code {row.code}"
        yield Fact(text, NO_CHANGE, size, gap_of(row.rate, row.median), ALERTS, source)
        return
    failed, every = sum(row.failed for row in rows), sum(row.requests for row in rows)
    industry = sum((row.industry_failure_rate or 0.0) * row.requests for row in rows)
    known = sum(row.requests for row in rows if row.industry_failure_rate is not None)
    beyond = failed - industry
    if known == every and failed >= _ENOUGH and beyond > _DEVIATES * sqrt(max(industry, 1.0)):
        gap = gap_of(failed / every, industry / every)
        yield Fact(said("{}.", alerts_finding(rows)), NO_CHANGE, _ALERT * beyond, gap, ALERTS, "alerts_monthly.csv")


def _alert(row: AlertRow) -> str:
    return f"Alert {row.code}{f' ({row.name})' if row.name else ''}"


def _alert_excess(row: AlertRow) -> float:
    return row.failed - (row.median or 0.0) * row.requests


def _networks(figures: PackFigures) -> Iterator[Fact]:
    if not set(NETWORK_FILES) <= {each.name for each in files_for(figures.member.role)}:
        return
    outages = figures.table("outages_unrestored", "age_hours")
    if outages.height:
        size = _OUTAGE * outages.height
        yield Fact(said("{}.", outages_finding(outages)), NO_CHANGE, size, 1.0, NETWORKS, "outages_unrestored.csv")
    pairs = figures.table("n42_after_n16")
    n16, in_time = int(pairs["n16"].sum()), int(pairs["within_7_days"].sum())
    late = n16 - in_time
    if late >= _ENOUGH and late > _MOST_WITHOUT_N42 * n16:
        gap = gap_of(late / n16, _MOST_WITHOUT_N42)
        yield Fact(said("{}.", n42_finding(pairs)), NO_CHANGE, _N42 * late, gap, NETWORKS, "n42_after_n16.csv")


def _inventory(figures: PackFigures) -> Iterator[Fact]:
    models = model_rows(figures.models)
    row = furthest(models)
    devices = abs(row.gap) * row.of_model if row else 0.0
    if row and devices >= _ENOUGH:
        source = f"{MODELS_FILE}.csv, {row.device_type}, {row.manufacturer}, {row.model}, {row.version}"
        yield Fact(said("{}.", inventory_finding(models)), NO_CHANGE, _MODEL * devices, 1.0, INVENTORY, source)
