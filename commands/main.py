"""``dcca``: the command line. Assembles the commands, and turns errors into one line and an exit code."""

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from aiokafka.errors import KafkaError

from dcc_analytics.catalogue.errors import DccaError
from dcc_analytics.commands import (
    acl,
    audit,
    broker,
    catalogue,
    compare,
    config,
    dead_letters,
    demo,
    doctor,
    explain,
    feed,
    guidance,
    ledger,
    live,
    month,
    packs,
    publish,
    rebuild,
    rekey,
    render,
    retention,
    simulate,
    snapshot,
    top,
    topics,
    worker,
)
from dcc_analytics.commands.config_file import read_config
from dcc_analytics.commands.connection import (
    CaFile,
    CertificateFile,
    KeyFile,
    KeyPasswordFile,
    MechanismOption,
    PasswordFile,
    ProtocolOption,
    Username,
    security,
)
from dcc_analytics.commands.logs import leave_connections_to_us
from dcc_analytics.commands.output import say
from dcc_analytics.commands.settings import settings
from dcc_analytics.stream.access import not_permitted
from dcc_analytics.stream.kafka import silent
from dcc_analytics.stream.security import Mechanism, Protocol, Security

#: What a shell returns for a command that was interrupted from the keyboard.
INTERRUPTED = 130

app = typer.Typer(
    name="dcca",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Monthly packs for every DCC User, folded from Kafka event streams (SEC modification MP176).",
)
app.command("demo")(demo.demo)
app.command("month")(month.month)
app.command("simulate")(simulate.simulate)
app.add_typer(config.app, name="config")
app.add_typer(broker.app, name="broker")
app.add_typer(topics.app, name="topics")
app.add_typer(acl.app, name="acl")
app.command("doctor")(doctor.doctor)
app.command("publish")(publish.publish_events)
app.command("rekey")(rekey.rekey)
app.add_typer(feed.app, name="feed")
app.command("worker")(worker.worker)
app.add_typer(live.app, name="live")
app.command("top")(top.top)
app.command("snapshot")(snapshot.snapshot)
app.command("audit")(audit.audit)
app.command("render")(render.render)
app.add_typer(packs.app, name="packs")
app.add_typer(catalogue.app, name="catalogue")
app.command("rebuild")(rebuild.rebuild)
app.command("compare")(compare.compare)
app.add_typer(ledger.app, name="ledger")
app.command("explain")(explain.explain)
app.command("guidance")(guidance.guidance)
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(retention.app, name="retention")


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 (read only when asked for)

        typer.echo(f"dcca {version('dcc-analytics')}")
        raise typer.Exit


def _read_config(context: typer.Context, path: Path | None) -> Path | None:
    """Have options take their values from a file, where neither flag nor variable gives one."""
    if path is not None:
        table = settings(context.command)
        context.obj = read_config(path, table, context)
        context.default_map = context.obj.for_typer(table)
    return path


@app.callback()
def _root(
    context: typer.Context,
    _config: Annotated[
        Path | None,
        typer.Option(
            "--config", envvar="DCCA_CONFIG", callback=_read_config, is_eager=True, help="File of settings, TOML."
        ),
    ] = None,
    protocol: ProtocolOption = Protocol.PLAINTEXT,
    ca_file: CaFile = None,
    certificate_file: CertificateFile = None,
    key_file: KeyFile = None,
    key_password_file: KeyPasswordFile = None,
    mechanism: MechanismOption = Mechanism.SCRAM_SHA_512,
    username: Username = "",
    password_file: PasswordFile = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Take options that stand before the command."""
    given = Security(
        protocol, ca_file, certificate_file, key_file, key_password_file, mechanism, username, password_file
    )
    before = security.set(given)
    context.call_on_close(lambda: security.reset(before))


def main() -> None:
    """Run the command line; the process ends with the exit code of ``docs/exit-codes.md``."""
    signal.signal(signal.SIGTERM, _interrupt)
    leave_connections_to_us()
    try:
        ended = app(standalone_mode=False)  # the code of an Exit is returned; an interrupt from the keyboard is one
    except DccaError as error:
        say(f"dcca: {error}")
        sys.exit(error.exit_code)
    except KafkaError as error:
        in_words = not_permitted(error) or silent(error)
        if in_words is None:
            raise
        say(f"dcca: {in_words}")
        sys.exit(in_words.exit_code)
    except Exception as misuse:
        show = getattr(misuse, "show", None)  # click's own words for a wrong option
        if show is None:
            raise
        show()
        sys.exit(2)
    if ended == INTERRUPTED:
        say("dcca: interrupted")
    sys.exit(ended or 0)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """End as if interrupted from the keyboard, so that what was started is stopped."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
