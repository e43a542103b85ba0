"""Legs of round trips and what may end them: values only, the rules are in ``match``.

A Service Request opens one leg, ``transform`` for command variant 4 and ``command`` for the others, so that the
two requests of a critical service, which share one request id, are two round trips (contract section 3.1).
"""

from typing import Final

from msgspec import Struct

from dcc_analytics.stream.events import NO_PARAMETERS, Parameters, Request
from dcc_analytics.stream.identity import originator_of

TRANSFORM_VARIANT: Final = 4
NON_DEVICE_VARIANT: Final = 8
#: What stands for the command variant of a scheduled result, which no request began.
SCHEDULED_VARIANT: Final = 0

NO_RESPONSE: Final = "NO-RESPONSE"
DEVICE_FAILURE: Final = "I0-DEVICE"
INSTRUCTION_FAILURE: Final = "8F67"

#: Facts not looked up yet: a future dated leg takes those of its execution, known only when it has come.
FACTS_PENDING: Final = -1


class Outcome(Struct, frozen=True, array_like=True, gc=False):
    """How a leg ended.

    Attributes:
        succeeded: whether the round trip is a success.
        reason: code of a failure, empty for a success.
        ended_us: the instant of the end; None for what never ended (no response).
        warned: success with a warning (W code).
        untimed: the end's instant is a clock fault.
    """

    succeeded: bool
    reason: str
    ended_us: int | None
    warned: bool = False
    untimed: bool = False


class Leg(Struct, array_like=True, gc=False):
    """A leg that is open, or whose outcome may still change.

    Attributes:
        user: who sent the request.
        role: the role the message says, empty when it says none.
        srv, command_variant: as requested.
        transform: a transform leg; else a command leg.
        device: the subject Device, None without.
        received_us: when the DCC received the request.
        start_us: where the clock of the round trip starts: receipt, or execution when future dated.
        future_dated: whether ``start_us`` is an execution time.
        untimed: the start is a clock fault; the leg counts but has no time.
        parameters: what a figure depends on, completed from the first leg.
        facts: number of the Device facts at the start, or ``FACTS_PENDING``.
        installing: whether the Device was not commissioned yet, or within seven days before the start.
        by_alert: the end an Alert brought; a response still beats it.
        outcome: the end of a future dated leg, held until no earlier cancellation can be read any more.
        cancelled_us: when a cancellation of it was received.
        instructions: instant and failure of each instruction reported, by number.
        settles_us: the clock at which its end or withdrawal is definite; None before there is one.
    """

    user: str
    role: str
    srv: str
    command_variant: int
    transform: bool
    device: str | None
    received_us: int
    start_us: int
    future_dated: bool
    untimed: bool
    parameters: Parameters = NO_PARAMETERS
    facts: int = FACTS_PENDING
    installing: bool = False
    by_alert: Outcome | None = None
    outcome: Outcome | None = None
    cancelled_us: int | None = None
    instructions: dict[int, tuple[int, bool, bool]] | None = None
    settles_us: int | None = None


class End(Struct, frozen=True, array_like=True, gc=False):
    """A message that ends, or may end, the leg it names.

    ``kind`` is a response's kind or ``alert``. ``failed`` is the Device's own verdict inside an I0, the failure of
    an instruction, or (for an Alert) anything but a firmware delivery reported as a success. ``held_us`` is the
    stream's clock when it began to wait for its request.
    """

    kind: str
    at_us: int
    code: str
    failed: bool
    untimed: bool
    number: int = 0
    total: int = 0
    held_us: int = 0


class Ended(Struct, frozen=True, array_like=True, gc=False):
    """What is remembered of an ended leg, so that repeats of its messages are known as such.

    An end up to ``until_us`` by its own instant is a second end of this leg.
    """

    ended_us: int
    command_variant: int
    until_us: int


class Cancellation(Struct, frozen=True, array_like=True, gc=False):
    """A cancelling request: of which SRV (none for its transform leg), and whether what it withdrew is settled."""

    received_us: int
    srv: str
    used: bool = False


def leg_key(request_id: str, *, transform: bool) -> str:
    """Return the key of a leg: (request id, leg)."""
    return f"{request_id}:T" if transform else request_id


def opened(request: Request, *, untimed: bool) -> Leg:
    """Return the leg a Service Request opens (contract sections 3.1, 3.4; section 8 for the transform part)."""
    transform = request.command_variant == TRANSFORM_VARIANT
    future_dated = request.execute_us is not None and not transform
    start_us = request.received_us
    if future_dated and request.execute_us is not None:
        start_us = request.execute_us
    return Leg(
        originator_of(request.request_id),
        request.role,
        request.srv,
        request.command_variant,
        transform,
        request.device,
        request.received_us,
        start_us,
        future_dated,
        untimed,
        request.parameters,
    )
