"""What ``dcca live`` serves, in a terminal: followed over HTTP, laid out as text, driven by keys.

Promise: it shows what the page shows, in the same order, and says when it can't be trusted. It knows the server by its
API alone, asks for nothing but to read, and prints no control character that a server sent. It must not know Kafka.
"""
