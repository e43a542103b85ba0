"""What the special measures share: what was kept of legs and Alerts, and reads, each with its story. Pure."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TypeVar

from dcc_analytics.explain.explanation import Item
from dcc_analytics.explain.replay import Folded
from dcc_analytics.explain.stories import AlertStory, Story
from dcc_analytics.explain.telling import device_item, leg_item
from dcc_analytics.snapshot.kept import Kept
from dcc_analytics.snapshot.members import Directory, Member

R = TypeVar("R")


def legs_kept(stories: Iterable[Story], kind: type[R]) -> list[tuple[Story, R]]:
    """Return the legs of which a record of a kind is kept, by the instant they start."""
    found = [(story, story.kept) for story in stories if isinstance(story.kept, kind)]
    return sorted(found, key=lambda each: (each[0].leg.start_us if each[0].leg else 0, each[0].key))


def alerts_kept(stories: Iterable[AlertStory], kind: type[R]) -> list[tuple[AlertStory, R]]:
    """Return the Alerts of which a record of a kind is kept, by the instant they were raised."""
    found = [(story, story.kept) for story in stories if isinstance(story.kept, kind)]
    return sorted(found, key=lambda each: (each[0].alert.raised_us, each[0].alert.alert_id))


def reads_of(stories: Iterable[Story]) -> Iterator[tuple[Story, str, int]]:
    """Yield the successful reads with the Device and the instant at which each ended."""
    for story in stories:
        if story.read_us is not None and story.leg is not None and story.leg.device is not None:
            yield story, story.leg.device, story.read_us


def days_of_reads(stories: Iterable[Story]) -> Kept:
    """Return the days on which Devices were read, as a snapshot is asked for them."""
    kept = Kept([])
    for _, device, read_us in reads_of(stories):
        kept.add_read(device, read_us)
    return kept


def member_of(story: Story, directory: Directory) -> Member | None:
    """Return whose a leg is; None for one that does not count."""
    seen = story.seen
    return None if seen is None else directory.member(seen.user, seen.role, seen.srv)


def told_leg(story: Story, folded: Folded, said: str) -> Callable[[], Item]:
    """Return a leg to be told as what it is to the row."""
    return partial(leg_item, story, folded.directory, said)


def told_hub(device: str, at_us: int, folded: Folded, said: str) -> Callable[[], Item]:
    """Return a Device to be told by the version of its record that held at an instant and named its hub."""
    return partial(device_item, device, said, folded.replay.read_at(device, at_us), "said which hub it has")
