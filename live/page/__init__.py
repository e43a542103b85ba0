"""The page of what is seen now: HTML made on the server, in parts that are sent again when they are others.

Promise: all that is shown was escaped here, works without JavaScript, and is told by words before it is by colour. It
knows states as values and how they look; it must not know Kafka, the ledger or how states come about.
"""
