"""Drawings of the size of a word: what six hours were like. Pure."""

from typing import Final

from dcc_analytics.live.figures import Baseline, Line
from dcc_analytics.live.page.markup import Html, el
from dcc_analytics.live.wording import count_text, rate_text

#: Slots drawn as one: two of five minutes.
_TOGETHER: Final = 2
_WIDTH: Final = 144
_VOLUME_HEIGHT: Final = 12
_RATE_HEIGHT: Final = 16
_HEIGHT: Final = _VOLUME_HEIGHT + _RATE_HEIGHT + 2
#: The scale of rates ends no lower, so that a single failure of a quiet night is no tower.
_LEAST_RATE: Final = 0.05


def _summed(counts: list[int]) -> list[int]:
    return [sum(counts[at : at + _TOGETHER]) for at in range(0, len(counts), _TOGETHER)]


def sparkline(line: Line, baseline: Baseline | None = None) -> Html:
    """Return six hours: above the number of round trips, below bars of the failure rate.

    Args:
        line: the slots.
        baseline: a thin line stands at its failure rate.
    """
    ended, failures = _summed(line.ended), _summed(line.failures)
    if not any(ended):
        return el("span", "nothing in six hours", cls="muted")
    rates = [failed / of if of else 0.0 for failed, of in zip(failures, ended, strict=True)]
    usual = None if baseline is None else baseline.failure_rate
    top = max(*rates, _LEAST_RATE, 1.5 * (usual or 0.0))
    step = _WIDTH / len(ended)
    most = max(ended)
    volume = " ".join(
        f"{round(step * (at + 0.5))},{round(_VOLUME_HEIGHT - (_VOLUME_HEIGHT - 1) * of / most, 1):g}"
        for at, of in enumerate(ended)
    )
    bars = "".join(
        f"M{round(step * at + 0.5, 1):g} {_HEIGHT}v-{round(_RATE_HEIGHT * rate / top, 1):g}h{step - 1:g}V{_HEIGHT}z"
        for at, rate in enumerate(rates)
        if rate
    )
    level = None
    if usual is not None:
        at = round(_HEIGHT - _RATE_HEIGHT * usual / top, 1)
        level = el("path", d=f"M0 {at:g}H{_WIDTH}", cls="usual")
    return el(
        "svg",
        el("path", d=f"M0 {_HEIGHT - 0.5}H{_WIDTH}", cls="axis"),
        el("polyline", points=volume, cls="volume"),
        el("path", d=bars, cls="bars") if bars else None,
        level,
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}", role="img", cls="spark", aria_label=_alternative(line, top),
    )  # fmt: skip


def _alternative(line: Line, top: float) -> str:
    """Return what the drawing says: begin, end and the scale."""
    third = len(line.ended) // 3
    parts = []
    for name, ended, failures in (
        ("first two hours", line.ended[:third], line.failures[:third]),
        ("last two hours", line.ended[-third:], line.failures[-third:]),
    ):
        of = sum(ended)
        parts.append(f"{name} {rate_text(sum(failures) / of if of else None)} of {count_text(of)} failed")
    return f"Six hours: {'; '.join(parts)}; highest bar {rate_text(top)}"


def icon(tone: str) -> Html:
    """Return the sign of a tone, which stands beside words and never alone."""
    return el("span", {"good": "✓", "warn": "▲", "bad": "✖", "none": "·"}[tone], cls=f"icon {tone}", aria_hidden="true")
