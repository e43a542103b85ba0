"""What is planted: stories a reader of the packs should find, where, and what they do to the figures.

Each holds for the first month unless it says otherwise; days are counted from the month's first as 1.
"""

from dataclasses import dataclass
from typing import Final

from dcc_analytics.simulator.nation import DAY_MS, HOUR_MS, Nation

#: A maker's firmware that answers reads with a failure; it comes with a campaign and is mended in the next month.
BAD_MAKER: Final = 2
GOOD_FIRMWARE: Final = "3.13"
BAD_FIRMWARE: Final = "3.14"
MENDED_FIRMWARE: Final = "3.15"
BAD_FAILURE_SHARE: Final = 0.3
#: The supplier most of whose meters are of that maker.
BUYER: Final = "S02"
BUYER_SHARE: Final = 0.9
OTHERS_SHARE: Final = 0.06

#: A Region that becomes slow, and a supplier with homes there alone.
SLOW_REGION: Final = "North"
SLOW_FACTOR: Final = 4.0
NORTHERN: Final = "S09"

#: A Category 1 Incident in one Region, and a supplier with homes there alone.
INCIDENT_REGION: Final = "South"
INCIDENT_FAILURE_SHARE: Final = 0.6
SOUTHERN: Final = "S12"

#: A supplier most of whose hubs are installed without a connection (8.14.2), and whose meters stay unread.
LEAVER: Final = "S04"
LEAVER_INSTALLS_SHARE: Final = 0.25
LEAVE_SHARE: Final = 0.6
USUAL_LEAVE_SHARE: Final = 0.04

#: The distributor a storm comes over, and the share of its homes that lose power.
STORM_LICENCE: Final = "18"
STORM_SHARE: Final = 0.3


@dataclass(frozen=True, slots=True)
class Story:
    """A planted story.

    Attributes:
        title: in a few words.
        pack: the folder of the pack that shows it best.
        look: the file and what to see in it.
    """

    title: str
    pack: str
    look: str


class Stories:
    """When the stories of a nation happen, in milliseconds since 1970."""

    def __init__(self, nation: Nation) -> None:
        start_ms, month = nation.start_ms, nation.first
        self.campaign_ms = start_ms + 6 * DAY_MS, start_ms + 10 * DAY_MS
        self.mended_ms = month.end_us // 1000 + 4 * DAY_MS, month.end_us // 1000 + 8 * DAY_MS
        self.slow_ms = start_ms + 12 * DAY_MS, month.end_us // 1000
        self.incident_ms = start_ms + 16 * DAY_MS + 7 * HOUR_MS, start_ms + 16 * DAY_MS + 21 * HOUR_MS
        self.storm_ms = start_ms + 22 * DAY_MS + 15 * HOUR_MS


STORIES: Final = (
    Story(
        f"Firmware {BAD_FIRMWARE} of Maker C fails every third read",
        f"{BUYER}-IS",
        f"failures.csv: from the 7th on, reads fail with I0-DEVICE on Model C-300 with firmware {BAD_FIRMWARE}, and "
        f"hardly elsewhere; round_trips_monthly.csv: its failure rate of 4.8.1 is far above the peers'",
    ),
    Story(
        f"The Region {SLOW_REGION} becomes slow",
        f"{NORTHERN}-IS",
        f"round_trips_daily.csv: Round Trip Times in {SLOW_REGION} are {SLOW_FACTOR:.0f} times as long from the 13th "
        "on; all homes of this supplier are there, and its median is the longest of all peers",
    ),
    Story(
        f"A Category 1 Incident in the Region {INCIDENT_REGION}",
        f"{SOUTHERN}-IS",
        f"round_trips_daily.csv: on the 17th incident_category is 1 and success rates in {INCIDENT_REGION} break down; "
        "all homes of this supplier are there",
    ),
    Story(
        "A supplier that installs and leaves",
        f"{LEAVER}-IS",
        "round_trips_monthly.csv: more 8.14.2 (no connection) than 8.14.1; of all others' one in 25",
    ),
)
