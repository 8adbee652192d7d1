"""The DNS service: its sockets around one answering core."""

from __future__ import annotations

import asyncio
import secrets
import signal
import sys
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

from starlette.routing import BaseRoute

from lab.topology import View
from lab.topology import load as load_topology
from services.dns.reference import catalogue
from services.dns.reference.cache import AnswerCache
from services.dns.reference.cookies import CookieJar
from services.dns.reference.errors import ZoneError
from services.dns.reference.exchange import Asker, Outcome, Transport
from services.dns.reference.facts import MessageFacts
from services.dns.reference.peers import Peers
from services.dns.reference.reply import Options, Replier
from services.dns.reference.responder import Responder
from services.dns.reference.settings import DNSSettings
from services.dns.reference.tcp import Limits, StreamProtocol
from services.dns.reference.udp import UDPListener
from services.kit.errors import KitError
from services.kit.journal import Journal
from services.kit.sockets import bind_udp, listen_tcp


class DNSService:
    """One name server on UDP and TCP."""

    def __init__(self, settings: DNSSettings, journal: Journal) -> None:
        self._settings = settings
        self._journal = journal
        self._topology = load_topology()
        self._cache = AnswerCache()
        options = Options(nsid=b"dns.wireyard.test", idle=settings.idle)
        self._responder = Responder({}, Replier(options, CookieJar(secrets.token_bytes(16))), {})
        self._limits = Limits(settings.idle, settings.connections, settings.pipeline)
        self._peers = Peers()
        self._udp: list[UDPListener] = []
        self._tcp: list[asyncio.Server] = []

    def control_routes(self) -> Sequence[BaseRoute]:
        """Routes of the role on its control port."""
        return ()

    async def start(self) -> None:
        """Load the zones, bind every socket, then serve.

        Raises:
            KitError: a zone with an error, with file and line; an address that cannot be had.
        """
        try:
            self._load()
        except ZoneError as error:
            raise KitError(str(error)) from error
        addresses, port = self._settings.address, self._settings.port
        streams = listen_tcp(addresses, port)
        for sock in bind_udp(addresses, port or streams[0].getsockname()[1]):
            listener = UDPListener(sock, self._cache, self._respond, self._note_batch)
            listener.start()
            self._udp.append(listener)
        loop = asyncio.get_running_loop()
        make = partial(StreamProtocol, self._respond, self._journal, self._limits, Transport.TCP)
        for sock in streams:
            self._tcp.append(await loop.create_server(make, sock=sock))
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        self._journal.emit("listening", None, None, {"port": streams[0].getsockname()[1]})

    async def stop(self, within: float) -> None:
        """Take no new work, answer what waits for at most `within` seconds, close everything."""
        for server in self._tcp:
            server.close()
        for listener in self._udp:
            listener.close()
        for protocol in list(self._limits.open):
            protocol.finish()
        await self._drained(within)
        for protocol in list(self._limits.open):
            protocol.abandon("the service stops")

    async def _drained(self, within: float) -> None:
        try:
            async with asyncio.timeout(within):
                while self._limits.open:
                    self._limits.left.clear()
                    await self._limits.left.wait()
        except TimeoutError:
            return

    def _respond(self, data: bytes, asker: Asker) -> Outcome:
        return self._responder.respond(data, asker, time.time())

    def _note_batch(self, queries: list[bytes], answers: list[bytes], addresses: list[Any]) -> None:
        """Journal one drained batch: its queries, then its answers."""
        peers = self._peers.of(addresses)
        self._journal.emit_batch("query", peers, map(MessageFacts, queries))
        self._journal.emit_batch("answer", peers, map(MessageFacts, answers))

    def _load(self) -> None:
        settings = self._settings
        zones = catalogue.load(self._topology, View(settings.view), settings.zones, int(time.time()))
        self._responder.zones = zones
        self._cache.clear()

    def _reload(self) -> None:
        """Serve the zone files anew; one with an error is refused and the old zones stay."""
        try:
            self._load()
        except ZoneError as error:
            sys.stderr.write(f"{error}\n")
            self._journal.emit("error", None, None, {"zone": error.where, "error": error.reason})
