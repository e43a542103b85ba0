"""An independent judge of the figures, written from the contract alone, and months of recorded events to judge.

Promise: nothing here imports the product's stream, aggregators, snapshot or render; only the data files of the
catalogue are shared. It reads whole folders of recorded events and computes by sorting, joins and groups what the
product folds as a stream, so that a fault of one is not a fault of the other. Matching is lists of Python: an end meets
its leg by rules that each look at what came before, and a join would hide them. All else is in columns of polars.
"""
