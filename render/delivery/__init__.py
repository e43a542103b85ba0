"""Finished packs as deliverables: verified against their manifests, compared with each other, sealed for recipients.

Promise: whatever is said of a pack is read from its own files, its manifest and the metadata beside its CSV files, so
that a pack of another release, or one that went through other hands, is judged by what it says of itself. Packs are
never written to; a sealed archive is whole or not there. Nothing here knows a snapshot.
"""
