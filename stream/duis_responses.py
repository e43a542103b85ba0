"""A ``Response`` document of DUIS becomes the fields of a ``service-responses`` record (contract sections 1 and 5).

What kind of message it is shows in what its body holds:

| body | kind |
| --- | --- |
| ``ResponseMessage`` with ``PreCommand`` | ``pre_command`` |
| … with ``FutureDatedDeviceAlertMessage`` | ``future_dated``, with its instruction |
| … with ``DSPScheduledMessage``; ``SMETS1ResponseMessage`` with ``DSPScheduleID`` | ``scheduled`` |
| … with nothing else, code I99, or an E code where no Device answered (no ``ResponseID``) | ``acknowledgement`` |
| … with anything else; ``SMETS1ResponseMessage`` | ``response`` |

A document does not tell which leg of a critical request an E code without more refuses: it is the ``command`` leg's,
unless the record's header ``kind`` says ``pre_command``. The Device's own verdict can be read in a SMETS1 response
alone (``MessageSuccess``); of a GBCS payload only what is in the clear is read. A scheduled result's User is what the
header ``user`` says, else who is addressed by its ids or its payload, never the DCC; when it was planned no document
says, so that the header ``planned_at`` is required.
"""

from typing import Any, Final

from dcc_analytics.catalogue.identities import DCC_IDS
from dcc_analytics.catalogue.service_requests import SERVICE_REQUESTS
from dcc_analytics.stream.duis_beside import Beside
from dcc_analytics.stream.duis_gbcs import Payload, opened
from dcc_analytics.stream.duis_services import service_of
from dcc_analytics.stream.duis_xml import DuisError, Element
from dcc_analytics.stream.identity import originator_of, request_id, target_of

ACCEPTED: Final = "I99"
#: What a ResponseMessage may hold beside its references and makes it an answer.
_ANSWERS: Final = frozenset({
    "CINMessage", "DSPInventory", "DSPOptIn", "DSPSchedulesRead", "DSPScheduleID", "DSPUpdateFirmwareWarning",
    "DSPUpdatePPMIDFirmwareWarning", "DSPWANMatrix", "GBCSPayload", "LocalCommand",
})  # fmt: skip
_LEG_KINDS: Final = frozenset({"acknowledgement", "pre_command"})


class Envelope:
    """The header of a Response document, and who speaks to whom."""

    __slots__ = ("code", "request_id", "response_id", "sent_at")

    def __init__(self, root: Element) -> None:
        """Read the header.

        Raises:
            DuisError, IdentityError: what is required is missing, or an id is none.
        """
        header = root.need("Header")
        self.request_id = _checked(header.optional("RequestID"))
        self.response_id = _checked(header.optional("ResponseID"))
        self.code = header.required("ResponseCode")
        self.sent_at = header.required("ResponseDateTime")

    def user(self, payload: Payload | None = None) -> str | None:
        """Return the User the message is for: it is addressed to it, or answers its request."""
        return _first_user_or_device(
            self.response_id and target_of(self.response_id),
            self.request_id and originator_of(self.request_id),
            payload and payload.party,
            payload and payload.target,
        )

    def device(self, payload: Payload | None = None) -> str | None:
        """Return the Device the message comes from: the one that answered, or the one that was asked."""
        return _first_user_or_device(
            self.response_id and originator_of(self.response_id),
            self.request_id and target_of(self.request_id),
            payload and payload.originator,
        )


def _first_user_or_device(*ids: str | None) -> str | None:
    return next((each for each in ids if unless_dcc(each) is not None), None)


def unless_dcc(named: str | None) -> str | None:
    """Return an id, None where it is the DCC's own or absent: the DCC is neither User nor Device."""
    return None if not named or named in DCC_IDS else named


def _checked(text: str | None) -> str | None:
    return None if text is None else request_id(text)


def response_fields(root: Element, beside: Beside) -> dict[str, Any]:
    """Return the fields of the record a Response document stands for.

    Raises:
        DuisError, IdentityError: what is required is missing, or parts of the document contradict each other.
    """
    envelope = Envelope(root)
    body = root.need("Body")
    message = body.find("ResponseMessage")
    if message is None:
        return _smets1_fields(envelope, body.need("SMETS1ResponseMessage"), beside)
    service = service_of(message)
    scheduled = message.find("DSPScheduledMessage")
    if scheduled is not None:
        payload = opened(scheduled.optional("GBCSPayload"))
        return _scheduled(envelope, service.srv, scheduled.optional("DSPScheduleID"), beside, payload)
    return {
        **_answer(envelope, service.srv),
        "kind": _kind(envelope, message, beside),
        "instruction": _instruction(message),
    }


def _answer(envelope: Envelope, srv: str | None) -> dict[str, Any]:
    """Return the fields every message for a request has.

    No Device is named for what the DCC does itself: such a message belongs where its key says (contract section 1).
    """
    if envelope.request_id is None:
        raise DuisError("missing required element `Header/RequestID`")
    service = SERVICE_REQUESTS.get(srv) if srv is not None else None
    target = target_of(envelope.request_id)
    non_device = target in DCC_IDS or (service is not None and service.non_device)
    return {
        "request_id": envelope.request_id,
        "sent_at": envelope.sent_at,
        "code": envelope.code,
        "device": None if non_device else target,
    }


def _kind(envelope: Envelope, message: Element, beside: Beside) -> str:
    if message.find("PreCommand") is not None:
        return "pre_command"
    if message.find("FutureDatedDeviceAlertMessage") is not None:
        return "future_dated"
    if any(child.name in _ANSWERS for child in message.children):
        return "response"
    if envelope.code == ACCEPTED:
        return "acknowledgement"
    if envelope.code[:1] != "E" or envelope.response_id is not None:
        return "response"
    said = beside.said("kind") or "acknowledgement"
    if said not in _LEG_KINDS:
        raise DuisError(f"the header `kind` is neither acknowledgement nor pre_command: {said[:40]!r}")
    return said


def _instruction(message: Element) -> dict[str, Any] | None:
    outcome = message.find("FutureDatedDeviceAlertMessage")
    if outcome is None:
        return None
    return {
        "number": _whole(outcome, "InstructionNumber"),
        "total": _whole(outcome, "TotalCommandInstructions"),
        "alert": outcome.required("FutureDatedAlertCode").upper(),
    }


def _whole(holder: Element, name: str) -> int:
    """Return a whole number of at most five digits (xs:unsignedShort)."""
    text = holder.required(name)
    if not (text.isascii() and text.isdigit() and len(text) <= 5):
        raise DuisError(f"`{name}` is no whole number: {text[:40]!r}")
    return int(text)


def _scheduled(
    envelope: Envelope, srv: str, schedule_id: str | None, beside: Beside, payload: Payload | None = None
) -> dict[str, Any]:
    planned_at = beside.said("planned_at")
    if planned_at is None:
        raise DuisError("a scheduled result does not say when it was planned: the header `planned_at` is required")
    return {
        "kind": "scheduled",
        "sent_at": envelope.sent_at,
        "code": envelope.code,
        "device": envelope.device(payload),
        "schedule_id": schedule_id,
        "user": beside.said("user") or envelope.user(payload),
        "srv": srv,
        "planned_at": planned_at,
    }


# -- SMETS1 ------------------------------------------------------------------------------------------------


def smets1_part(message: Element) -> Element:
    """Return the readable response, or Alert, that the SMETS1 Service Provider signed."""
    return message.need("SMETS1SignedResponse").need("SMETS1Response")


def _smets1_fields(envelope: Envelope, message: Element, beside: Beside) -> dict[str, Any]:
    """Both references may be absent, and then it is the inner header that names the SRV."""
    part = smets1_part(message)
    srv = _smets1_srv(message) or _smets1_srv(part.need("Header"))
    failed = _device_result(part)
    schedule_id = message.optional("DSPScheduleID")
    if schedule_id is None:
        return {**_answer(envelope, srv), "kind": "response", "device_result": failed}
    if srv is None:
        raise DuisError("missing required element `SMETS1ResponseMessage/ServiceReferenceVariant`")
    return {**_scheduled(envelope, srv, schedule_id, beside), "device_result": failed}


def _smets1_srv(holder: Element) -> str | None:
    return service_of(holder).srv if holder.find("ServiceReferenceVariant") is not None else None


def _device_result(part: Element) -> str | None:
    """Return the Device's own verdict: ``MessageSuccess`` of the readable answer, an xs:boolean."""
    data = part.need("Body").need("ResponseMessage").find("SMETSData")
    for answer in data.children if data is not None else ():
        success = answer.attributes.get("MessageSuccess", "").strip()
        if success in {"true", "1"}:
            return "success"
        if success in {"false", "0"}:
            return "failure"
    return None
