"""One connection from its first byte to `secureConnection`, or to `tlsClientError`.

waiting  the first record is gathered; plain text is answered in plain text, junk with an alert
shaking  OpenSSL has the bytes
over     the protocol's `connection_made`; or the alert delivered, then FIN
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Protocol, cast

from services.kit.errors import KitError
from services.kit.handover import Handover
from services.kit.journal import Connection, Journal
from services.kit.linger import linger
from services.kit.tls_alerts import Failure, explain, record, refusal
from services.kit.tls_context import ServerContext, TLSObject
from services.kit.tls_facts import facts
from services.kit.tls_hello import HANDSHAKE, ClientHello, choice, gather, parse
from services.kit.tls_options import Options
from services.kit.tls_transport import TLSTransport

UNEXPECTED_MESSAGE, INTERNAL_ERROR = 10, 80
_LOST = Failure("EOF", "the connection was lost in the middle of the handshake")


class Host(Protocol):
    """What a handshake needs of its listener."""

    journal: Journal
    context: ServerContext
    factory: Callable[[], asyncio.Protocol]
    options: Options

    def begun(self, handshake: Handshake) -> bool:
        """Whether there is room for one more."""
        ...

    def ended(self, handshake: Handshake) -> None:
        """The handshake is over, well or not."""
        ...

    def opened(self) -> Callable[[], None]:
        """One open connection more; gives what tells that it is gone."""
        ...


class Handshake(asyncio.Protocol):
    """The protocol of a TCP connection until TLS stands on it."""

    def __init__(self, host: Host, line: Handover) -> None:
        self._host, self._line = host, line
        self._first = b""
        self._tls: TLSObject | None = None
        self._intercepted = self._over = False
        self._choice = b""
        self._bios: tuple[ssl.MemoryBIO, ssl.MemoryBIO]
        self._lower: asyncio.Transport
        self._connection: Connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Accepted. Nothing is spent on TLS yet: a peer that stays silent costs a socket and no more."""
        self._lower = lower = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance
        peer, local = lower.get_extra_info("peername"), lower.get_extra_info("sockname")
        if not self._host.begun(self):
            self._over = True
            self._host.journal.emit("dropConnection", None, None, {"peer": (peer or ())[:2]})
            lower.abort()
            return
        self._connection = self._host.journal.open(peer or (), local or ())

    def data_received(self, data: bytes) -> None:
        """Bytes of the client's part of the handshake."""
        if self._tls is not None:
            self._bios[0].write(data)
            self._step(self._tls)
            return
        if self._intercepted:
            return
        self._first += data
        if self._first[0] != HANDSHAKE:
            self._plain()
            return
        try:
            message = gather(self._first)
            hello = None if message is None else parse(message)
        except ValueError:
            self._begin(None)
        else:
            if hello is not None:
                self._begin(hello)

    def eof_received(self) -> None:
        """FIN before the handshake was over."""
        self.cut(
            Failure("EOF", f"the peer closed {'in the middle of' if self._first else 'before'} the handshake")
        )

    def connection_lost(self, error: Exception | None) -> None:
        """TCP is gone; told in the journal unless it has been."""
        if not self._over:
            lost = Failure("ON_PURPOSE", "ended on purpose") if self._intercepted else _LOST
            self._report(explain(error) if error else lost)

    def _plain(self) -> None:
        """No TLS: an answer in the client's own protocol if there is one, else an alert (RFC 8446, 5.1)."""
        answer = self._host.options.plain(self._first)
        self._lower.write(answer or record(UNEXPECTED_MESSAGE))
        sent = None if answer else "unexpected_message"
        self._fail(Failure("NOT_TLS", "the first bytes are not TLS", sent=sent))

    def _begin(self, hello: ClientHello | None) -> None:
        """The ClientHello is whole; None for one that cannot be read, which OpenSSL then refuses."""
        options = self._host.options
        if hello is not None and options.intercept(hello, self._lower):
            self._intercepted = True
            return
        try:
            chosen = None if hello is None else options.choose(hello)
        except (OSError, ValueError, KitError) as error:
            # A context that cannot be made is our fault, not the client's.
            self._refuse(INTERNAL_ERROR, Failure("NO_CONTEXT", str(error), sent="internal_error"))
            return
        context = chosen or self._host.context
        if hello is not None and (alert := context.refuses(hello, named=chosen is not None)):
            self._refuse(alert, refusal(alert))
            return
        bios = self._bios = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.shake(hello, bios)
        bios[0].write(self._first)
        self._step(self._tls)

    def _step(self, tls: TLSObject) -> None:
        try:
            tls.do_handshake()
        except ssl.SSLWantReadError:
            self._answer()
        except ssl.SSLError as error:
            self._send()
            self._fail(explain(error))
        else:
            self._succeed(tls)  # the ticket goes out with what the protocol says first, or at once behind it

    def _answer(self) -> None:
        """Our flight, which tells what was chosen; to ask OpenSSL for the group costs ten times as much."""
        if flight := self._bios[1].read():
            self._choice = self._choice or choice(flight)
            self._lower.write(flight)

    def _send(self) -> None:
        if self._bios[1].pending:
            self._lower.write(self._bios[1].read())

    def _succeed(self, tls: TLSObject) -> None:
        host, connection = self._host, self._connection
        self._over = True
        host.ended(self)
        extra = {
            "peername": connection.peer,
            "sockname": connection.local,
            "ssl_object": tls,
            "connection": connection,
        }
        connection.secure = tls
        secure = facts(tls, self._choice)
        connection.facts.update(secure)
        host.journal.emit("secureConnection", connection, None, secure)
        kind = host.options.transports.get((tls.sni or "").lower(), TLSTransport)
        transport = kind(self._lower, tls, self._bios, extra, host.opened())
        self._line.heir = transport
        transport.start(host.factory())

    def cut(self, failure: Failure) -> None:
        """End it at once."""
        self._report(failure)
        self._lower.abort()

    def _refuse(self, alert: int, failure: Failure) -> None:
        self._lower.write(record(alert))
        self._fail(failure)

    def _fail(self, failure: Failure) -> None:
        self._report(failure)
        linger(self._lower)

    def _report(self, failure: Failure) -> None:
        self._over = True
        self._host.ended(self)
        self._host.journal.emit("tlsClientError", self._connection, None, failure.as_data())
        self._host.journal.close(self._connection)
