"""The reference implementation of the dns role: an authoritative name server on uvloop."""
