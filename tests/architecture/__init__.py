"""The repository itself: layers, packages, wheel, lock, documents."""
