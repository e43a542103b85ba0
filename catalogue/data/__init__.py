"""The catalogue's data files: one table a file, each row with its source and whether it is verified."""
