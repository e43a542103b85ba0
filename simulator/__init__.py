"""A simulated nation: months of recorded events of any size from a seed, with stories to find in the packs.

Promise: the same `Nation` gives the same bytes, in any number of processes; every file is one `dcca publish` reads.
Knows the catalogue alone: what is made here must not know how it is folded. All Parties, makers and Devices are
invented and named so that nobody takes them for real ones.

    nation    what is asked for: seed, homes, months
    parties   who there is         estate    homes and Devices, and how they change     stories   what is planted
    day       one day's records  = round_trips + dated + scheduled + alerts + life + faults
    write     all days, by processes, into files
"""
