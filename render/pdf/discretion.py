"""Words of the feed before they are printed: an Incident's summary is free text, and might name a Device or a User.

Source: contract section 7 (5 and 7): no other Member and no Device is ever named in the PDF.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from dcc_analytics.render.snapshot_folder import Incident, MemberEntry

_EUI_64: Final = re.compile(r"\b[0-9A-F]{2}(?:[-:][0-9A-F]{2}){7}\b", re.IGNORECASE)
#: Shorter names are parts of too many words' company to mean a User.
_LEAST_NAME: Final = 3
WITHHELD: Final = "(not shown: it names a User)"
_ID: Final = "(id not shown)"


def discreet(incidents: Iterable[Incident], member: MemberEntry, members: Iterable[MemberEntry]) -> list[Incident]:
    """Return Incidents whose texts name no Device and nobody but the recipient.

    Args:
        incidents: as the snapshot has them.
        member: the recipient.
        members: everybody.
    """
    own = {member.party, member.party_name}
    others = {name for each in members for name in (each.party, each.party_name)} - own
    names = sorted(name for name in others if len(name) >= _LEAST_NAME)
    found = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)", re.IGNORECASE) if names else None

    def said(text: str) -> str:
        return WITHHELD if found and found.search(text) else _EUI_64.sub(_ID, text)

    return [
        replace(
            incident,
            incident=said(incident.incident),
            regions=tuple(map(said, incident.regions)),
            summary=said(incident.summary),
        )
        for incident in incidents
    ]
