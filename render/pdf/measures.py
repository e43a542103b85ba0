"""The page of Table 1's special measures: installs, gains and firmware; each where the recipient has rows of it."""

from typing import Final

from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.firmware import Deliveries, draw_deliveries, draw_in_time, in_time_finding
from dcc_analytics.render.pdf.flow import Flow
from dcc_analytics.render.pdf.gains import draw_gains
from dcc_analytics.render.pdf.gains import finding as gains_finding
from dcc_analytics.render.pdf.installs import InstallDays, draw_installs, draw_unread, unread_finding
from dcc_analytics.render.pdf.said import cut, said

SECTION: Final = "Installs, gains and firmware"
_UPDATE: Final = "11.3"


def draw_measures(flow: Flow, figures: PackFigures) -> None:
    """Draw the page; none if the recipient installed, gained and updated nothing."""
    installs, unread = figures.table("installs_daily"), figures.table("installs_without_read", "window_ended_on")
    gains = figures.table("cos_gains", "read_within_30_days", "last_install_srv")
    delivered = figures.table("firmware_delivery", "received_at", "delivered_at", "within_five_days")
    updates = [row for row in figures.rows if row.srv == _UPDATE]
    month = figures.snapshot.month
    days = InstallDays.of(installs, month) if installs.height else None
    deliveries = Deliveries(delivered) if delivered.height else None
    found = [
        days.finding() if days and days.outside else "",
        unread_finding(unread.height) if unread.height else "",
        deliveries.finding() if deliveries else "",
        gains_finding(gains) if gains.height else "",
        days.finding() if days else "",
        in_time_finding(updates) if any(row.in_time is not None for row in updates) else "",
    ]
    first = next((each for each in found if each), "")
    if not first:
        return
    flow.new_page(SECTION, assumed=True)
    flow.paper.bookmark(SECTION)
    title = cut(first, 0, len(first.removesuffix(".")))
    flow.title(title, said("{}, {}, {}", SECTION, figures.role, figures.month))
    if days:
        draw_installs(flow, days, month)
    if unread.height:
        draw_unread(flow, unread)
    if gains.height:
        draw_gains(flow, gains)
    if deliveries:
        draw_deliveries(flow, deliveries)
    if updates:
        draw_in_time(flow, updates)
