"""The actions of the page, in one table: the yard's own clients, each against the roles it speaks to."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from ssl import create_default_context

from clients import http1, http2
from clients.net.stream import connect
from clients.tcp.echo import echo
from clients.trace import Trace
from clients.tunnel.http1 import Proxy, open_tunnel
from clients.udp.datagrams import open_datagrams
from lab.topology import Endpoint
from services.console import commands
from services.console.actions import Action, Parameter, Yard
from services.console.commands import CASES

RECORD_TYPES = ("A", "AAAA", "NS", "SOA", "TXT", "PTR", "MX", "SRV", "CAA", "HTTPS", "ANY")
JSON_TYPE = ((b"content-type", b"application/json"),)
TARGETS = ("/todos?name=zhangsan", "/todos?name=lisi", "/", "/echo", "/todos")
TOGETHER = TARGETS[:3]


async def get(yard: Yard, trace: Trace, given: Mapping[str, str]) -> str:
    """GET over HTTP/1.1 or HTTP/2, whichever the role speaks; the whole response."""
    return await _ask(yard, trace, given["role"], given["target"])


async def post(yard: Yard, trace: Trace, given: Mapping[str, str]) -> str:
    """POST of a JSON body; the whole response."""
    return await _ask(yard, trace, given["role"], "/todos", given["body"].encode())


async def multiplex(yard: Yard, trace: Trace, given: Mapping[str, str]) -> str:
    """Several requests at once on one HTTP/2 session, and a PING beside them."""
    async with http2.Session(_origin2(yard, given["role"]), trace=trace) as session:
        asked = asyncio.gather(*(session.get(target) for target in TOGETHER))
        seconds = await session.ping()
        replies = await asked
    lines = [f"stream {reply.stream}: {reply.status}, {len(reply.body)} bytes" for reply in replies]
    return "\n".join([*lines, f"PING took {seconds * 1000:.2f} ms"])


async def tls_case(yard: Yard, trace: Trace, given: Mapping[str, str]) -> str:
    """A handshake under a name of the zoo: what a client that verifies makes of its certificate."""
    endpoint = _endpoint(yard, "https")
    name = CASES[given["case"]].server_name(endpoint.authority)
    origin = http1.Origin.secure(endpoint.address, endpoint.port, name, Path(yard.ca))
    async with http1.Client(origin, trace=trace) as client:
        return _written("1.1", await client.get("/"))


async def tcp(yard: Yard, trace: Trace, given: Mapping[str, str]) -> str:
    """A text and its echo, and a FIN each way."""
    endpoint = _endpoint(yard, "tcp-echo")
    async with await connect(endpoint.address, endpoint.port, trace=trace) as stream:
        return (await echo(stream, given["text"].encode())).decode("utf-8", "replace")


async def udp(yard: Yard, trace: Trace, given: Mapping[str, str]) -> str:
    """One datagram a line, each echoed for itself."""
    endpoint, back = _endpoint(yard, "udp-echo"), []
    with await open_datagrams(endpoint.address, endpoint.port, trace=trace) as datagrams:
        for line in given["lines"].split("|"):
            back.append((await datagrams.echo(line.encode())).data.decode("utf-8", "replace"))
    return "\n".join(f"{len(text.encode())} bytes: {text}" for text in back)


async def query(yard: Yard, trace: Trace, given: Mapping[str, str]) -> str:
    """One question to the yard's resolver; the answer as dig would print it."""
    from clients.dns import Server, ask, question  # noqa: PLC0415 - a fifth of the console's start

    endpoint = _endpoint(yard, "dns")
    asked = question(given["name"], given["type"])
    reply = await ask(Server(endpoint.address, endpoint.port), asked, trace=trace)
    return str(reply.message)


async def tunnel(yard: Yard, trace: Trace, given: Mapping[str, str]) -> str:
    """A request to the vault through the proxy, with or without TLS to the proxy itself."""
    secure = given["TLS to the proxy"] == "yes"
    endpoint = yard.topology.endpoint("proxy", yard.view, "tls" if secure else "main")
    context = create_default_context(cafile=yard.ca) if secure else None
    target = f"vault.wireyard.test:{_endpoint(yard, 'vault').port}"
    proxy = Proxy(endpoint.address, endpoint.port, context, endpoint.authority)
    opened = await open_tunnel(proxy, target, trace=trace)
    async with opened.stream as stream:
        await stream.send(f"GET / HTTP/1.1\r\nHost: {target}\r\nConnection: close\r\n\r\n".encode())
        return (await stream.receive_rest()).decode("utf-8", "replace")


def _endpoint(yard: Yard, role: str) -> Endpoint:
    return yard.topology.endpoint(role, yard.view)


async def _ask(yard: Yard, trace: Trace, role: str, target: str, body: bytes = b"") -> str:
    method, fields = ("POST", JSON_TYPE) if body else ("GET", ())
    if role in {"h2c", "h2"}:
        async with http2.Session(_origin2(yard, role), trace=trace) as session:
            return _written("2", await session.request(method, target, fields, body))
    async with http1.Client(_origin1(yard, role), trace=trace) as client:
        return _written("1.1", await client.request(method, target, fields, body))


def _origin1(yard: Yard, role: str) -> http1.Origin:
    at = _endpoint(yard, role)
    if role == "http1":
        return http1.Origin(at.address, at.port, at.authority)
    return http1.Origin.secure(at.address, at.port, at.authority, Path(yard.ca))


def _origin2(yard: Yard, role: str) -> http2.Origin:
    at = _endpoint(yard, role)
    if role == "h2c":
        return http2.Origin(at.address, at.port, at.authority)
    return http2.secure(at.address, at.port, at.authority, Path(yard.ca))


def _written(version: str, reply: http1.Reply | http2.Reply) -> str:
    lines = [f"HTTP/{version} {reply.status}"]
    lines += [f"{name.decode('latin-1')}: {value.decode('latin-1')}" for name, value in reply.fields]
    return "\n".join([*lines, "", reply.body.decode("utf-8", "replace")])


_ROLE = Parameter("role", "http1", ("http1", "https", "h2c", "h2"))
_ROLE2 = Parameter("role", "h2c", ("h2c", "h2"))

CATALOGUE: Mapping[str, Action] = {
    action.name: action
    for action in (
        Action(
            "get",
            "GET",
            "http1",
            (_ROLE, Parameter("target", TARGETS[0], TARGETS)),
            commands.get,
            get,
        ),
        Action(
            "post",
            "POST JSON",
            "http1",
            (_ROLE, Parameter("body", '{"name":"zhangsan"}')),
            commands.post,
            post,
        ),
        Action(
            "multiplex",
            "several at once over HTTP/2",
            "h2c",
            (_ROLE2,),
            partial(commands.multiplex, targets=TOGETHER),
            multiplex,
        ),
        Action(
            "tls",
            "a TLS case",
            "https",
            (Parameter("case", "expired", tuple(CASES)),),
            commands.tls_case,
            tls_case,
        ),
        Action(
            "tcp",
            "echo over TCP",
            "tcp-echo",
            (Parameter("text", "hello, yard"),),
            commands.tcp,
            tcp,
        ),
        Action(
            "udp",
            "echo datagrams",
            "udp-echo",
            (Parameter("lines", "one|two|three"),),
            commands.udp,
            udp,
        ),
        Action(
            "dns",
            "ask the resolver",
            "dns",
            (Parameter("name", "http1.wireyard.test"), Parameter("type", "A", RECORD_TYPES)),
            commands.query,
            query,
        ),
        Action(
            "tunnel",
            "tunnel to the vault",
            "proxy",
            (Parameter("TLS to the proxy", "no", ("no", "yes")),),
            commands.tunnel,
            tunnel,
        ),
    )
}
