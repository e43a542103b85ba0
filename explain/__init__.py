"""Explaining: which records, out of the retained topics, are behind a figure of a pack.

Promises that the rules are the product's own: the records are folded again by a ``Shard`` that also keeps a trace.
Must not know how to fold: what counts, and where, is decided in ``stream``, ``aggregators`` and ``catalogue``.
"""
