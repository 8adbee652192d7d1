"""A response keeps its order, its framing and its length (RFC 9112 6)."""

from __future__ import annotations

import pytest

from services.http.app.errors import MisusedExchange
from services.http.app.message import Fields, Request, Response
from services.http.reference.h1.errors import BadResponse
from services.http.reference.h1.outgoing import CLOSE, Outgoing

KEPT = b"connection: keep-alive\r\n"
OPENING = b"HTTP/1.1 200 OK\r\n"
SIZED: Fields = ((b"content-length", b"5"),)


def outgoing(method: str = "GET", version: str = "1.1", *, persistent: bool = True) -> Outgoing:
    request = Request(method, b"/", version, "http", "a.wireyard.test", ())
    return Outgoing(request, KEPT, persistent=persistent)


class TestFraming:
    """RFC 9112 6.3"""

    def test_a_length_that_is_given_frames_the_content(self) -> None:
        out = outgoing()
        assert out.head(OPENING, 200, SIZED) == OPENING + b"content-length: 5\r\n" + KEPT + b"\r\n"
        assert out.content(b"hello") == (b"hello",)
        assert out.end() == b""

    def test_without_one_it_is_chunked(self) -> None:
        out = outgoing()
        assert b"transfer-encoding: chunked\r\n" in out.head(OPENING, 200, ())
        assert b"".join(out.content(b"hello")) == b"5\r\nhello\r\n"
        assert out.end(((b"x", b"1"),)) == b"0\r\nx: 1\r\n\r\n"

    def test_to_http_1_0_it_ends_with_the_connection(self) -> None:
        out = outgoing(version="1.0")
        head = out.head(OPENING, 200, ())
        assert CLOSE in head
        assert b"transfer-encoding" not in head
        assert (out.content(b"hello"), out.end(), out.persistent) == ((b"hello",), b"", False)

    @pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
    def test_what_has_no_content_gets_none(self, method: str, status: int) -> None:
        out = outgoing(method)
        assert b"transfer-encoding" not in out.head(OPENING, status, ())
        assert (out.content(b"hello"), out.end()) == ((), b"")

    def test_a_whole_response_says_its_length(self) -> None:
        pieces = outgoing().whole_response(OPENING, Response(200, (), b"hello"))
        assert b"".join(pieces) == OPENING + b"content-length: 5\r\n" + KEPT + b"\r\nhello"

    def test_a_whole_response_to_head_says_it_too_and_has_no_content(self) -> None:
        pieces = outgoing("HEAD").whole_response(OPENING, Response(200, (), b"hello"))
        assert pieces == (OPENING + b"content-length: 5\r\n" + KEPT + b"\r\n",)

    def test_a_connection_that_ends_says_close(self) -> None:
        assert CLOSE in outgoing(persistent=False).head(OPENING, 200, SIZED)


class TestOrder:
    """RFC 9112 2.1"""

    def test_content_needs_a_head(self) -> None:
        with pytest.raises(MisusedExchange):
            outgoing().content(b"x")

    def test_there_is_one_head(self) -> None:
        out = outgoing()
        out.head(OPENING, 200, ())
        with pytest.raises(MisusedExchange):
            out.head(OPENING, 200, ())

    def test_nothing_follows_the_end(self) -> None:
        out = outgoing()
        out.head(OPENING, 200, ())
        out.end()
        with pytest.raises(MisusedExchange):
            out.content(b"x")
        with pytest.raises(MisusedExchange):
            out.end()

    def test_content_is_no_longer_than_its_length(self) -> None:
        out = outgoing()
        out.head(OPENING, 200, SIZED)
        with pytest.raises(MisusedExchange):
            out.content(b"sixsix")

    def test_content_is_no_shorter_than_its_length(self) -> None:
        out = outgoing()
        out.head(OPENING, 200, SIZED)
        out.content(b"four")
        with pytest.raises(MisusedExchange):
            out.end()

    def test_bytes_as_they_are_take_the_place_of_a_response(self) -> None:
        out = outgoing()
        out.take_over()
        assert out.content(b"\x00") == (b"\x00",)
        assert not out.persistent
        assert not out.whole
        with pytest.raises(MisusedExchange):
            out.head(OPENING, 200, ())


@pytest.mark.parametrize(
    "field",
    [(b"a b", b"1"), (b"", b"1"), (b"a:", b"1"), (b"a", b"1\r\nb: 2"), (b"a", b"1\n"), (b"a", b"\x00")],
)
def test_a_field_cannot_break_out_of_its_line(field: tuple[bytes, bytes]) -> None:
    with pytest.raises(BadResponse):
        outgoing().head(OPENING, 200, (field,))
    out = outgoing()
    out.head(OPENING, 200, ())
    with pytest.raises(BadResponse):
        out.end((field,))
