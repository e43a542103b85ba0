"""From bytes to round trips: what a record says, where it belongs, which leg it opens or ends.

Promise: the pure modules (``instants``, ``identity``, ``events``, ``decode``, ``duis`` and its parts, ``home``,
``legs``, ``match``, ``clock``, ``estate``) take values and return values; time, sockets and paths are arguments or
belong to the caller. ``transport``, ``feed``, ``reference``, ``estate_store``, ``topics``, ``recorded``, ``publish``
and ``broker`` do the I/O. The package must not know how round trips are aggregated, stored or printed.
"""
