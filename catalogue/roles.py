"""User Roles, and whose a message is when it says none (contract section 2, Role; section 8, Who)."""

from collections.abc import Collection
from typing import Final

from dcc_analytics.catalogue.tables import by_key, read_table

#: Role of a User whose Party has none that may send the message.
OTHER_USER: Final = "OU"

ROLE_NAMES: Final = by_key(read_table("roles.csv", ("role", "name", "order")), "role", lambda row: row.text("name"))

#: The order in which roles are tried.
ROLE_ORDER: Final = tuple(ROLE_NAMES)

_BY_DEVICE_TYPE: Final = {"ESME": ("IS", "ES", "ED"), "GSME": ("GS", "GT"), "GPF": ("GS", "GT")}


def resolve_role(party_roles: Collection[str], *, eligible: Collection[str] | None, device_type: str) -> str:
    """Return the role a message is sent (or received) in when it says none.

    Args:
        party_roles: the roles of the User's Party.
        eligible: the roles that may send the SRV; None for an Alert, which every role may receive.
        device_type: of the Device it is about, ``Unknown`` without.

    >>> resolve_role(["IS", "GS"], eligible=["IS", "GS"], device_type="GPF")
    'GS'
    """
    able = [role for role in party_roles if eligible is None or role in eligible]
    if not able:
        return OTHER_USER
    for role in (*_BY_DEVICE_TYPE.get(device_type, ()), *ROLE_ORDER):
        if role in able:
            return role
    return min(able)  # roles are an open list; the Party's own order must not decide
