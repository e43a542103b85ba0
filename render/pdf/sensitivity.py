"""What other time-outs would make of the failure rates: a sentence, and the rates that move most."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import polars as pl

from dcc_analytics.render.pdf.figures import ENOUGH_OUTCOMES, PackFigures, ServiceRow
from dcc_analytics.render.pdf.flow import Flow, heading_mm, paragraph_mm
from dcc_analytics.render.pdf.said import counted, named, number, rated, said
from dcc_analytics.render.pdf.sources import Source, ratio
from dcc_analytics.render.pdf.table import Table, TableColumn

#: A rate that moves by no more is not told of: it would be printed alike.
NOTABLE: Final = Fraction(1, 1000)
#: Rows of the table; a page has other things to say, and the file has them all.
MOST_ROWS: Final = 10

_POLICY: Final = (
    "An answer is waited for 24 hours, to 11.1 and 11.3 for five days: an assumption of this product, since no public "
    "source gives a time-out. Here are your failure rates for others, an answer after the time-out being a failure. As "
    "printed, a late answer counts as what it says, and only what never was answered as NO-RESPONSE; so a rate for the "
    "product's own time-out can be above the printed one. A round trip still unanswered is outside a rate until that "
    "rate's time-out has passed."
)
_ALL: Final = "All of them, and those over fewer, are in time_out_sensitivity.csv."
_GAP_MM: Final = 1.0
_ENOUGH: Final = f"successes + failures >= {ENOUGH_OUTCOMES}"
_MOVED: Final = (
    "SELECT concat_ws('|', t.process, t.srv, t.variant) "  # noqa: S608 (told, not run)
    "FROM 'time_out_sensitivity.csv' AS t "
    "JOIN 'round_trips_monthly.csv' AS m ON t.process = m.process AND t.srv = m.srv AND "
    "coalesce(t.variant, '') = coalesce(m.variant, '') WHERE "
    "abs(CAST(t.failures AS DOUBLE) * (m.successes + m.failures) - m.failures * (t.successes + t.failures)) * "
    f"{NOTABLE.denominator} > CAST(t.successes + t.failures AS DOUBLE) * (m.successes + m.failures)"
)
#: Rows of the month of which the rate of any time-out is another.
_MOVING: Final = Source(
    "round_trips_monthly",
    f"{_ENOUGH} AND concat_ws('|', process, srv, variant) IN ({_MOVED})",
    "count(*)",
)
#: By time-out in hours, as people say it.
_TITLES: Final = {1: "1 hour", 24: "24 hours", 120: "5 days"}


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """A row of the month and its failure rate by time-out in hours; None where nothing has an outcome."""

    row: ServiceRow
    rates: dict[int, Fraction | None]

    @property
    def movement(self) -> Fraction:
        """By how much the rate moves at most."""
        printed = _rate(self.row.successes, self.row.failures)
        gaps = [abs(rate - printed) for rate in self.rates.values() if rate is not None and printed is not None]
        return max(gaps, default=Fraction(0))


def sensitivities(rows: tuple[ServiceRow, ...], table: pl.DataFrame) -> list[Sensitivity]:
    """Return the rows whose rate says something, each with its rates.

    Args:
        rows: of the month.
        table: the Member's rows of ``time_out_sensitivity``.
    """
    rates: dict[tuple[str, str, str], dict[int, Fraction | None]] = {}
    columns = ("process", "srv", "variant", "time_out_h", "successes", "failures")
    for process, srv, variant, time_out_h, successes, failures in table.select(columns).iter_rows():
        rates.setdefault((process, srv, variant or ""), {})[time_out_h] = _rate(successes, failures)
    return [
        Sensitivity(row, rates.get((row.process, row.srv, row.variant), {}))
        for row in rows
        if row.outcomes >= ENOUGH_OUTCOMES
    ]


def _rate(successes: int, failures: int) -> Fraction | None:
    return Fraction(failures, successes + failures) if successes + failures else None


def draw_sensitivity(flow: Flow, figures: PackFigures) -> None:
    """Draw the block; nothing for a Member that sent nothing."""
    if not figures.rows:
        return
    found = sensitivities(figures.rows, figures.snapshot.table("time_out_sensitivity", figures.member))
    moving = sorted((each for each in found if each.movement > NOTABLE), key=lambda each: -each.movement)
    told = said("{} {}", finding(found, moving), said(_ALL))
    flow.room(heading_mm() + paragraph_mm(told) + _GAP_MM + paragraph_mm(_POLICY))
    flow.heading("If an answer were waited for longer, or less long")
    flow.paragraph(told)
    flow.space(_GAP_MM)
    flow.paragraph(said(_POLICY))
    if moving:
        flow.space(_GAP_MM)
        _table(moving[:MOST_ROWS]).draw(flow)
    flow.space(4)


def finding(found: list[Sensitivity], moving: list[Sensitivity]) -> str:
    """Return how many rates move, in words."""
    if not found:
        return said(
            f"None of your failure rates is over {ENOUGH_OUTCOMES} or more outcomes, so none is put into words."
        )
    told = counted(len(found), "failure rate", Source("round_trips_monthly", _ENOUGH, "count(*)"))
    rates = said(f"{{}} over {ENOUGH_OUTCOMES} or more outcomes", told)
    if not moving:
        return said(f"None of your {{}} moves by more than {_points(NOTABLE)}.", rates)
    shown = said(f", these {MOST_ROWS} most") if len(moving) > MOST_ROWS else ""
    moves = "moves" if len(moving) == 1 else "move"
    return said(
        f"{{}} of your {{}} {moves} by more than {_points(NOTABLE)}{{}}.", number(len(moving), _MOVING), rates, shown
    )


def _points(gap: Fraction) -> str:
    return f"{float(gap) * 100:.1f} points"


def _table(rows: list[Sensitivity]) -> Table:
    columns = (
        TableColumn("SRV", 17, bold=True),
        TableColumn("Service Request", 56),
        TableColumn("Business process", 41),
        *(TableColumn(said(title), 16, "right") for title in ("Printed", *_TITLES.values())),
    )
    return Table.of(columns, [_cells(each) for each in rows])


def _cells(each: Sensitivity) -> list[str]:
    row = each.row
    rates = {time_out_h: each.rates.get(time_out_h) for time_out_h in _TITLES}
    others = [rated(None if rate is None else float(rate), _at(row, time_out_h)) for time_out_h, rate in rates.items()]
    printed = rated(row.failure_rate, row.source.of("failure_rate"))
    return [named(row.srv), named(row.label), row.process, printed, *others]


def _at(row: ServiceRow, time_out_h: int) -> Source:
    asked = f"{row.source.where} AND time_out_h = {time_out_h}"
    return Source("time_out_sensitivity", asked, ratio("failures", "(successes + failures)"))
