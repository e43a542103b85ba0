"""A ``Request`` document of DUIS becomes the fields of a ``service-requests`` record (contract sections 1 and 5).

| field | from |
| --- | --- |
| ``request_id``, ``command_variant``, ``srv`` | the header |
| ``received_at`` | beside the document: header ``received_at``, else the record's timestamp |
| ``device`` | the target in the request id; for what the DCC does itself, the ``DeviceID`` the body names |
| ``execute_at`` | the body's ``ExecutionDateTime``; the year 3000 cancels |
| ``payment_mode`` | 1.6: whether the body is ``Prepayment`` or ``Credit`` |
| ``credential_type`` | 6.17: ``CredentialType``; 6.15.2: the key usage of the certificate |
| ``remote_party_role`` | 6.15.1, 6.21: ``RemotePartyRole`` |
| ``other_device`` | ``OtherDeviceID``: 8.7.x, 8.8.x, 8.14.3 |
| ``devices`` | 11.1, 11.4: ``DeviceIDList``; the Devices DUIS lists, not their hubs |

A Signed Pre-Command is opaque: what it lacks comes from its first leg (contract section 8). DUIS has no Role; the
amount of a top-up is inside its UTRN, which is not opened, and counts as positive (contract section 4).
"""

import binascii
import re
from typing import Any, Final

from dcc_analytics.catalogue.identities import DCC_IDS
from dcc_analytics.catalogue.service_requests import ServiceRequestKind
from dcc_analytics.stream.duis_beside import Beside
from dcc_analytics.stream.duis_services import service_of
from dcc_analytics.stream.duis_xml import DuisError, Element
from dcc_analytics.stream.identity import request_id, target_of

SIGNED: Final = "SignedPreCommand"
#: Variant 9 is internal to the DCC and never sent by a User.
COMMAND_VARIANTS: Final = "12345678"
#: Those whose body is a Signed Pre-Command.
SIGNED_VARIANTS: Final = "567"

#: Whom the replaced credentials are of, where a process depends on it (catalogue: rows of Table 1).
_ROLE_SRVS: Final = frozenset({"6.15.1", "6.21"})
_FIRMWARE_SRVS: Final = frozenset({"11.1", "11.4"})
_CREDENTIAL_TYPES: Final = {"Digital Signature": "digital_signature", "Key Agreement": "key_agreement"}

#: Extension keyUsage of an X.509 certificate in DER (RFC 5280, 4.2.1.3): its id, whether it is critical, two bytes of
#: bits. The first bit is digitalSignature, the fifth keyAgreement; a Device's certificate has one of them (GBCS 12).
_KEY_USAGE: Final = re.compile(rb"\x06\x03\x55\x1d\x0f(?:\x01\x01\xff)?\x04\x04\x03\x02[\x00-\x07](.)", re.DOTALL)
_DIGITAL_SIGNATURE: Final = 0x80
_KEY_AGREEMENT: Final = 0x08

#: Type ``RemotePartyRole`` of the schema, as the contract writes it.
_REMOTE_PARTY_ROLES: Final = {
    "ACB": "acb",
    "LoadController": "load_controller",
    "NetworkOperator": "network_operator",
    "Recovery": "recovery",
    "Root": "root",
    "Supplier": "supplier",
    "TransCoS": "trans_cos",
}


def request_fields(root: Element, beside: Beside) -> dict[str, Any]:
    """Return the fields of the record a Request document stands for.

    Raises:
        DuisError, IdentityError: what is required is missing, or parts of the document contradict each other.
    """
    header = root.need("Header")
    named = request_id(header.required("RequestID"))
    variant = header.required("CommandVariant")
    if len(variant) != 1 or variant not in COMMAND_VARIANTS:
        raise DuisError(f"the Command Variant is not 1 to 8: {variant[:40]!r}")
    service = service_of(header)
    body = _body(root, service, signed=variant in SIGNED_VARIANTS)
    return {
        "request_id": named,
        "received_at": beside.received_at(),
        "srv": service.srv,
        "command_variant": int(variant),
        "device": _device(named, service, body),
        "execute_at": body.optional("ExecutionDateTime"),
        "parameters": _parameters(service.srv, body),
    }


def _body(root: Element, service: ServiceRequestKind, *, signed: bool) -> Element:
    """Return the element of the body that the SRV goes with."""
    holder = root.need("Body")
    body = holder.find(service.duis_element)
    if body is None and signed:
        body = holder.find(SIGNED)
    if body is None:
        found = ", ".join(child.name[:60] for child in holder.children[:3]) or "empty"
        raise DuisError(f"the body is not that of the SRV: '{found} with {service.srv}'")
    return body


def _device(named: str, service: ServiceRequestKind, body: Element) -> str | None:
    target = target_of(named)
    if service.non_device or target in DCC_IDS:
        return body.optional("DeviceID")
    return target


def _parameters(srv: str, body: Element) -> dict[str, Any]:
    parameters: dict[str, Any] = {"other_device": body.optional("OtherDeviceID")}
    if srv == "1.6":
        parameters["payment_mode"] = _payment_mode(body)
    elif srv == "6.17":
        said = body.optional("CredentialType")
        parameters["credential_type"] = _CREDENTIAL_TYPES.get(said, said) if said is not None else None
    elif srv == "6.15.2":
        parameters["credential_type"] = _key_usage(body.optional("DeviceCertificate"))
    elif srv in _ROLE_SRVS:
        parameters["remote_party_role"] = role_name(body.optional("RemotePartyRole"))
    elif srv in _FIRMWARE_SRVS:
        said = body.optional("DeviceIDList")
        parameters["devices"] = [each.strip() for each in said.split(",")] if said is not None else None
    return parameters


def _payment_mode(body: Element) -> str | None:
    if body.find("Prepayment") is not None:
        return "prepayment"
    return "credit" if body.find("Credit") is not None else None


def _key_usage(certificate: str | None) -> str | None:
    """Return what a certificate's key is for, None where that can't be read: it decides a variant, no more."""
    if certificate is None:
        return None
    try:
        usage = _KEY_USAGE.search(binascii.a2b_base64(certificate))
    except ValueError:  # no base64, or no ASCII
        return None
    if usage is None:
        return None
    bits = usage[1][0]
    if bits & _DIGITAL_SIGNATURE:
        return "digital_signature"
    return "key_agreement" if bits & _KEY_AGREEMENT else None


def role_name(duis_name: str | None) -> str | None:
    """Return a Remote Party Role as the contract writes it; one the schema has not is taken as said.

    >>> role_name("NetworkOperator"), role_name("Supplier")
    ('network_operator', 'supplier')
    """
    return None if duis_name is None else _REMOTE_PARTY_ROLES.get(duis_name, duis_name)
