"""Workers, their broker and all that can go wrong, simulated in one thread from a seed.

What is simulated is what lies outside the product: aiokafka's clients, the broker behind them, processes, the group.
The product's own runner, ledger, extents, reader of reference topics, clock board and shard run as they are. Their
coroutines are driven by hand, from one *point* (a word to the broker) to the next, and between any two points anything
may happen to any of them: see ``world``.
"""
