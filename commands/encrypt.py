"""``dcca packs encrypt``: a released month as archives that may be sent."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from dcc_analytics.catalogue.errors import UsageError
from dcc_analytics.commands.options import Json
from dcc_analytics.commands.output import bars, tell
from dcc_analytics.render.delivery.encrypt import encrypt_packs, released_packs
from dcc_analytics.render.delivery.recipients import read_recipients


def encrypt(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="OUT/packs/YYYY-MM of a released month.")],
    recipients: Annotated[Path, typer.Option(help="CSV file with the header party,role,key; keys begin with age1.")],
    out: Annotated[Path, typer.Option(help="Folder that gets an archive for each pack.")],
    skip_missing: Annotated[
        bool, typer.Option("--skip-missing", help="Leave out Members without a key, and name them.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Encrypt each pack of a released month to its Member's public keys, with age (https://age-encryption.org).

    OUT gets YYYY-MM-<party>-<role>-rN.tar.gz.age, N being the revision. Packs are verified first. Nothing gets there
    unless every Member has a key and every archive is made. A Member with several keys has several rows; each opens it.
    What a recipient does with an archive stands in README.txt of the pack.

    Examples:

        dcca packs encrypt dcca-out/packs/2026-10 --recipients keys.csv --out outbox

        dcca packs encrypt dcca-out/packs/2026-10 --recipients keys.csv --out outbox --skip-missing --json
    """
    keys, packs = read_recipients(recipients), released_packs(folder)
    missing = [" ".join(pack.member) for pack in packs if pack.member not in keys]
    if missing and not skip_missing:
        raise UsageError(
            f"{recipients} has no key of {len(missing)} of {len(packs)} Members ({', '.join(missing)}); add them, or "
            "leave them out with --skip-missing"
        )
    able = [pack for pack in packs if pack.member in keys]
    with bars() as shown:
        task = shown.add_task("encrypt packs", total=len(able))
        made = encrypt_packs(able, keys, out, progress=lambda _: shown.advance(task))
    skipped = f"; left out, without a key: {', '.join(missing)}" if missing else ""
    tell(
        {"folder": str(folder), "out": str(out), "packs": [asdict(each) for each in made], "without_key": missing},
        f"{len(made)} of {len(packs)} packs of {folder.name} encrypted in {out}{skipped}",
        as_json=as_json,
    )
