"""What a Signed Pre-Command takes from its first leg: parameters, and when it is to be executed.

Source: contract section 8 (At the snapshot). DUIS: the ExecutionDateTime of a Signed Pre-Command is optional; where it
is left out, that of the request it was made from holds.

Parameters are shared whichever leg is read first. An execution is taken from a first leg that was read before: both are
records of one topic and partition, in the order in which they were received, unless one of them comes as a stray.
"""

from msgspec.structs import replace

from dcc_analytics.catalogue.processes import BY_PARAMETERS
from dcc_analytics.stream.events import Request
from dcc_analytics.stream.legs import NON_DEVICE_VARIANT, TRANSFORM_VARIANT, Leg
from dcc_analytics.stream.memory import FIRST_LEG_US, Memory


class FirstLegs:
    """Remembers first legs in one shard's memory."""

    def __init__(self, memory: Memory) -> None:
        """Remember in ``memory``."""
        self._memory = memory

    def executed(self, event: Request, stamp_us: int) -> Request:
        """Return a request with the execution it takes from its first leg; remember that of a first leg.

        Args:
            event: of a command variant from ``TRANSFORM_VARIANT`` on.
            stamp_us: the record's own timestamp.
        """
        executions = self._memory.first_executions
        if event.execute_us is not None:
            if event.command_variant == TRANSFORM_VARIANT:
                executions.remember(event.request_id, (event.execute_us, event.cancels), stamp_us + FIRST_LEG_US)
        elif TRANSFORM_VARIANT < event.command_variant < NON_DEVICE_VARIANT:
            first = executions.value(event.request_id, stamp_us)
            if first is not None:
                return replace(event, execute_us=first[0], cancels=first[1])
        return event

    def share(self, request_id: str, leg: Leg, stamp_us: int) -> None:
        """Give the command leg of a critical request the parameters of its transform leg, whichever is read first."""
        memory = self._memory
        if leg.command_variant > TRANSFORM_VARIANT:
            first = memory.first_parameters.value(request_id, stamp_us)
            if first is not None:
                leg.parameters = leg.parameters.completed_by(first)
        elif leg.transform and leg.srv in BY_PARAMETERS:
            memory.first_parameters.remember(request_id, leg.parameters, stamp_us + FIRST_LEG_US)
            command = memory.legs.get(request_id)
            if command is not None:
                command.parameters = command.parameters.completed_by(leg.parameters)
                memory.legs.put(request_id, command)

    def may_come(self, key: str, leg: Leg, stamp_us: int) -> bool:
        """Return whether a leg's process hangs on parameters of a transform leg that was not read yet: a stray."""
        return (
            leg.command_variant > TRANSFORM_VARIANT
            and leg.srv in BY_PARAMETERS
            and self._memory.first_parameters.value(key, stamp_us) is None
        )
