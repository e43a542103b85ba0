"""The JSON records of the feed as they come over the wire, field by field (contract sections 1 and 8).

Only types and ranges are said here; ``decode`` turns what passes into events. ``None`` stands for absent: an
optional field that is null is absent. Fields not named are ignored, fields of the wrong type refuse the record.
"""

from datetime import datetime
from typing import Annotated, Final, Literal, TypeAlias

from msgspec import Meta, Struct

Instant: TypeAlias = Annotated[datetime, Meta(tz=True)]
#: Whatever figures are counted by is a word: longer ones are some other text in its place. A thousand keys of them are
#: one record of the ledger, which has to stay below what a topic takes.
LONGEST_WORD: Final = 128
Word: TypeAlias = Annotated[str, Meta(max_length=LONGEST_WORD)]
Text: TypeAlias = Annotated[str, Meta(min_length=1, max_length=LONGEST_WORD)]
Count: TypeAlias = Annotated[int, Meta(ge=0)]
#: More further equal Alerts than this nobody counts: eight million such records could be added up in 64 bits.
MOST_THROTTLED: Final = 10**12
#: DUIS counts instructions by xs:unsignedShort; what is kept of a greater number fits no field of the ledger.
InstructionNumber: TypeAlias = Annotated[int, Meta(ge=1, le=65_535)]


class WireRequestParameters(Struct, gc=False):
    payment_mode: Word | None = None
    credential_type: Word | None = None
    remote_party_role: Word | None = None
    top_up_pence: float | None = None
    other_device: str | None = None
    devices: list[str] | None = None


class WireRequest(Struct, gc=False):
    request_id: str
    received_at: Instant
    srv: Text
    command_variant: Annotated[int, Meta(ge=1, le=8)]
    role: Word | None = None
    device: str | None = None
    execute_at: Instant | None = None
    schedule_id: str | None = None
    parameters: WireRequestParameters | None = None


class WireInstruction(Struct, gc=False):
    number: InstructionNumber
    total: InstructionNumber
    alert: Literal["8F66", "8F67"]


class WireResponse(Struct, gc=False):
    sent_at: Instant
    code: Text
    request_id: str | None = None
    kind: Literal["acknowledgement", "pre_command", "response", "future_dated", "scheduled"] | None = None
    device: str | None = None
    device_result: Literal["success", "failure"] | None = None
    instruction: WireInstruction | None = None
    schedule_id: str | None = None
    user: str | None = None
    role: Word | None = None
    srv: Word | None = None
    planned_at: Instant | None = None


class WireAlertParameters(Struct, gc=False):
    started_at: Instant | None = None
    mpxn: Word | None = None
    interrupted_at: Instant | None = None
    restored_at: Instant | None = None
    remote_party_role: Word | None = None
    s1sp_code: str | None = None
    request_id: str | None = None
    target_device: str | None = None
    result: Literal["success", "failure"] | None = None


class WireAlert(Struct, gc=False):
    alert_id: Text
    kind: Literal["dcc", "device"]
    code: Text
    recipient: str
    raised_at: Instant
    ended_at: Instant
    outcome: Literal["delivered", "failed"]
    role: Word | None = None
    device: str | None = None
    attempts: Count | None = None
    throttled_count: Annotated[int, Meta(ge=0, le=MOST_THROTTLED)] | None = None
    request_id: str | None = None
    parameters: WireAlertParameters | None = None


class WireDevice(Struct, gc=False):
    device: str
    as_of: Instant
    device_type: Text
    status: Text
    removed: bool | None = None
    device_status_date: str | None = None
    device_status_history: str | list[str] | None = None
    device_manufacturer: Word | None = None
    device_model: Word | None = None
    hardware_version: str | None = None
    device_firmware_version: Word | None = None
    device_firmware_version_status: str | None = None
    cpl_status: str | None = None
    smets_chts_version: str | None = None
    device_gbcs_version: str | None = None
    date_commissioned: str | None = None
    import_mpxn: Word | None = None
    secondary_import_mpan: str | None = None
    export_mpan: str | None = None
    esme_variant: str | None = None
    uprn: str | int | None = None
    post_code: str | None = None
    address_identifier: str | None = None
    csp_region: Word | None = None
    han_variant: str | None = None
    s1sp: str | None = None
    connectivity: str | None = None
    chf: str | None = None
    associated_meter_or_gpf: str | None = None
    associated_gpf_device_id: str | None = None
    chf_install_type: str | None = None
    chf_install_date_time: str | None = None
    chf_location: str | None = None
    aerial_install: bool | None = None
    install_kind: str | None = None
    premise_type: str | None = None
    import_supplier_id: str | None = None
    export_supplier_id: str | None = None
    gas_supplier_id: str | None = None
    network_operator_id: str | None = None
    distributor_id: str | None = None
    gsp_group: str | None = None
    meter_type: str | None = None
    smets_version: Word | None = None
    payment_mode: Word | None = None
    last_communication_date_time: str | None = None


class WireIncident(Struct, gc=False):
    incident: Text
    category: Annotated[int, Meta(ge=1, le=5)]
    opened_at: Instant
    as_of: Instant
    closed_at: Instant | None = None
    regions: list[str] | None = None
    summary: str | None = None


class WireUser(Struct, gc=False):
    user: str
    party: Text
    roles: list[str]
    as_of: Instant
    party_name: str | None = None
    group: str | None = None
    size: str | None = None
