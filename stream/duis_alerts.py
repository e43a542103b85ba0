"""A ``Response`` document that holds an Alert becomes the fields of an ``alerts`` record (contract sections 1 and 5).

| field | from |
| --- | --- |
| ``alert_id`` | header ``alert_id``, else response id, code and recipient, else who, what, about which Device, when |
| ``kind``, ``code`` | ``DeviceAlertMessage`` or the SMETS1 part: ``device``; ``DCCAlertMessage``: ``dcc`` |
| ``recipient`` | header ``recipient``, else who is addressed by response id, request id, GBCS payload, failed request |
| ``device`` | what the payload names, else who speaks by response id, request id, GBCS payload, failed request |
| ``raised_at`` | the Device's own time in a GBCS payload or a SMETS1 Alert; else ``ResponseDateTime`` |
| ``ended_at`` | header ``ended_at``, else the time of receipt: header ``received_at``, else the record's timestamp |
| ``outcome`` | header ``outcome``, else ``delivered``: a document is a message as the User has it |
| ``throttled_count`` | ``ThrottledAlertCount`` |
| ``request_id`` | the request whose failure the payload reports, never the header's |
| ``parameters`` | what the payload says in words; from when to when a supply now restored was interrupted |

N24 names a request that succeeded, so it names none here. Of a GBCS payload only what is in the clear is read.
"""

from typing import Any, Final

from dcc_analytics.stream.duis_beside import Beside
from dcc_analytics.stream.duis_gbcs import Payload, opened
from dcc_analytics.stream.duis_requests import role_name
from dcc_analytics.stream.duis_responses import Envelope, smets1_part, unless_dcc
from dcc_analytics.stream.duis_xml import DuisError, Element
from dcc_analytics.stream.identity import originator_of, request_id, target_of

#: For each payload of a DCC Alert the path of the Device it is about, and of the request whose failure it reports.
#: Source: DUIS XML Schema 5.4, type ``DCCAlert``; what is of ``choice`` there is looked for in each of its branches.
PAYLOADS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "PowerOutageEvent": (("CommsHubDeviceID",), ()),
    "DeviceStatusChangeEvent": (("DeviceID",), ()),
    "DSPScheduleRemoval": (("DeviceID",), ()),
    "CommandFailure": (("DeviceID",), ("CommandRequestID",)),
    "FirmwareDistributionFailure": ((), ("UpdateFirmwareRequestID",)),
    "UpdateHANDeviceLogResult": ((), ("UpdateHANDeviceLogServiceRequestID",)),
    "ChangeOfSupplier": (("DeviceChangeOfSupplier/DeviceID",), ("ChangeOfSupplierServiceRequestID",)),
    "DeviceLogRestored": (("CHFDeviceLog/NewCHFDeviceID", "GPFDeviceLog/NewGPFDeviceID"), ()),
    "PPMIDAlert": (("DeviceID",), ()),
    "SecurityCredentialsUpdated": (("DeviceID",), ()),
    "PPMIDRemoval": (("PPMIDDeviceID",), ()),
    "QuarantinedRequest": (
        (),
        (
            "ADUserThresholdBreach/RequestID",
            "ADDCCThresholdBreach/RequestID",
            "ADAttributeLimitsBreach/RequestID",
        ),
    ),
    "FirmwareVersionMismatch": (("DeviceID",), ()),
    "DualBandCHAlert": (("CHFDeviceID",), ()),
    "S1SPAlertDSP": (("S1SPAlert/DeviceID",), ("S1SPAlert/RequestID",)),
    "SMETS1CHFirmwareNotification": (("DeviceID",), ()),
    "ALCSHCALCSConfigurationChange": (("ESMEDeviceID",), ()),
    "FirmwareUpgradeRequested": ((), ()),
    "CSPFirmwareDeliveryStatus": (("CommsHubDeviceID",), ("UpdateFirmwareRequestID",)),
    "CommsHubAlert": (("CommsHubDeviceID",), ()),
    "ECoSAlert": (("DeviceID",), ("RequestID",)),
    "CommsHubFirmwareActivation": (("DeviceID",), ()),
    "CoSCertificateAlert": (("DeviceID",), ()),
    "DUISVersionMismatch": (
        ("DCCAlertVersionMismatch/DeviceID",),
        ("DCCAlertVersionMismatch/RequestID", "ServiceResponseVersionMismatch/RequestID"),
    ),
}

#: Alert codes whose payload names a request that did not fail.
_REPORT_SUCCESS: Final = frozenset({"N24"})

#: What a payload says in words, by the contract's name; a path is of one payload alone.
_WORDS: Final = {
    "started_at": "PowerOutageEvent/StartDateTime",
    "mpxn": "PowerOutageEvent/MPxN",
    "remote_party_role": "SecurityCredentialsUpdated/RemotePartyRole",
    "s1sp_code": "S1SPAlertDSP/S1SPAlert/S1SPAlertCode",
    "target_device": "CSPFirmwareDeliveryStatus/TargetDeviceID",
    "result": "CSPFirmwareDeliveryStatus/CommsHubTransferStatus",
}

_LONGEST_COUNT: Final = 10
"""Digits of an xs:unsignedInt."""


def is_alert(body: Element) -> bool:
    """Return whether the body of a Response document holds an Alert; SMETS1 Alerts are in a response's element."""
    if body.find("DeviceAlertMessage") is not None or body.find("DCCAlertMessage") is not None:
        return True
    smets1 = body.find("SMETS1ResponseMessage")
    return smets1 is not None and smets1_part(smets1).need("Body").find("DeviceAlertMessage") is not None


def alert_fields(root: Element, beside: Beside) -> dict[str, Any]:
    """Return the fields of the record an Alert document stands for.

    Raises:
        DuisError, IdentityError: what is required is missing, or parts of the document contradict each other.
    """
    envelope = Envelope(root)
    body = root.need("Body")
    device_alert = body.find("DeviceAlertMessage")
    if device_alert is not None:
        return _of_a_device(envelope, beside, device_alert)
    dcc_alert = body.find("DCCAlertMessage")
    if dcc_alert is not None:
        return _fields(envelope, beside, dcc_alert, _of_the_dcc(dcc_alert))
    return _smets1_fields(envelope, beside, body.need("SMETS1ResponseMessage"))


def _of_a_device(envelope: Envelope, beside: Beside, message: Element) -> dict[str, Any]:
    code = message.required("AlertCode").upper()
    told: dict[str, Any] = {"kind": "device", "code": code}
    payload = opened(message.optional("GBCSPayload"))
    if payload is not None and payload.code == code:
        told["raised_at"] = payload.raised_at or envelope.sent_at
        told["parameters"] = {"interrupted_at": payload.interrupted_at, "restored_at": payload.restored_at}
    return _fields(envelope, beside, message, told, payload)


def _fields(
    envelope: Envelope, beside: Beside, message: Element, told: dict[str, Any], payload: Payload | None = None
) -> dict[str, Any]:
    """Return what every Alert has, with what this one told."""
    named = told.get("request_id")
    checked = request_id(named) if named else None
    device = told.get("device") or envelope.device(payload) or unless_dcc(checked and target_of(checked))
    recipient = beside.said("recipient") or told.get("recipient") or envelope.user(payload)
    recipient = recipient or unless_dcc(checked and originator_of(checked))
    if recipient is None:
        raise DuisError("nothing says whom the Alert was sent to: no header `recipient`, no `Header/ResponseID`")
    return {
        "raised_at": envelope.sent_at,
        "throttled_count": _throttled_count(message),
        **told,
        "alert_id": beside.said("alert_id") or _alert_id(envelope, recipient, told["code"], device or named or ""),
        "recipient": recipient,
        "device": device,
        "ended_at": beside.said("ended_at") or beside.received_at(),
        "outcome": beside.said("outcome") or "delivered",
    }


def _alert_id(envelope: Envelope, recipient: str, code: str, subject: str) -> str:
    """Return what is the same for every copy of an Alert, and for no other Alert to the same User."""
    if envelope.response_id is not None:
        return f"{envelope.response_id}/{code}/{recipient}"
    return f"{recipient}/{code}/{subject}/{envelope.sent_at}"


def _throttled_count(message: Element) -> int | None:
    said = message.optional("ThrottledAlertCount")
    if said is None:
        return None
    if not (said.isascii() and said.isdigit() and len(said) <= _LONGEST_COUNT):
        raise DuisError(f"`ThrottledAlertCount` is no whole number: {said[:40]!r}")
    return int(said)


def _of_the_dcc(message: Element) -> dict[str, Any]:
    code = message.required("DCCAlertCode")
    holder = message.need("DCCAlert")
    device = named = None
    for payload in holder.children:
        device_paths, request_paths = PAYLOADS.get(payload.name, ((), ()))
        device = device or _first(payload, device_paths)
        if code not in _REPORT_SUCCESS:
            named = named or _first(payload, request_paths)
    parameters = {name: holder.optional(path) for name, path in _WORDS.items()}
    parameters["remote_party_role"] = role_name(parameters["remote_party_role"])
    parameters["result"] = parameters["result"] and parameters["result"].lower()
    return {"kind": "dcc", "code": code, "device": device, "request_id": named, "parameters": parameters}


def _first(payload: Element, paths: tuple[str, ...]) -> str | None:
    return next((text for path in paths if (text := payload.optional(path)) is not None), None)


def _smets1_fields(envelope: Envelope, beside: Beside, message: Element) -> dict[str, Any]:
    """The readable Alert says itself who raised it, for whom, and when."""
    part = smets1_part(message)
    header = part.need("Header")
    content = part.need("Body").need("DeviceAlertMessage").need("DeviceAlertContent")
    outage = "Payload/SupplyOutageRestoreAlert"
    told = {
        "kind": "device",
        "code": content.required("GBCSHexAlertCode").upper(),
        "device": header.required("BusinessOriginatorID"),
        "recipient": unless_dcc(header.required("BusinessTargetID").upper()),
        "raised_at": content.required("Timestamp"),
        "parameters": {
            "interrupted_at": content.optional(f"{outage}/interruptionValue"),
            "restored_at": content.optional(f"{outage}/restorationValue"),
        },
    }
    return _fields(envelope, beside, message, told)
