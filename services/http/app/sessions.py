"""`/h2/…`: what only HTTP/2 has, done by the server on request. 501 over HTTP/1.1."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from mimetypes import guess_type
from pathlib import Path
from typing import Any

from services.http.app.abilities import Session
from services.http.app.documents import InMemory
from services.http.app.errors import Refused
from services.http.app.exchange import Exchange
from services.http.app.inputs import Choice, Input, Seconds, Text, Whole
from services.http.app.message import Response, json_response, text
from services.http.app.preconditions import Validators
from services.http.app.routing import Full, Route
from services.http.app.serve_content import Representation, serve

SAMPLES = Path(__file__).with_name("samples")
_CANCEL = 8
_SETTINGS = {
    "header_table_size": 1,
    "max_concurrent_streams": 3,
    "initial_window_size": 4,
    "max_frame_size": 5,
    "max_header_list_size": 6,
}
_U32, _U31 = 2**32 - 1, 2**31 - 1

_CODE = Whole(name="code", meaning="An error code (RFC 9113 7)", high=_U32, default=0)
_LAST = Whole(name="last", meaning="The last stream to be processed", low=-1, high=_U31, default=-1)
_DEBUG = Text(name="debug", meaning="Debug data", longest=256, default="goodbye")
_SETTING = Choice(name="name", meaning="A setting", words=tuple(_SETTINGS), default="initial_window_size")
_VALUE = Whole(name="value", meaning="Its value", high=_U32, default=65_535)
_SIZE = Whole(name="size", meaning="The receive window in bytes", low=65_535, high=2**24, default=2**20)
_SERVICE = Text(
    name="value",
    meaning="A service (RFC 7838 3)",
    longest=256,
    pattern=r"[ -~]+",
    default='h2=":443"; ma=60',
)
_FOR = Text(name="origin", meaning="The origin that it is for; `-`: this stream's", longest=256, default="-")
_ORIGINS = Text(name="origins", meaning="Origins, by comma", longest=1024, default="https://h2.wireyard.test")
_PATH = Text(name="path", meaning="What to push", pattern=r"/[!-~]*", default="/todos?name=lisi", longest=256)
_RESET = Whole(name="n", where="path", meaning="An error code (RFC 9113 7)", high=_U32)
_TIME = Seconds(name="seconds", where="path", meaning="How long a stream may stay without activity")
_NAME = Text(
    name="name",
    where="path",
    meaning="A file's name",
    pattern=r"[a-z0-9]+\.[a-z]+",
    longest=40,
    examples=("index.html",),
)
_FRAMES = Choice(name="watch", meaning="Whether the journal tells frames", words=("on", "off"), default="on")

_FEATURE = "h2-session-control"


async def session(exchange: Exchange) -> Response:
    """`/h2/session`: settings, windows, streams, and how the session came about."""
    return json_response(dict(exchange.ability(Session).facts))


async def state(exchange: Exchange) -> Response:
    """`/h2/state`: the stream's priority and the session's protocol, in the words of Node's documentation."""
    facts = exchange.ability(Session).facts
    lines = (
        f"priority weight : {facts['weight']}",
        f"The sum weight of all Http2Stream : {facts['sumDependencyWeight']}",
        f"session protocol : {facts['alpnProtocol']}",
    )
    return text(200, "\n".join(lines) + "\n")


async def ping(exchange: Exchange) -> Response:
    """`/h2/ping`: the server's PING, and how long its answer took."""
    return json_response({"milliseconds": round(await exchange.ability(Session).ping() * 1000, 3)})


async def settings(exchange: Exchange) -> Response:
    """`/h2/settings?name=&value=`: changes a setting, answered once the client has acknowledged it."""
    wire = exchange.ability(Session)
    await wire.change_settings({_SETTINGS[_SETTING.of(exchange)]: _VALUE.of(exchange)})
    return json_response({"localSettings": wire.facts["localSettings"]})


async def window(exchange: Exchange) -> Response:
    """`/h2/window?size=`: a larger receive window for the session."""
    wire = exchange.ability(Session)
    wire.set_window(_SIZE.of(exchange))
    return json_response({"localWindowSize": wire.facts["localWindowSize"]})


async def goaway(exchange: Exchange) -> Response:
    """`/h2/goaway?code=&last=&debug=`: GOAWAY, and then the answer: the session goes on for this stream."""
    last = _LAST.of(exchange)
    code, debug = _CODE.of(exchange), _DEBUG.of(exchange)
    exchange.ability(Session).goaway(code, None if last < 0 else last, debug.encode())
    return json_response({"code": code, "debug": debug})


async def close(exchange: Exchange) -> Response:
    """`/h2/close`: a graceful close, which begins before the answer."""
    exchange.ability(Session).close()
    return json_response({"closing": True})


async def altsvc(exchange: Exchange) -> Response:
    """`/h2/altsvc?value=&origin=`: ALTSVC."""
    value, origin = _SERVICE.of(exchange), _FOR.of(exchange)
    exchange.ability(Session).altsvc(value.encode(), b"" if origin == "-" else origin.encode())
    return json_response({"value": value, "origin": origin})


async def origin(exchange: Exchange) -> Response:
    """`/h2/origin?origins=`: ORIGIN."""
    origins = [part.strip() for part in _ORIGINS.of(exchange).split(",")]
    exchange.ability(Session).origin([part.encode() for part in origins])
    return json_response({"origins": origins})


async def push(exchange: Exchange) -> Response:
    """`/h2/push?path=`: promises another path, and answers both; 409 where the client takes no pushes."""
    path = _PATH.of(exchange)
    return json_response({"path": path, "stream": exchange.ability(Session).push(path)})


async def reset(exchange: Exchange) -> None:
    """`/h2/reset/{n}`: RST_STREAM instead of an answer."""
    code = _RESET.of(exchange)
    exchange.ability(Session)
    exchange.abort(code)


async def timeout(exchange: Exchange) -> None:
    """`/h2/timeout/{seconds}`: a stream without activity for so long is cancelled."""
    seconds = _TIME.of(exchange)
    exchange.ability(Session)
    await asyncio.sleep(seconds)
    exchange.server.journal.emit("timeout", exchange.connection, exchange.stream, {"seconds": seconds})
    exchange.abort(_CANCEL)


async def file(exchange: Exchange) -> Response | None:
    """`/h2/file/{name}`: a file, known by its stat, whole or in ranges; 404 when it cannot be had."""
    path = SAMPLES / _NAME.of(exchange)
    try:
        stat = path.stat()
        content = await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        raise Refused(404, f"there is no file {path.name}") from error
    modified = datetime.fromtimestamp(int(stat.st_mtime), UTC)
    known = Validators(b"%x-%x" % (stat.st_mtime_ns, stat.st_size), modified)
    media_type = (guess_type(path.name)[0] or "application/octet-stream").encode()
    return await serve(exchange, Representation(InMemory(content), media_type, known))


async def frames(exchange: Exchange) -> Response:
    """`/h2/frames?watch=on`: from now on the journal tells every frame of this session."""
    watch = _FRAMES.of(exchange)
    exchange.ability(Session).watch_frames(watch == "on")
    return json_response({"watch": watch})


def _route(path: str, handler: Full, summary: str, inputs: tuple[Input[Any], ...] = ()) -> Route:
    return Route(("GET",), path, handler, summary, _FEATURE, inputs, (200, 501))


ROUTES = (
    _route("/h2/session", session, "The HTTP/2 session, as the server sees it"),
    Route(("GET",), "/h2/state", state, "The stream's priority", _FEATURE, (), (), ("text/plain",)),
    _route("/h2/ping", ping, "The server's PING"),
    _route("/h2/settings", settings, "Changes a setting", (_SETTING, _VALUE)),
    _route("/h2/window", window, "A larger receive window for the session", (_SIZE,)),
    _route("/h2/goaway", goaway, "GOAWAY, then the answer", (_CODE, _LAST, _DEBUG)),
    _route("/h2/close", close, "A graceful close"),
    _route("/h2/altsvc", altsvc, "ALTSVC", (_SERVICE, _FOR)),
    _route("/h2/origin", origin, "ORIGIN", (_ORIGINS,)),
    _route("/h2/push", push, "Promises another path, and answers it", (_PATH,)),
    Route(("GET",), "/h2/reset/{n}", reset, "RST_STREAM instead of an answer", _FEATURE, (_RESET,), ()),
    Route(("GET",), "/h2/timeout/{seconds}", timeout, "A stream that is cancelled", _FEATURE, (_TIME,), ()),
    Route(("GET",), "/h2/file/{name}", file, "A file, with its stat and ranges", _FEATURE, (_NAME,), (), ()),
    _route("/h2/frames", frames, "Tells every frame to the journal", (_FRAMES,)),
)
