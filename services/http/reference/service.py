"""The four HTTP roles (and the vault) as one service: listeners, and the protocol for each connection."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from functools import cached_property

from starlette.routing import BaseRoute

from services.http.reference.choose import ByAlpn, ByPreface
from services.http.reference.h2 import Limits
from services.http.reference.h2c_upgrade import Upgrade
from services.http.reference.http1 import Http1
from services.http.reference.http2 import Http2
from services.http.reference.http2_encoding import Heads
from services.http.reference.plans import Plans
from services.http.reference.secure.control import TlsControl
from services.http.reference.secure.names import Names
from services.http.reference.settings import HttpSettings
from services.http.reference.site import Site
from services.kit import tls
from services.kit.errors import SettingsError
from services.kit.journal import Journal
from services.kit.sockets import BACKLOG, listen_tcp
from services.kit.tls_renewal import Renewal

ALPN = {"https": ("http/1.1",), "h2": ("h2", "http/1.1")}
"""Role -> the protocols that its TLS offers (RFC 7301), the first being the one it likes best."""

_WORDS = b"This port speaks TLS (RFC 9110 4.2.2).\n"
PLAIN = (
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%b" % (len(_WORDS), _WORDS)
)
"""What a client gets that sends plain HTTP to a TLS port."""


class HttpService:
    """As services.kit.serve.Service."""

    def __init__(self, settings: HttpSettings, journal: Journal) -> None:
        self._settings, self._journal = settings, journal
        self._listeners: list[asyncio.Server | tls.Listener] = []
        self._site: Site

    def control_routes(self) -> Sequence[BaseRoute]:
        """What may be done to the TLS of the roles that have it."""
        if self._settings.role not in ALPN:
            return ()
        return [*TlsControl(lambda: self._names, self._journal).routes(), *self._renewal.routes()]

    async def start(self) -> None:
        """Binds, then serves. Raises KitError."""
        settings = self._settings
        sockets = listen_tcp(settings.address, settings.port)
        self._site = Site(settings, self._journal, f"{settings.role}.wireyard.test")
        factory = self._protocols()
        for sock in sockets:
            self._listeners.append(await self._listen(sock, factory))
            self._journal.emit("listening", None, None, {"address": sock.getsockname()[:2]})
        if settings.role in ALPN:
            self._renewal.start()

    async def stop(self, within: float) -> None:
        """Accepts nothing more and ends what is open."""
        for listener in self._listeners:
            listener.close()
        if self._settings.role in ALPN:
            self._renewal.close()
        await self._site.stop(within)

    def _protocols(self) -> Callable[[], asyncio.Protocol]:
        """What makes the protocol object of each new connection."""
        site = self._site
        plans = Plans(site.router, site.scheme, site.limits)
        heads, limits = Heads(site), Limits()

        def http1() -> asyncio.Protocol:
            return Http1(site, plans)

        def http2() -> Http2:
            return Http2(site, heads, limits)

        if self._settings.role == "h2":
            return lambda: ByAlpn(http2, http1)
        if self._settings.role == "h2c":
            site.h2c = Upgrade(http2)
            return lambda: ByPreface(http2, http1)
        return http1

    async def _listen(
        self, sock: socket.socket, factory: Callable[[], asyncio.Protocol]
    ) -> asyncio.Server | tls.Listener:
        if self._settings.role not in ALPN:
            return await self._site.loop.create_server(factory, sock=sock, backlog=BACKLOG)
        names = self._names
        options = tls.Options(
            most=self._settings.connections,
            plain=_plain,
            choose=names.choose,
            intercept=names.intercept,
            transports=names.transports,
        )
        return await tls.listen(sock, factory, names.default, self._journal, options)

    @cached_property
    def _names(self) -> Names:
        """The contexts of all names that are served, shared by every listener."""
        settings = self._settings
        if settings.certs is None:
            raise SettingsError("WIREYARD_CERTS", "is not set, and this role speaks TLS")
        return Names(settings.certs, settings.ca, self._site.server.authority, ALPN[settings.role])

    @cached_property
    def _renewal(self) -> Renewal:
        return Renewal(self._names, self._journal, self._settings)


def _plain(first: bytes) -> bytes | None:
    return PLAIN if first[:1].isalpha() else None
