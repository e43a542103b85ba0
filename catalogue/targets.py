"""Target Response Times of round trips, where one is known (contract section 8, Targets)."""

from dataclasses import dataclass
from typing import Final

from dcc_analytics.catalogue.tables import Row, read_table

US_PER_S: Final = 1_000_000
#: The data file, and its columns.
FILE: Final = "targets.csv"
COLUMNS: Final = ("srv", "mode", "smets_version", "roles", "target_s")


@dataclass(frozen=True, slots=True)
class Target:
    """A Target Response Time.

    Attributes:
        target_us: at most so long.
        on_demand_only: not for future dated requests and scheduled results.
        roles: for these Roles; None for all but MDR.
    """

    target_us: int
    on_demand_only: bool
    roles: frozenset[str] | None

    def applies_to(self, role: str) -> bool:
        """Return whether a Role has this target."""
        return role != "MDR" if self.roles is None else role in self.roles


def _rows() -> dict[tuple[str, str], tuple[Target, ...]]:
    found: dict[tuple[str, str], tuple[Target, ...]] = {}
    for row in read_table(FILE, COLUMNS):
        if _mode(row) != "delivery":
            target = Target(
                row.whole("target_s") * US_PER_S,
                _mode(row) == "on_demand",
                frozenset(row.words("roles")) or None,
            )
            key = row.text("srv"), row.text("smets_version")
            found[key] = (*found.get(key, ()), target)
    return found


def _mode(row: Row) -> str:
    return row.one_of("mode", ("on_demand", "any", "delivery"))


_TARGETS: Final = _rows()
_NONE: Final[tuple[Target, ...]] = ()


def targets_for(srv: str, smets_version: str) -> tuple[Target, ...]:
    """Return the targets of an SRV's round trip, for whichever mode and Role.

    11.1's five days are for delivery to each hub, not for its round trip, and are not among them.
    """
    return _TARGETS.get((srv, smets_version), _NONE)
