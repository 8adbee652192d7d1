"""The reference implementation of the HTTP roles: our own engines on uvloop."""
