"""``dcca packs``: finished packs verified, compared, encrypted, and looked at as others would."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from dcc_analytics.commands.delivery import diff, verify
from dcc_analytics.commands.encrypt import encrypt
from dcc_analytics.commands.logs import log_to_stderr
from dcc_analytics.commands.options import Json
from dcc_analytics.commands.output import bars, tell
from dcc_analytics.commands.render import CORES, Processes

app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Verify, compare, encrypt and attack finished packs."
)
app.command("verify")(verify)
app.command("diff")(diff)
app.command("encrypt")(encrypt)

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="OUT/packs/YYYY-MM, or OUT/packs for all its months.")]


@app.command("attack")
def attack(folder: Folder, processes: Processes = CORES, as_json: Json = False) -> None:
    """Attack the finished packs in DIR as recipients would, alone and together; exit code 4 if any attack succeeds.

    identities reads every byte for other Members' names and ids, differences compares packs, parts subtracts parts from
    totals, shares solves for market shares with a colluding peer, joins looks for whatever links values of peers,
    versions subtracts what was told of a month from what is told of it now.
    What each knows and tries stands in docs/attacks.md. Findings are for the operator's eyes.

    Examples:

        dcca packs attack dcca-out/packs/2026-10

        dcca packs attack dcca-out/packs --json
    """
    log_to_stderr(verbose=False)
    # What draws and reads pages takes longer to load than all the rest, and no other command of the group needs it.
    from dcc_analytics.render.attack.gate import attacked, found_in, refuse  # noqa: PLC0415 (see above)
    from dcc_analytics.render.former import former  # noqa: PLC0415 (see above)

    months = found_in(folder)
    with bars() as shown:
        task = shown.add_task("attack packs", total=sum(len(each.packs) for each in months))
        verdicts = attacked(
            months, former=former(months), processes=processes, told=lambda number: shown.advance(task, number)
        )
    result = {"folder": str(folder), "months": [each.month for each in months]}
    lines = [f"{'attack':<12} {'packs':>6} {'findings':>9}  verdict"]
    for each in verdicts:
        lines.append(f"{each.attack:<12} {each.packs:>6} {each.count:>9}  {'succeeds' if each.count else 'fails'}")
        lines += [f"  {finding}" for finding in each.findings]
        lines += [f"  and {each.count - len(each.findings)} more"] if each.count > len(each.findings) else []
        lines += [f"  not looked for: {each.remark}"] if each.remark else []
    tell({**result, "attacks": [asdict(each) for each in verdicts]}, "\n".join(lines), as_json=as_json)
    refuse(verdicts, folder)
