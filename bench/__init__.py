"""Benchmarks anyone can run: ``make bench``, or ``python -m bench --help`` for parts and other sizes."""
