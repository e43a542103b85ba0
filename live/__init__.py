"""What is seen now, for people on call: the ledger followed as it is written, judged, and served read-only.

Promise: what is shown was committed, says how old it is, and counts what a snapshot of the same offsets counts. The
package writes nothing to Kafka and moves no group's offsets, so that no worker can be slowed by it. It must not know
how packs are made; how it looks know `page` and `terminal` alone.
"""
