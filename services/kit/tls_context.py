"""Server contexts with defaults that an auditor likes, that refuse foreign names and protocols by alert.

RFC 9325 4.2 (suites), 3.1.1 (versions), 3.5 (renegotiation), 3.3 (compression).
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable
from functools import cached_property, lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import cast

from services.kit import openssl
from services.kit.tls_hello import ClientHello, listed
from services.kit.tls_keylog import KEYLOG

SUITES_1_3 = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
"""The order of Mozilla's profiles: 128 bits are enough, and cost a third less (RFC 8446, B.4)."""
SUITES_1_2 = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
)
"""Forward secrecy and AEAD, each of them (RFC 9325, 4.2)."""
GROUPS = ("X25519MLKEM768:X25519:P-256:P-384", "X25519:P-256:P-384")
"""RFC 9325 4.2.1 and Mozilla's intermediate profile; the first is for an OpenSSL that knows ML-KEM (3.5)."""
SESSION_LIFE = 600
"""Seconds for which a session may be resumed (RFC 9325, 3.4)."""
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n?", re.DOTALL)
"""A key in the same file stays there (RFC 7468, 5)."""
UNRECOGNIZED_NAME, NO_APPLICATION_PROTOCOL = 112, 120
"""The alerts of RFC 6066 3 and RFC 7301 3.2."""


class TLSObject(ssl.SSLObject):
    """The server's end of one TLS connection, which remembers what its client asked for."""

    hello: ClientHello | None = None
    """None for a message that is not to be read, of which OpenSSL will say so."""
    presented: bytes = b""
    """The chain in PEM, as it was when the connection began: the files may be renewed while it lasts."""

    @property
    def sni(self) -> str | None:
        """The name that the client asked for (RFC 6066, 3)."""
        return None if self.hello is None else self.hello.name

    stranger: str = ""
    """Why its client is nobody, if it gave no certificate."""


class ServerContext(ssl.SSLContext):
    """A server's context that remembers which files it presents, and its protocols as ALPN writes them."""

    files: tuple[Path, ...] = ()
    """The chain, its key, and whatever else was read; what is not there may come."""
    presented: bytes = b""
    """The chain in PEM, as it was last read."""
    _seen: tuple[int, ...] = ()
    protocols: tuple[bytes, ...] = ()
    knows: Callable[[str], bool] = staticmethod(lambda _name: True)
    """Whether a server name is one of ours (RFC 6066, 3)."""

    def refuses(self, hello: ClientHello, *, named: bool) -> int | None:
        """The alert that the choice of a name or of a protocol deserves, or None; `named` by the name itself.

        Judged before OpenSSL is given anything: a callback from the middle of its work costs more than all of
        this, and to a client that offers protocols none of which is ours Python's would give no alert.
        """
        if not named and hello.name and not self.knows(hello.name):
            return UNRECOGNIZED_NAME
        if self.protocols and hello.protocols and not _in_common(self.protocols, hello.protocols):
            return NO_APPLICATION_PROTOCOL
        return None

    def shake(self, hello: ClientHello | None, bios: tuple[ssl.MemoryBIO, ssl.MemoryBIO]) -> TLSObject:
        """The server's end of a connection that begins with `hello`."""
        tls = cast("TLSObject", self.wrap_bio(*bios, server_side=True))
        tls.hello, tls.presented, tls.stranger = hello, self.presented, self.stranger
        return tls

    @cached_property
    def stranger(self) -> str:
        """Why a client without a certificate is nobody: one with a bad one gets no connection at all."""
        asked = self.verify_mode is not ssl.VerifyMode.CERT_NONE
        return "the client gave no certificate" if asked else "no client certificate was asked for"

    def changed(self) -> bool:
        """Whether any of the files is another one than the one that was read."""
        return self._seen != self._stamps()

    def read(self) -> None:
        """Reads chain, key and staple, for the connections to come. Raises OSError and ssl.SSLError."""
        seen, (certificate, key) = self._stamps(), self.files[:2]
        # Tried on another one first, that takes any strength: half a pair must change nothing here.
        trial = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trial.set_ciphers("ALL:@SECLEVEL=0")
        trial.load_cert_chain(certificate, key)
        self.load_cert_chain(certificate, key)
        self.presented = b"".join(_CERTIFICATE.findall(certificate.read_bytes()))
        response = certificate.with_name("ocsp.der")
        if not openssl.unavailable():
            openssl.staple(self, response.read_bytes() if response.exists() else None)
        self._seen = seen

    def watch(self, *files: Path) -> None:
        """Counts these files too."""
        self.files += files
        self._seen = self._stamps()

    def _stamps(self) -> tuple[int, ...]:
        return tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in self.files)


@lru_cache(256)
def _in_common(ours: tuple[bytes, ...], offer: bytes) -> bool:
    """Whether the content of an ALPN extension names a protocol of ours, or none at all."""
    offered = listed(offer)
    return not offered or any(name in offered for name in ours)


def server_context(
    certificate: Path, key: Path, alpn: tuple[str, ...] = (), suites: tuple[str, ...] = SUITES_1_2
) -> ServerContext:
    """A context for one certificate. Raises OSError when the files cannot be read.

    An OCSP response in `ocsp.der` beside the certificate is stapled, where OpenSSL can be reached.
    """
    context = ServerContext(ssl.PROTOCOL_TLS_SERVER)
    KEYLOG.follow(context)
    context.sslobject_class = TLSObject
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(":".join(suites))
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF  # set by Python before 3.11.4
    context.num_tickets = 1
    if not openssl.unavailable():
        openssl.set_session_life(context, SESSION_LIFE)
        openssl.set_suites(context, SUITES_1_3)
        _set_groups(context)
    context.files = (certificate, key, certificate.with_name("ocsp.der"))
    context.read()
    if alpn:
        context.set_alpn_protocols(list(alpn))
    context.protocols = tuple(map(str.encode, alpn))
    return context


def _set_groups(context: ssl.SSLContext) -> None:
    for names in GROUPS:
        try:
            openssl.set_groups(context, names)
        except ValueError:
            continue  # this OpenSSL does not know one of them
        return


def answers_to(authority: str) -> Callable[[str], bool]:
    """Knows an authority, its first label, what stands below it, `localhost`; and addresses, which are no
    names and pass as none (RFC 6066, 3)."""
    own, below = {authority, authority.partition(".")[0], "localhost"}, f".{authority}"

    def knows(name: str) -> bool:
        name = name.lower()
        return name in own or name.endswith(below) or is_address(name)

    return knows


def is_address(name: str) -> bool:
    """Whether a server name is none, but an address."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def is_truncation(error: ssl.SSLError) -> bool:
    """Whether the peer's FIN came without a close_notify; Python before 3.11.4 has no class for that."""
    return isinstance(error, ssl.SSLEOFError) or error.reason == "UNEXPECTED_EOF_WHILE_READING"
