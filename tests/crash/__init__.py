"""The assault: workers, broker and disks made to fail, and every figure compared with those of nobody's failing.

A plan is a seed: it chooses the faults, their order and their instants. ``python -m tests.crash.assault`` runs plans
until enough processes have been killed; the tests here run a slice of them.
"""
