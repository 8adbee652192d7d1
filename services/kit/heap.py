"""What the C library does with memory that is free again."""

from __future__ import annotations

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Parameters of mallopt(3)."""
KEPT = 8 * 2**20
"""Free memory at the heap's end that is not given back to the system: what is read or written in one go."""
APART = 2**20
"""Bytes from which on a block has a mapping of its own."""


def keep() -> None:
    """Keeps a little more than the C library does of its own accord.

    Every read is a block of up to 256 KB. By default the library returns that to the system as soon as it is
    free, and the next read has each page of it made anew: a third of what an upload costs.
    """
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        if hasattr(library, "mallopt"):  # glibc has it, and musl needs it not
            library.mallopt(_TRIM_THRESHOLD, KEPT)
            library.mallopt(_MMAP_THRESHOLD, APART)
