"""The proxy: its listeners, its policy from the settings, its end."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Sequence
from functools import partial
from ipaddress import ip_network

from starlette.routing import BaseRoute

from services.http.reference.choose import ByAlpn
from services.kit import tls
from services.kit.errors import SettingsError
from services.kit.journal import Journal, endpoint
from services.kit.sockets import BACKLOG, listen_tcp
from services.kit.tls_context import ServerContext, answers_to, server_context
from services.kit.tls_renewal import One, Renewal
from services.proxy.reference.answers import http1, page
from services.proxy.reference.auth import Users
from services.proxy.reference.dial import Dialler
from services.proxy.reference.errors import PolicyError
from services.proxy.reference.http1 import Http1
from services.proxy.reference.http2 import Http2
from services.proxy.reference.machine import gateways, is_own
from services.proxy.reference.policy import Policy, parse_lines, parse_networks
from services.proxy.reference.resolver import DNSResolver, NoResolver, Resolver
from services.proxy.reference.server import Server
from services.proxy.reference.settings import ProxySettings


class ProxyService:
    """CONNECT over HTTP/1.1 on one port; HTTP/1.1 or HTTP/2 inside TLS on another, if there is one."""

    def __init__(self, settings: ProxySettings, journal: Journal) -> None:
        self._settings, self._journal = settings, journal
        self._server = Server(settings, journal, _dialler(settings), _users(settings))
        self._http1, self._http2 = partial(Http1, self._server), partial(Http2, self._server)
        self._listeners: list[asyncio.AbstractServer | tls.Listener] = []
        self._renewal: Renewal | None = None

    def control_routes(self) -> Sequence[BaseRoute]:
        """What the TLS port has, if there is one."""
        return () if self._renewal is None else self._renewal.routes()

    async def start(self) -> None:
        """Binds all, then serves all. Raises BindError and SettingsError."""
        settings = self._settings
        plain = listen_tcp(settings.address, settings.port)
        secure = [] if settings.tls_port is None else listen_tcp(settings.address, settings.tls_port)
        for sock in plain:
            loop = asyncio.get_running_loop()
            self._listening(sock)
            self._listeners.append(await loop.create_server(self._http1, sock=sock, backlog=BACKLOG))
        if secure:
            await self._serve_tls(secure)

    async def _serve_tls(self, sockets: Sequence[socket.socket]) -> None:
        context = self._context()
        for sock in sockets:
            self._listening(sock)
            self._listeners.append(await tls.listen(sock, self._secure, context, self._journal, _TLS))
        self._renewal = Renewal(One(context), self._journal, self._settings)
        self._renewal.start()

    async def stop(self, within: float) -> None:
        """Opens nothing more, lets tunnels finish for `within` seconds, resets those that have not."""
        for listener in self._listeners:
            listener.close()
        if self._renewal is not None:
            self._renewal.close()
        for client in (*self._server.sessions, *self._server.waiting):
            client.close()
        self._server.waiting.close()
        if not await self._server.tunnels.gone(within):
            for tunnel in self._server.tunnels:
                tunnel.abort("stopping")
        self._server.tunnels.close()

    def _secure(self) -> ByAlpn:
        return ByAlpn(self._http2, self._http1)

    def _context(self) -> ServerContext:
        if self._settings.certs is None:
            raise SettingsError("WIREYARD_CERTS", "is not set, and WIREYARD_TLS_PORT needs a certificate")
        certs = self._settings.certs
        context = server_context(certs / "cert.pem", certs / "key.pem", ("h2", "http/1.1"))
        context.knows = answers_to(self._settings.name)
        return context

    def _listening(self, sock: socket.socket) -> None:
        self._journal.emit("listening", data={"address": endpoint(sock.getsockname())})


def _plain(first: bytes) -> bytes | None:
    """An answer for plain HTTP on the TLS port (RFC 9110, 4.2.2); none for what is no HTTP either."""
    if not first[:1].isalpha():
        return None
    return http1(page(400, "This port speaks TLS (RFC 9110 4.2.2)."), time.time(), close=True)


_TLS = tls.Options(plain=_plain)


def _dialler(settings: ProxySettings) -> Dialler:
    try:
        lines = parse_lines(settings.allow)
    except PolicyError as error:
        raise SettingsError("WIREYARD_ALLOW", str(error)) from error
    try:
        denied = [(network, "denied") for network in parse_networks(settings.deny)]
    except PolicyError as error:
        raise SettingsError("WIREYARD_DENY", str(error)) from error
    denied += [(ip_network(gateway), "the gateway") for gateway in gateways()]
    return Dialler(_resolver(settings), Policy(lines, tuple(denied), is_own), settings.dial_timeout)


def _resolver(settings: ProxySettings) -> Resolver:
    if settings.resolver is None:
        return NoResolver()
    try:
        return DNSResolver(settings.resolver, settings.resolve_timeout)
    except PolicyError as error:
        raise SettingsError("WIREYARD_RESOLVER", str(error)) from error


def _users(settings: ProxySettings) -> Users:
    try:
        return Users(settings.users)
    except PolicyError as error:
        raise SettingsError("WIREYARD_USERS", str(error)) from error
