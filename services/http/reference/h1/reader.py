"""Cuts the bytes of one connection into heads and content.

    head()     the next head, once it is whole
    expect()   what its content will be
    piece()    the next piece of that content
    take()     instead of both, the content whole, where all of it is held
    done       that the content has ended: the next head may come

It never looks past the end of a message, so that what stands behind a refused one is never read as a
request.
"""

from __future__ import annotations

from services.http.app.message import Fields
from services.http.reference.h1 import grammar
from services.http.reference.h1.chunks import Chunked, Content, Sized
from services.http.reference.h1.framing import CHUNKED
from services.http.reference.h1.limits import Limits

_NOTHING: Content = Sized(0)


class Reader:
    """The incoming side of one connection."""

    __slots__ = ("_at", "_content", "_data", "_limits", "_scanned")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._data = b""
        self._at = 0
        self._scanned = 0
        self._content = _NOTHING

    @property
    def pending(self) -> int:
        """How many bytes are held unread."""
        return len(self._data) - self._at

    @property
    def done(self) -> bool:
        """Whether the content of the last head has ended."""
        return self._content.done

    @property
    def trailers(self) -> Fields:
        """The trailer section of the content, once it is done."""
        return self._content.trailers

    def feed(self, data: bytes) -> None:
        """More bytes from the client."""
        self._data = self._data[self._at :] + data if self._at < len(self._data) else data
        self._scanned -= min(self._at, self._scanned)
        self._at = 0

    def head(self) -> bytes | None:
        """The next head, its empty line included; None while it is not whole. Raises BadMessage.

        Empty lines before it are skipped (RFC 9112 2.2).
        """
        while self._data.startswith(b"\r\n", self._at):
            self._at += 2
        if self._at == len(self._data):
            return None
        end = self._data.find(b"\r\n\r\n", max(self._at, self._scanned - 3))
        if end < 0 or end + 4 - self._at > self._limits.line:
            self._scan(end)
        if end < 0:
            return None
        raw = self._data[self._at : end + 4]
        self._scanned = self._at = end + 4
        return raw

    def _scan(self, end: int) -> None:
        """Refuses what is wrong already, or too long."""
        seen = self._data[self._at : end + 4] if end >= 0 else self._data[self._at :]
        grammar.scan(seen, max(0, self._scanned - self._at - 1), self._limits)
        self._scanned = len(self._data)

    def expect(self, content: int) -> None:
        """The head last read has this content: NONE, CHUNKED or a length."""
        if content == CHUNKED:
            self._content = Chunked(self._limits)
        else:
            self._content = Sized(content) if content else _NOTHING

    def piece(self) -> bytes:
        """The next piece of content; b"" when it is done, or more bytes are needed. Raises BadMessage."""
        if self._content.done:
            return b""
        piece, self._at = self._content.take(self._data, self._at)
        self._scanned = self._at
        return piece

    def take(self, length: int) -> bytes:
        """The whole content of the head last read, which is `length` bytes, no more than are held."""
        start = self._at
        self._scanned = self._at = start + length
        return self._data[start : self._at]

    def rest(self) -> bytes:
        """Everything held, taken out: what stands behind an upgrade or a CONNECT belongs to the tunnel."""
        data, self._data, self._at, self._scanned = self._data[self._at :], b"", 0, 0
        return data
