"""Every MUST of RFC 9113 and RFC 7541 that a server can be seen to keep, as data."""

from __future__ import annotations

from dataclasses import dataclass

from tests.http2.cases import compression, fields, frames, streams
from tests.http2.cases.case import Case


@dataclass(frozen=True, slots=True)
class Topic:
    """Cases that belong together; `feature` is their name in CONTRACT.md."""

    feature: str
    title: str
    cases: tuple[Case, ...]


TOPICS = (
    Topic("h2-preface", "The preface", frames.PREFACES),
    Topic("h2-frames", "Where frames belong", frames.PLACES),
    Topic("h2-frames", "How long frames are", frames.SIZES),
    Topic("h2-frames", "Padding", frames.PADDING),
    Topic("h2-extensions", "Unknown frames, flags and settings", frames.UNKNOWN),
    Topic("h2-session", "SETTINGS, PING, GOAWAY, PUSH_PROMISE", frames.SESSION_FRAMES),
    Topic("h2-streams", "Stream identifiers", streams.IDENTIFIERS),
    Topic("h2-streams", "Idle streams", streams.IDLE),
    Topic("h2-streams", "Half-closed streams", streams.HALF_CLOSED),
    Topic("h2-streams", "Closed streams", streams.CLOSED),
    Topic("h2-field-blocks", "Field blocks and CONTINUATION", streams.BLOCKS),
    Topic("h2-priority", "Priority", streams.PRIORITIES),
    Topic("h2-self-dependency", "Streams that depend on themselves", streams.SELF_DEPENDENCY),
    Topic("h2-flow-control", "Flow control", streams.FLOW),
    Topic("h2-messages", "Messages: order, content-length, trailers", streams.ORDER),
    Topic("h2-fields", "Fields", fields.REGULAR),
    Topic("h2-fields", "Pseudo-fields", fields.PSEUDO),
    Topic("h2-target", "Path, authority and host", fields.TARGET),
    Topic("h2-target", "CONNECT", fields.CONNECT),
    Topic("h2-messages", "content-length", fields.LENGTHS),
    Topic("h2-compression", "Header compression", compression.CASES),
)

CASES: tuple[Case, ...] = tuple(case for topic in TOPICS for case in topic.cases)

__all__ = ["CASES", "TOPICS", "Case", "Topic"]
