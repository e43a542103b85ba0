"""What a DUIS document does not say and its record does: headers and timestamp.

DUIS has no time of receipt, and an Alert's delivery is nobody's message. The record's headers say them, each by the
name of the field of contract section 1 it stands for, as UTF-8 text.

Source: contract sections 1 and 5.
"""

from collections.abc import Sequence
from typing import Final

from dcc_analytics.stream.duis_xml import DuisError
from dcc_analytics.stream.instants import US_PER_MS, instant_text

#: When the DCC received a request; for an Alert, when its User did.
RECEIVED_AT: Final = "received_at"

#: The headers that are read. They go with a record that is passed on as a stray.
HEADERS: Final = frozenset({
    RECEIVED_AT,
    "kind",  # of a refusal, which leg of a critical request it ends
    "user", "planned_at",  # of a scheduled result
    "alert_id", "recipient", "ended_at", "outcome",  # of an Alert
})  # fmt: skip


class Beside:
    """The headers and the timestamp of a record that holds a document."""

    __slots__ = ("_headers", "_timestamp_ms")

    def __init__(self, headers: Sequence[tuple[str, bytes]], timestamp_ms: int) -> None:
        """Hold them; of two headers of one name the last counts, as in Kafka's own clients."""
        self._headers = headers
        self._timestamp_ms = timestamp_ms

    def said(self, name: str) -> str | None:
        """Return what a header says, None without it or where it is empty.

        Raises:
            DuisError: its bytes are not UTF-8.
        """
        for key, value in reversed(self._headers):
            if key == name:
                if not value:  # or null, whatever the client's types say
                    return None
                try:
                    return value.decode()
                except UnicodeDecodeError as unreadable:
                    raise DuisError(f"the header `{name}` is not UTF-8") from unreadable
        return None

    def received_at(self) -> str:
        """Return the time of receipt: what the header says, else the record's own timestamp (contract section 5).

        Raises:
            DuisError: there is neither.
        """
        said = self.said(RECEIVED_AT)
        if said is not None:
            return said
        if self._timestamp_ms < 0:
            raise DuisError(f"no time of receipt: neither a header `{RECEIVED_AT}` nor a timestamp")
        return instant_text(self._timestamp_ms * US_PER_MS)
