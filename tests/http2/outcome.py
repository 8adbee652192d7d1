"""What a case may end in, and whether what was seen is that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.http2.wire import ACK, CODES, GOAWAY, HEADERS, PING, RST_STREAM, Frame


@dataclass(frozen=True, slots=True)
class SessionEnds:
    """A connection error: GOAWAY with one of `codes`, then the connection closes (RFC 9113 5.4.1).

    GOAWAY may be left out where the peer does not even speak HTTP/2 (`silently`). On a closed stream a
    stream error or silence is as good (`or_less`): RFC 9113 5.1 leaves the choice.
    """

    codes: tuple[int, ...]
    silently: bool = False
    or_less: bool = False

    def __str__(self) -> str:
        return f"GOAWAY {' or '.join(CODES[code] for code in self.codes)}, and the connection closes"


@dataclass(frozen=True, slots=True)
class StreamEnds:
    """A stream error: RST_STREAM with one of `codes`, and the session goes on (RFC 9113 5.4.2)."""

    codes: tuple[int, ...]
    stream: int = 1
    answered: tuple[int, ...] = ()

    def __str__(self) -> str:
        names = " or ".join(CODES[code] for code in self.codes)
        also = f", a response on {', '.join(map(str, self.answered))}" if self.answered else ""
        return f"RST_STREAM {names} on stream {self.stream}{also}; the session goes on"


@dataclass(frozen=True, slots=True)
class Answered:
    """Responses on these streams, in any order, and the session goes on."""

    streams: tuple[int, ...] = (1,)

    def __str__(self) -> str:
        return f"a response on stream {', '.join(map(str, self.streams))}; the session goes on"


@dataclass(frozen=True, slots=True)
class Quiet:
    """No response and no error: the frames are taken, and the session goes on."""

    def __str__(self) -> str:
        return "nothing is said; the session goes on"


Outcome = SessionEnds | StreamEnds | Answered | Quiet


def judge(expected: Outcome, seen: Sequence[Frame], *, closed: bool, to_the_level: bool = True) -> None:
    """Raise AssertionError when `seen`, up to the closing PING's answer or the end, is not `expected`.

    Not `to_the_level`, a connection error may stand for a stream error (RFC 9113 5.4.1 lets it).
    """
    goaways = [frame for frame in seen if frame.kind == GOAWAY]
    resets = {frame.stream: frame.code for frame in seen if frame.kind == RST_STREAM and frame.code}
    answers = {frame.stream for frame in seen if frame.kind == HEADERS}
    alive = any(frame.kind == PING and frame.flags & ACK for frame in seen)
    if isinstance(expected, SessionEnds) and expected.or_less and not goaways and not to_the_level:
        assert alive, "neither a fault nor an answer to PING"
        assert set(resets.values()) <= set(expected.codes)
        return
    if isinstance(expected, StreamEnds) and goaways and not to_the_level:
        expected = SessionEnds(expected.codes)
    if isinstance(expected, SessionEnds):
        assert goaways or expected.silently, f"no GOAWAY in {seen}"
        assert all(frame.code in expected.codes for frame in goaways), _told(goaways)
        assert closed, "the connection stays open"
        return
    assert not goaways, _told(goaways)
    assert alive, "no answer to PING: the session does not go on"
    if isinstance(expected, StreamEnds):
        assert resets.keys() == {expected.stream}, f"RST_STREAM on {list(resets)}"
        assert resets[expected.stream] in expected.codes, f"RST_STREAM {CODES[resets[expected.stream]]}"
        assert answers >= set(expected.answered), f"responses on {answers}"
        return
    assert not resets, f"RST_STREAM {resets}"
    assert answers == (set(expected.streams) if isinstance(expected, Answered) else set())


def _told(goaways: Sequence[Frame]) -> str:
    return "; ".join(f"GOAWAY {CODES[frame.code]} {frame.payload[8:]!r}" for frame in goaways)
