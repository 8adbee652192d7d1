"""Connections that stop being HTTP: Upgrade, CONNECT, WebSocket."""

from __future__ import annotations

import pytest
import wsproto.events as ws
from wsproto.connection import Connection as WebSocket
from wsproto.connection import ConnectionState, ConnectionType
from wsproto.extensions import PerMessageDeflate
from wsproto.frame_protocol import CloseReason, Opcode

from clients.http1 import Client, Connection, Tunnel
from tests.http1.syntax.case import HOST

rfc, feature = pytest.mark.rfc, pytest.mark.feature

ECHO = "wireyard-echo"
KEY, ACCEPT = b"dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
"""The example of RFC 6455 1.3."""


def _upgrade(protocol: bytes) -> tuple[tuple[bytes, bytes], ...]:
    return ((b"Connection", b"Upgrade"), (b"Upgrade", protocol))


class TestRFC9110Upgrade:
    """7.8. Upgrade"""

    @rfc("9110", "7.8")
    @feature("upgrade")
    async def test_the_connection_becomes_what_was_agreed(self, client: Client) -> None:
        async with await client.connection() as connection:
            call = await connection.start("GET", "/upgrade", _upgrade(b"unknown/1, wireyard-echo"))
            reply = await call.reply()
            assert reply.status == 101
            assert reply.value("upgrade") == ECHO
            assert "upgrade" in (reply.value("connection") or "").lower()
            assert call.tunnel is not None
            await call.tunnel.send(b"hello")
            assert await call.tunnel.receive_exactly(5) == b"hello"

    @rfc("9110", "7.8")
    @feature("upgrade")
    async def test_bytes_behind_the_request_belong_to_the_new_protocol(self, client: Client) -> None:
        data = (
            b"GET /upgrade HTTP/1.1\r\n"
            + HOST
            + b"Connection: upgrade\r\nUpgrade: wireyard-echo\r\n\r\nhello"
        )
        async with await client.connection() as connection:
            await connection.write(data)
            seen = b""
            while not seen.endswith(b"hello"):
                piece = await connection.read()
                assert piece, f"the connection ended after {seen!r}"
                seen += piece
        assert seen.startswith(b"HTTP/1.1 101 ")
        assert seen.partition(b"\r\n\r\n")[2] == b"hello"

    @rfc("9110", "15.5.22")
    @feature("upgrade")
    async def test_without_it_426_names_what_is_needed(self, client: Client) -> None:
        reply = await client.get("/upgrade")
        assert reply.status == 426
        assert reply.value("upgrade") == ECHO
        assert "upgrade" in (reply.value("connection") or "").lower()

    @rfc("9110", "7.8")
    @feature("upgrade-ignored")
    async def test_an_upgrade_that_nobody_knows_is_ignored(self, client: Client) -> None:
        reply = await client.get("/todos?name=lisi", _upgrade(b"foo/2"))
        assert reply.status == 200

    @rfc("9110", "7.8")
    @feature("upgrade")
    async def test_upgrade_without_the_connection_option_is_ignored(self, client: Client) -> None:
        assert (await client.get("/upgrade", ((b"Upgrade", b"wireyard-echo"),))).status == 426

    @rfc("9110", "7.8")
    @feature("upgrade")
    async def test_http_1_0_cannot_upgrade(self, client: Client) -> None:
        data = b"GET /upgrade HTTP/1.0\r\n" + HOST + b"Connection: upgrade\r\nUpgrade: wireyard-echo\r\n\r\n"
        assert (await client.send_raw(data)).status == 426


class TestRFC9110Connect:
    """9.3.6. CONNECT"""

    @rfc("9110", "9.3.6")
    @feature("connect")
    async def test_a_tunnel_opens_behind_a_200_without_framing(self, client: Client) -> None:
        async with await client.connection() as connection:
            call = await connection.start("CONNECT", "echo.wireyard.test:7")
            reply = await call.reply()
            assert reply.status == 200
            assert reply.value("content-length") is None
            assert reply.value("transfer-encoding") is None
            assert call.tunnel is not None
            await call.tunnel.send(b"GET / HTTP/1.1\r\n\r\n")
            assert await call.tunnel.receive_exactly(18) == b"GET / HTTP/1.1\r\n\r\n"

    @rfc("9110", "9.3.6")
    @feature("connect-elsewhere")
    async def test_any_other_target_is_refused(self, client: Client) -> None:
        assert (await client.request("CONNECT", "dns.wireyard.test:53")).status == 403


class Socket:
    """A WebSocket over a tunnel."""

    def __init__(self, tunnel: Tunnel, *extensions: PerMessageDeflate) -> None:
        self._tunnel = tunnel
        self.frames = WebSocket(ConnectionType.CLIENT, list(extensions))

    async def send(self, event: ws.Event) -> None:
        await self._tunnel.send(self.frames.send(event))

    async def send_raw(self, data: bytes) -> None:
        await self._tunnel.send(data)

    async def event(self) -> ws.Event:
        while True:
            for event in self.frames.events():
                return event
            data = await self._tunnel.receive()
            assert data, "the connection ended without a closing frame"
            self.frames.receive_data(data)

    async def message(self) -> tuple[str | bytes, int]:
        """The next message, whole, and in how many pieces it came."""
        pieces: list[str | bytes] = []
        while True:
            event = await self.event()
            assert isinstance(event, ws.Message), event
            pieces.append(bytes(event.data) if isinstance(event.data, bytearray) else event.data)
            if event.message_finished:
                text = [piece for piece in pieces if isinstance(piece, str)]
                data = [piece for piece in pieces if isinstance(piece, bytes)]
                assert not (text and data), "a message is of one kind (RFC 6455 5.4)"
                return "".join(text) if text else b"".join(data), len(pieces)


async def _open(
    connection: Connection, *fields: tuple[bytes, bytes], target: str = "/websocket/echo"
) -> Socket:
    handshake = (*_upgrade(b"websocket"), (b"Sec-WebSocket-Key", KEY), (b"Sec-WebSocket-Version", b"13"))
    call = await connection.start("GET", target, (*handshake, *fields))
    reply = await call.reply()
    assert reply.status == 101
    assert reply.value("sec-websocket-accept") == ACCEPT
    assert call.tunnel is not None
    extensions = []
    agreed = reply.value("sec-websocket-extensions")
    if agreed:
        deflate = PerMessageDeflate()
        deflate.finalize(agreed)
        extensions.append(deflate)
    return Socket(call.tunnel, *extensions)


class TestRFC6455:
    """The WebSocket Protocol"""

    @rfc("6455", "5.6")
    @feature("websocket")
    @pytest.mark.parametrize("data", ["héllo 过生日", b"\x00\xff" * 70_000, "", "x" * 125, "x" * 126])
    async def test_every_message_comes_back(self, client: Client, data: str | bytes) -> None:
        async with await client.connection() as connection:
            socket = await _open(connection)
            await socket.send(ws.TextMessage(data) if isinstance(data, str) else ws.BytesMessage(data))
            assert (await socket.message())[0] == data

    @rfc("6455", "5.4")
    @feature("websocket")
    async def test_fragments_are_one_message(self, client: Client) -> None:
        async with await client.connection() as connection:
            socket = await _open(connection)
            for piece, last in (("a", False), ("b", False), ("c", True)):
                await socket.send(ws.TextMessage(piece, message_finished=last))
            assert (await socket.message())[0] == "abc"

    @rfc("6455", "5.5.2")
    @feature("websocket")
    async def test_a_ping_between_fragments_is_answered_with_its_payload(self, client: Client) -> None:
        async with await client.connection() as connection:
            socket = await _open(connection)
            await socket.send(ws.TextMessage("a", message_finished=False))
            await socket.send(ws.Ping(b"are you there"))
            events = [await socket.event(), await socket.event()]
            pong = next(event for event in events if isinstance(event, ws.Pong))
            assert pong.payload == b"are you there"

    @rfc("6455", "5.5.1")
    @feature("websocket")
    @pytest.mark.parametrize("code", [1000, 1001, 3000, 4999])
    async def test_a_close_is_answered_with_its_code(self, client: Client, code: int) -> None:
        async with await client.connection() as connection:
            socket = await _open(connection)
            await socket.send(ws.CloseConnection(code, "bye"))
            event = await socket.event()
            assert isinstance(event, ws.CloseConnection)
            assert event.code == code
            assert socket.frames.state is ConnectionState.CLOSED
            assert await connection.read() == b""

    @rfc("6455", "7.4.1")
    @feature("websocket")
    @pytest.mark.parametrize(
        ("frame", "code"),
        [
            (b"\x81\x01a", CloseReason.PROTOCOL_ERROR),
            (b"\x83\x80\0\0\0\0", CloseReason.PROTOCOL_ERROR),
            (b"\x80\x80\0\0\0\0", CloseReason.PROTOCOL_ERROR),
            (b"\x09\x80\0\0\0\0", CloseReason.PROTOCOL_ERROR),
            (b"\xc1\x80\0\0\0\0", CloseReason.PROTOCOL_ERROR),
            (b"\x81\x82\0\0\0\0\xff\xfe", CloseReason.INVALID_FRAME_PAYLOAD_DATA),
        ],
        ids=[
            "unmasked",
            "reserved opcode",
            "continues nothing",
            "ping in pieces",
            "reserved bit",
            "no UTF-8",
        ],
    )
    async def test_a_wrong_frame_ends_it_with_the_right_code(
        self, client: Client, frame: bytes, code: int
    ) -> None:
        async with await client.connection() as connection:
            socket = await _open(connection)
            await socket.send_raw(frame)
            event = await socket.event()
            assert isinstance(event, ws.CloseConnection)
            assert event.code == code
            assert await connection.read() == b""

    @rfc("6455", "7.4.1")
    @feature("websocket")
    @pytest.mark.parametrize(
        ("limits", "pieces"),
        [
            ("max_message_size=10&max_fragment_size=10", ("12345678901",)),
            ("max_message_size=10&max_fragment_size=5", ("123456",)),
            ("max_message_size=10&max_fragment_size=5", ("12345", "12345", "1")),
        ],
        ids=["one frame", "a fragment", "fragments in all"],
    )
    async def test_what_is_larger_than_agreed_ends_it_with_1009(
        self, client: Client, limits: str, pieces: tuple[str, ...]
    ) -> None:
        async with await client.connection() as connection:
            socket = await _open(connection, target=f"/websocket/echo?{limits}")
            for piece in pieces:
                await socket.send(ws.TextMessage(piece, message_finished=piece is pieces[-1]))
            while not isinstance(event := await socket.event(), ws.CloseConnection):
                assert isinstance(event, ws.Message)
            assert event.code == CloseReason.MESSAGE_TOO_BIG

    @rfc("6455", "5.4")
    @feature("websocket")
    async def test_what_is_as_large_as_agreed_comes_back(self, client: Client) -> None:
        async with await client.connection() as connection:
            socket = await _open(connection, target="/websocket/echo?max_message_size=10&max_fragment_size=5")
            for _ in range(2):
                await socket.send(ws.TextMessage("12345", message_finished=False))
                await socket.send(ws.TextMessage("67890"))
                assert (await socket.message())[0] == "1234567890"

    @rfc("9110", "15.5.1")
    @feature("websocket")
    @pytest.mark.parametrize(
        "limits", ["max_fragment_size=0", "max_message_size=x", "max_message_size=5&max_fragment_size=6"]
    )
    async def test_limits_out_of_bounds_are_400(self, client: Client, limits: str) -> None:
        fields = (*_upgrade(b"websocket"), (b"Sec-WebSocket-Key", KEY), (b"Sec-WebSocket-Version", b"13"))
        assert (await client.get(f"/websocket/echo?{limits}", fields)).status == 400

    @rfc("7692", "7")
    @feature("websocket")
    async def test_messages_are_compressed_when_agreed(self, client: Client) -> None:
        async with await client.connection() as connection:
            socket = await _open(connection, (b"Sec-WebSocket-Extensions", b"permessage-deflate"))
            await socket.send(ws.TextMessage("x" * 10_000))
            assert (await socket.message())[0] == "x" * 10_000

    @rfc("6455", "4.2.2")
    @feature("websocket")
    async def test_another_version_is_answered_426_with_ours(self, client: Client) -> None:
        fields = (*_upgrade(b"websocket"), (b"Sec-WebSocket-Key", KEY), (b"Sec-WebSocket-Version", b"8"))
        reply = await client.get("/websocket/echo", fields)
        assert reply.status == 426
        assert (reply.value("sec-websocket-version"), reply.value("upgrade")) == ("13", "websocket")

    @rfc("6455", "4.2.1")
    @feature("websocket")
    async def test_a_handshake_is_a_get(self, client: Client) -> None:
        fields = (*_upgrade(b"websocket"), (b"Sec-WebSocket-Key", KEY), (b"Sec-WebSocket-Version", b"13"))
        assert (await client.request("HEAD", "/websocket/echo", fields)).status in (400, 405)

    @rfc("6455", "4.2.1")
    @feature("websocket")
    @pytest.mark.parametrize("key", [b"", b"c2hvcnQ=", b"!!!", KEY + b"AAAA"])
    async def test_a_key_that_is_not_16_bytes_is_400(self, client: Client, key: bytes) -> None:
        fields = (*_upgrade(b"websocket"), (b"Sec-WebSocket-Key", key), (b"Sec-WebSocket-Version", b"13"))
        assert (await client.get("/websocket/echo", fields)).status == 400


def test_the_frames_of_the_table_are_what_they_say() -> None:
    """0x3 is reserved, 0x0 continues, 0x9 is a ping (RFC 6455 5.2)."""
    assert {Opcode.CONTINUATION, Opcode.PING} == {Opcode(0), Opcode(9)}
    assert 3 not in [opcode.value for opcode in Opcode]
