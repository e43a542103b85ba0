"""``README.txt``: what a pack is, for who opens it in an energy company; its list of files is that of the pack."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from textwrap import fill
from typing import Final

from dcc_analytics.catalogue.roles import ROLE_NAMES
from dcc_analytics.render.change_files import CHANGES, revision
from dcc_analytics.render.columns import FileDefinition
from dcc_analytics.render.dictionary import DICTIONARY
from dcc_analytics.render.pdf.words import clock_name, month_name, plural
from dcc_analytics.render.query_window import query_sentence
from dcc_analytics.render.shared_columns import STATUS
from dcc_analytics.render.snapshot_folder import MemberEntry, SnapshotFolder

#: Columns of a terminal and of a printed page of plain text.
WIDTH: Final = 79
_INDENT: Final = "    "

_READING: Final = (
    "CSV files have a header row, commas between columns and UTF-8 text (RFC 4180).",
    "Days and instants are UTC, not local time: 2026-07-01T13:00:00.000Z is 14:00 on clocks in Britain.",
    "Columns whose names end in _s are seconds. Rates and shares are fractions: 0.012500 is 1.25 %.",
    "A file with no rows says that you had none; peer_values.csv, that none may be shown.",
    (
        "An empty cell says that the figure does not apply, or is withheld so that no other company's figures can be "
        f"worked out from it. Where a file compares you with others, see the column {STATUS.name}. {STATUS.description}"
    ),
    "The word (assumed) in a title marks what rests on a rule that no source settles.",
)
_SPREADSHEETS: Final = (
    (
        "Do not open the CSV files by a double click, and do not save over them: a spreadsheet guesses types. It "
        "rounds long numbers, so that an MPxN loses its last digits, drops zeros in front, and makes a number of a "
        "firmware version such as 1E10 or a date of one such as 1-2."
    ),
    (
        f"In Excel use Data, From Text/CSV, and give columns the type that {DICTIONARY.file_name} names; at the least "
        "choose Text for ids, MPxNs and versions."
    ),
    (
        "Text that begins with = + - @, tab, carriage return or NUL has an apostrophe before it, so that no "
        "spreadsheet runs it as a formula. Take it off before you compare the text with your own records. Numbers "
        "have none."
    ),
)
_CHECKING: Final = (
    "manifest.json names every file with its SHA-256 checksum, its bytes and, of a CSV file, its rows. A checksum is "
    "computed by"
)
_SUMS: Final = (
    "Windows         certutil -hashfile pack.pdf SHA256",
    "macOS, Linux    shasum -a 256 pack.pdf",
)
_DELIVERED: Final = (
    "A pack is delivered as one archive that is encrypted to your company's public key with age "
    "(https://age-encryption.org). With the private key in key.txt, NAME being the archive's name without its endings:"
)
_UNPACK: Final = (
    "age --decrypt -i key.txt -o NAME.tar.gz NAME.tar.gz.age",
    "tar -xzf NAME.tar.gz",
)


def readme(
    snapshot: SnapshotFolder, member: MemberEntry, files: Iterable[FileDefinition], rows: Mapping[str, int],
    until: date | None, *, annex: bool = True,
) -> str:  # fmt: skip
    """Return the text of a pack's README.txt.

    Args:
        snapshot: the pack is made of.
        member: whose it is.
        files: its CSV files.
        rows: how many each has, by file name.
        until: the last day of the query window; None for a final pack.
        annex: whether there is one.
    """
    sections = {
        "THIS VERSION": _version(snapshot, until),
        "FILES": _files(files, rows, annex=annex),
        "READING THE CSV FILES": map(_point, _READING),
        "SPREADSHEETS DAMAGE CSV FILES": map(_point, _SPREADSHEETS),
        "CHECKING A PACK": _commands(_CHECKING, _SUMS),
        "OPENING A DELIVERED ARCHIVE": _commands(_DELIVERED, _UNPACK),
    }
    name, role = member.party_name or member.party, ROLE_NAMES.get(member.role, member.role)
    lines = [
        _text(f"DCC CUSTOMER ANALYTICS REPORTING, {month_name(snapshot.month)}"),
        _text(f"{name}, {role} ({member.role})"),
        _text("Confidential to the recipient: it holds your own figures and your Devices."),
    ]
    for title, section in sections.items():
        lines += ["", title, "", *section]
    return "\n".join(lines) + "\n"


def _version(snapshot: SnapshotFolder, until: date | None) -> Iterator[str]:
    number = revision(snapshot)
    state = (
        "final: no later event can change its figures."
        if snapshot.final
        else "provisional: answers that are still to come will change its figures."
    )
    yield _text(f"This is revision {number} of the month, {state} Events were read up to {clock_name(snapshot.clock)}.")
    if number > 1:
        yield _text(f"{CHANGES.file_name} lists what is another than in the revision before, and why.")
    yield _text(
        f"{query_sentence(until)} A query names the file, the row and the column, and this snapshot:"
        if until
        else f"{query_sentence(until)} It was made of this snapshot:"
    )
    yield f"{_INDENT}{snapshot.identity}"


def _files(files: Iterable[FileDefinition], rows: Mapping[str, int], *, annex: bool) -> Iterator[str]:
    yield from _file(
        "pack.pdf",
        "What the month shows, in pages. Begin here. Each figure carries its file, rows and column, as a query.",
    )
    if annex:
        yield from _file("annex.pdf", "A page for each process and SRV: its days, where and why it failed.")
    for file in files:
        counted = plural(rows[file.file_name], "row")
        yield from _file(file.file_name, f"{file.title}. {file.description} {counted}.")
    yield from _file("*.csv-metadata.json", "Beside each CSV file its columns, types and key, for programs (CSVW).")
    yield from _file("manifest.json", "What the pack was made from, and the checksum of every file.")


def _file(name: str, what: str) -> Iterator[str]:
    yield name
    yield _text(what, _INDENT)


def _point(text: str) -> str:
    return fill(text, WIDTH, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False)


def _commands(said: str, commands: Iterable[str]) -> Iterator[str]:
    yield _text(said)
    yield ""
    for command in commands:
        yield f"{_INDENT}{command}"


def _text(text: str, indent: str = "") -> str:
    return fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
