"""One case: what a client sends after a good beginning, and what must come of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.http2.outcome import Answered, Outcome, SessionEnds, StreamEnds
from tests.http2.wire import PREFACE, SETTINGS_ACK, settings

GOOD_BEGINNING = PREFACE + settings() + SETTINGS_ACK


@dataclass(frozen=True, slots=True)
class Case:
    """`sends` follows `beginning`; `then` comes once all that has been answered; a PING comes last.

    `rule` is the clause in a sentence.
    """

    name: str
    rfc: tuple[str, str]
    rule: str
    sends: bytes
    expected: Outcome
    then: bytes = b""
    beginning: bytes = field(default=GOOD_BEGINNING, repr=False)

    @property
    def answered(self) -> tuple[int, ...]:
        """The streams that get a response."""
        if isinstance(self.expected, Answered):
            return self.expected.streams
        return self.expected.answered if isinstance(self.expected, StreamEnds) else ()


def session(*codes: int) -> SessionEnds:
    """A connection error with one of `codes`."""
    return SessionEnds(codes)


def stream(*codes: int) -> StreamEnds:
    """A stream error on stream 1 with one of `codes`."""
    return StreamEnds(codes)
