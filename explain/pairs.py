"""Explaining rows of N42 after N16: each N16 with the N42 that followed it, and whom a letter stands for. Pure."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from functools import partial
from typing import Final, NamedTuple

from dcc_analytics.aggregators.device_records import (
    CREDENTIALS_CODE,
    FIRMWARE_SRV,
    GAIN_SRV,
    INSTALL_SRV,
    LEAVE_SRV,
    SUPPLIED_CODE,
    PairedAlert,
    record_of_alert,
)
from dcc_analytics.catalogue.errors import SnapshotError
from dcc_analytics.explain.concern import Concern
from dcc_analytics.explain.explanation import Explanation, Item
from dcc_analytics.explain.measures import alerts_kept
from dcc_analytics.explain.replay import Folded
from dcc_analytics.explain.row import Row
from dcc_analytics.explain.stories import AlertStory
from dcc_analytics.explain.sums import Sum
from dcc_analytics.explain.telling import alert_item, alert_records
from dcc_analytics.snapshot.pairs import drawing_key, letters, n42_after_n16
from dcc_analytics.stream.events import Alert, Request

_KEPT_SRVS: Final = frozenset({INSTALL_SRV, LEAVE_SRV, GAIN_SRV, FIRMWARE_SRV})
_COLUMNS: Final = ("within_7_days", "later", "none")
_FIGURES: Final = ("n16", *_COLUMNS)


class Pair(NamedTuple):
    """An N16 and the N42 that came first after it.

    Attributes:
        n16, n42: the Alerts; None where no N42 followed.
        party: of the Device's import supplier.
        column: in which the N16 counts.
    """

    n16: AlertStory
    n42: AlertStory | None
    party: str
    column: str


class PairsConcern(Concern):
    """What concerns the letters of suppliers: all that is kept of Devices, since they are drawn by it."""

    def wants_request(self, request: Request) -> bool:
        """Return whether something is kept of it."""
        return request.srv in _KEPT_SRVS

    def wants_alert(self, alert: Alert) -> bool:
        """Return whether something is kept of it."""
        return record_of_alert(alert, "") is not None


def concern(_row: Row, _users: Collection[str]) -> Concern:
    """Return what concerns a row of ``n42_after_n16``."""
    return PairsConcern()


def explained(row: Row, folded: Folded) -> Explanation:
    """Return each N16 of the supplier with its N42."""
    by_party: dict[str, list[Pair]] = defaultdict(list)
    for pair in _pairs(row, folded):
        by_party[pair.party].append(pair)
    counts = {party: Counter(pair.column for pair in pairs) for party, pairs in by_party.items()}
    figures = {
        party: {"n16": str(len(by_party[party])), **{name: str(count[name]) for name in _COLUMNS}}
        for party, count in counts.items()
    }
    party, remark = _meant(row, folded, figures)
    items = [partial(_pair_item, pair) for pair in by_party[party] if row.figure in {"", "n16", pair.column}]
    sums = [Sum(name, text, row.values[name]) for name, text in figures[party].items()]
    return Explanation("N16", items, sums, of_others=True, remarks=[remark] if remark else [])


def _pairs(row: Row, folded: Folded) -> list[Pair]:
    """Return the N16 of a month sent to the row's Member; the product says of each pair how it counts."""
    directory, month = folded.directory, row.pack.month
    announced: list[tuple[AlertStory, PairedAlert]] = []
    followed: dict[str, list[tuple[AlertStory, PairedAlert]]] = defaultdict(list)
    for story, kept in alerts_kept(folded.alerts, PairedAlert):
        if directory.member(kept.recipient, kept.role, None) == row.pack.member:
            if kept.code == CREDENTIALS_CODE:
                followed[kept.device].append((story, kept))
            elif kept.code == SUPPLIED_CODE and month.start_us <= kept.raised_us < month.end_us:
                announced.append((story, kept))
    pairs = []
    for story, n16 in announced:
        n42 = next((each for each in followed[n16.device] if each[1].raised_us > n16.raised_us), None)
        both = [n16] if n42 is None else [n16, n42[1]]
        frame = n42_after_n16(both, month, directory, folded.devices.inventory, names_allowed=True, key=b"")
        for values in frame.iter_rows(named=True):
            column = next(name for name in _COLUMNS if values[name])
            after = None if n42 is None or column == "none" else n42[0]
            pairs.append(Pair(story, after, values["supplier"], column))
    return pairs


def _meant(row: Row, folded: Folded, figures: Mapping[str, Mapping[str, str]]) -> tuple[str, str]:
    """Return the supplier a row is of, and what is to be said of its letter.

    Raises:
        SnapshotError: a letter can't be told any more.
    """
    supplier, in_file = row.key["supplier"], {name: row.values[name] for name in _FIGURES}
    if supplier in figures:
        return supplier, ""
    records = [kept for shard in folded.replay.shards for kept in shard.state.records.data.values()]
    drawn = letters(figures, row.pack.month, row.pack.member, drawing_key(records, row.pack.month))
    by_letter = next((party for party, letter in drawn.items() if letter == supplier), "")
    if by_letter in figures and figures[by_letter] == in_file:
        return by_letter, f"supplier {supplier} is {by_letter}"
    alike = [party for party, found in figures.items() if found == in_file]
    if len(alike) == 1:
        return alike[0], f"supplier {supplier} is {alike[0]}: the one whose figures these are"
    raise SnapshotError(
        f"supplier {supplier} of row {row.number} can't be told: letters are drawn by all that was kept of Devices, of "
        f"which the topics no longer hold everything, and {len(alike)} suppliers have the figures of the row"
    )


def _pair_item(pair: Pair) -> Item:
    item = alert_item(pair.n16, said=f"{pair.party}: {pair.column.replace('_', ' ')}")
    if pair.n42 is None:
        return item
    after = [
        told._replace(did=f"N42, {told.did}") for told in alert_records(pair.n42) if told.position.topic == "alerts"
    ]
    return item._replace(records=[*item.records, *after])
