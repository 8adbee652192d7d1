"""What `python -m certs make` says while it works, for whoever waits for a part of it."""

SERVICES_READY = "each service has its own certificate; the rest follows"
"""A service can start from here on: the zoo and the revocation lists are read when somebody asks for them."""
