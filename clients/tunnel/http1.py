"""CONNECT over HTTP/1.1, with h11 as its codec (RFC 9110 9.3.6, RFC 9112 3.2.3)."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import h11

from clients.net.errors import EndedEarly, NotHTTP, ProxyRefusal
from clients.net.stream import WITHIN, Stream, connect
from clients.trace import Trace

Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where the proxy is; `tls` and `authority` for TLS to it; `user` as NAME:PASSWORD."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    authority: str | None = None
    user: str | None = None

    def credentials(self) -> Fields:
        """Proxy-Authorization, if there is a user (RFC 7617)."""
        if self.user is None:
            return ()
        return (("Proxy-Authorization", "Basic " + base64.b64encode(self.user.encode()).decode()),)


@dataclass(frozen=True, slots=True)
class Tunnel:
    """An open tunnel: the stream to the target, and the proxy's answer."""

    stream: Stream
    status: int
    fields: Mapping[str, str]


async def open_tunnel(
    proxy: Proxy,
    target: str,
    *,
    early: bytes = b"",
    fields: Fields = (),
    trace: Trace | None = None,
    within: float = WITHIN,
) -> Tunnel:
    """A tunnel to `target` (HOST:PORT). `early` is sent with the request, before the answer is known.

    Raises ProxyRefusal for any answer but 2xx, NotHTTP for none, and every error of connecting.
    """
    stream = await connect(proxy.host, proxy.port, trace=trace, within=within)
    with ExitStack() as unless_open:
        unless_open.callback(stream.abort)
        if proxy.tls is not None:
            await stream.secure(proxy.tls, proxy.authority or proxy.host)
        tunnel = await _ask(stream, target, early, [*proxy.credentials(), *fields])
        unless_open.pop_all()
        return tunnel


async def _ask(stream: Stream, target: str, early: bytes, fields: Fields) -> Tunnel:
    codec = h11.Connection(h11.CLIENT)
    request = h11.Request(method="CONNECT", target=target, headers=[("Host", target), *fields])
    stream.trace.step("CONNECT", target=target)
    await stream.send((codec.send(request) or b"") + (codec.send(h11.EndOfMessage()) or b"") + early)
    response = await _response(codec, stream)
    answer = {name.decode().lower(): value.decode("latin-1") for name, value in response.headers}
    stream.trace.step("response", status=response.status_code, proxy_status=answer.get("proxy-status"))
    if not 200 <= response.status_code < 300:
        raise ProxyRefusal(response.status_code, answer, await _body(codec, stream))
    stream.carry(codec.trailing_data[0])
    return Tunnel(stream, response.status_code, answer)


async def _response(codec: h11.Connection, stream: Stream) -> h11.Response:
    while not isinstance(event := await _next(codec, stream), h11.Response):
        stream.trace.step("interim", kind=type(event).__name__)
    return event


async def _body(codec: h11.Connection, stream: Stream) -> str:
    body = bytearray()
    while isinstance(event := await _next(codec, stream), h11.Data):
        body += event.data
    return body.decode("utf-8", "backslashreplace")


async def _next(codec: h11.Connection, stream: Stream) -> object:
    try:
        while (event := codec.next_event()) is h11.NEED_DATA:
            data = await stream.receive()
            if not data and codec.their_state is h11.SEND_RESPONSE and not codec.trailing_data[0]:
                raise EndedEarly("CONNECT", "the proxy closed without an answer")
            codec.receive_data(data)
    except h11.RemoteProtocolError as error:
        raise NotHTTP("CONNECT", str(error)) from error
    return event
