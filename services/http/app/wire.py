"""`/wire/…`: misbehaviour on purpose, so that authors can test clients.

HTTP/1.1 only, but `/wire/reset-stream`. Every route ends the connection, within LONGEST seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from services.http.app.abilities import Wire
from services.http.app.exchange import Exchange
from services.http.app.flaws import CHUNKS, FIELDS, STATUS_LINES, Flaw
from services.http.app.inputs import Choice, Seconds, Whole
from services.http.app.routing import Route

_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 100\r\n\r\n"
_WHOLE = _HEAD + b"*" * 100
_OTHER = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 6\r\n\r\nsecond"

_AFTER = Whole(
    name="after",
    meaning=f"How many bytes are sent first, of a head of {len(_HEAD)} and content of 100",
    high=len(_WHOLE),
    default=len(_HEAD),
)
_SAID = Whole(name="said", meaning="The length that the head says", high=10_000, default=100)
_SENT = Whole(name="sent", meaning="The length that is sent", high=10_000, default=50)
_TIME = Seconds(name="seconds", meaning="How long it takes", default=2.0)
_INTERIM = Whole(name="status", where="path", meaning="An interim status", low=100, high=199)
_TIMES = Whole(name="times", meaning="How often", low=1, high=1000, default=1)
_CODE = Whole(name="code", meaning="The error code of RST_STREAM", high=2**32 - 1, default=2)

_ANY = ("GET", "POST", "PUT")


async def close(exchange: Exchange) -> None:
    """`/wire/close?after=`: FIN in the middle."""
    after = _AFTER.of(exchange)
    wire = exchange.ability(Wire)
    await wire.write(_WHOLE[:after])
    wire.fin()


async def reset(exchange: Exchange) -> None:
    """`/wire/reset?after=`: RST in the middle."""
    after = _AFTER.of(exchange)
    wire = exchange.ability(Wire)
    await wire.write(_WHOLE[:after])
    wire.reset()


async def reset_stream(exchange: Exchange) -> None:
    """`/wire/reset-stream?code=`: head and some content, then the exchange is broken off."""
    code = _CODE.of(exchange)
    await exchange.start(200, ((b"content-type", b"text/plain"), (b"content-length", b"100")))
    await exchange.send(b"*" * 50)
    exchange.abort(code)


async def empty(exchange: Exchange) -> None:
    """`/wire/empty`: FIN instead of an answer."""
    exchange.ability(Wire).fin()


async def length(exchange: Exchange) -> None:
    """`/wire/length?said=&sent=`: a length that is wrong."""
    said, sent = _SAID.of(exchange), _SENT.of(exchange)
    wire = exchange.ability(Wire)
    await wire.write(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: %d\r\n\r\n" % said + b"*" * sent
    )
    wire.fin()


async def two(exchange: Exchange) -> None:
    """`/wire/two-answers`: a second answer that nobody asked for (RFC 9112 9.2)."""
    wire = exchange.ability(Wire)
    await wire.write(_WHOLE + _OTHER)
    wire.fin()


async def early(exchange: Exchange) -> None:
    """`/wire/early`: the whole answer, before a byte of the content is read; then FIN, still unread."""
    wire = exchange.ability(Wire)
    await wire.write(_WHOLE)
    wire.fin()


async def deaf(exchange: Exchange) -> None:
    """`/wire/deaf`: closes with content unread, which makes TCP send RST (RFC 9112 9.6)."""
    exchange.ability(Wire).reset()


async def unexpected(exchange: Exchange) -> None:
    """`/wire/interim/{status}`: interim answers that nobody asked for, 101 among them; then a good one."""
    status, times = _INTERIM.of(exchange), _TIMES.of(exchange)
    wire = exchange.ability(Wire)
    await wire.write(b"HTTP/1.1 %d Interim\r\n\r\n" % status * times + _WHOLE)
    wire.fin()


async def slow_head(exchange: Exchange) -> None:
    """`/wire/slow-head?seconds=`: the head a byte at a time."""
    await _slowly(exchange, b"", _HEAD, b"*" * 100)


async def slow_body(exchange: Exchange) -> None:
    """`/wire/slow-body?seconds=`: the content a byte at a time."""
    await _slowly(exchange, _HEAD, b"*" * 100, b"")


async def stall(exchange: Exchange) -> None:
    """`/wire/stall?after=&seconds=`: stops in the middle, says nothing for a while, then FIN."""
    after, seconds = _AFTER.of(exchange), _TIME.of(exchange)
    wire = exchange.ability(Wire)
    await wire.write(_WHOLE[:after])
    await wire.stall(seconds)
    wire.fin()


async def _slowly(exchange: Exchange, before: bytes, slow: bytes, after: bytes) -> None:
    pause = _TIME.of(exchange) / len(slow)
    wire = exchange.ability(Wire)
    await wire.write(before)
    for byte in slow:
        await wire.write(bytes((byte,)))
        await asyncio.sleep(pause)
    await wire.write(after)
    wire.fin()


def _flawed(flaws: Mapping[str, Flaw], kind: Choice) -> Callable[[Exchange], Awaitable[None]]:
    async def handler(exchange: Exchange) -> None:
        flaw = flaws[kind.of(exchange)]
        wire = exchange.ability(Wire)
        await wire.write(flaw.data)
        wire.fin()

    handler.__doc__ = f"One of {len(flaws)} malformed responses."
    return handler


def _malformed(part: str, flaws: Mapping[str, Flaw]) -> Route:
    kind = Choice(name="fault", where="path", meaning=f"What is wrong with the {part}", words=tuple(flaws))
    return _wire(f"/wire/{part}/{{fault}}", _flawed(flaws, kind), f"A malformed {part}", kind)


def _wire(
    path: str, handler: Callable[[Exchange], Awaitable[None]], summary: str, *inputs: Whole | Seconds | Choice
) -> Route:
    return Route(_ANY, path, handler, summary, "misbehaviour", inputs, (), ())


ROUTES = (
    _wire("/wire/close", close, "FIN in the middle of an answer", _AFTER),
    _wire("/wire/reset", reset, "RST in the middle of an answer", _AFTER),
    Route(
        _ANY,
        "/wire/reset-stream",
        reset_stream,
        "The exchange broken off: RST_STREAM on HTTP/2, RST on HTTP/1.1",
        "reset-on-purpose",
        (_CODE,),
        (),
        (),
    ),
    _wire("/wire/empty", empty, "FIN instead of an answer"),
    _wire("/wire/length", length, "A length that is wrong", _SAID, _SENT),
    _wire("/wire/two-answers", two, "Two answers to one request"),
    _wire("/wire/early", early, "The answer before the content is read"),
    _wire("/wire/deaf", deaf, "The connection closed with the content unread"),
    _wire("/wire/interim/{status}", unexpected, "Interim answers that nobody asked for", _INTERIM, _TIMES),
    _wire("/wire/slow-head", slow_head, "A head that comes a byte at a time", _TIME),
    _wire("/wire/slow-body", slow_body, "Content that comes a byte at a time", _TIME),
    _wire("/wire/stall", stall, "An answer that stops in the middle", _AFTER, _TIME),
    _malformed("status-line", STATUS_LINES),
    _malformed("field", FIELDS),
    _malformed("chunk", CHUNKS),
)
