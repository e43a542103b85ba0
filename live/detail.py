"""One Member's part of the view: its own figures, and its Role's benchmark out of what was released. No other's."""

from dcc_analytics.catalogue.months import month_of
from dcc_analytics.live.benchmark import Released
from dcc_analytics.live.model import MONTH_EVERY_US, Model
from dcc_analytics.live.month import MonthFigures, medians_us
from dcc_analytics.live.services import parts_of, srv_name
from dcc_analytics.live.state import API_VERSION, MonthService, UserDetail
from dcc_analytics.live.trust import Trust, TrustBrief
from dcc_analytics.live.view import Viewer
from dcc_analytics.snapshot.members import Member
from dcc_analytics.stream.instants import instant_text


class Details:
    """Makes the parts of Members."""

    def __init__(self, model: Model, viewer: Viewer, released: Released) -> None:
        """Make them of a model, as a viewer sees it, beside what was released."""
        self._model = model
        self._viewer = viewer
        self._released = released
        self._medians: dict[Member, tuple[int, dict[str, float]]] = {}

    def of(self, member: Member, now_us: int, state: str) -> UserDetail | None:
        """Return a Member's part; None when nothing is known of it.

        Args:
            member: whose.
            now_us: now, by the wall's clock.
            state: its id.
        """
        user = self._viewer.user(member, now_us)
        if user is None:
            return None
        return UserDetail(
            version=API_VERSION,
            id=state,
            made_at=instant_text(now_us),
            trust=brief(self._viewer.trust(now_us)),
            user=user,
            services=self._viewer.services.now(member),
            month=self._month(member, now_us),
            reasons=self._viewer.causes.reasons(member),
            devices=self._viewer.causes.devices(member),
            incidents=self._viewer.incidents(),
            benchmark=self._released.benchmark(member),
        )

    def _month(self, member: Member, now_us: int) -> list[MonthService]:
        medians = self._medians_of(member, now_us)
        found = [
            _service(of.srv, figures, medians.get(of.srv))
            for of, figures in self._model.month(now_us).items()
            if of.member == member and figures.requests
        ]
        return sorted(found, key=lambda each: parts_of(each.srv))

    def _medians_of(self, member: Member, now_us: int) -> dict[str, float]:
        known = self._medians.get(member)
        if known is None or now_us - known[0] >= MONTH_EVERY_US:
            model = self._model
            states = [shard.state for shard in model.shards.values() if shard.state is not None]
            known = self._medians[member] = (
                now_us, medians_us(states, month_of(model.clock_us), model.directory, member),
            )  # fmt: skip
        return known[1]


def brief(trust: Trust) -> TrustBrief:
    """Return what of it a User is told."""
    return TrustBrief(trust.status, trust.clock_at, trust.event_age_s, trust.committed_at)


def _service(srv: str, figures: MonthFigures, median_us: float | None) -> MonthService:
    done = figures.successes + figures.failures
    timed = figures.rtt_n > 0
    return MonthService(
        srv=srv,
        name=srv_name(srv),
        requests=figures.requests,
        successes=figures.successes,
        failures=figures.failures,
        open=figures.open,
        failure_rate=figures.failures / done if done else None,
        in_time=figures.in_time if figures.targeted else None,
        rtt_n=figures.rtt_n,
        rtt_mean_ms=round(figures.rtt_sum_us / figures.rtt_n / 1000) if timed else None,
        rtt_best_ms=round(figures.rtt_min_us / 1000) if timed else None,
        rtt_worst_ms=round(figures.rtt_max_us / 1000) if timed else None,
        rtt_median_ms=round(median_us / 1000) if timed and median_us is not None else None,
    )
