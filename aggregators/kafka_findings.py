"""What is found of brokers by what they speak: too old, too new, or not to be asked from here. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from dcc_analytics.aggregators.findings import Finding, State
from dcc_analytics.stream.spoken import METADATA_VERSION, OLDEST, Need, Spoken, level_words


def kafka_findings(spoken: Mapping[str, Spoken | None]) -> Iterator[Finding]:
    """Yield what is found.

    Args:
        spoken: by each broker, called by number and address; None of one that can't be asked.
    """
    told = {broker: each for broker, each in spoken.items() if each is not None}
    silent = [broker for broker in spoken if broker not in told]
    old = {broker: lacking for broker, each in told.items() if (lacking := list(each.too_old()))}
    new = {broker: lacking for broker, each in told.items() if (lacking := list(each.too_new()))}
    if silent:
        yield Finding(
            "kafka", State.FAULT, f"brokers that can't be reached from here: {', '.join(silent)}",
            "partitions they lead can be neither read nor written from this machine",
            "see that they run, and that this machine reaches the address they tell of themselves "
            "(advertised.listeners)",
        )  # fmt: skip
    for broker, needs in old.items():
        yield Finding(
            "kafka", State.FAULT, f"broker {broker} does not take yet: {_words(needs)}",
            f"nothing works without, and it is older than Kafka {OLDEST}",
            f"have every broker run Kafka {OLDEST} or newer",
        )  # fmt: skip
    for broker, needs in new.items():
        yield Finding(
            "kafka", State.FAULT, f"broker {broker} does not take any more: {_words(needs)}",
            "nothing works without",
            "install a release of dcc-analytics that is made for this Kafka, or keep the older brokers",
        )  # fmt: skip
    if told and not old and not new:
        yield Finding("kafka", State.OK, f"{_level(told.values())} and take all that is asked of them")


def _words(needs: Iterable[Need]) -> str:
    return "; ".join(str(need) for need in needs)


def _level(told: Iterable[Spoken]) -> str:
    levels = [each.features[METADATA_VERSION] for each in told if METADATA_VERSION in each.features]
    if not levels:
        return f"brokers tell no {METADATA_VERSION}, as those before Kafka 3.3 or with ZooKeeper"
    return f"brokers have agreed on {level_words(min(levels))}"
