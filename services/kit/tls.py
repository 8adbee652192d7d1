"""A TLS listener: accepts, shakes hands, and gives each connection that got through to its protocol.

accepted   the journal's `connection`; nothing is spent on TLS until the first bytes have come
hello      the first record is looked at where it lies: plain text is answered in plain text
shaking    OpenSSL on the descriptor, for at most `handshake_within` seconds all told
secure     `secureConnection`; the protocol's `connection_made`
failed     `tlsClientError` with the reason and the alert, the alert delivered, `close`
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from services.kit.journal import Connection, Journal
from services.kit.linger import linger
from services.kit.tls_alerts import Failure, explain, record, refusal
from services.kit.tls_context import Socket
from services.kit.tls_hello import HANDSHAKE, HEADER, record_length
from services.kit.tls_transport import RECORD, TLSTransport

ACCEPTS = 32
"""Connections taken up in one wake-up: those that are open have their turn in between."""
NO_DESCRIPTORS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
BREATH = 0.1
"""Seconds without accepting when the process has run out of descriptors."""
UNEXPECTED_MESSAGE = 10

Factory = Callable[[], asyncio.Protocol]


@dataclass(frozen=True, slots=True)
class Options:
    """What may differ from one TLS listener to the next.

    `plain` is given the first bytes of a client that speaks no TLS; what it returns is sent to that client
    as it stands. None from it means an alert instead.
    """

    handshake_within: float = 10.0
    most: int = 50_000
    plain: Callable[[bytes], bytes | None] = lambda _first: None


def listen(
    sock: socket.socket,
    factory: Factory,
    context: ssl.SSLContext,
    journal: Journal,
    options: Options = Options(),
) -> Listener:
    """Serve TLS on a listening, non-blocking socket, in the running loop, until the Listener is closed.

    The transport's `get_extra_info("connection")` is the journal's Connection; the protocol closes it there.
    """
    return Listener(sock, factory, context, journal, options)


class Listener:
    """One listening socket and the handshakes that are under way on it."""

    def __init__(
        self,
        sock: socket.socket,
        factory: Factory,
        context: ssl.SSLContext,
        journal: Journal,
        options: Options,
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.factory, self.context, self.journal, self.options = factory, context, journal, options
        self.open = 0
        self.shaking: dict[Handshake, float] = {}
        """Handshake -> the moment it is cut; all have the same time, so the oldest stands first."""
        self._sock = sock
        self._sweep: asyncio.TimerHandle | None = None
        self.loop.add_reader(sock.fileno(), self._accept)

    def close(self) -> None:
        """Accept nothing more and cut the handshakes under way; open connections go on."""
        if self._sock.fileno() < 0:
            return
        self.loop.remove_reader(self._sock.fileno())
        self._sock.close()
        if self._sweep:
            self._sweep.cancel()
        for handshake in list(self.shaking):
            handshake.cut(Failure("STOPPING", "the service is stopping"))

    def _accept(self) -> None:
        for _ in range(ACCEPTS):
            try:
                sock, peer = self._sock.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in NO_DESCRIPTORS:
                    self._hold_breath(error)
                    return
                continue  # the connection was gone before it was taken up (accept(2))
            self._take(sock, peer)

    def _take(self, sock: socket.socket, peer: tuple[Any, ...]) -> None:
        if self.open + len(self.shaking) >= self.options.most:
            self.journal.emit("dropConnection", None, None, {"peer": peer[:2], "open": self.open})
            sock.close()
            return
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        handshake = Handshake(self, sock, self.journal.open(peer, sock.getsockname()))
        self.shaking[handshake] = self.loop.time() + self.options.handshake_within
        if self._sweep is None:
            self._sweep = self.loop.call_later(self.options.handshake_within, self._cut_late)

    def _hold_breath(self, error: OSError) -> None:
        """Out of descriptors: the loop would spin on a socket that stays readable."""
        self.journal.emit("error", None, None, {"error": error.strerror})
        self.loop.remove_reader(self._sock.fileno())
        self.loop.call_later(BREATH, self._breathe)

    def _breathe(self) -> None:
        if self._sock.fileno() >= 0:
            self.loop.add_reader(self._sock.fileno(), self._accept)

    def _cut_late(self) -> None:
        self._sweep = None
        now = self.loop.time()
        while self.shaking:
            handshake, due = next(iter(self.shaking.items()))
            if due > now:
                self._sweep = self.loop.call_at(due, self._cut_late)
                return
            handshake.cut(Failure("TIMEOUT", f"no handshake within {self.options.handshake_within:g} s"))

    def lost(self, _transport: TLSTransport) -> None:
        """One open connection less."""
        self.open -= 1


class Handshake:
    """One connection from its first byte to `secureConnection` or `tlsClientError`."""

    __slots__ = ("_connection", "_descriptor", "_hello", "_listener", "_secure", "_sock", "_writing")

    def __init__(self, listener: Listener, sock: socket.socket, connection: Connection) -> None:
        self._listener, self._sock, self._connection = listener, sock, connection
        self._descriptor = sock.fileno()
        self._hello = b""
        self._writing = False
        listener.loop.add_reader(self._descriptor, self._first)

    def _first(self) -> None:
        """Look at the first record without taking it, and wait until it is whole."""
        try:
            hello = self._sock.recv(RECORD, socket.MSG_PEEK)
        except BlockingIOError:
            return
        except OSError as error:
            self.cut(explain(error))
            return
        if not hello:
            self.cut(Failure("EOF", "the peer closed before any handshake"))
            return
        if hello[0] != HANDSHAKE:
            self._plain(hello)
            return
        if len(hello) < (record_length(hello) or RECORD) and len(hello) > len(self._hello):
            self._await_rest(hello)
            return
        if self._hello:
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
        self._hello = hello
        self._begin()

    def _await_rest(self, hello: bytes) -> None:
        """Sleep until the record is whole: SO_RCVLOWAT spares a wake-up for every segment."""
        self._hello = hello
        wanted = min(record_length(hello) or HEADER, RECORD)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, wanted)

    def _plain(self, first: bytes) -> None:
        """No TLS: an answer in the client's own protocol if there is one, else an alert (RFC 8446, 5.1)."""
        answer = self._listener.options.plain(first)
        failure = Failure(
            "NOT_TLS", "the first bytes are not TLS", sent=None if answer else "unexpected_message"
        )
        try:
            self._sock.send(answer or record(UNEXPECTED_MESSAGE))
        except OSError as error:
            failure = explain(error)
        self._fail(failure)

    def _begin(self) -> None:
        try:
            self._secure = self._listener.context.wrap_socket(
                self._sock, server_side=True, do_handshake_on_connect=False, suppress_ragged_eofs=False
            )
        except OSError as error:
            self.cut(explain(error))
            return
        self._sock = self._secure
        if isinstance(self._secure, Socket):
            self._secure.hello = self._hello
        self._listener.loop.add_reader(self._descriptor, self._step)
        self._step()

    def _step(self) -> None:
        try:
            self._secure.do_handshake()
        except ssl.SSLWantReadError:
            self._watch_writing(False)
            return
        except ssl.SSLWantWriteError:
            self._watch_writing(True)
            return
        except OSError as error:
            refused = self._secure.refusal if isinstance(self._secure, Socket) else None
            self._fail(refusal(refused) if refused else explain(error))
            return
        self._succeed()

    def _watch_writing(self, wanted: bool) -> None:
        if wanted != self._writing:
            self._writing = wanted
            loop = self._listener.loop
            if wanted:
                loop.add_writer(self._descriptor, self._step)
            else:
                loop.remove_writer(self._descriptor)

    def _succeed(self) -> None:
        listener, connection, sock = self._listener, self._connection, self._secure
        self._watch_writing(False)
        del listener.shaking[self]
        listener.open += 1
        extra = {"peername": connection.peer, "sockname": connection.local, "connection": connection}
        transport = TLSTransport(listener.loop, sock, extra, listener.lost)
        connection.facts.update(facts(sock))
        listener.journal.emit("secureConnection", connection, None, dict(connection.facts))
        transport.start(listener.factory())

    def _fail(self, failure: Failure) -> None:
        self._leave(failure)
        linger(self._listener.loop, self._sock)

    def cut(self, failure: Failure) -> None:
        """End it at once."""
        self._leave(failure)
        self._sock.close()

    def _leave(self, failure: Failure) -> None:
        listener = self._listener
        listener.shaking.pop(self, None)
        listener.loop.remove_reader(self._descriptor)
        self._watch_writing(False)
        listener.journal.emit("tlsClientError", self._connection, None, failure.as_data())
        listener.journal.close(self._connection)


def facts(sock: ssl.SSLSocket) -> dict[str, object]:
    """What the journal and `/connections` say of an established TLS connection."""
    cipher = sock.cipher()
    peer = sock.getpeercert() if sock.context.verify_mode else None
    return {
        "protocol": sock.version(),
        "cipher": cipher[0] if cipher else None,
        "alpnProtocol": sock.selected_alpn_protocol(),
        "servername": sock.sni if isinstance(sock, Socket) else None,
        "resumed": bool(sock.session_reused),
        "subject": peer.get("subject") if peer else None,
    }
