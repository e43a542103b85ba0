"""What rows of Service Requests, Alerts and firmware have in common for the tables that draw them."""

from dataclasses import dataclass
from typing import Any, Final, Protocol, Self

from dcc_analytics.render.pdf.sources import Source


@dataclass(frozen=True, slots=True)
class Times:
    """Times in milliseconds; None where withheld or not there."""

    best_ms: int | None
    worst_ms: int | None
    mean_ms: int | None
    median_ms: int | None
    p5_ms: int | None = None
    p95_ms: int | None = None

    @classmethod
    def of(cls, row: dict[str, Any], stem: str) -> Self:
        """Return the times whose columns start with a stem, such as ``industry_rtt``."""
        return cls(*(row.get(f"{stem}_{name}_ms") for name in ("best", "worst", "mean", "median", "p5", "p95")))

    @property
    def known(self) -> bool:
        """Whether there is anything to draw."""
        return self.median_ms is not None or self.mean_ms is not None


@dataclass(frozen=True, slots=True)
class StripWords:
    """What the columns and marks of a strip table are.

    Attributes:
        titles: of code, name, number, rate, what it is compared with, and how it stands.
        rate: the recipient's, in a sentence.
        values: of number, rate and what it is compared with, in the file.
        leads: whether the code of a row leads to the page that has its group as title.
    """

    titles: tuple[str, ...]
    rate: str
    values: tuple[str, str, str]
    leads: bool = False


SERVICE_WORDS: Final = StripWords(
    ("SRV", "Service Request", "Requests", "Failed", "Median", "You stand"),
    "failure rate",
    ("requests", "failure_rate", "peer_failure_rate_median"),
)


@dataclass(frozen=True, slots=True)
class RangeWords:
    """What the rows of a table of times are.

    Attributes:
        titles: of the columns of code and name.
        stem: what the names of their times begin with in the file.
    """

    titles: tuple[str, str]
    stem: str


ROUND_TRIP_TIMES: Final = RangeWords(("SRV", "Service Request"), "rtt")
DELIVERY_TIMES: Final = RangeWords(("Alert", "Name"), "delivery")


class NamedRow(Protocol):
    """How a row is told from others, and where it stands."""

    @property
    def source(self) -> Source:
        """Its row of a file."""

    @property
    def group(self) -> str:
        """The heading under which it stands."""

    @property
    def code(self) -> str:
        """Short, before the name."""

    @property
    def label(self) -> str:
        """The name; its end may be cut off."""

    @property
    def title(self) -> str:
        """Code and name, in a sentence."""


class StripRow(NamedRow, Protocol):
    """What a row of a strip table is drawn from: a rate of the recipient, and those of others that may be shown."""

    @property
    def requests(self) -> int:
        """What the rate is of."""

    @property
    def rate(self) -> float | None:
        """The recipient's; None where there is none."""

    @property
    def reference(self) -> float | None:
        """The rate it is compared with, as printed."""

    @property
    def industry_mark(self) -> float | None:
        """The industry's rate, where that is drawn."""

    @property
    def p25(self) -> float | None:
        """The peers' lower quartile."""

    @property
    def median(self) -> float | None:
        """Their median."""

    @property
    def p75(self) -> float | None:
        """Their upper quartile."""

    @property
    def near(self) -> tuple[float, ...]:
        """Peers that are drawn where they are."""

    @property
    def marks(self) -> tuple[str, ...]:
        """What its marks are in the file: rate, both ends of its interval, the industry's, the peers' quartiles."""

    @property
    def peers_source(self) -> Source:
        """Where those stand, where there are any."""

    @property
    def far_above(self) -> int:
        """Peers that are not."""

    @property
    def rate_low(self) -> float | None:
        """Where the 95% interval of the rate begins."""

    @property
    def rate_high(self) -> float | None:
        """Where it ends."""

    @property
    def compared(self) -> str:
        """Whether it is worse or better than the peers' median, as the files have it."""

    @property
    def told(self) -> bool:
        """Whether how it stands is more than chance."""

    @property
    def standing(self) -> str:
        """How the rate stands, in words."""


class RangeRow(NamedRow, Protocol):
    """What a row is drawn from: the recipient's times and the industry's."""

    @property
    def own(self) -> Times:
        """The recipient's."""

    @property
    def industry(self) -> Times:
        """Those of all Users of the Role."""
