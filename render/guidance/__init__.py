"""The guidance document (R-DOC-1): what packs are, what is in them, and how that is changed; as HTML and as PDF.

Promise: there is one source of content. Files, columns, requirements, assumptions, processes and targets are those the
product goes by, worked examples are computed by its own functions each time, and the rest is prose in
``chapters.toml`` and ``reports.toml``. The same release gives the same bytes. Nothing of a real month is in it.
"""
