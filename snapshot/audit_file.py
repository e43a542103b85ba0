"""``audit.json``: what an audit found, beside the snapshot it is of."""

import json
from pathlib import Path
from typing import Any, Final

from dcc_analytics.catalogue.errors import SnapshotError
from dcc_analytics.snapshot.audit import DIFFERS, PROVEN, Audit

AUDIT: Final = "audit.json"


def write_audit(audit: Audit, snapshot: Path, identity: str) -> None:
    """Write an audit beside the snapshot it is of.

    Args:
        audit: what it found.
        snapshot: folder of the snapshot.
        identity: SHA-256 of its manifest.

    Raises:
        SnapshotError: the folder can't be written.
    """
    path = snapshot / AUDIT
    making = path.with_suffix(".new")
    try:
        making.write_text(json.dumps({"snapshot": identity, **audit.told()}, indent=2) + "\n", encoding="utf-8")
        making.replace(path)
    except OSError as error:
        raise SnapshotError(f"{path} can't be written ({error}); free space, or see to its folder") from error


def read_audit(snapshot: Path, identity: str) -> dict[str, Any] | None:
    """Return what an audit of a snapshot found, as ``Audit.told`` gives it; None if nobody audited this one.

    Raises:
        SnapshotError: the file is there and can't be read.
    """
    path = snapshot / AUDIT
    try:
        said: dict[str, Any] = json.loads(path.read_bytes())
        return said if said["snapshot"] == identity and said["verdict"] in {PROVEN, DIFFERS} else None
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SnapshotError(f"{path} can't be used ({error}); run `dcca audit` for its month again") from error
