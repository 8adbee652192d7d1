"""What addresses this machine has: the suite asks as well, in an image that has no psutil."""

from __future__ import annotations

import socket


def exists(address: str) -> bool:
    """Whether `address` is one of this machine's."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True
