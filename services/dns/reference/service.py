"""The DNS service: its sockets around one answering core."""

from __future__ import annotations

import asyncio
import gc
import ipaddress
import secrets
import signal
import sys
import time
from collections.abc import Sequence
from functools import partial

from starlette.routing import BaseRoute

from lab.errors import LabError
from lab.topology import View
from lab.topology import load as load_topology
from services.dns.reference.control import Control
from services.dns.reference.errors import ZoneError
from services.dns.reference.exchange import Asker, Outcome, Transport
from services.dns.reference.facts import describe
from services.dns.reference.limits import Limits
from services.dns.reference.nameserver import Config, NameServer
from services.dns.reference.peers import Peers
from services.dns.reference.relay import Relay
from services.dns.reference.reply import Options
from services.dns.reference.rrl import RateLimiter
from services.dns.reference.settings import DNSSettings
from services.dns.reference.statistics import Statistics
from services.dns.reference.tcp import Duties as StreamDuties
from services.dns.reference.tcp import StreamProtocol
from services.dns.reference.udp import Duties, UDPListener
from services.dns.reference.upstream import Forwarder, parse
from services.kit import tls
from services.kit.errors import KitError, SettingsError
from services.kit.journal import Journal, endpoint
from services.kit.sockets import BACKLOG, bind_udp, listen_tcp
from services.kit.tls_context import ServerContext, server_context
from services.kit.tls_renewal import One, Renewal

NSID = b"dns.wireyard.test"


class DNSService:
    """One name server on UDP and TCP, and on TLS if there is a port for it. `port` is the one in use."""

    def __init__(self, settings: DNSSettings, journal: Journal) -> None:
        self.settings = settings
        self.journal = journal
        self.port = settings.port
        self.server = NameServer(_config(settings))
        self._relay = _relay(settings, self.server)
        self._limits = Limits(settings.idle, settings.connections, settings.pipeline)
        self._limiter = RateLimiter(settings.rate_limit) if settings.rate_limit else None
        self._statistics = Statistics(journal.role, self.server, self._limiter)
        journal.collectors.append(self._statistics)
        journal.reader = describe
        self._peers = Peers()
        self._udp: list[UDPListener] = []
        self._streams: list[asyncio.Server | tls.Listener] = []
        self._renewal: Renewal | None = None
        self._reading = asyncio.Lock()
        self._hung_up: set[asyncio.Task[None]] = set()

    def control_routes(self) -> Sequence[BaseRoute]:
        """Zones, run-time records and lies."""
        return Control(self.server, self.reload).routes()

    async def start(self) -> None:
        """Load the zones, bind every socket, then serve.

        Raises:
            KitError: a zone with an error, with file and line; an address that cannot be had.
        """
        try:
            self.server.load(int(time.time()))
        except ZoneError as error:
            raise KitError(str(error)) from error
        gc.freeze()  # zones live as long as the process; the collector need not walk them
        settings = self.settings
        context = None if settings.tls_port is None else self._context()
        streams = listen_tcp(settings.address, settings.port)
        self.port = streams[0].getsockname()[1]
        datagrams = bind_udp(settings.address, self.port)
        secure = listen_tcp(settings.address, settings.tls_port or 0) if context else []
        for sock in datagrams:
            duties = Duties(
                cache=self.server.cache,
                quick=self.server.quick,
                respond=self._respond,
                noted=self._note_batch,
                limiter=self._limiter,
                forward=self._relay,
            )
            self._udp.append(UDPListener(sock, duties))
            self._udp[-1].start()
        loop = asyncio.get_running_loop()
        for sock in streams:
            protocol = self._protocol(Transport.TCP)
            self._streams.append(await loop.create_server(protocol, sock=sock, backlog=BACKLOG))
        for sock in secure:
            assert context is not None  # noqa: S101 - without one there is no such socket
            listener = await tls.listen(sock, self._protocol(Transport.TLS), context, self.journal)
            self._streams.append(listener)
        if context is not None:
            self._renewal = Renewal(One(context), self.journal, settings)
            self._renewal.start(on_hangup=False)
        for sock in (*datagrams, *streams, *secure):
            self.journal.emit("listening", None, None, {"address": endpoint(sock.getsockname())})
        loop.add_signal_handler(signal.SIGHUP, self._hang_up)

    async def stop(self, within: float) -> None:
        """Take no new work, answer what waits for at most `within` seconds, close everything."""
        for listener in (*self._streams, *self._udp):
            listener.close()
        if self._renewal is not None:
            self._renewal.close()
        for protocol in list(self._limits.open):
            protocol.finish()
        await self._limits.emptied(within)
        if self._relay is not None:
            self._relay.close()
        for protocol in list(self._limits.open):
            protocol.abandon("the service stops")

    async def reload(self) -> None:
        """Read all zones beside the loop, then serve them from one query to the next.

        One reading at a time: what was read last is what is served.

        Raises:
            ZoneError: the first error; what was served stays.
        """
        try:
            async with self._reading:
                zones = await asyncio.to_thread(self.server.read, int(time.time()))
                self.server.store.load(zones)
        except ZoneError as error:
            sys.stderr.write(f"{error}\n")
            self.journal.emit("error", None, None, {"zone": error.where, "error": error.reason})
            raise

    def _hang_up(self) -> None:
        if self._renewal is not None:
            self._renewal.look()
        task = asyncio.ensure_future(self._reload_quietly())
        self._hung_up.add(task)  # the loop itself holds tasks only weakly
        task.add_done_callback(self._hung_up.discard)

    async def _reload_quietly(self) -> None:
        try:
            await self.reload()
        except ZoneError:
            return  # reload has told the log and the journal

    def _protocol(self, kind: Transport) -> partial[StreamProtocol]:
        server, noted = self.server, partial(self._statistics.add, kind)
        duties = StreamDuties(server.streamed, server.quick, self._respond, noted, self._relay)
        return partial(StreamProtocol, duties, self.journal, self._limits, kind)

    def _context(self) -> ServerContext:
        certs = self.settings.certs
        if certs is None:
            raise SettingsError("WIREYARD_CERTS", "is not set, and WIREYARD_TLS_PORT needs a certificate")
        return server_context(certs / "cert.pem", certs / "key.pem", ("dot",))

    def _respond(self, data: bytes, asker: Asker) -> Outcome:
        outcome = self.server.respond(data, asker, time.time())
        self._statistics.count(outcome)
        return outcome

    def _note_batch(self, queries: list[bytes], answers: list[bytes], names: list[bytes]) -> None:
        """Journal one drained batch: its queries, then its answers."""
        self._statistics.add(Transport.UDP, len(queries))
        peers = self._peers.of(names)
        if queries:
            self.journal.emit_batch("query", peers, queries)
        if not all(answers):
            peers = [peer for peer, answer in zip(peers, answers, strict=True) if answer]
            answers = [answer for answer in answers if answer]
        self.journal.emit_batch("answer", peers, answers)


def _config(settings: DNSSettings) -> Config:
    try:
        topology = load_topology()
    except LabError as error:
        raise KitError(str(error)) from error
    options = Options(nsid=NSID, idle=settings.idle, recursion=bool(settings.upstreams))
    return Config(topology, View(settings.view), settings.zones, options, secrets.token_bytes(16))


def _relay(settings: DNSSettings, server: NameServer) -> Relay | None:
    try:
        upstreams = [parse(text) for text in settings.upstreams]
    except ValueError as error:
        raise SettingsError("WIREYARD_UPSTREAMS", str(error)) from error
    for upstream in upstreams:
        if upstream.port == settings.port and ipaddress.ip_address(upstream.address).is_loopback:
            raise SettingsError(
                "WIREYARD_UPSTREAMS", f"{upstream.address} port {upstream.port} is this server"
            )
    return Relay(Forwarder(upstreams, settings.upstream_timeout), server.refuse) if upstreams else None
