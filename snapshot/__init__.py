"""A month frozen: round trips given to Members, benchmarks under disclosure control, as Parquet with a manifest.

Promise: the same ledger gives the same bytes; what leaves here about others has passed the rules once. ``collect``
reads Kafka and ``tables`` writes files; all else is pure. The package must not know how packs look.
"""
