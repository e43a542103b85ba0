"""Why it failed: what is summed at once for all Members is what is counted one by one."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as some

from dcc_analytics.live.causes import Causes
from dcc_analytics.live.lines import FailKey
from dcc_analytics.live.recent import HOUR_SLOTS, SLOT_US, SLOTS, Recent
from dcc_analytics.snapshot.members import Directory, Member
from dcc_analytics.stream.estate import Facts

_FIRST = 1_000
_KEYS = some.builds(
    FailKey,
    some.sampled_from(["U1", "U2"]),
    some.just("IS"),
    some.sampled_from(["4.8.1", "1.1.1"]),
    some.sampled_from(["E54", "E20", "E4"]),
    some.sampled_from([Facts(device_type="ESME", model=model) for model in ("M-1", "M-2", "M-3")]),
)
#: Slot after the first, what failed in it, and how often.
_FAILED = some.lists(some.tuples(some.integers(0, SLOTS + 20), _KEYS, some.integers(1, 5)), min_size=1, max_size=40)


@given(_FAILED)
def test_reasons_and_kinds_of_all_and_of_one_are_what_one_counts_one_by_one(
    failed: list[tuple[int, FailKey, int]],
) -> None:
    recent = Recent()
    causes = Causes(recent, directory := Directory([]))
    for slot, key, number in failed:
        recent.failures.add((_FIRST + slot) * SLOT_US, key, number)
        causes.reasons()  # whatever was asked before
        causes.commonest(Member("U1", "IS"))
    newest = max(slot for slot, _, _ in failed)
    # What was too old when it came is nowhere; what has become too old since is nowhere either.
    kept = [(slot, key, number) for slot, key, number in failed if slot > newest - SLOTS]
    for only in (None, *sorted({directory.member(key.user, key.role, key.srv) for _, key, _ in kept})):
        hours, hour = Counter[str](), Counter[str]()
        kinds, srvs = Counter[str](), Counter[tuple[str, str]]()
        for slot, key, number in kept:
            if only in {None, directory.member(key.user, key.role, key.srv)}:
                hours[key.reason] += number
                kinds[key.facts.model] += number
                if slot > newest - HOUR_SLOTS:
                    hour[key.reason] += number
                    srvs[key.reason, key.srv] += number
        reasons = causes.reasons(only)
        assert hours == {each.reason_code: each.failures_last_6_hours for each in reasons}
        assert {code: hour[code] for code in hours} == {each.reason_code: each.failures_last_hour for each in reasons}
        assert {code: {srv for of, srv in srvs if of == code} for code in hours} == {
            each.reason_code: set(each.srvs) for each in reasons
        }
        assert kinds == {each.model: each.failures_last_6_hours for each in causes.devices(only)}
        if only is not None:
            most = max(hour.values(), default=0)
            assert causes.commonest(only) == min((code for code in hour if hour[code] == most), default="")
