"""Every way in which a connection fails is a type of its own."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import typer
from rich.console import Console

from clients.net import errors
from clients.net.errors import told
from clients.net.show import Show
from clients.net.stream import Stream, connect
from clients.tcp.echo import WrongEcho, echo
from clients.tunnel import Proxy, open_tunnel
from clients.udp import open_datagrams

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

KINDS: list[tuple[BaseException, type[errors.NetError]]] = [
    (OSError(errno.ECONNREFUSED, ""), errors.Refused),
    (ConnectionResetError("lost"), errors.Reset),
    (OSError(errno.EPIPE, ""), errors.Reset),
    (OSError(errno.ETIMEDOUT, ""), errors.TimedOut),
    (TimeoutError(), errors.TimedOut),
    (OSError(errno.ENETUNREACH, ""), errors.Unreachable),
    (OSError(errno.EHOSTUNREACH, ""), errors.Unreachable),
    (socket.gaierror(socket.EAI_NONAME, "no such name"), errors.NameFailure),
    (ssl.SSLError(1, "bad"), errors.Insecure),
    (OSError(errno.EMSGSIZE, ""), errors.LocalFailure),
    (OSError(errno.EADDRNOTAVAIL, ""), errors.LocalFailure),
]


@pytest.mark.parametrize(("raised", "kind"), KINDS, ids=lambda value: getattr(value, "__name__", repr(value)))
def test_the_border(raised: BaseException, kind: type[errors.NetError]) -> None:
    with pytest.raises(errors.NetError) as caught, told("connect"):
        raise raised
    assert type(caught.value) is kind
    assert caught.value.step == "connect"
    assert caught.value.__cause__ is raised


def test_the_systems_own_words() -> None:
    with pytest.raises(errors.Refused, match=os.strerror(errno.ECONNREFUSED)), told("connect"):
        raise OSError(errno.ECONNREFUSED, "Connect call failed ('127.0.0.1', 1)")


def test_a_proxys_error_is_read_from_proxy_status() -> None:
    refusal = errors.ProxyRefusal(502, {"proxy-status": 'p; error=dns_error; rcode="NXDOMAIN"'}, "no name\n")
    assert (refusal.error, str(refusal)) == ("dns_error", "CONNECT: the proxy answered 502: no name")
    assert errors.ProxyRefusal(502, {}).error is None


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[Stream]:
    """A connection to a server that does what `handler` does, then closes."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await handler(reader, writer)
        writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with await connect("127.0.0.1", port, within=1.0) as stream:
            yield stream


async def test_an_echo_with_a_wrong_byte_names_it() -> None:
    async def liar(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.read()).replace(b"c", b"X"))

    async with serving(liar) as stream:
        with pytest.raises(WrongEcho, match="byte 2 "):
            await echo(stream, b"abcd")


async def test_an_echo_that_ends_early_keeps_what_came() -> None:
    async def short(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.read())[:2])

    async with serving(short) as stream:
        with pytest.raises(errors.EndedEarly) as caught:
            await echo(stream, b"abcd")
        assert caught.value.data == b"ab"


async def test_silence_is_timed_out() -> None:
    async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serving(silent) as stream:
        stream.within = 0.05
        with pytest.raises(errors.TimedOut):
            await stream.receive()


async def test_a_closed_port_is_refused_over_tcp_and_seen_by_a_connected_udp_socket() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(errors.Refused):
            await connect("127.0.0.1", taken.getsockname()[1])
    with await open_datagrams("127.0.0.1", 1) as datagrams:
        await datagrams.send(b"anybody?")
        with pytest.raises(errors.Refused):
            await datagrams.receive()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"SSH-2.0-server\r\n", errors.NotHTTP),
        (b"", errors.EndedEarly),
        (b"HTTP/1.1 407 Who\r\nContent-Length: 3\r\n\r\nyou", errors.ProxyRefusal),
    ],
)
async def test_what_a_proxy_may_say_instead(answer: bytes, kind: type[errors.NetError]) -> None:
    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(proxy, "127.0.0.1", 0) as server:
        with pytest.raises(kind):
            await open_tunnel(Proxy("127.0.0.1", server.sockets[0].getsockname()[1]), "a.test:80")


def test_each_step_is_shown_with_its_time() -> None:
    show = Show(Console(width=120, record=True, highlight=False))
    show.trace.step("resolve", addresses=["10.0.0.1", "fd00::1"])
    with pytest.raises(typer.Exit), show.failures():
        raise errors.Refused("connect", "Connection refused")
    first, second = show.console.export_text().splitlines()
    assert first.startswith("    0.000 ms    +0.000  resolve")
    assert "addresses=10.0.0.1, fd00::1" in first
    assert "error" in second
    assert "kind=Refused" in second
