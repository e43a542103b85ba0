"""``dcca acl``: what each part has to be granted where Kafka asks who may do what."""

import asyncio
from typing import Annotated, TypeAlias

import typer

from dcc_analytics.commands.connection import connection_to
from dcc_analytics.commands.options import (
    DEFAULT_APPLICATION,
    DEFAULT_BOOTSTRAP,
    Application,
    Bootstrap,
    Json,
    Prefix,
)
from dcc_analytics.commands.output import tell
from dcc_analytics.stream.access import granted
from dcc_analytics.stream.kafka import Connection
from dcc_analytics.stream.permissions import Part, grants, shell_lines

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Print, grant or take back what a part may do.")

PartArgument: TypeAlias = Annotated[Part, typer.Argument(metavar="PART", help=f"One of {', '.join(Part)}.")]
User: TypeAlias = Annotated[
    str, typer.Option("--user", help="To whom, as the brokers know the user; the part's own name when left out.")
]

Sources: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--source", help="For rekey: a topic it reads, as the cluster names it; may be repeated."),
]


@app.command("show")
def show(
    part: PartArgument,
    user: User = "",
    sources: Sources = None,
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    application: Application = DEFAULT_APPLICATION,
    prefix: Prefix = "",
    as_json: Json = False,
) -> None:
    """Print what a part has to be granted, as lines of kafka-acls.sh; no broker is asked.

    Examples:

        dcca acl show worker --bootstrap kafka-1.example.org:9093

        dcca acl show publish --user toc-feed --json

        dcca acl show rekey --source toc-requests --source toc-alerts
    """
    rules = grants(part, Connection(bootstrap, prefix), application, sources=sources or ())
    result: dict[str, object] = {
        "part": part.value,
        "user": user or part.value,
        "rules": [
            {
                "resource": each.resource.words,
                "name": each.name,
                "pattern": "prefixed" if each.prefixed else "literal",
                "operation": each.operation.words,
            }
            for each in rules
        ],
    }
    tell(result, "\n".join(shell_lines(rules, user or part.value, bootstrap)), as_json=as_json)


@app.command("grant")
def grant(
    part: PartArgument,
    user: User = "",
    sources: Sources = None,
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    application: Application = DEFAULT_APPLICATION,
    prefix: Prefix = "",
    as_json: Json = False,
) -> None:
    """Grant a user what a part needs, on brokers with an authorizer; whoever does it has to be an administrator.

    Example:

        dcca --config admin.toml acl grant worker
    """
    who, count = _have_granted(part, user, sources, bootstrap, application, prefix, take_back=False)
    words = f"user {who} is granted what {part} needs, {count} rules"
    tell({"user": who, "part": part.value, "granted": count}, words, as_json=as_json)


@app.command("revoke")
def revoke(
    part: PartArgument,
    user: User = "",
    sources: Sources = None,
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    application: Application = DEFAULT_APPLICATION,
    prefix: Prefix = "",
    as_json: Json = False,
) -> None:
    """Take back from a user what a part needs.

    Example:

        dcca --config admin.toml acl revoke publish --user toc-feed
    """
    who, count = _have_granted(part, user, sources, bootstrap, application, prefix, take_back=True)
    words = f"what {part} needs is taken back from user {who}, {count} rules"
    tell({"user": who, "part": part.value, "revoked": count}, words, as_json=as_json)


def _have_granted(
    part: Part,
    user: str,
    sources: list[str] | None,
    bootstrap: str,
    application: str,
    prefix: str,
    *,
    take_back: bool,
) -> tuple[str, int]:
    """Have a user granted what a part needs, or have it taken back; return who that is, and how many rules."""
    connection, who = connection_to(bootstrap, prefix), user or part.value
    rules = grants(part, connection, application, sources=sources or ())
    return who, asyncio.run(granted(connection, rules, who, take_back=take_back))
