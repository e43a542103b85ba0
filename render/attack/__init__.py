"""Attackers: they read finished packs as recipients would, all of them together, and try to learn of others.

What they know beside the packs is what insiders and the public know, and who is who, to tell when an attack has
succeeded. They never read a snapshot's tables: what was withheld is not theirs to see, and an error in how it was
withheld must not repeat itself here. So the rules are computed anew, from the counts that Members are shown of
themselves. One module is one attack; ``gate`` runs them all.

Source: contract 7.10.
"""
