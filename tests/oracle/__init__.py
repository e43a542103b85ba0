"""An independent judge of the figures, written from the contract alone, and months of recorded events to judge.

Promise: nothing here imports the product's stream, aggregators, snapshot or render; only the data files of the
catalogue are shared. It reads whole folders of recorded events and computes by lists and sorting what the product
folds as a stream, so that a fault of one is not a fault of the other. It is not fast and needs not be.
"""
