"""From round trips to aggregates that survive any crash: cells, digests, facts, and the ledger that keeps them.

Promise: a figure is exact. Each record is folded once, in the same transaction that says so. The pure modules
(``keys``, ``cells``, ``tally``, ``digests``, ``observe``, ``state``, ``delta``, ``shard``) do no I/O; ``ledger``,
``reader`` and ``worker`` talk to Kafka. The package must not know Members, peers or what is printed.
"""
