"""The last page: what the figures mean, what is withheld and why, and from what the pack was made."""

from typing import Any, Final

from dcc_analytics.render.change_files import CHANGES, revision
from dcc_analytics.render.columns import FileDefinition
from dcc_analytics.render.files import files_of
from dcc_analytics.render.incident_file import INCIDENTS
from dcc_analytics.render.pdf.assumed import draw_assumed
from dcc_analytics.render.pdf.figures import PackFigures
from dcc_analytics.render.pdf.flow import Flow
from dcc_analytics.render.pdf.said import Other, named, other, said
from dcc_analytics.render.pdf.sensitivity import draw_sensitivity
from dcc_analytics.render.pdf.sums import reasons
from dcc_analytics.render.pdf.table import Table, TableColumn
from dcc_analytics.render.pdf.words import clock_name
from dcc_analytics.snapshot.audit import PROVEN

SECTION: Final = "Method"
_DEFINITIONS: Final = (
    (
        "Round trip: from the receipt of a Service Request by the DCC to the message that ends it. The two legs of a "
        "critical request are counted apart; your own time between them is nobody's. A first leg that succeeds adds to "
        "no count."
    ),
    (
        "Success: a response of class I, or W with a warning. Failure: a response of class E, a failure the Device "
        "reports (I0-DEVICE), an Alert that names the request, or no answer within the time-out (NO-RESPONSE)."
    ),
    "Open: neither answered nor timed out when the snapshot was made.",
    (
        "Round Trip Time: of successes only. Best, worst and mean are exact; the median is estimated within 1 % of "
        "rank. A round trip planned for later starts at its planned time."
    ),
    (
        "Region, Meter Type and SMETS version are those of the Device when the round trip started; Unknown where the "
        "inventory says nothing."
    ),
    (
        "Alert: failed if its delivery was given up. Its delivery time runs from when it was raised, and is of those "
        "that arrived. Codes are as sent, and named where a name is verified."
    ),
    (
        "Kinds of Device are ranked by the failures they have beyond their share of your Devices of the same Device "
        "Type at the month's end."
    ),
    (
        "Something changed within the month where a day is no common cause on an XmR chart of its days (outside the "
        "limits, seven on one side, seven rising or falling, two of three beyond two thirds of a limit), and the days "
        "together are unlike the others far beyond chance. With fewer than twelve days nothing is told."
    ),
    "Incidents are shown from opening to closing. That a failure falls into one does not say that it was caused by it.",
)
_DISCLOSURE: Final = (
    (
        "There is one benchmark for each Role and month, the same in every pack, your own figures included; so no pack "
        "can be subtracted from another."
    ),
    (
        "Industry figures are shown only where enough companies contribute, and none is so large that its own figure "
        "could be worked out. Companies that belong together count as one."
    ),
    "Medians and quartiles count each User once, and only Users with enough requests of the kind.",
    "A day or a split is compared only where what is left of its month could be compared too.",
    (
        "Worse or better than your peers is said, here and in the column compared of round_trips_monthly.csv and "
        "alerts_monthly.csv, only of a difference from their median that chance hardly makes: of all rows of a file "
        "said to be worse, at most one in twenty is expected not to be. What could be chance is said to be so."
    ),
    (
        "The mix-adjusted gap of round trips is your failure rate, were your requests spread over Regions, Meter Types "
        "and SMETS versions as the Role's are, less the Role's: what is left when the same is sent to the same."
    ),
    (
        "Some Roles have too few companies for any median. What they send is compared with their own twelve months "
        "before instead: round_trips_monthly.csv holds mean and limits of those, and by which rule the month is unlike."
    ),
    "Figures of single Users are rounded, sorted and without names; the numbers of Users are given as bands.",
    "Device-level rows are in no PDF.",
)
_FINAL: Final = "Final: the time in which an answer could still come has passed. These figures will not change."
_PROVISIONAL: Final = (
    "Provisional: answers may still come, and round trips counted as open or unanswered may still succeed. A final "
    "pack replaces this one."
)
_AUDITED: Final = (
    "Every record was read from Kafka again, apart from all that made the figures, and the sums of what was found and "
    "of what was counted are equal: none was lost, counted twice, or changed since."
)


def draw_method(flow: Flow, figures: PackFigures) -> None:
    """Draw the page."""
    flow.new_page(SECTION)
    flow.paper.bookmark(SECTION)
    flow.title("What the figures mean, and what they were made from")
    flow.heading("Definitions")
    flow.bullets([said(each) for each in _DEFINITIONS])
    flow.space(2)
    flow.heading("What is shown of others")
    flow.bullets([said(each) for each in _DISCLOSURE])
    flow.space(2)
    flow.heading("Status")
    flow.paragraph(_FINAL if figures.snapshot.final else _PROVISIONAL)
    flow.space(4)
    draw_sensitivity(flow, figures)
    _reason_codes(flow, figures)
    _files(flow, figures)
    flow.space(4)
    _origin(flow, figures)
    flow.space(4)
    draw_assumed(flow, figures.member.role)


def _reason_codes(flow: Flow, figures: PackFigures) -> None:
    known = sorted((named(each.code), named(each.text)) for each in reasons(figures.failed) if each.text)
    if known:
        columns = (TableColumn("Reason Code", 28, bold=True), TableColumn("What it means", 150, most_lines=2))
        Table.of(columns, known).draw(flow)
        flow.space(4)


def _files(flow: Flow, figures: PackFigures) -> None:
    files = [*files_of(figures.snapshot, figures.member), INCIDENTS]
    if revision(figures.snapshot) > 1:
        files.append(CHANGES)
    columns = (TableColumn("File beside this one", 48, bold=True), TableColumn("What a row is", 130, most_lines=2))
    table = Table.of(columns, [(named(file.file_name), named(_row_is(file))) for file in files])
    flow.room(table.height_mm)
    table.draw(flow)
    flow.space(1)
    flow.paragraph("Each has its metadata, with the type and meaning of every column, in a file of the same name.")


def _row_is(file: FileDefinition) -> str:
    words = file.description.removeprefix("One row for ")
    return words[:1].upper() + words[1:]


def _origin(flow: Flow, figures: PackFigures) -> None:
    snapshot, audit = figures.snapshot, figures.snapshot.audit()
    proven = audit["verdict"] == PROVEN
    rules: dict[str, Any] = snapshot.manifest.get("rule_set") or {}
    rows = [
        ("Events read up to", clock_name(snapshot.clock)),
        ("Status", snapshot.status if proven else f"{snapshot.status}; its records were not audited"),
        ("Catalogue version", str(snapshot.manifest.get("catalogue_version", ""))),
        ("Disclosure rules", f"{rules.get('id', '')}, version {rules.get('version', '')}"),
        ("Snapshot", snapshot.identity),
    ]
    if proven:
        rows.append(("Audit", _AUDITED))
    columns = (TableColumn("Made from", 48, bold=True), TableColumn("", 130, most_lines=3))
    table = Table.of(columns, [(name, other(value, Other.RECORD)) for name, value in rows])
    flow.room(table.height_mm)
    table.draw(flow)
    if proven:
        flow.space(4)
        _audit(flow, audit)


def _audit(flow: Flow, audit: dict[str, Any]) -> None:
    """Draw the sums of the records folded, which were found in Kafka again."""
    columns = (
        TableColumn("Records audited", 48, bold=True), TableColumn("Of topic", 48), TableColumn("Number", 30),
        TableColumn("Sum", 52),
    )  # fmt: skip
    rows = [
        (each["what"], each["topic"], f"{each['found']['records']:,}", each["found"]["sum"])
        for each in audit["checked"] if each["found"]["records"]
    ]  # fmt: skip
    table = Table.of(columns, [[other(cell, Other.RECORD) for cell in row] for row in rows])
    flow.room(table.height_mm)
    table.draw(flow)
