"""A worker of a stock Faust application that counts Service Requests by User and SRV in a Table.

A Table's key must belong to one partition of the stream, so the partition is part of it: no request moves to another
topic before it is counted. What is told of progress goes to standard output, for whoever kills it.
"""

import json
import sys
from typing import Any

import faust

from bench.paced import user_srv
from bench.parts.faust_stock import stock_app
from dcc_analytics.stream.decode import DECODERS, decoded
from dcc_analytics.stream.events import Request

TABLE = "requests"
REQUESTS = "service-requests"
PROGRESS_EVERY_S = 0.2


def counting_app(name: str, bootstrap: str, prefix: str, folder: str, settings: dict[str, Any]) -> faust.App:
    """Return the application; ``settings`` are Faust's, other than its defaults."""
    app = stock_app(name, bootstrap, folder, **settings)
    counts: Any = app.Table(TABLE, default=int, options={"driver": "rocksdict"})
    folded, at = 0, dict[int, int]()

    async def count(stream: Any) -> None:  # noqa: ANN401 (a Faust stream)
        nonlocal folded
        async for event in stream.events():
            message = event.message
            request = decoded(DECODERS[REQUESTS], message.value)
            if isinstance(request, Request):
                user, srv = user_srv(request)
                counts[f"{message.partition}|{user}|{srv}"] += 1
            folded += 1
            at[message.partition] = message.offset

    async def tell() -> None:
        print(json.dumps({"folded": folded, "at": at}), flush=True)

    channel = app.topic(
        f"{prefix}{REQUESTS}", key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
    )
    app.agent(channel, name="count")(count)
    app.timer(PROGRESS_EVERY_S)(tell)
    return app


if __name__ == "__main__":
    app = counting_app(**json.loads(sys.argv[1]))
    faust.Worker(app, loglevel="WARNING", redirect_stdouts=False).execute_from_commandline()
