"""The sentences of the first page: what changed and what stands out in every report, the weightiest first."""

from typing import Final

from dcc_analytics.render.pdf.changes_told import changes_told
from dcc_analytics.render.pdf.day_series import has_charts
from dcc_analytics.render.pdf.facts import Fact, in_order
from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.report_facts import report_facts
from dcc_analytics.render.pdf.round_trip_facts import RATES, round_trip_facts

#: As many as anybody acts on.
MOST: Final = 7
NOTHING_CHANGED: Final = "Nothing changed more than chance within the month."
TOO_FEW: Final = "Too few days had enough outcomes of your requests to tell whether anything changed within the month."


def told_first(figures: PackFigures) -> list[Fact]:
    """Return the facts in the order in which they are told.

    What is of the same Service Requests as a weightier fact says nothing new. Where nothing changed, that is said last.
    """
    found = in_order([*changes_told(figures), *round_trip_facts(figures), *report_facts(figures)])
    told: list[Fact] = []
    for fact in found:
        if fact.change or not any(fact.of & each.of for each in told):
            told.append(fact)
    if figures.rows and not any(fact.change for fact in told):
        words = NOTHING_CHANGED if has_charts(figures.daily) else TOO_FEW
        nothing = Fact(words, 0.0, 0.0, 0.0, RATES, "round_trips_daily.csv")
        return [*told[: MOST - 1], nothing]
    return told[:MOST]
