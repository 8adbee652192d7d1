"""A TLS listener of the kit in a thread of its own, on uvloop, for tests that play the client."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import uvloop

from certs.make import Leaf
from certs.whole import make
from services.kit import tls
from services.kit.journal import Filter, Journal
from services.kit.tls_context import ServerContext

NAME = "https.wireyard.test"


def issue(where: Path) -> None:
    """One certificate for `NAME` in folder `where`."""
    make(where, (Leaf("https", (NAME, "localhost"), ("127.0.0.1",)),))


def client_context(where: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=where / "ca/ca.pem")
    context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF  # set by Python before 3.11.4
    return context


@dataclass(frozen=True)
class Served:
    """A running listener, seen from the test's thread."""

    loop: asyncio.AbstractEventLoop
    port: int
    journal: Journal
    listener: tls.Listener

    def call(self, function: Callable[..., object], *arguments: object) -> None:
        self.loop.call_soon_threadsafe(function, *arguments)

    def event(self, name: str) -> dict[str, object]:
        """The data of the first event of that name, waited for."""
        wanted = Filter(events=frozenset({name}))
        found = asyncio.run_coroutine_threadsafe(self.journal.wait(wanted, 10), self.loop).result(11)
        assert found, f"no {name} within 10 s"
        return self.journal.told(found[0])

    def names(self) -> list[str]:
        return [record[4] for record in self.journal.select(Filter())]

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def secure(self, context: ssl.SSLContext, name: str | None = NAME) -> ssl.SSLSocket:
        return context.wrap_socket(self.connect(), server_hostname=name, suppress_ragged_eofs=False)


@contextlib.contextmanager
def serving(
    context: ServerContext, factory: tls.Factory, options: tls.Options | None = None
) -> Iterator[Served]:
    ready = threading.Event()
    found: list[Served] = []
    stop: list[asyncio.Event] = []

    async def live() -> None:
        sock = socket.create_server(("127.0.0.1", 0), backlog=4096)
        sock.setblocking(False)
        journal = Journal("test")
        listener = await tls.listen(sock, factory, context, journal, options or tls.Options())
        stop.append(asyncio.Event())
        loop = asyncio.get_running_loop()
        found.append(Served(loop, sock.getsockname()[1], journal, listener))
        ready.set()
        await stop[0].wait()
        listener.close()

    def run() -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(live())

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(10)
    try:
        yield found[0]
    finally:
        found[0].call(stop[0].set)
        thread.join(10)
