"""One day of a nation: everything that is caused on it, whenever it is recorded."""

from dcc_analytics.simulator.alerts import add_alerts
from dcc_analytics.simulator.estate import Estate
from dcc_analytics.simulator.fates import Chances
from dcc_analytics.simulator.faults import add_unreadable
from dcc_analytics.simulator.life import Life
from dcc_analytics.simulator.nation import Nation
from dcc_analytics.simulator.round_trips import add_round_trips
from dcc_analytics.simulator.scheduled import add_scheduled
from dcc_analytics.simulator.text import Lines


def lines_of_day(nation: Nation, estate: Estate, chances: Chances, day: int) -> Lines:
    """Return the lines a day causes; in the weeks before the first month those are of installs alone."""
    lines = Lines()
    life = Life(lines, nation, estate, day)
    life.add_hub_installs()
    if not nation.is_before(day):
        life.add_commissioning()
        life.add_gains()
        life.add_firmware()
        add_round_trips(lines, nation, estate, chances, day)
        add_scheduled(lines, nation, estate, chances, day)
        add_alerts(lines, nation, estate, day)
        add_unreadable(lines, nation, estate, day)
    return lines
