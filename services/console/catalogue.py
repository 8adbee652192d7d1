"""The actions of the page, in one table: the yard's own clients, each against the roles it speaks to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from ssl import create_default_context

from clients import http1
from clients.dns.exchange import Server, ask, question
from clients.net.stream import connect
from clients.tcp.echo import echo
from clients.trace import Trace
from clients.tunnel.http1 import Proxy, open_tunnel
from clients.udp.datagrams import open_datagrams
from lab.topology import Endpoint
from services.console.actions import Action, Parameter, Yard

RECORD_TYPES = ("A", "AAAA", "NS", "SOA", "TXT", "PTR", "MX", "SRV", "CAA", "HTTPS", "ANY")
TARGETS = ("/todos?name=zhangsan", "/todos?name=lisi", "/", "/echo", "/todos")


async def get(yard: Yard, trace: Trace, given: Mapping[str, str]) -> str:
    """GET over HTTP/1.1; the whole response."""
    async with http1.Client(_origin(yard, given["role"]), trace=trace) as client:
        return _written(await client.get(given["target"]))


async def post(yard: Yard, trace: Trace, given: Mapping[str, str]) -> str:
    """POST of a JSON body over HTTP/1.1; the whole response."""
    fields = ((b"Content-Type", b"application/json"),)
    async with http1.Client(_origin(yard, given["role"]), trace=trace) as client:
        return _written(await client.post("/todos", given["body"].encode(), fields))


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
    endpoint = _endpoint(yard, "dns")
    trace.step("query", name=given["name"], type=given["type"], server=f"{endpoint.address}:{endpoint.port}")
    reply = await ask(Server(endpoint.address, endpoint.port), question(given["name"], given["type"]))
    trace.step("answer", rcode=reply.rcode, transport=reply.transport)
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


def _origin(yard: Yard, role: str) -> http1.Origin:
    endpoint = _endpoint(yard, role)
    if role in {"http1", "h2c"}:
        return http1.Origin(endpoint.address, endpoint.port, endpoint.authority)
    return http1.Origin.secure(endpoint.address, endpoint.port, endpoint.authority, Path(yard.ca))


def _written(reply: http1.Reply) -> str:
    lines = [f"HTTP/{reply.version} {reply.status} {reply.reason}"]
    lines += [f"{name.decode('latin-1')}: {value.decode('latin-1')}" for name, value in reply.fields]
    return "\n".join([*lines, "", reply.body.decode("utf-8", "replace")])


_ROLE = Parameter("role", "http1", ("http1", "https"))

CATALOGUE: Mapping[str, Action] = {
    action.name: action
    for action in (
        Action(
            "get",
            "GET over HTTP/1.1",
            "http1",
            (_ROLE, Parameter("target", TARGETS[0], TARGETS)),
            "python -m clients.http1 'http://http1.wireyard.test/todos?name=zhangsan'",
            get,
        ),
        Action(
            "post",
            "POST JSON over HTTP/1.1",
            "http1",
            (_ROLE, Parameter("body", '{"name":"zhangsan"}')),
            'python -m clients.http1 -d \'{"name":"zhangsan"}\' http://http1.wireyard.test/todos',
            post,
        ),
        Action(
            "tcp",
            "echo over TCP",
            "tcp-echo",
            (Parameter("text", "hello, yard"),),
            "python -m clients.tcp tcp-echo.wireyard.test 7 'hello, yard'",
            tcp,
        ),
        Action(
            "udp",
            "echo datagrams",
            "udp-echo",
            (Parameter("lines", "one|two|three"),),
            "python -m clients.udp udp-echo.wireyard.test 7 one two three",
            udp,
        ),
        Action(
            "dns",
            "ask the resolver",
            "dns",
            (Parameter("name", "http1.wireyard.test"), Parameter("type", "A", RECORD_TYPES)),
            "python -m clients.dns http1.wireyard.test A",
            query,
        ),
        Action(
            "tunnel",
            "tunnel to the vault",
            "proxy",
            (Parameter("TLS to the proxy", "no", ("no", "yes")),),
            "python -m clients.tunnel http://proxy.wireyard.test:3128 vault.wireyard.test:80",
            tunnel,
        ),
    )
}
