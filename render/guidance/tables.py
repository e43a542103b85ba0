"""Tables that prose asks for by name, made from the catalogue and the files as they are."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from dcc_analytics.catalogue.assumptions import ASSUMPTIONS
from dcc_analytics.catalogue.metrics import (
    CLASSES,
    NEW_DIMENSION,
    NEW_OBSERVATION,
    WITHIN,
    Metric,
    built_in_metrics,
)
from dcc_analytics.catalogue.processes import TABLE_1, TableRow
from dcc_analytics.catalogue.requirements import REQUIREMENTS, Requirement
from dcc_analytics.catalogue.roles import ROLE_NAMES
from dcc_analytics.catalogue.service_requests import TIME_OUTS_US
from dcc_analytics.catalogue.tables import Row, read_table
from dcc_analytics.catalogue.targets import COLUMNS, FILE
from dcc_analytics.render.assumed import MARK
from dcc_analytics.render.change_files import CHANGES
from dcc_analytics.render.columns import FileDefinition
from dcc_analytics.render.dictionary import DICTIONARY
from dcc_analytics.render.files import FILES
from dcc_analytics.render.guidance.document import Block, Grid, link
from dcc_analytics.render.guidance.prose import chapters
from dcc_analytics.render.incident_file import INCIDENTS

#: Every CSV file a pack may have.
ALL_FILES: Final = (*FILES.values(), INCIDENTS, CHANGES, DICTIONARY)
_HOUR_US: Final = 3_600_000_000
_MET: Final = "met"
_MODES: Final = {"on_demand": "on demand", "any": "any", "delivery": "delivery to each hub"}
_CLASSES: Final = {
    WITHIN: "It asks for what is counted already. No program is written, and nothing more is kept.",
    NEW_DIMENSION: (
        "It tells apart by what counts are not told apart by yet. That is a change of the program: more is kept, and "
        "counting starts anew beside the old."
    ),
    NEW_OBSERVATION: (
        "It asks for what is not counted at all. That is a change of the program from the reading of events on."
    ),
}
_QUALIFIERS: Final = {
    "": "",
    "remote_party_role=supplier": "to a supplier",
    "remote_party_role=network_operator": "by network operator's credentials",
    "joins=GPF+GSME": "joins a GPF with a GSME",
    "payment_mode=prepayment": "Payment Mode is Prepayment",
    "top_up_pence>0": "value is positive",
    "credential_type=digital_signature": "Digital Signature",
    "credential_type=key_agreement": "Key Agreement",
}
_CONTEXTS: Final = {
    "": "",
    "installing": f"during installation {MARK}",
    "gained": f"after a gain {MARK}",
    "otherwise": f"otherwise {MARK}",
}


def roles_words(file: FileDefinition) -> str:
    """Return whose packs have a file."""
    whose = ", ".join(file.roles) or "all Roles"
    return f"{whose}; only where it has rows" if file.optional else whose


def _roles() -> Grid:
    return Grid("Roles", ("Role", "Name"), tuple(ROLE_NAMES.items()), (15, 85))


def _files() -> Grid:
    rows = tuple((link(file.file_name), f"{file.title}. {file.description}", roles_words(file)) for file in ALL_FILES)
    return Grid("CSV files of a pack", ("File", "What a row is", "In packs of"), rows, (30, 52, 18))


def _time_outs() -> Grid:
    rows = tuple(
        ("all others" if srv == "*" else srv, f"{us // _HOUR_US} hours {MARK}") for srv, us in TIME_OUTS_US.items()
    )
    return Grid("Time-outs", ("SRV", "An answer is waited for"), rows, (20, 80))


def _targets() -> Grid:
    rows = tuple(map(_target, read_table(FILE, COLUMNS)))
    header = ("SRV", "SMETS version", "Mode", "Roles", "Within", "Source")
    return Grid("Target Response Times", header, rows, (7, 11, 13, 14, 17, 38))


def _target(row: Row) -> tuple[str, ...]:
    within = f"{row.whole('target_s'):,} s"
    return (
        row.text("srv"), row.text("smets_version"), _MODES[row.text("mode")],
        ", ".join(row.words("roles")) or "all but MDR", within if row.flag("verified") else f"{within} {MARK}",
        row.text("source"),
    )  # fmt: skip


def _processes() -> Grid:
    header = ("Process", "SRV", "What it is", "Counts where")
    return Grid("Table 1 of the modification", header, tuple(map(_process, TABLE_1)), (30, 9, 38, 23))


def _process(row: TableRow) -> tuple[str, ...]:
    where = "; ".join(filter(None, (_CONTEXTS[row.context], _QUALIFIERS[row.qualifier])))
    return row.process, ", ".join(row.srvs), row.description, "a measure of its own" if row.derived else where


def _rules() -> Grid:
    rows = tuple((name, text) for name, text in chapters().rules.items())
    return Grid("Rules for what is shown of others", ("Rule", "What it asks"), rows, (22, 78), linked=True)


def requirements_grid() -> Grid:
    """Return all requirements."""
    header = ("Requirement", "What is required", "Files", "State")
    return Grid("Requirements", header, tuple(map(_requirement, REQUIREMENTS.values())), (14, 42, 24, 20), linked=True)


def _requirement(each: Requirement) -> tuple[str, ...]:
    files = ", ".join(link(FILES[name].file_name) for name in each.files)
    return each.id, each.text, files, each.not_met or _MET


def assumptions_grid() -> Grid:
    """Return all assumptions."""
    rows = tuple((each.id, each.statement, f"{each.why[:1].upper()}{each.why[1:]}.") for each in ASSUMPTIONS.values())
    header = ("Assumption", "What is taken to be so", "Why it is assumed")
    return Grid("Assumptions", header, rows, (24, 44, 32), linked=True)


def metrics_blocks(entries: Sequence[Metric]) -> tuple[Block, ...]:
    """Return the metrics in force beyond the files of the modification."""
    if not entries:
        return ("The catalogue of this release has none; packs may have further ones that the operator gives.",)
    rows = tuple((each.id, str(each.version), f"{each.title}. {each.description}", each.comparison) for each in entries)
    header = ("Metric", "Version", "What it is", "Beside")
    return (Grid("Metrics of the catalogue", header, rows, (26, 10, 48, 16), linked=True),)


def _classes() -> Grid:
    rows = tuple((name, _CLASSES[name]) for name in CLASSES)
    return Grid("Classes of change", ("Class", "What it is and takes"), rows, (22, 78))


_TABLES: Final[Mapping[str, Callable[[], Grid]]] = MappingProxyType(
    {
        "roles": _roles,
        "files": _files,
        "time-outs": _time_outs,
        "targets": _targets,
        "processes": _processes,
        "rules": _rules,
        "classes": _classes,
    }
)


def table(name: str) -> tuple[Block, ...]:
    """Return the blocks that a section asks for by a name."""
    return metrics_blocks(built_in_metrics()) if name == "metrics" else (_TABLES[name](),)
