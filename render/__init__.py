"""Packs from a snapshot: CSV files, their metadata, and the PDF.

Promise: the same snapshot gives the same bytes, on one machine; a pack holds one Member's figures and benchmarks that
the snapshot allowed, nothing else. The package reads a snapshot folder and must know nothing of Kafka, events or
disclosure rules.
"""
