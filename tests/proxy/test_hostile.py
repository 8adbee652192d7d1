"""Junk, cut heads and wild targets: an answer or a close, and the next client is served."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest

from clients.net.errors import Reset
from tests.proxy.conftest import Tunnels

feature = pytest.mark.feature

Target = Callable[..., str]

GRAMMAR = (
    *(
        b"CONNECT",
        b"GET",
        b"get",
        b" ",
        b"  ",
        b"\t",
        b"a.test:80",
        b"127.0.0.1:1",
        b"[::1]:1",
        b"http://a/",
        b"*",
    ),
    *(b"/", b"HTTP/1.1", b"HTTP/1.0", b"HTTP/9.9", b"\r\n", b"\n", b"\r", b"\0", b"Host: a.test", b"Host:"),
    *(
        b"Content-Length: 5",
        b"Transfer-Encoding: chunked",
        b"X: " + b"y" * 300,
        b": x",
        b"\xff\xfe",
        b"%00",
        b"@",
    ),
)


def wild(seed: int) -> Iterator[bytes]:
    """Requests that are out of order in every way, the same ones for the same seed."""
    chance = random.Random(seed)
    for _ in range(20):
        parts = chance.choices(GRAMMAR, k=chance.randint(1, 12))
        yield b"".join(parts) + chance.choice((b"", b"\r\n\r\n", b"\n\n"))
    for _ in range(5):
        yield chance.randbytes(chance.randint(1, 400))


@feature("bad-head")
@pytest.mark.parametrize("seed", range(8))
async def test_the_next_client_is_served(tunnels: Tunnels, target: Target, seed: int) -> None:
    """Whatever came before; what is answered at all is answered in HTTP, and never with a tunnel."""
    for data in wild(seed):
        stream = await tunnels.raw(data)
        await stream.end()
        try:
            answer = await stream.receive_rest()
        except Reset:
            continue
        assert answer[:9] in (b"HTTP/1.1 ", b""), data
        assert not answer.startswith(b"HTTP/1.1 2") or data.lstrip().startswith((b"GET", b"OPTIONS")), data
    stream = (await tunnels.open(target("tcp-echo"))).stream
    await stream.send(b"as before")
    assert await stream.receive_exactly(9) == b"as before"
