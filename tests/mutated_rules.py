"""Rules of the contract, each broken in the pipeline alone, with where the judge must see it.

A mutation replaces one name *where it is used*: a module that imported it keeps its own. The contract's section stands
before each rule.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final

import msgspec
import polars as pl

from dcc_analytics.catalogue.processes import OTHER, Parameters, Placement
from dcc_analytics.snapshot.members import Directory, Member, Party
from dcc_analytics.stream.estate import METER_TYPES, Version
from dcc_analytics.stream.events import DeviceVersion, UserEntry
from dcc_analytics.stream.instants import DAY_US
from tests.mutated_alerts import ALERT_RULES
from tests.mutated_round_trips import ROUND_TRIPS
from tests.mutation import BENCHMARKED, DAILY, FAILURES, MONTHLY, PEERS, Broken, Mutation, constant, ruled

# -- section 2: who, where, what ---------------------------------------------------------------------------------


def _only_first_entries(original: type[Directory]) -> object:
    def directory(entries: Iterable[UserEntry], *_: object) -> Directory:
        return original({entry.user: entry for entry in reversed(list(entries))}.values())

    return directory


def _latest_whatever_the_instant(_: object) -> object:
    def holding_at(versions: list[Version], _at_us: int) -> Version | None:
        return versions[-1] if versions else None

    return holding_at


def _unknown_before_the_first(original: Callable[[list[Version], int], Version | None]) -> object:
    def holding_at(versions: list[Version], at_us: int) -> Version | None:
        return original(versions, at_us) if versions and versions[0].as_of_us <= at_us else None

    return holding_at


def _never_removed(original: Callable[[DeviceVersion], Version]) -> object:
    return lambda event: original(msgspec.structs.replace(event, removed=False))


def _as_it_is(_: object) -> object:
    return lambda cells, *_, **__: cells


def _each_party_by_itself(original: Callable[[Directory, str], Party]) -> object:
    def party(self: Directory, name: str) -> Party:
        return replace(original(self, name), group=name)

    return party


_WHO: Final = (
    Mutation("2: a User's Party is that of the newest entry", "dcc_analytics.snapshot.take:Directory",
             _only_first_entries, MONTHLY, ("no file",)),
    Mutation("2: an absent Role goes by the Device Type", "dcc_analytics.catalogue.roles:_BY_DEVICE_TYPE",
             constant({}), MONTHLY, ("-GS ", "requests is")),
    Mutation("2: Device facts are of the greatest as_of not after the event",
             "dcc_analytics.aggregators.facts:holding_at", _latest_whatever_the_instant, FAILURES,
             ('"\'-1.1"', "not expected")),
    Mutation("2: if all versions are later, the earliest", "dcc_analytics.aggregators.facts:holding_at",
             _unknown_before_the_first, DAILY, ("'Unknown', 'Unknown', 'Unknown'", "not expected")),
    Mutation("2: a Device that left the inventory has no facts", "dcc_analytics.aggregators.facts:version_of",
             _never_removed, DAILY, ("'Unknown', 'Unknown', 'Unknown'", "no such row")),
    Mutation("2: Meter Type is Gas for GPF", "dcc_analytics.stream.estate:METER_TYPES",
             constant({kind: meter for kind, meter in METER_TYPES.items() if kind != "GPF"}), DAILY,
             ("'8.7.2', '', 'Gas'", "no such row")),
    Mutation("2: 4G North is rolled up to North", "dcc_analytics.stream.decode:rolled_up",
             constant(lambda region: region or "Unknown"), DAILY, ("'4G North'", "not expected")),
)  # fmt: skip


# -- section 4: processes, targets and Incidents -----------------------------------------------------------------

Place = Callable[[str, Parameters], Placement]


def _place_without(srv: str, broken: Callable[[Parameters, Placement], Placement]) -> Broken:
    def mutate(original: Place) -> object:
        def place(asked: str, parameters: Parameters) -> Placement:
            placed = original(asked, parameters)
            return broken(parameters, placed) if asked == srv else placed

        return place

    return mutate


class _ByDevice(dict[object, list[int]]):
    """Gains of whichever Member."""

    def get(self, key: Any, default: Any = None) -> Any:  # noqa: ANN401 (as a dict has it)
        return super().get(key[1], default)


def _gains_of_anyone(original: Callable[..., dict[tuple[Member, str | None], list[int]]]) -> object:
    def gains(*of: object) -> _ByDevice:
        by_device = _ByDevice()
        for (_, device), starts_us in original(*of).items():
            by_device[device] = sorted([*by_device.get((None, device), ()), *starts_us])
        return by_device

    return gains


def _through_the_midnight_it_closed_at(original: Callable[..., object]) -> object:
    def days(incident: Any, month: object) -> object:  # noqa: ANN401 (a value with what the original reads)
        closed_us = incident.closed_us
        longer = incident if closed_us is None else msgspec.structs.replace(incident, closed_us=closed_us + 1)
        return original(longer, month)

    return days


_PLACES: Final = (
    Mutation("4: installation lasts seven days from commissioning", "dcc_analytics.stream.estate:INSTALLATION_US",
             constant(6 * DAY_US), MONTHLY, ("'Install and Commission', '(1.1.1|6.8|6.21)'", "no such row")),
    Mutation("8: a Device is not commissioned yet by its status", "dcc_analytics.stream.estate:NOT_YET_COMMISSIONED",
             constant(frozenset()), MONTHLY, ("'Install and Commission', '(1.1.1|6.8|6.21)'", "no such row")),
    Mutation("4: a gain is the same Member's", "dcc_analytics.snapshot.round_trips:gains_of", _gains_of_anyone, MONTHLY,
             (r"'Change of Supplier \(Gain\)', '(1.1.1|6.8)'", "(not expected|requests is)")),
    Mutation("4: a gain is one for thirty days", "dcc_analytics.snapshot.placing:GAIN_US",
             constant(29 * DAY_US), MONTHLY, (r"'Change of Supplier \(Gain\)', '1.1.1'", "(no such row|requests is)")),
    Mutation("4: a top-up without a value counts as positive", "dcc_analytics.aggregators.observe:place",
             _place_without("2.2", lambda asked, placed: placed if asked.top_up_pence else Placement(OTHER)), MONTHLY,
             ("'Prepayment', '2.2'", "no such row")),
    Mutation("4: 6.15.1 counts with remote_party_role network_operator", "dcc_analytics.aggregators.observe:place",
             _place_without("6.15.1", lambda *_: Placement("Distribution Networks Post I&C Activity")), MONTHLY,
             ("'Other SRVs', '6.15.1'", "no such row")),
    Mutation("4: 6.15.2 goes by credential_type", "dcc_analytics.aggregators.observe:place",
             _place_without("6.15.2", lambda _, placed: Placement(placed.process)), MONTHLY,
             ("'key_agreement'", "no such row")),
    Mutation("8, Targets: blank roles are for all but MDR", "dcc_analytics.catalogue.targets:Target.applies_to",
             constant(lambda *_: True), MONTHLY, ("MDR-MDR", "in_time is")),
    Mutation("8, Incidents: closed at midnight sharp, the day that begins is not touched",
             "dcc_analytics.snapshot.incidents:_days", _through_the_midnight_it_closed_at, DAILY,
             ("2026-10-10", "'SMETS1', ", "incident_category is '1'")),
)  # fmt: skip


# -- section 7: what may be shown of others ----------------------------------------------------------------------


def _nearest(_: object) -> object:
    """Quartiles that are one of the values."""
    return lambda ordered, rank: ordered[round(rank * (len(ordered) - 1))]


def _cut_off(_: object) -> object:
    return lambda sum_us, number: pl.when(pl.col(number) > 0).then(pl.col(sum_us) // (pl.col(number) * 1000))


_READ_RULES: Final = "dcc_analytics.snapshot.rule_file:read_rules"
_SHOWN: Final = (
    Mutation("7.1: groups are counted, not Parties", "dcc_analytics.snapshot.round_trips:Directory.party",
             _each_party_by_itself, MONTHLY, ("'4.18'", r"industry_rtt_best_s is '\d", "expected ''"),
             month=BENCHMARKED),
    Mutation("7.3: an industry figure needs ten groups", _READ_RULES, ruled("industry", groups=9), MONTHLY,
             ("'4.16'", "industry_success_rate is"), month=BENCHMARKED),
    Mutation("7.3: the largest two have less than 90 %", _READ_RULES, ruled("industry", largest_two_percent=95),
             MONTHLY, ("'4.14'", "industry_success_rate is"), month=BENCHMARKED),
    Mutation("7.3: the rest is at least 10 % of the largest", _READ_RULES, ruled("industry", p_percent=50), MONTHLY,
             ("'4.13'", "industry_success_rate is ''"), month=BENCHMARKED),
    Mutation("7.3: industry times need six groups", _READ_RULES, ruled("industry", timed_groups=5), MONTHLY,
             ("'4.18'", "industry_rtt_best_s is"), month=BENCHMARKED),
    Mutation("7.3: best and worst have two significant digits", _READ_RULES, ruled("rounding", significant_digits=3),
             MONTHLY, ("industry_rtt_worst_s is",), month=BENCHMARKED),
    Mutation("7.4: a peer has thirty requests, not more", _READ_RULES, ruled("peers", requests=31), MONTHLY,
             ("'4.12.1'", "peers is '', expected '6-9'"), month=BENCHMARKED),
    Mutation("7.4: a peer has thirty requests, not less", _READ_RULES, ruled("peers", requests=29), MONTHLY,
             ("'4.12.1'", "peers is '10-19', expected '6-9'"), month=BENCHMARKED),
    Mutation("7.4: the median is shown from six groups", _READ_RULES, ruled("peers", median_groups=8), MONTHLY,
             ("peer_failure_rate_median is ''",), month=BENCHMARKED),
    Mutation("7.4: quartiles and values are shown from ten groups", _READ_RULES, ruled("peers", quartile_groups=7),
             PEERS, ("'4.12.1'", "not expected"), month=BENCHMARKED),
    Mutation("7.5: rates of peers are rounded to 0.001", _READ_RULES, ruled("rounding", rate_decimals=4), PEERS,
             ("'failure_rate'", "value is"), month=BENCHMARKED),
    Mutation("7.6: what is left of a total could be shown too", "dcc_analytics.snapshot.benchmarks:with_complements",
             _as_it_is, DAILY, ("benchmark_status is 'ok', expected 'complement'",), month=BENCHMARKED),
    Mutation("8, Peers: quartiles are linear, R type 7", "dcc_analytics.snapshot.disclosure:quantile", _nearest,
             MONTHLY, ("peer_failure_rate_p25 is",), month=BENCHMARKED),
    Mutation("8, Print: durations are rounded, not cut off", "dcc_analytics.snapshot.tables:mean_ms", _cut_off,
             MONTHLY, ("rtt_mean_s is",), month=BENCHMARKED),
)  # fmt: skip

MUTATIONS: Final[tuple[Mutation, ...]] = (*_WHO, *ROUND_TRIPS, *ALERT_RULES, *_PLACES, *_SHOWN)
