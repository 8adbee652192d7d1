"""What an auditor asks of a server's TLS, tried in memory: Mozilla's intermediate profile and RFC 9325."""

from __future__ import annotations

import ssl
from contextlib import suppress
from pathlib import Path

import pytest

from certs.make import Leaf
from certs.whole import make
from services.kit import openssl
from services.kit.tls_context import SESSION_LIFE, server_context

NAME = "https.wireyard.test"
OLD_AND_NEW = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"
reached = pytest.mark.skipif(bool(openssl.unavailable()), reason=openssl.unavailable() or "none")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("certs")
    make(where, (Leaf("https", (NAME,), ()),))
    return where


def client(store: Path) -> ssl.SSLContext:
    """One that would agree to anything."""
    context = ssl.create_default_context(cafile=store / "ca/ca.pem")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers(OLD_AND_NEW)
    return context


def shaken(store: Path, context: ssl.SSLContext) -> ssl.SSLObject:
    """The client's end of a handshake with the defaults. Raises ssl.SSLError."""
    server = server_context(store / "https/cert.pem", store / "https/key.pem")
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = context.wrap_bio(down, up, server_hostname=NAME)
    for end in (asking, server.wrap_bio(up, down, server_side=True)) * 3:
        with suppress(ssl.SSLWantReadError):
            end.do_handshake()
    if asking.version() is None or asking.cipher() is None:
        raise ssl.SSLError("no handshake")
    return asking


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_what_is_older_than_tls_1_2_is_refused(store: Path, version: ssl.TLSVersion) -> None:
    context = client(store)
    context.minimum_version = context.maximum_version = version
    with pytest.raises(ssl.SSLError):
        shaken(store, context)


def test_suites_of_tls_1_2_are_forward_secret_and_aead(store: Path) -> None:
    """An ECDSA certificate: three of the six."""
    agreed = set()
    for suite in client(store).get_ciphers():
        context = client(store)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(f"{suite['name']}:@SECLEVEL=0" if suite["protocol"] != "TLSv1.3" else "NULL")
        with suppress(ssl.SSLError):
            agreed.add((shaken(store, context).cipher() or ("",))[0])
    assert agreed == {
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305",
    }


@reached
@pytest.mark.parametrize(
    ("group", "served"),
    [("X25519", True), ("P-256", True), ("P-384", True), ("P-521", False), ("X448", False)],
)
def test_groups(store: Path, group: str, served: bool) -> None:
    context = client(store)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    openssl.set_groups(context, group)
    if served:
        shaken(store, context)
    else:
        with pytest.raises(ssl.SSLError):
            shaken(store, context)


def test_nothing_is_compressed_and_nothing_renegotiated(store: Path) -> None:
    context = client(store)
    context.options &= ~ssl.OP_NO_COMPRESSION
    assert shaken(store, context).compression() is None
    server = server_context(store / "https/cert.pem", store / "https/key.pem")
    assert server.options & ssl.OP_NO_RENEGOTIATION


@reached
def test_tickets_are_short_lived(store: Path) -> None:
    context = client(store)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    session = shaken(store, context).session
    assert session is not None
    assert (session.has_ticket, session.ticket_lifetime_hint) == (True, SESSION_LIFE)
