"""What lies in the estates of this machine's workers, judged by the ledger; and whether any was left behind."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from dcc_analytics.aggregators.ledger_log import Shard
from dcc_analytics.aggregators.retained import compacted_us, counted_from_us, forgotten_us
from dcc_analytics.catalogue.errors import StateError, UsageError
from dcc_analytics.catalogue.retention import RETENTION, Found
from dcc_analytics.stream.estate_files import UNKNOWN_SINCE_US, Lies, is_open, look_into
from dcc_analytics.stream.instants import instant_text

_ESTATE: Final = RETENTION["estate"]
_OWN: Final = re.compile(r"estate-([0-9]+)")
_BESIDE: Final = re.compile(r"estate-[0-9]+-of-[0-9]+")
_FOLD_ON: Final = "a worker of this release has to fold on; if it does, please report it"
_ELSEWHERE: Final = "no worker has it any more, another folds its partition: delete it"
_NO_PARTITION: Final = "the ledger has no such partition: delete it"
_LEFT_BEHIND: Final = "a process that was killed has left it: delete it, or start the worker of so many processes again"
_OPEN: Final = "a process has it open until it knows that another folds the partition"
_NOT_JUDGED: Final = "whether a hub has left is in the estate of its partition: give --state where that lies"


@dataclass(frozen=True, slots=True)
class EstateFolder:
    """An estate, what lies in it, and the Device it was looked for."""

    folder: Path
    lies: Lies
    device: str | None

    def left(self) -> dict[str, int]:
        """Return from when on the Devices that left are counted out."""
        return {device: counted_from_us(*mark) for device, mark in self.lies.left.items()}

    def found(self, shard: Shard | None) -> Found:
        """Return what lies in it, judged by its ledger; looked into again if a worker may have gone on meanwhile.

        Args:
            shard: its partition of the ledger; None where that has none.
        """
        if shard is None:
            found = self.judged(Shard(0, 0, {}, ()))
            return replace(found, beyond=max(found.entries, 1), why=_NO_PARTITION)
        found = self.judged(shard)
        if found.beyond or self.lies.next_offset < shard.devices_applied:
            return replace(self, lies=look_into(self.folder, self.device)).judged(shard)
        return found

    def judged(self, shard: Shard) -> Found:
        """Return what lay in it when it was looked into, judged by its ledger."""
        lies = self.lies
        gone_us = {
            device: forgotten_us(counted_from_us(*mark, shard.installed.get(device, 0)))
            for device, mark in lies.left.items()
        }
        beyond = sum(each < shard.horizon_us for each in gone_us.values())
        why = _FOLD_ON if beyond else ""
        if lies.deleted_us is not None:
            overdue = lies.deleted_us > UNKNOWN_SINCE_US and compacted_us(lies.deleted_us) < shard.horizon_us
            beyond, why = beyond + overdue, why or _deleted(lies.deleted_us, overdue=overdue)
        if lies.next_offset < shard.devices_applied:
            beyond, why = max(beyond, lies.devices, 1), _ELSEWHERE
        of_device = bool(lies.versions) or self.device in lies.left
        return Found(
            _ESTATE, str(self.folder), lies.devices, lies.oldest_us, beyond, why, int(of_device),
            gone_us.get(self.device or "") if of_device else None, may_hold=lies.deleted_us is not None,
        )  # fmt: skip


def _deleted(deleted_us: int, *, overdue: bool) -> str:
    since = "" if deleted_us <= UNKNOWN_SINCE_US else f" since {instant_text(deleted_us)[:10]}"
    why = f"files not written anew: any Device deleted{since} may lie in them still"
    if overdue:
        return f"{why}; see the worker's log for estate_not_compacted, and whether the disk is full"
    return f"{why}, until a month is closed"


def estates_folder(state: Path | None, own: str) -> Path | None:
    """Return the folder of an application's estates; None where it is not to be looked at.

    Raises:
        UsageError: there is none.
    """
    if state is None:
        return None
    if not (state / own).is_dir() or not any((state / own).glob("estate-*")):
        raise UsageError(f"--state {state} holds no estate of {own}; give the folder that its workers have as --state")
    return state / own


def look_into_estates(folder: Path | None, device: str | None) -> dict[int, EstateFolder]:
    """Return the estates under a folder, by partition.

    Raises:
        StateError: one of them is damaged, or changes faster than it can be copied.
    """
    return {int(match[1]): EstateFolder(path, look_into(path, device), device) for path, match in _named(folder, _OWN)}


def abandoned_estates(folder: Path | None, device: str | None) -> Iterator[Found]:
    """Yield what lies in estates that a process has beside the one of its partition, for as long as it is needed."""
    for path, _ in _named(folder, _BESIDE):
        try:
            lies = look_into(path, device)
            devices, oldest_us, of_device = lies.devices, lies.oldest_us, bool(lies.versions) or device in lies.left
        except StateError:  # which what was killed may well be
            devices, oldest_us, of_device = 0, None, False
        beyond, why = (0, _OPEN) if is_open(path) else (max(devices, 1), _LEFT_BEHIND)
        yield Found(_ESTATE, str(path), devices, oldest_us, beyond, why, int(of_device), may_hold=True)


def _named(folder: Path | None, name: re.Pattern[str]) -> Iterator[tuple[Path, re.Match[str]]]:
    for path in sorted(folder.iterdir()) if folder is not None else ():
        match = name.fullmatch(path.name)
        if match is not None:
            yield path, match


def of_ledger(shards: Sequence[Shard], left: Mapping[int, object]) -> Iterator[Found]:
    """Yield what lies in a ledger; last installs are not judged where no estate says whether their hubs have left."""
    for partition, shard in enumerate(shards):
        for each in shard.found:
            if each.rule.id == "installs" and each.entries and partition not in left:
                yield replace(each, is_judged=False, why=_NOT_JUDGED)
            else:
                yield each
