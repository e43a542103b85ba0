"""The attack by reading: names, ids and owner groups of other Members, in every byte of a pack.

Knows: what every other Party is called, its group and its User ids; how a Device id looks.
Tries: every file of a pack, text of the PDF's pages, bookmarks, metadata and attachments included.
Succeeds: where one stands that the contract does not put there. It puts there, as the recipient's own: the Devices of
    the recipient's own rows, in the files of Devices; of its own inventory the registrations, the premises and the
    makers (7.7); suppliers in ``n42_after_n16.csv`` where the rule set records a governance reference (7.8). A row of
    the inventory has to name the recipient in one of its registrations.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl
from polars.exceptions import PolarsError

from dcc_analytics.catalogue.months import Month
from dcc_analytics.render.attack.finding import Finding, Verdict
from dcc_analytics.render.attack.finished import FinishedPack, Release, header_of
from dcc_analytics.render.attack.names import EUI_64, Hit, Names
from dcc_analytics.render.attack.pdf_text import Unreadable, texts
from dcc_analytics.render.processes import in_processes
from dcc_analytics.snapshot.named import opened_roles

IDENTITIES: Final = "identities"
_INVENTORY: Final = "inventory.csv"
_CHANGES: Final = "changes.csv"
_N42: Final = "n42_after_n16.csv"
_NAMED: Final = "named_comparison.csv"
_MODELS: Final = "inventory_models"
#: Files whose rows are Devices of the recipient's own.
_DEVICE_FILES: Final = frozenset(
    {_INVENTORY, "installs_without_read.csv", "cos_gains.csv", "firmware_delivery.csv", "outages_unrestored.csv"}
)
REGISTRATIONS: Final = ("import_supplier_id", "export_supplier_id", "gas_supplier_id", "network_operator_id")
#: What a Device's record says of registrations, premises and maker in words of its own.
_OWN_WORDS: Final = frozenset(
    {*REGISTRATIONS, "post_code", "address_identifier", "device_manufacturer", "device_model"}
)

#: Packs read in one go: a text that stands in several of them is searched once.
_AT_ONCE: Final = 8

Progress = Callable[[int], None]


class _Job(NamedTuple):
    """What a process needs to read packs."""

    release: Release
    ordinary: Sequence[str]
    packs: Sequence[FinishedPack]


def identities(release: Release, *, processes: int = 1, told: Progress = lambda _: None) -> Verdict:
    """Return what the packs of a month say of others, and as a remark which names were not looked for.

    Args:
        release: the packs.
        processes: how many read at a time; one: this one.
        told: of packs that were read.
    """
    # Without what was read of it so far, which no process needs.
    bare, ordinary = replace(release, packs=(), _read={}), _makers(release)
    starts = range(0, len(release.packs), _AT_ONCE)
    jobs = [_Job(bare, ordinary, release.packs[start : start + _AT_ONCE]) for start in starts]
    verdicts: dict[str, Verdict] = {}

    def ended(job: _Job, verdict: Verdict) -> None:
        verdicts[job.packs[0].name] = verdict
        told(len(job.packs))

    if processes == 1:
        for job in jobs:
            ended(job, _verdict(job))
    else:
        in_processes(_verdict, jobs, processes, lambda job, done: ended(job, done.result()))
    return Verdict.together(verdicts[job.packs[0].name] for job in jobs)


def _verdict(job: _Job) -> Verdict:
    names = Names(job.release.gate.members, ordinary=job.ordinary)
    attack = _Reading(job.release, names)
    findings = (finding for pack in job.packs for finding in attack.findings(pack))
    remark = f"names that stand everywhere by chance: {', '.join(names.passed_over)}" if names.passed_over else ""
    return Verdict.of(IDENTITIES, len(job.packs), findings, remark=remark)


def _makers(release: Release) -> list[str]:
    """Return makers and Models as they stand in inventories: a Party may be called like one."""
    found: set[str] = set()
    for role in release.roles:
        rows = release.rows(role, _MODELS)
        found.update(text for name in ("manufacturer", "model") for text in rows[name].drop_nulls().unique())
    return sorted(found)


class _Text:
    """A text of a file, and where it stands if lines do not say it."""

    def __init__(self, file: str, text: str, place: str = "") -> None:
        self.file, self.text, self.place = file, text, place
        self.digest = sha256(text.encode("utf-8", errors="replace")).digest()


class _Found(NamedTuple):
    """The names in a text, and what looks like the id of a Device or User, with where it begins."""

    hits: list[Hit]
    ids: list[tuple[str, int]]


class _Reading:
    """One pass over the packs of a month; a text that stands in several is searched once."""

    def __init__(self, release: Release, names: Names) -> None:
        self._release, self._names = release, names
        self._users = {(each.party, each.role): {user.upper() for user in each.users} for each in release.gate.members}
        groups = [(each.role, each.belongs) for each in release.gate.members]
        self._opened = opened_roles(groups, Month.parse(release.month), release.rules)
        self._searched: dict[bytes, _Found] = {}

    def findings(self, pack: FinishedPack) -> Iterator[Finding]:
        """Yield what a pack says of others."""
        said: list[_Text] = []
        for path in sorted(path for path in pack.path.rglob("*") if path.is_file()):
            name = path.relative_to(pack.path).as_posix()
            if name == _INVENTORY:
                yield from self._inventory(pack, path)
            elif not self._is_allowed(pack, name):
                try:
                    said += _texts(path, name)
                except (PolarsError, Unreadable) as why:
                    reason = str(why).partition("\n")[0]
                    yield Finding(pack.name, name, "", "", f"it can't be looked into: {reason}")
        self._search(said)
        for text in said:
            yield from self._named(pack, text)

    def _is_allowed(self, pack: FinishedPack, name: str) -> bool:
        """Return whether a file may name others: by the governance reference, or since all groups waived."""
        return bool(name == _N42 and self._release.rules.governance_reference) or (
            name == _NAMED and pack.role in self._opened
        )

    def _search(self, said: Iterable["_Text"]) -> None:
        """Look for names and ids in texts that were not searched yet."""
        new = {each.digest: each.text for each in said if each.digest not in self._searched}
        for (digest, text), hits in zip(new.items(), self._names.hits(list(new.values())), strict=True):
            ids = [(found[0].upper().replace(":", "-"), found.start()) for found in EUI_64.finditer(text)]
            self._searched[digest] = _Found(hits, ids)

    def _named(self, pack: FinishedPack, said: "_Text") -> Iterator[Finding]:
        found = self._searched[said.digest]
        others = self._names.of_others(found.hits, pack.party)
        data = said.text.encode("utf-8", errors="replace") if others else b""
        for hit in others:
            where = said.place or _line(data[: hit.begin])
            yield Finding(pack.name, said.file, where, "", f"{hit.name!r} is a name of {_told(hit.parties)}")
        own = self._own(pack)
        for each, begin in [] if said.file in _DEVICE_FILES else found.ids:
            if each not in own:
                where = said.place or _line(said.text[:begin].encode())
                yield Finding(pack.name, said.file, where, "", f"{each} is no User id of the recipient's")

    def _own(self, pack: FinishedPack) -> set[str]:
        return self._users.get((pack.party, pack.role), set()) | {pack.party.upper()}

    def _inventory(self, pack: FinishedPack, path: Path) -> Iterator[Finding]:
        """Yield rows that are not registered to the recipient, and names in columns that hold none of their own."""
        header = header_of(path)
        own = self._own(pack)
        known = (pack.party, pack.role) in self._users and bool(self._users[pack.party, pack.role])
        searched = [name for name in header if name not in _OWN_WORDS]
        registered = [pl.col(name).str.to_uppercase().is_in(sorted(own)) for name in REGISTRATIONS if name in header]
        is_own = pl.any_horizontal(*registered).fill_null(value=False) if known and registered else pl.lit(value=True)
        suspect = ~is_own | self._names.may_hold(searched)
        try:
            rows = pl.scan_csv(path, infer_schema=False).with_row_index("row", 1).with_columns(is_own=is_own)
            found = rows.filter(suspect).collect(engine="streaming")
        except PolarsError as error:
            reason = str(error).partition("\n")[0]
            yield Finding(pack.name, path.name, "", "", f"it can't be looked into: {reason}")
            return
        for row in found.iter_rows(named=True):
            if not row["is_own"]:
                yield Finding(pack.name, path.name, f"row {row['row']}", "device", "the Device is not the recipient's")
            for column, hits in zip(searched, self._names.hits([row[each] or "" for each in searched]), strict=True):
                for hit in self._names.of_others(hits, pack.party):
                    what = f"{hit.name!r} is a name of {_told(hit.parties)}"
                    yield Finding(pack.name, path.name, f"row {row['row']}", column, what)


def _texts(path: Path, name: str) -> Iterator[_Text]:
    """Yield the texts of a file.

    Raises:
        PolarsError: a list of changes is no CSV file.
        Unreadable: a PDF can't be looked into.
    """
    if path.suffix == ".pdf":
        said = list(texts(path.read_bytes()))
        for place in dict.fromkeys(each.place for each in said):
            yield _Text(name, "\n".join(each.text for each in said if each.place == place), place)
    elif name == _CHANGES:
        # Of Devices it repeats their files, whose rows are the recipient's own.
        rows = pl.read_csv(path, infer_schema=False)
        files = sorted(file.removesuffix(".csv") for file in _DEVICE_FILES)
        others = rows.filter(~pl.col(rows.columns[0]).is_in(files).fill_null(value=False))
        yield _Text(name, others.write_csv(), "rows that are no Devices")
    elif path.suffix == ".txt":
        # Prose is wrapped, so that a name may stand in two lines.
        yield _Text(name, " ".join(path.read_text(encoding="utf-8", errors="replace").split()), "its text")
    else:
        yield _Text(name, path.read_bytes().decode("utf-8", errors="replace"))


def _line(before: bytes) -> str:
    return f"line {before.count(10) + 1}"


def _told(parties: Iterable[str]) -> str:
    return json.dumps(sorted(parties), ensure_ascii=False)[1:-1]
