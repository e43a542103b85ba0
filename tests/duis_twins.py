"""DUIS documents that say what JSON records say: the same month in both forms, for the same figures.

A record that DUIS can't say (a Role, an id in lower case, a time zone's whim, bytes that are none) has no twin.
"""

import base64
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from dcc_analytics.catalogue.identities import DCC_IDS
from dcc_analytics.catalogue.service_requests import SERVICE_REQUESTS
from dcc_analytics.stream.decode import DECODERS, decoded
from dcc_analytics.stream.events import Rejected, Request
from dcc_analytics.stream.identity import is_eui64
from tests.duis_documents import (
    PAYLOAD,
    Headers,
    dcc_alert,
    device_alert,
    document,
    message,
    references,
    request,
    smets1,
)
from tests.recorded_sample import lines

Twin = tuple[bytes, Headers]
Srvs = Mapping[str, str]
"""The SRV of each request by its id: a response document says what it answers."""

CREDENTIALS = {"digital_signature": "Digital Signature", "key_agreement": "Key Agreement"}
KEY_USAGES = {"digital_signature": "0603551d0f040403020780", "key_agreement": "0603551d0f040403020308"}
#: The parameters the body of an SRV can say.
SAYABLE = {
    "1.6": frozenset({"payment_mode"}),
    "6.15.1": frozenset({"remote_party_role"}),
    "6.15.2": frozenset({"credential_type"}),
    "6.17": frozenset({"credential_type"}),
    "6.21": frozenset({"remote_party_role"}),
    "8.7.2": frozenset({"other_device"}),
    "11.1": frozenset({"devices"}),
}
ROLES = {"network_operator": "NetworkOperator", "supplier": "Supplier"}


def twin(topic: str, key: bytes | None, value: bytes | None, srvs: Srvs) -> Twin | None:
    """Return the document and headers that say what a record says, None where DUIS can't."""
    if value is None or key is None or isinstance(decoded(DECODERS[topic], value), Rejected):
        return None
    said = msgspec.json.decode(value)
    if "role" in said or not _plain(said):
        return None
    return MAKERS[topic](said, key.decode(), srvs)


def srvs_of_the_sample() -> dict[str, str]:
    """Return the SRV of each request of the recorded sample by its id."""
    read = DECODERS["service-requests"]
    events = [decoded(read, line.value) for line in lines("service-requests")]
    return {event.request_id: event.srv for event in events if isinstance(event, Request)}


def _plain(said: dict[str, Any]) -> bool:
    """Return whether every text could stand in a document, and no optional field is null or of another type."""
    flat = [*said.values(), *(said.get("parameters") or {}).values(), *(said.get("instruction") or {}).values()]
    texts = [each for each in flat if isinstance(each, str)]
    ids = [said.get("request_id"), said.get("device"), said.get("recipient")]
    return (
        all(each is not None for each in flat)
        and all(each.isascii() and each and not set(each) & set("<>&\"'\0") for each in texts)
        and all(each is None or (isinstance(each, str) and each == each.upper()) for each in ids)
    )


def element(name: str, text: object) -> str:
    """Return an element of DUIS, nothing where its text is None."""
    return "" if text is None else f"<sr:{name}>{text}</sr:{name}>"


# -- requests ----------------------------------------------------------------------------------------------


def request_twin(said: dict[str, Any], _key: str, _srvs: Srvs) -> Twin | None:
    service = SERVICE_REQUESTS.get(said["srv"])
    rid = said["request_id"]
    if service is None:
        return None
    target = rid.split(":")[1]
    if said.get("device") != (said.get("device") if service.non_device else target):
        return None
    if not service.non_device and target in DCC_IDS:
        return None
    if not set(said.get("parameters", {})) <= SAYABLE.get(service.srv, frozenset()):
        return None
    body = element("ExecutionDateTime", said.get("execute_at"))
    if service.non_device:
        body += element("DeviceID", said.get("device"))
    parameters = said.get("parameters", {})
    body += _parameters_body(service.srv, parameters)
    name = service.duis_element
    if said["command_variant"] in {5, 6, 7} and not parameters:
        name = "SignedPreCommand"
    value = request(service.srv, f"<sr:{name}>{body}</sr:{name}>", request_id=rid, variant=said["command_variant"])
    return value, [("received_at", said["received_at"].encode())]


def _parameters_body(srv: str, parameters: dict[str, Any]) -> str:
    body = element("OtherDeviceID", parameters.get("other_device"))
    if "payment_mode" in parameters:
        body += f"<sr:{parameters['payment_mode'].capitalize()}/>"
    if "devices" in parameters:
        body += element("DeviceIDList", ",".join(parameters["devices"]))
    if "remote_party_role" in parameters:
        body += element("RemotePartyRole", ROLES[parameters["remote_party_role"]])
    if "credential_type" in parameters:
        kind = parameters["credential_type"]
        certificate = base64.b64encode(bytes.fromhex(KEY_USAGES[kind])).decode()
        body += element("DeviceCertificate", certificate) if srv == "6.15.2" else ""
        body += element("CredentialType", CREDENTIALS[kind]) if srv == "6.17" else ""
    return body


# -- responses ---------------------------------------------------------------------------------------------


def response_twin(said: dict[str, Any], key: str, srvs: Srvs) -> Twin | None:
    kind = said.get("kind", "response")
    rid = said.get("request_id", "")
    srv = str(said.get("srv") if kind == "scheduled" else srvs.get(rid))
    if srv not in SERVICE_REQUESTS:
        return None
    if kind == "scheduled":
        return _scheduled_twin(said, srv)
    target = rid.split(":")[1]
    derived = None if target in DCC_IDS or SERVICE_REQUESTS[srv].non_device else target
    subject = said.get("device") or (key if is_eui64(key) else derived)
    if subject != (derived or key):
        return None  # a document would be at home elsewhere
    body = _answer_body(said, kind, srv)
    headers = [("kind", kind.encode())] if kind == "pre_command" and said["code"][0] == "E" else []
    return None if body is None else (_response(said, body, request_id=rid), headers)


def _response(said: dict[str, Any], body: str, **ids: str) -> bytes:
    header = element("RequestID", ids.get("request_id")) + element("ResponseID", ids.get("response_id"))
    header += element("ResponseCode", said["code"]) + element("ResponseDateTime", said["sent_at"])
    return document("Response", header, body)


def _answer_body(said: dict[str, Any], kind: str, srv: str) -> str | None:
    code = said["code"]
    if kind == "acknowledgement":
        return message(srv) if code == "I99" or code[0] == "E" else None
    if kind == "pre_command":
        return message(srv) if code[0] == "E" else message(srv, f"<sr:PreCommand>{PAYLOAD}</sr:PreCommand>")
    if kind == "future_dated":
        done = said["instruction"]
        return message(
            srv,
            "<sr:FutureDatedDeviceAlertMessage>"
            + element("FutureDatedAlertCode", done["alert"])
            + element("InstructionNumber", done["number"])
            + element("TotalCommandInstructions", done["total"])
            + "</sr:FutureDatedDeviceAlertMessage>",
        )
    if "device_result" in said:
        success = str(said["device_result"] == "success").lower()
        answer = f'<ra:SMETSData><ra:Rsp MessageSuccess="{success}"/></ra:SMETSData>'
        return smets1(f"<sr:ResponseMessage>{answer}</sr:ResponseMessage>", beside=references(srv))
    return message(srv, PAYLOAD)


def _scheduled_twin(said: dict[str, Any], srv: str) -> Twin | None:
    if not {"device", "user", "planned_at", "schedule_id"} <= said.keys() or "device_result" in said:
        return None
    run = element("DSPScheduledMessage", PAYLOAD + element("DSPScheduleID", said["schedule_id"]))
    ids = {"response_id": f"{said['device']}:{said['user']}:1"}
    return _response(said, message(srv, run), **ids), [("planned_at", said["planned_at"].encode())]


# -- Alerts ------------------------------------------------------------------------------------------------


def alert_twin(said: dict[str, Any], _key: str, _srvs: Srvs) -> Twin | None:
    headers = [(name, said[name].encode()) for name in ("alert_id", "recipient", "ended_at", "outcome")]
    parameters = dict(said.get("parameters", {}))
    count = said.get("throttled_count")
    if said["kind"] == "device":
        if parameters or "device" not in said or "request_id" in said:
            return None
        body, ids = (
            device_alert(said["code"], throttled=count),
            {"response_id": f"{said['device']}:{said['recipient']}:1"},
        )
    else:
        payload = _payload(said, parameters)
        if payload is None:
            return None
        body, ids = dcc_alert(said["code"], payload, throttled=count), {}
    return _response({"code": "I0", "sent_at": said["raised_at"]}, body, **ids), headers


def _payload(said: dict[str, Any], parameters: dict[str, Any]) -> str | None:
    device, named = said.get("device"), said.get("request_id", parameters.get("request_id"))
    if said["code"] == "AD1":
        inner = element("CommsHubDeviceID", device) + element("StartDateTime", parameters.get("started_at"))
        return element("PowerOutageEvent", inner + element("MPxN", parameters.get("mpxn")))
    if said["code"] == "N55":
        if named is not None and device is None:
            return None  # a document would be at home at the request's target
        inner = element("RequestID", named) + element("DeviceID", device)
        return element(
            "S1SPAlertDSP", element("S1SPAlert", inner + element("S1SPAlertCode", parameters.get("s1sp_code")))
        )
    if said["code"] == "N60":
        inner = element("UpdateFirmwareRequestID", named) + element("CommsHubDeviceID", device)
        inner += element("TargetDeviceID", parameters["target_device"])
        return element(
            "CSPFirmwareDeliveryStatus", inner + element("CommsHubTransferStatus", parameters["result"].title())
        )
    if named is not None and device is not None:
        return element("CommandFailure", element("CommandRequestID", named) + element("DeviceID", device))
    if named is None and device is not None and not parameters.keys() - {"remote_party_role"}:
        role = parameters.get("remote_party_role")
        return element(
            "SecurityCredentialsUpdated",
            element("DeviceID", device) + element("RemotePartyRole", None if role is None else ROLES[role]),
        )
    return None


MAKERS: dict[str, Callable[[dict[str, Any], str, Srvs], Twin | None]] = {
    "service-requests": request_twin,
    "service-responses": response_twin,
    "alerts": alert_twin,
}
