"""Content that takes its time or its room: sized, streamed, dripped, delayed, uploaded, with trailers."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator

from services.http.app.content import write
from services.http.app.errors import Refused
from services.http.app.exchange import Exchange
from services.http.app.inputs import LARGEST, LONGEST, Choice, Seconds, Whole
from services.http.app.message import Response, json_response
from services.http.app.reflect import described, description
from services.http.app.routing import Route

# 8 GiB: enough to pass every 32-bit counter on the way.
LONGEST_STREAM = 8 * 1024**3
BLOCK = 64 * 1024
_ZEROS = bytes(BLOCK)
_BINARY = ((b"content-type", b"application/octet-stream"),)

_SIZE = Whole(name="n", where="path", meaning="How many bytes", high=LARGEST)
_STREAM_SIZE = Whole(name="n", where="path", meaning="How many bytes", high=LONGEST_STREAM)
_SEED = Whole(name="seed", meaning="Makes the bytes the same each time", high=2**32, default=-1)
_CHUNK = Whole(name="chunk_size", meaning="Bytes written at once", low=1, high=LARGEST, default=BLOCK)
_LINES = Whole(name="n", where="path", meaning="How many lines", low=1, high=100)
_SECONDS = Seconds(name="seconds", where="path", meaning="How long to wait before the answer")
_DURATION = Seconds(name="duration", meaning="Seconds from the first byte to the last", default=2.0)
_DELAY = Seconds(name="delay", meaning="Seconds before the first byte", default=0.0)
_DRIPPED = Whole(name="numbytes", meaning="How many bytes", low=1, high=10_000, default=10)
_CODE = Whole(name="code", meaning="The status", low=200, high=599, default=200)
_EVENTS = Whole(name="count", meaning="How many events", low=1, high=1000, default=10)
_DIGEST = Choice(
    name="digest", meaning="What is computed of the content", words=("sha256", "none"), default="sha256"
)
_FEATURE = "streaming"
_BODIES = ("application/octet-stream",)


def noise(seed: int) -> Callable[[int], bytes]:
    """A source of random bytes; -1 is a seed that nobody chose."""
    return (random.Random(seed) if seed >= 0 else random.Random()).randbytes  # noqa: S311 - not a secret


async def sized(exchange: Exchange) -> Response:
    """`/bytes/{n}`: random bytes, whole."""
    return Response(200, _BINARY, noise(_SEED.of(exchange))(_SIZE.of(exchange)))


async def streamed(exchange: Exchange) -> None:
    """`/stream-bytes/{n}`: random bytes of unsaid length; one block of them, over and over."""
    size, step = _STREAM_SIZE.of(exchange), _CHUNK.of(exchange)
    await write(exchange, 200, _BINARY, _blocks(noise(_SEED.of(exchange))(min(size, step)), size))


async def download(exchange: Exchange) -> None:
    """`/download/{n}`: zeros of a length said first."""
    size = _STREAM_SIZE.of(exchange)
    length = ((b"content-length", b"%d" % size),)
    await write(exchange, 200, (*_BINARY, *length), _blocks(_zeros(min(size, _CHUNK.of(exchange))), size))


def _zeros(size: int) -> bytes:
    """So many zeros; one block for all downloads, however many wait for their clients."""
    return _ZEROS if size == BLOCK else bytes(size)


def _blocks(block: bytes, size: int) -> Iterator[bytes]:
    for _ in range(size // len(block) if block else 0):
        yield block
    if block and size % len(block):
        yield block[: size % len(block)]


async def lines(exchange: Exchange) -> None:
    """`/stream/{n}` and `/jsonl/{n}`: the request's description, a line of JSON each."""
    count, said = _LINES.of(exchange), description(exchange)
    made = (json.dumps({"id": i, **said}, ensure_ascii=False).encode() + b"\n" for i in range(count))
    await write(exchange, 200, ((b"content-type", b"application/jsonl; charset=utf-8"),), made)


async def delay(exchange: Exchange) -> Response:
    """`/delay/{seconds}`."""
    seconds = _SECONDS.of(exchange)
    await asyncio.sleep(seconds)
    return json_response(await described(exchange), 200, _timing(delay=seconds))


async def drip(exchange: Exchange) -> None:
    """`/drip`: a content of known length, a byte at a time."""
    wait, duration, count = _DELAY.of(exchange), _DURATION.of(exchange), _DRIPPED.of(exchange)
    status = _CODE.of(exchange)
    _bound(wait + duration)
    await asyncio.sleep(wait)
    bodiless = status in (204, 205, 304)
    length = () if bodiless else ((b"content-length", b"%d" % count),)
    head = ((b"content-type", b"application/octet-stream"), *length, _timing(delay=wait, duration=duration))
    await exchange.start(status, head)
    if not bodiless and exchange.request.method != "HEAD":
        async for piece in _paced(lambda _: b"*", count, duration):
            await exchange.send(piece)
    await exchange.finish()


async def events(exchange: Exchange) -> None:
    """`/sse`: server-sent events, with the time they took in a trailer."""
    begun = time.monotonic()
    wait, duration, count = _DELAY.of(exchange), _DURATION.of(exchange), _EVENTS.of(exchange)
    _bound(wait + duration)
    await asyncio.sleep(wait)
    head = (
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"trailer", b"server-timing"),
    )
    await exchange.start(200, head)
    if exchange.request.method != "HEAD":
        first = _first_event(exchange.request.value(b"last-event-id"))
        async for piece in _paced(lambda i: _event(first + i), count, duration):
            await exchange.send(piece)
    await exchange.finish((_timing(total=time.monotonic() - begun),))


def _first_event(last: bytes | None) -> int:
    """A reconnecting client goes on behind the last event it had (HTML 9.2.4)."""
    return int(last) + 1 if last and last.isdigit() and len(last) < 10 else 0


def _event(number: int) -> bytes:
    data = json.dumps({"id": number, "timestamp": round(time.time() * 1000)})
    return f"id: {number}\nevent: ping\ndata: {data}\n\n".encode()


async def _paced(make: Callable[[int], bytes], count: int, duration: float) -> AsyncIterator[bytes]:
    """`count` pieces at equal distances, the last at `duration` seconds; late pieces do not add up."""
    begun = time.monotonic()
    for number in range(count):
        due = begun + duration * number / max(count - 1, 1)
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        yield make(number)


def _bound(seconds: float) -> None:
    if seconds > LONGEST:
        raise Refused(400, f"delay and duration together are longer than {LONGEST:g} seconds")


def _timing(**seconds: float) -> tuple[bytes, bytes]:
    """Server-Timing, in milliseconds."""
    return b"server-timing", ", ".join(
        f"{name};dur={value * 1000:.1f}" for name, value in seconds.items()
    ).encode()


async def upload(exchange: Exchange) -> Response:
    """`/upload`: takes content of any length, keeping none of it; says how much and what it was."""
    begun, size = time.monotonic(), 0
    digest = hashlib.sha256() if _DIGEST.of(exchange) == "sha256" else None
    while piece := await exchange.receive():
        size += len(piece)
        if digest is not None:
            digest.update(piece)
    spent = round(time.monotonic() - begun, 6)
    return json_response({"size": size, "sha256": digest and digest.hexdigest(), "seconds": spent})


ROUTES = (
    Route(
        ("GET",),
        "/bytes/{n}",
        sized,
        "n random bytes",
        _FEATURE,
        (_SIZE, _SEED),
        media=("application/octet-stream",),
    ),
    Route(
        ("GET",),
        "/stream-bytes/{n}",
        streamed,
        "n random bytes, their number unsaid",
        _FEATURE,
        (_STREAM_SIZE, _SEED, _CHUNK),
        media=("application/octet-stream",),
    ),
    Route(
        ("GET",),
        "/download/{n}",
        download,
        "n zeros, their number said first",
        _FEATURE,
        (_STREAM_SIZE, _CHUNK),
        media=("application/octet-stream",),
    ),
    Route(
        ("POST", "PUT"), "/upload", upload, "Takes content of any length", _FEATURE, (_DIGEST,), takes=_BODIES
    ),
    Route(
        ("GET",), "/stream/{n}", lines, "n lines of JSON", _FEATURE, (_LINES,), media=("application/jsonl",)
    ),
    Route(
        ("GET",), "/jsonl/{n}", lines, "n lines of JSON", _FEATURE, (_LINES,), media=("application/jsonl",)
    ),
    Route(
        ("GET", "POST", "PUT", "DELETE", "PATCH"),
        "/delay/{seconds}",
        delay,
        "An answer that comes late",
        "timing",
        (_SECONDS,),
    ),
    Route(
        ("GET",),
        "/drip",
        drip,
        "Content that comes a byte at a time",
        "timing",
        (_DURATION, _DELAY, _DRIPPED, _CODE),
        (),
        ("application/octet-stream",),
    ),
    Route(
        ("GET",),
        "/sse",
        events,
        "Server-sent events",
        "server-sent-events",
        (_EVENTS, _DURATION, _DELAY),
        media=("text/event-stream",),
    ),
)
