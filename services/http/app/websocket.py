"""WebSocket (RFC 6455) by wsproto, over what carries a tunnel: an Upgrade, or RFC 8441's CONNECT."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import CloseConnection, Event, Message, Ping
from wsproto.extensions import Extension, PerMessageDeflate
from wsproto.frame_protocol import CloseReason
from wsproto.utilities import RemoteProtocolError

from services.http.app.abilities import Tunnel
from services.http.app.errors import Refused
from services.http.app.exchange import Exchange
from services.http.app.inputs import LARGEST, Whole
from services.http.app.message import Fields, Request
from services.http.app.routing import Route
from services.http.app.tunnels import upgrade_required

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_VERSION = b"13"
_STEP = 4096
"""Bytes that are read at once: a thousand times as many may come out of them when they are compressed."""
_MESSAGE = Whole(name="max_message_size", meaning="Larger messages end it with 1009", low=1, default=LARGEST)
_FRAGMENT = Whole(
    name="max_fragment_size", meaning="Larger fragments end it with 1009", low=1, default=LARGEST // 2
)


async def echo(exchange: Exchange) -> None:
    """`/websocket/echo`: every message comes back, in fragments as they came; a ping is answered."""
    tunnel = exchange.ability(Tunnel)
    if "websocket" not in tunnel.offers:
        raise upgrade_required(exchange.request, "websocket")
    sizes = Sizes(_FRAGMENT.of(exchange), _MESSAGE.of(exchange))
    if sizes.most_of_a_fragment > sizes.most_of_a_message:
        raise Refused(400, "max_fragment_size is larger than max_message_size")
    fields, extensions = _handshake(exchange.request)
    await tunnel.open("websocket", fields)
    socket = Connection(ConnectionType.SERVER, extensions)
    while socket.state is ConnectionState.OPEN and (data := await exchange.receive()):
        while data and await _answer(exchange, socket, data[:_STEP], sizes):
            data = data[_STEP:]
    if socket.state is ConnectionState.OPEN:
        await exchange.send(socket.send(CloseConnection(CloseReason.GOING_AWAY)))
    await exchange.finish()


async def _answer(exchange: Exchange, socket: Connection, data: bytes, sizes: Sizes) -> bool:
    """Answers what is whole after `data`; whether more is wanted."""
    try:
        socket.receive_data(data)
        for event in socket.events():
            answer = _reply(event, sizes)
            if answer is not None and socket.state is not ConnectionState.CLOSED:
                await exchange.send(socket.send(answer))
            if sizes.exceeded:
                break
    except RemoteProtocolError as error:
        if error.event_hint is not None:
            await exchange.send(socket.send(error.event_hint))
    return socket.state is ConnectionState.OPEN


def _reply(event: Event, sizes: Sizes) -> Event | None:
    """What is sent back: the same data, a Pong, the same close code; or 1009 for what is too large."""
    if isinstance(event, Message):
        sizes.count(event.data, fragment_ends=event.frame_finished, message_ends=event.message_finished)
        if sizes.exceeded:
            return CloseConnection(CloseReason.MESSAGE_TOO_BIG)
        return type(event)(data=event.data, message_finished=event.message_finished)
    if isinstance(event, Ping | CloseConnection):
        return event.response()
    return None


@dataclass(slots=True)
class Sizes:
    """How much of a fragment and of its message has come, in bytes of content, and how much may."""

    most_of_a_fragment: int
    most_of_a_message: int
    fragment: int = 0
    message: int = 0
    exceeded: bool = False

    def count(self, data: str | bytes | bytearray, *, fragment_ends: bool, message_ends: bool) -> None:
        """A piece of a fragment, which may be all of it."""
        size = len(data.encode() if isinstance(data, str) else data)
        self.fragment += size
        self.message += size
        self.exceeded = self.fragment > self.most_of_a_fragment or self.message > self.most_of_a_message
        if fragment_ends:
            self.fragment = 0
        if message_ends:
            self.message = 0


def _handshake(request: Request) -> tuple[Fields, list[Extension]]:
    """The fields of the acceptance (RFC 6455 4.2.2). Raises Refused."""
    if request.method == "HEAD":
        raise Refused(405, "a WebSocket begins with GET (RFC 6455 4.2.1)", ((b"allow", b"GET"),))
    if request.value(b"sec-websocket-version") != _VERSION:
        version = ((b"sec-websocket-version", _VERSION),)
        raise upgrade_required(request, "websocket", "version 13 of websocket", version)
    fields: Fields = ()
    if request.version != "2":
        fields = ((b"sec-websocket-accept", _accept(request)),)
    offers = [offer.strip() for offer in (request.value(b"sec-websocket-extensions") or b"").split(b",")]
    deflate = PerMessageDeflate()
    for offer in offers:
        if offer.partition(b";")[0].strip() == b"permessage-deflate":
            accepted = deflate.accept(offer.decode("latin-1"))
            if isinstance(accepted, str):
                line = f"permessage-deflate; {accepted}".strip("; ").encode()
                return (*fields, (b"sec-websocket-extensions", line)), [deflate]
    return fields, []


def _accept(request: Request) -> bytes:
    """The proof that the handshake was read (RFC 6455 4.2.2, 5.4)."""
    key = request.value(b"sec-websocket-key") or b""
    try:
        length = len(base64.b64decode(key, validate=True))
    except binascii.Error:
        length = 0
    if length != 16:
        raise Refused(400, "Sec-WebSocket-Key is not 16 bytes in base64")
    return base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())


ROUTES = (
    Route(
        ("GET",),
        "/websocket/echo",
        echo,
        "A WebSocket that sends every message back",
        "websocket",
        (_MESSAGE, _FRAGMENT),
        statuses=(),
        media=(),
    ),
)

EXTENDED = (Route(("CONNECT",), "/websocket/echo", echo, "The same over HTTP/2 (RFC 8441)", "websocket"),)
