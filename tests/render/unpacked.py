"""A PDF with its objects where a test can see and spoil them, as they stand before they are compressed."""

from io import BytesIO

import pikepdf


def unpacked(data: bytes) -> bytes:
    """Return a document without object streams; its other streams are as they were."""
    made = BytesIO()
    with pikepdf.open(BytesIO(data)) as pdf:
        pdf.save(made, object_stream_mode=pikepdf.ObjectStreamMode.disable, fix_metadata_version=False)
    return made.getvalue()
