"""A resolver with the methods of Node's `dns.promises.Resolver`."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable, Sequence
from typing import TypeVar

import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.reversename

from clients.dns.carriers import Server
from clients.dns.errors import (
    BY_RCODE,
    BadNameError,
    BadResponseError,
    CancelledError,
    DNSError,
    NoDataError,
    NoServerError,
    ServerFailureError,
    TimedOutError,
)
from clients.dns.exchange import Reply, ask, question
from clients.dns.records import CAA, MX, NAPTR, SOA, SRV, TXT, Address, Name, Record, shape

R = TypeVar("R", bound=Record)
TRIES = 4
# As in Node, an answer is an answer, SERVFAIL too: another server is asked only for want of one.
_NEXT_SERVER = (TimedOutError, NoServerError, BadResponseError)


class Resolver:
    """Asks its servers in turn until one answers.

    Args:
        timeout: seconds for each question to each server.
        tries: how often each server is asked.
    """

    def __init__(self, *, timeout: float = 3.0, tries: int = TRIES) -> None:
        self._timeout = timeout
        self._tries = tries
        self._servers: list[Server] | None = None
        self._local: dict[int, str] = {}
        self._running: set[asyncio.Task[Reply]] = set()

    def set_servers(self, servers: Sequence[str]) -> None:
        """Ask these servers from now on: `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1`, `[2001:db8::1]:53`.

        Raises:
            ValueError: one is no address with an optional port.
        """
        self._servers = [parse_server(text) for text in servers]

    def get_servers(self) -> list[str]:
        """Return the servers asked, the port only when it is not 53; by default those of the system."""
        return [format_server(server) for server in self._chosen()]

    def set_local_address(self, ipv4: str = "0.0.0.0", ipv6: str = "::") -> None:
        """Ask from these local addresses."""
        self._local = {4: str(ipaddress.IPv4Address(ipv4)), 6: str(ipaddress.IPv6Address(ipv6))}

    def cancel(self) -> None:
        """End every question under way with ECANCELLED."""
        for task in self._running:
            task.cancel()

    async def resolve(self, name: str, rrtype: str = "A") -> list[Record]:
        """Return the records of one type, after any chain of aliases.

        Raises:
            DNSError: as the tree in `errors` says.
        """
        reply = await self.query(name, rrtype)
        wanted = dns.rdatatype.from_text(rrtype)
        found = [
            record
            for rrset in reply.message.answer
            if wanted in (rrset.rdtype, dns.rdatatype.ANY)
            for rdata in rrset
            if (record := shape(rdata, rrset.ttl)) is not None
        ]
        if not found:
            raise NoDataError(name, rrtype)
        return found

    async def query(self, name: str, rrtype: str = "A") -> Reply:
        """Return the whole answer to one question, whatever its records.

        Raises:
            DNSError: no answer, or an RCODE other than NOERROR.
        """
        task = asyncio.ensure_future(self._ask_in_turn(name, rrtype))
        self._running.add(task)
        try:
            return await task
        except asyncio.CancelledError:
            if task.cancelled() and not _being_cancelled():
                raise CancelledError(name) from None
            raise
        finally:
            self._running.discard(task)

    async def _ask_in_turn(self, name: str, rrtype: str) -> Reply:
        failure: DNSError = NoServerError(name, "no servers")
        for _ in range(self._tries):
            for server in self._chosen():
                try:
                    return await self._ask(server, name, rrtype)
                except _NEXT_SERVER as error:
                    failure = error
        raise failure

    async def _ask(self, server: Server, name: str, rrtype: str) -> Reply:
        source = self._local.get(ipaddress.ip_address(server.address).version)
        reply = await ask(server, question(name, rrtype), within=self._timeout, source=source)
        rcode = reply.message.rcode()
        if rcode != dns.rcode.NOERROR:
            raise BY_RCODE.get(rcode, ServerFailureError)(name, dns.rcode.to_text(rcode))
        return reply

    def _chosen(self) -> list[Server]:
        if self._servers is None:
            try:
                self._servers = [Server(str(a)) for a in dns.resolver.Resolver().nameservers]
            except dns.resolver.NoResolverConfiguration:
                self._servers = []
        return self._servers

    async def resolve4(self, name: str) -> list[Address]:
        """IPv4 addresses, with their TTLs."""
        return await _typed(Address, self.resolve(name, "A"))

    async def resolve6(self, name: str) -> list[Address]:
        """IPv6 addresses, with their TTLs."""
        return await _typed(Address, self.resolve(name, "AAAA"))

    async def resolve_any(self, name: str) -> list[Record]:
        """What the server gives for ANY: at least one record set (RFC 8482)."""
        return await self.resolve(name, "ANY")

    async def resolve_caa(self, name: str) -> list[CAA]:
        """Which authorities may certify."""
        return await _typed(CAA, self.resolve(name, "CAA"))

    async def resolve_cname(self, name: str) -> list[str]:
        """The name that this one is an alias of."""
        return await self._names(name, "CNAME")

    async def resolve_mx(self, name: str) -> list[MX]:
        """Mail exchanges."""
        return await _typed(MX, self.resolve(name, "MX"))

    async def resolve_naptr(self, name: str) -> list[NAPTR]:
        """Naming authority pointers."""
        return await _typed(NAPTR, self.resolve(name, "NAPTR"))

    async def resolve_ns(self, name: str) -> list[str]:
        """Name servers."""
        return await self._names(name, "NS")

    async def resolve_ptr(self, name: str) -> list[str]:
        """Pointers."""
        return await self._names(name, "PTR")

    async def resolve_soa(self, name: str) -> SOA:
        """The start of authority."""
        return (await _typed(SOA, self.resolve(name, "SOA")))[0]

    async def resolve_srv(self, name: str) -> list[SRV]:
        """Places of a service."""
        return await _typed(SRV, self.resolve(name, "SRV"))

    async def resolve_txt(self, name: str) -> list[tuple[str, ...]]:
        """The strings of each TXT record."""
        return [record.entries for record in await _typed(TXT, self.resolve(name, "TXT"))]

    async def reverse(self, address: str) -> list[str]:
        """Return the names of an address.

        Raises:
            BadNameError: it is no address.
            NotFoundError, NoDataError: it has no name.
        """
        try:
            name = dns.reversename.from_address(address).to_text()
        except (ValueError, dns.exception.DNSException) as error:
            raise BadNameError(address, "no IP address") from error
        return await self.resolve_ptr(name)

    async def _names(self, name: str, rrtype: str) -> list[str]:
        return [record.value for record in await _typed(Name, self.resolve(name, rrtype))]


def _being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _typed(kind: type[R], records: Awaitable[list[Record]]) -> list[R]:
    return [record for record in await records if isinstance(record, kind)]


def parse_server(text: str) -> Server:
    """Return the server that `ADDRESS`, `ADDRESS:PORT` or `[ADDRESS]:PORT` names.

    Raises:
        ValueError: none of these.
    """
    address, port = text, "53"
    if text.startswith("["):
        address, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":") or "53"
    elif text.count(":") == 1:
        address, _, port = text.partition(":")
    if not port.isdecimal() or not 0 < int(port) < 65_536:
        raise ValueError(f"{text!r} has no port of 1 to 65535")
    return Server(str(ipaddress.ip_address(address)), int(port))


def format_server(server: Server) -> str:
    """Return a server as Node's `getServers` writes it."""
    if server.port == 53:
        return server.address
    return f"[{server.address}]:{server.port}" if ":" in server.address else f"{server.address}:{server.port}"
