"""The one unit of time-outs: a second, times WIREYARD_PATIENCE (1 unless set) for a slow or busy machine."""

from __future__ import annotations

import os
from collections.abc import Mapping


def scale(environ: Mapping[str, str] = os.environ) -> float:
    """How much longer than usual to wait; what is no positive number counts as 1."""
    try:
        factor = float(environ.get("WIREYARD_PATIENCE", "1"))
    except ValueError:
        return 1.0
    return factor if 0 < factor < float("inf") else 1.0


SECOND = scale()
