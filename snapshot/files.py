"""Files of snapshots and packs: their checksums, and JSON as both write it."""

import json
from hashlib import file_digest
from pathlib import Path


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def write_json(path: Path, content: object) -> None:
    """Write a file that people may read too."""
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
