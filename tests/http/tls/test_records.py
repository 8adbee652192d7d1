"""Records and alerts: what is broken gets the right alert, and what ends says so (RFC 8446 5 and 6)."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable

import pytest

from tests.http.tls.conftest import Site, read_all
from tests.http.tls.raw import Raw
from tests.support.journal import Journal

rfc, feature = pytest.mark.rfc, pytest.mark.feature

UNEXPECTED_MESSAGE = bytes((21, 3, 3, 0, 2, 2, 10))


def inject(sock: ssl.SSLSocket, record: bytes) -> None:
    """Put bytes on the wire behind TLS's back."""
    with socket.socket(fileno=socket.dup(sock.fileno())) as raw:
        raw.sendall(record)


def drain(sock: ssl.SSLSocket) -> None:
    """Read until the alert that is to come raises."""
    while sock.recv(65536):
        continue


class TestAlerts:
    """RFC 8446 6.2."""

    @feature("tls-alerts")
    @rfc("8446", "5.2")
    def test_a_record_that_does_not_decrypt_is_answered_bad_record_mac(self, site: Site) -> None:
        with site.secure() as sock:
            inject(sock, b"\x17\x03\x03\x00\x20" + bytes(32))
            with pytest.raises(ssl.SSLError, match=r"(?i)alert bad record mac"):
                drain(sock)

    @feature("tls-overflow")
    @rfc("8446", "5.2")
    def test_a_record_that_is_too_long_is_answered_record_overflow(self, site: Site) -> None:
        """More than 2^14 + 256 bytes of ciphertext."""
        with site.secure() as sock:
            inject(sock, b"\x17\x03\x03\x41\x01" + bytes(0x4101))
            with pytest.raises(ssl.SSLError, match=r"(?i)alert record overflow"):
                drain(sock)

    @feature("tls-junk")
    @rfc("8446", "5.1")
    def test_bytes_that_are_no_tls_are_answered_unexpected_message(self, site: Site) -> None:
        with site.connect() as sock:
            sock.sendall(b"\x00\x01\x02 junk")
            assert read_all(sock) == UNEXPECTED_MESSAGE

    @feature("journal-tls")
    @rfc("8446", "6.2")
    async def test_the_journal_tells_which_alert_the_client_sent(
        self, site: Site, journal: Callable[[str], Journal]
    ) -> None:
        """A client that does not trust the yard says unknown_ca, and the server hears it."""
        context = ssl.create_default_context()
        raw = site.connect()
        local = raw.getsockname()
        with pytest.raises(ssl.SSLCertVerificationError):
            context.wrap_socket(raw, server_hostname=site.name())
        events = await journal(site.role).of(local)
        assert [event.event for event in events] == ["connection", "tlsClientError", "close"]
        assert events[1].data["alertReceived"] == "unknown_ca"


class TestClosing:
    """RFC 8446 6.1."""

    @feature("tls-close")
    @rfc("8446", "6.1")
    @pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    def test_close_notify_is_answered_with_close_notify(self, site: Site, version: ssl.TLSVersion) -> None:
        """Also in TLS 1.2, where it is a MUST (RFC 5246, 7.2.1)."""
        context = site.context()
        context.maximum_version = version
        raw = Raw(site, context=context)
        with raw.sock:
            raw.shake()
            raw.send(site.greeting)
            assert raw.receive()
            raw.close_notify()
            while raw.receive():
                continue  # what was on its way; b"" is the close_notify, and FIN without one raises

    @feature("tls-cases")
    @rfc("8446", "6.1")
    @pytest.mark.parametrize("case", ["no-close-notify", "truncated"])
    def test_an_end_that_may_be_a_truncation_is_seen_as_one(self, site: Site, case: str) -> None:
        context = site.context("http/1.1")
        with site.secure(case, context) as sock:
            request = f"GET / HTTP/1.1\r\nHost: {site.name(case)}\r\nConnection: close\r\n\r\n"
            sock.sendall(request.encode())
            with pytest.raises((ssl.SSLEOFError, ssl.SSLError)) as caught:
                drain(sock)
            assert "EOF" in str(caught.value)


class TestPlainHttp:
    """RFC 9110 4.2.2: a port that speaks TLS does not speak plain HTTP, and says so."""

    @feature("tls-plain-http")
    @rfc("9110", "4.2.2")
    @pytest.mark.parametrize(
        "start", [b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]
    )
    def test_plain_http_is_answered_with_a_plain_400(self, site: Site, start: bytes) -> None:
        with site.connect() as sock:
            sock.sendall(start)
            assert read_all(sock).startswith(b"HTTP/1.1 400 ")


class TestStalled:
    """A handshake that stalls costs nobody else anything."""

    @feature("tls-stalled")
    def test_another_client_is_served_at_once_beside_two_hundred_that_stall(self, site: Site) -> None:
        stalled = [site.connect() for _ in range(200)]
        for sock in stalled[::2]:
            sock.sendall(b"\x16\x03\x01\x02\x00")  # a record of 512 bytes that never comes
        try:
            with site.secure() as sock:
                sock.settimeout(2)
                sock.sendall(site.greeting)
                assert sock.recv(65536)
        finally:
            for sock in stalled:
                sock.close()
