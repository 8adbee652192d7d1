"""From the name that a client asks for (RFC 6066, 3) to the context, conduct and transport that it gets."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from functools import partial
from pathlib import Path

from certs.zoo import CASES as ZOO
from services.http.app.tls_cases import CASES, Case
from services.http.reference.secure.conduct import AFTER, BEFORE
from services.kit import openssl
from services.kit.tls_context import SUITES_1_2, ServerContext, is_address, server_context
from services.kit.tls_hello import ClientHello

WEAKEST = (*SUITES_1_2, "@SECLEVEL=0")
"""Lets OpenSSL present what it would refuse itself: short keys and SHA-1, in the zoo alone."""


class Names:
    """All contexts of one service. Those of the zoo and of the cases are made when first asked for."""

    def __init__(self, folder: Path, ca: Path | None, authority: str, alpn: tuple[str, ...]) -> None:
        self._folder, self._ca, self._alpn = folder, ca, alpn
        self.default = server_context(folder / "cert.pem", folder / "key.pem", alpn)
        own = (authority, authority.partition(".")[0], "localhost")
        self._contexts: dict[str, ServerContext] = dict.fromkeys(own, self.default)
        self._added: set[str] = set()
        self._makers: dict[str, Callable[[], ServerContext]] = {}
        conducts: dict[str, str] = {}
        for row in ZOO:
            self._makers[row.server_name(authority)] = partial(self._zoo, folder / "zoo" / row.name)
        for case in CASES:
            self._makers[f"{case.name}.{authority}"] = partial(self._case, case)
            if case.conduct:
                conducts[f"{case.name}.{authority}"] = case.conduct
        self._before = {name: BEFORE[conduct] for name, conduct in conducts.items() if conduct in BEFORE}
        self.transports = {name: AFTER[conduct] for name, conduct in conducts.items() if conduct in AFTER}
        """The transports that end badly, by the names that do."""
        self.default.knows = self.knows

    def choose(self, hello: ClientHello) -> ServerContext | None:
        """The context for a ClientHello; None for one that names nobody of ours, or nobody at all."""
        return self.select(hello.name) if hello.name else None

    def knows(self, name: str) -> bool:
        """Whether a server name is one of ours. An address is no name (RFC 6066, 3), and passes as none."""
        return name.lower() in self._contexts or name.lower() in self._makers or is_address(name)

    def select(self, name: str) -> ServerContext | None:
        """The context for a server name; None for one that is not served here."""
        name = name.lower()
        found = self._contexts.get(name)
        if found is None and name in self._makers:
            found = self._contexts[name] = self._makers[name]()
        return found

    def add(self, name: str, certificate: Path, key: Path) -> None:
        """Serve one more name from now on. Raises ssl.SSLError for files that are no pair."""
        context = server_context(certificate, key, self._alpn)
        context.files = ()  # they need not stay
        self._contexts[name.lower()] = context
        self._added.add(name.lower())

    def remove(self, name: str) -> bool:
        """Serve a name no longer that was added; False when it was not."""
        if name.lower() not in self._added:
            return False
        self._added.discard(name.lower())
        del self._contexts[name.lower()]
        return True

    def renew(self) -> list[str]:
        """Read again what has changed on the disk; the names that it is served under. Raises ssl.SSLError.

        What was made on demand is made anew when it is next asked for.
        """
        if self.default.changed():
            self.default.read()
            names = [name for name, context in self._contexts.items() if context is self.default]
        else:
            names = []
        for name, context in list(self._contexts.items()):
            if context.files and context.changed():
                del self._contexts[name]
                names.append(name)
        return names

    def rotate_ticket_keys(self) -> None:
        """Accept no ticket any more that was handed out so far (RFC 5077, 5.5)."""
        for context in set(self._contexts.values()):
            openssl.rotate_ticket_keys(context)

    def intercept(self, hello: ClientHello, transport: asyncio.Transport) -> bool:
        """Misbehave in place of a ServerHello, if the client asks for a name that does."""
        act = self._before.get((hello.name or "").lower())
        if act is None:
            return False
        act(transport)
        return True

    def _zoo(self, place: Path) -> ServerContext:
        return server_context(place / "cert.pem", place / "key.pem", self._alpn, WEAKEST)

    def _case(self, case: Case) -> ServerContext:
        alpn = case.alpn or self._alpn
        context = server_context(self._folder / "cert.pem", self._folder / "key.pem", alpn)
        context.minimum_version = case.oldest or context.minimum_version
        context.maximum_version = case.newest or context.maximum_version
        if case.suites:
            _set_suites(context, case)
        if case.groups:
            openssl.set_groups(context, case.groups)
        if case.tickets is not None:
            context.num_tickets = case.tickets
        if case.client:
            self._ask_client(context, case)
        return context

    def _ask_client(self, context: ServerContext, case: Case) -> None:
        """Verify clients against the yard's own authority, revocation included (RFC 5280, 6.3)."""
        if self._ca is None:
            raise openssl.Unavailable("WIREYARD_CA is not set: no authority to verify clients against")
        context.load_verify_locations(self._ca)
        revoked = self._ca.with_name("intermediate.crl.pem")
        context.load_verify_locations(revoked)
        context.watch(self._ca, revoked)
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
        context.verify_mode = case.client or context.verify_mode


def _set_suites(context: ServerContext, case: Case) -> None:
    if case.newest is ssl.TLSVersion.TLSv1_2:
        context.set_ciphers(case.suites)
    else:
        openssl.set_suites(context, case.suites)
