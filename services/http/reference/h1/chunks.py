"""The content of a request, cut out of the stream: a known length, or the chunked coding (RFC 9112 7.1)."""

from __future__ import annotations

import re
from typing import Protocol

from services.http.app.message import Fields
from services.http.reference.h1 import grammar
from services.http.reference.h1.errors import BadMessage
from services.http.reference.h1.limits import Limits
from services.http.reference.trailers import NOT_IN_TRAILERS

# chunk-size [ chunk-ext ], where chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
_QUOTED = rb'"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"'
_EXTENSION = rb"[ \t]*;[ \t]*%s(?:[ \t]*=[ \t]*(?:%s|%s))?" % (grammar.TOKEN, grammar.TOKEN, _QUOTED)
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})(?:%s)*" % _EXTENSION)
_LONGEST = 2**63 - 1


class Content(Protocol):
    """Cuts content out of a buffer."""

    done: bool
    trailers: Fields

    def take(self, data: bytes, at: int) -> tuple[bytes, int]:
        """The next piece in `data` from `at` and where it ends; b"" when more bytes are needed, or `done`.

        Raises BadMessage.
        """
        ...


class Sized:
    """Content of a known length."""

    trailers: Fields = ()

    def __init__(self, length: int) -> None:
        self._left = length
        self.done = length == 0

    def take(self, data: bytes, at: int) -> tuple[bytes, int]:
        """As Content.take."""
        piece = data[at : at + self._left] if at or len(data) > self._left else data
        self._left -= len(piece)
        self.done = self._left == 0
        return piece, at + len(piece)


class Chunked:
    """Content in chunks: size line, data, CRLF, over and over; then the trailer section."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = 0
        self._extensions = 0
        self._begun = False
        self._last = False
        self.done = False
        self.trailers: Fields = ()

    def take(self, data: bytes, at: int) -> tuple[bytes, int]:
        """As Content.take."""
        while not self.done:
            if self._last:
                return b"", self._section(data, at)
            if self._left:
                piece = data[at : at + self._left]
                self._left -= len(piece)
                return piece, at + len(piece)
            after = self._line(data, at)
            if after == at:
                break
            at = after
        return b"", at

    def _line(self, data: bytes, at: int) -> int:
        """Reads the next size line, behind the CRLF of the chunk before it; where it ends, or `at`."""
        start = self._crlf(data, at) if self._begun else at
        if start < 0:
            return at
        end = data.find(b"\r\n", start)
        self._check(data, start, end)
        if end < 0:
            return at
        found = _SIZE.fullmatch(data, start, end)
        if not found or int(found[1], 16) > _LONGEST:
            raise BadMessage(400, "a chunk's size line is malformed", "RFC 9112 7.1")
        self._extensions += end - found.end(1)
        if self._extensions > self._limits.extensions:
            words = f"the chunk extensions are longer than {self._limits.extensions} bytes in all"
            raise BadMessage(400, words, "RFC 9112 7.1.1")
        self._left, self._begun = int(found[1], 16), True
        self._last = not self._left
        return end + 2

    def _crlf(self, data: bytes, at: int) -> int:
        """Where the CRLF behind a chunk's data ends; -1 while it is not there."""
        ending = data[at : at + 2]
        if not b"\r\n".startswith(ending):
            raise BadMessage(400, "a chunk is not as long as its size says", "RFC 9112 7.1")
        return at + 2 if len(ending) == 2 else -1

    def _check(self, data: bytes, start: int, end: int) -> None:
        """What is wrong with a size line before it is whole."""
        stop = len(data) if end < 0 else end
        found = grammar.ILLEGAL.search(data, start, stop)
        if min(found.start() if found else stop, stop) - start > self._limits.chunk_line:
            words = f"a chunk's size line is longer than {self._limits.chunk_line} bytes"
            raise BadMessage(400, words, "RFC 9112 7.1.1")
        if found:
            raise BadMessage(400, "a chunk's size line is malformed", "RFC 9112 7.1")

    def _section(self, data: bytes, at: int) -> int:
        """Reads the trailer section; where it ends, or `at` while it is not whole."""
        if data.startswith(b"\r\n", at):
            self.done = True
            return at + 2
        end = data.find(b"\r\n\r\n", at)
        stop = len(data) if end < 0 else end + 4
        if grammar.ILLEGAL.search(data, at, min(stop, at + self._limits.trailers)):
            raise BadMessage(400, "the trailer section is malformed", "RFC 9112 7.1.2")
        if stop - at > self._limits.trailers:
            raise BadMessage(431, f"the trailers are longer than {self._limits.trailers} bytes", "RFC 6585 5")
        if end < 0:
            return at
        self.trailers = self._read_trailers(data[at:stop])
        self.done = True
        return stop

    def _read_trailers(self, section: bytes) -> Fields:
        if not grammar.FIELDS.fullmatch(section):
            raise BadMessage(400, "the trailer section is malformed", "RFC 9112 7.1.2")
        pairs = (line.partition(b":") for line in section[:-4].split(b"\r\n"))
        fields = tuple((name, value.strip(b" \t")) for name, _, value in pairs)
        if len(fields) > self._limits.fields:
            raise BadMessage(431, f"there are more than {self._limits.fields} trailers", "RFC 6585 5")
        for name, _ in fields:
            if name.lower() in NOT_IN_TRAILERS:
                raise BadMessage(400, f"{name.decode('ascii')} stands in the trailers", "RFC 9110 6.5.1")
        return fields
