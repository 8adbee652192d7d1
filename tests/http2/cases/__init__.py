"""Every MUST of RFC 9113 and RFC 7541 that a server can be seen to keep, as data."""

from __future__ import annotations

from tests.http2.cases import compression, fields, frames, streams
from tests.http2.cases.case import Case

CASES: tuple[Case, ...] = (*frames.CASES, *streams.CASES, *fields.CASES, *compression.CASES)

__all__ = ["CASES", "Case"]
