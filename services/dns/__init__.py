"""The dns role: its contract, its zones and the programs that fill it."""
