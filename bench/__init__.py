"""Benchmarks anyone can run: ``make bench``, or ``python -m bench --help`` for single parts and other sizes.

    parts/        one module a part: what it measures, and where that needs a process of its own, what runs there
    run           what parts share, made when the first of them asks: events, a Kafka with them, a ledger, a snapshot
    processes     processes under measurement, all on the same core
    steps         commands of the product, measured with all their processes and on every core
    batch         what a month-end job would do instead, by polars; the part ``polars`` runs it
    killed_once   one SIGKILL on the way, and what was counted compared; ``victims`` are what is killed so
    quix_environment  where Quix Streams runs, installed by quix.lock; the part ``quix`` makes it
    stored        results as files in ``results/``, of which the pages of docs are made

A figure has a part, a name and a unit. What machines differ in cancels out in the shares of a yardstick that ran in
the same run; those are the figures to compare.
"""
