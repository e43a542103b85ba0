"""What is found of brokers by what they speak, made up for each."""

from dataclasses import replace

from dcc_analytics.aggregators.findings import Finding, State
from dcc_analytics.aggregators.kafka_findings import kafka_findings
from dcc_analytics.stream.spoken import Spoken

#: As brokers of Kafka 4.4 say it: of some requests the first versions are gone.
NEW = Spoken(
    {
        **dict.fromkeys(range(64), (0, 9)),
        0: (0, 13), 1: (4, 18), 2: (1, 11), 8: (2, 10), 9: (1, 10), 11: (2, 9), 19: (2, 7), 20: (1, 6), 32: (1, 4),
    },
    {"metadata.version": 33, "transaction.version": 2},
)  # fmt: skip
#: Of Kafka 2.0: no Metadata after 6.
OLD = Spoken({**NEW.versions, 3: (0, 6)})
#: None there is: one that takes no Produce before 9.
FUTURE = replace(NEW, versions={**NEW.versions, 0: (9, 14)})


def one(spoken: dict[str, Spoken | None]) -> Finding:
    (finding,) = kafka_findings(spoken)
    return finding


def test_brokers_that_take_all_are_well_and_the_level_is_the_lowest() -> None:
    older = replace(NEW, features={"metadata.version": 21})
    assert State.OK is one({"1": NEW, "2": older}).state
    words = "brokers have agreed on metadata.version 21 (Kafka 3.9) and take all that is asked of them"
    assert words == one({"1": NEW, "2": older}).what


def test_brokers_that_tell_no_level_are_said_to() -> None:
    assert one({"1": replace(NEW, features={})}).what.startswith("brokers tell no metadata.version, as those before K")


def test_a_broker_that_is_too_old_is_a_fault_that_names_what_is_missing_and_since_when_it_is_there() -> None:
    finding = one({"1": NEW, "2": OLD})
    assert (State.FAULT, "kafka") == (finding.state, finding.check)
    assert "broker 2 does not take yet: Metadata 8, for seeing what a user may do" == finding.what
    assert "have every broker run Kafka 2.3 or newer" == finding.do


def test_a_request_a_broker_has_never_heard_of_is_missing_too() -> None:
    lacking = Spoken({key: versions for key, versions in NEW.versions.items() if key != 24})
    assert "broker 1 does not take yet: AddPartitionsToTxn 0, for writing in transactions" == one({"1": lacking}).what


def test_a_broker_that_is_too_new_is_a_fault_of_its_own() -> None:
    finding = one({"1": FUTURE})
    assert (State.FAULT, "broker 1 does not take any more: Produce 3 to 7, for writing in transactions") == (
        finding.state,
        finding.what,
    )
    assert finding.do.startswith("install a release of dcc-analytics that is made for this Kafka")


def test_only_a_broker_neither_too_old_nor_too_new_takes_all() -> None:
    assert [True, False, False] == [each.takes_all() for each in (NEW, OLD, FUTURE)]


def test_a_broker_that_can_not_be_asked_is_a_fault_beside_the_others() -> None:
    silent, told = kafka_findings({"1": NEW, "2 at kafka:9092": None})
    assert (State.FAULT, "brokers that can't be reached from here: 2 at kafka:9092") == (silent.state, silent.what)
    assert State.OK is told.state
