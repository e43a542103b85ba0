"""The parts. A module has ``measure``, which gives a part's figures, and where they are taken ``measured``."""
