"""``dcca guidance``: the guidance document of this release."""

import tempfile
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.commands.options import Json
from dcc_analytics.commands.output import tell


class Format(StrEnum):
    """How the document is written."""

    PDF = "pdf"
    HTML = "html"
    BOTH = "both"


def guidance(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder that gets guidance.html and guidance.pdf.")] = Path(
        "dcca-out"
    ),
    form: Annotated[Format, typer.Option("--format", help="Which of them to write.")] = Format.BOTH,
    as_json: Json = False,
) -> None:
    """Write the guidance document: what packs are, every file, column and metric of them, and how these change.

    It is made from the catalogue and the definitions this release goes by; its worked examples are computed anew. No
    month and no broker is needed, and the same release writes the same bytes.

    Examples:

        dcca guidance

        dcca guidance --out docs-out --format html
    """
    # What draws pages takes longer to load than most commands take.
    from dcc_analytics.render.guidance.contents import guidance as document_of  # noqa: PLC0415 (see above)
    from dcc_analytics.render.guidance.html import html  # noqa: PLC0415 (see above)
    from dcc_analytics.render.guidance.pdf import pdf  # noqa: PLC0415 (see above)
    from dcc_analytics.render.pdf.fonts import FontFolder  # noqa: PLC0415 (see above)

    document = document_of(version("dcc-analytics"))
    made: dict[str, bytes] = {}
    if form is not Format.PDF:
        made["guidance.html"] = html(document).encode()
    if form is not Format.HTML:
        with tempfile.TemporaryDirectory(prefix="dcca-fonts-") as fonts:
            made["guidance.pdf"] = pdf(document, FontFolder.make(Path(fonts))).data
    _write(out, made)
    files = [str(out / name) for name in made]
    result: dict[str, Any] = {"files": files, "edition": document.edition}
    tell(result, "\n".join(files), as_json=as_json)


def _write(out: Path, made: dict[str, bytes]) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, data in made.items():
            (out / name).write_bytes(data)
    except OSError as error:
        raise UsageError(f"the guidance document can't be written to {out} ({error}); give another --out") from error
