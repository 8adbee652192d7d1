"""The TLS listener and its transport, from the client's side of a real socket."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import hashlib
import socket
import ssl
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.kit import openssl, tls
from services.kit.journal import Connection
from services.kit.tests.tls_server import NAME, Served, client_context, issue, serving
from services.kit.tls_context import ServerContext, answers_to, is_truncation, server_context
from services.kit.tls_hello import ClientHello
from services.kit.tls_transport import TLSTransport

BIG = bytes(range(256)) * 16 * 1024  # 4 MiB


class Echo(asyncio.Protocol):
    """Sends back what comes, with back-pressure; `last` is the newest one, for the tests to look at."""

    last: Echo

    def __init__(self) -> None:
        Echo.last = self
        self.transport: TLSTransport
        self.lost: list[Exception | None] = []
        self.peak = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, TLSTransport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)
        self.peak = max(self.peak, self.transport.get_write_buffer_size())

    def pause_writing(self) -> None:
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        self.transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        self.lost.append(error)
        connection = self.transport.get_extra_info("connection")
        assert isinstance(connection, Connection)
        Echo.served.journal.close(connection, {"error": str(error) if error else None})

    served: Served


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("certs")
    issue(where)
    return where


@pytest.fixture
def context(store: Path) -> ServerContext:
    return server_context(store / "https/cert.pem", store / "https/key.pem", ("http/1.1",))


@pytest.fixture
def client(store: Path) -> ssl.SSLContext:
    return client_context(store)


@pytest.fixture
def echo(context: ServerContext) -> Iterator[Served]:
    options = tls.Options(plain=lambda first: b"plain, please\n" if first[:3] == b"GET" else None)
    with serving(context, Echo, options) as served:
        Echo.served = served
        yield served


def send_until_held(sock: socket.socket) -> int:
    """Send without reading, until the other side reads no more either; gives the number of bytes."""
    sent = 0
    with contextlib.suppress(TimeoutError):
        while True:
            sent += sock.send(BIG[sent % len(BIG) :][: 16 * 1024])
    return sent


def read_all(sock: socket.socket) -> bytes:
    return b"".join(iter(lambda: sock.recv(65536), b""))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_bytes_go_both_ways_and_close_notify_answers_close_notify(
    echo: Served, client: ssl.SSLContext, version: ssl.TLSVersion
) -> None:
    client.maximum_version = client.minimum_version = version
    with echo.secure(client) as sock:
        sock.sendall(b"hello")
        assert sock.recv(100) == b"hello"
        sock.unwrap()  # raises unless the server's close_notify comes back
    echo.event("close")
    assert echo.names() == ["connection", "secureConnection", "close"]
    assert Echo.last.lost == [None]


def test_the_journal_tells_what_was_agreed(echo: Served, client: ssl.SSLContext) -> None:
    client.set_alpn_protocols(["h2", "http/1.1"])
    with echo.secure(client) as sock:
        facts = echo.event("secureConnection")
        assert facts["cipher"] == (sock.cipher() or ("",))[0]
    assert facts["protocol"] == "TLSv1.3"
    assert facts["alpnProtocol"] == "http/1.1"
    assert facts["servername"] == NAME
    assert facts["resumed"] is False
    assert facts["group"] == (None if openssl.unavailable() else "x25519")
    assert facts["authorized"] is False
    assert facts["authorizationError"] == "no client certificate was asked for"


def test_a_slow_reader_gets_every_byte_and_costs_a_bounded_buffer(
    echo: Served, client: ssl.SSLContext
) -> None:
    with echo.secure(client) as sock:
        sock.settimeout(0.2)
        sent = send_until_held(sock)
        assert Echo.last.peak <= 512 * 1024
        sock.settimeout(10)
        back = hashlib.sha256()
        got = 0
        while got < sent:
            piece = sock.recv(65536)
            back.update(piece)
            got += len(piece)
    assert back.digest() == hashlib.sha256((BIG * (sent // len(BIG) + 1))[:sent]).digest()


class Sender(Echo):
    """Sends 4 MiB in one write as soon as it is spoken to, and closes."""

    def data_received(self, data: bytes) -> None:
        self.transport.write(BIG)
        self.transport.close()


def test_close_delivers_all_that_was_written_then_close_notify(
    context: ServerContext, client: ssl.SSLContext
) -> None:
    with serving(context, Sender) as served:
        Echo.served = served
        with served.secure(client) as sock:
            sock.sendall(b"go" + b"on, with more than one record and more than anybody reads" * 1000)
            assert read_all(sock) == BIG  # suppress_ragged_eofs is off: a bare FIN would raise


class HalfCloser(Echo):
    """Ends its own side at the first word, and still reads what comes after."""

    heard = b""

    def data_received(self, data: bytes) -> None:
        self.heard += data
        self.transport.write(b"bye")
        self.transport.write_eof()
        if self.heard.endswith(b"end"):
            self.transport.close()


def test_write_eof_sends_close_notify_and_goes_on_reading(
    context: ServerContext, client: ssl.SSLContext
) -> None:
    with serving(context, HalfCloser) as served:
        Echo.served = served
        with served.secure(client) as sock:
            sock.sendall(b"a" * 40_000)  # several records, of which the first is answered with the close
            assert read_all(sock) == b"bye"
            sock.sendall(b"b" * 100_000)
            sock.sendall(b"end")
            served.event("close")
    assert isinstance(Echo.last, HalfCloser)
    assert len(Echo.last.heard) == 140_003
    assert Echo.last.lost == [None]


class Ender(Echo):
    """Ends its own side at once, and waits for the peer to end its."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.write_eof()


def test_the_peers_close_notify_is_no_error_after_our_own(
    context: ServerContext, client: ssl.SSLContext
) -> None:
    with serving(context, Ender) as served:
        Echo.served = served
        with served.secure(client) as sock:
            assert sock.recv(1) == b""
            sock.unwrap()
        served.event("close")
    assert Echo.last.lost == [None]
    assert Echo.last.transport.get_extra_info("truncated") is False


def test_what_was_sent_before_a_half_close_is_not_lost(
    context: ServerContext, client: ssl.SSLContext
) -> None:
    with serving(context, HalfCloser) as served:
        Echo.served = served
        with served.secure(client) as sock:
            sock.sendall(b"a" * 40_000 + b"end")
            assert read_all(sock) == b"bye"
            served.event("close")
    assert isinstance(Echo.last, HalfCloser)
    assert len(Echo.last.heard) == 40_003


def test_abort_sends_no_close_notify(echo: Served, client: ssl.SSLContext) -> None:
    with echo.secure(client) as sock:
        echo.event("secureConnection")
        sock.sendall(b"x")
        assert sock.recv(1) == b"x"
        echo.call(Echo.last.transport.abort)
        with pytest.raises((ssl.SSLError, ConnectionResetError)) as caught:
            sock.recv(1)
    assert not isinstance(caught.value, ssl.SSLError) or is_truncation(caught.value)


def test_a_closed_connection_keeps_no_keys(echo: Served, client: ssl.SSLContext) -> None:
    """The journal holds tens of thousands of connections; their TLS would be hundreds of megabytes."""
    with echo.secure(client) as sock:
        echo.event("secureConnection")
        connection = Echo.last.transport.get_extra_info("connection")
        assert connection.secure is not None
        sock.unwrap()
    echo.event("close")
    asyncio.run_coroutine_threadsafe(asyncio.sleep(0), echo.loop).result(5)
    assert connection.secure is None


@pytest.mark.parametrize("well", [True, False])
def test_a_closed_connection_is_gone_at_once(echo: Served, client: ssl.SSLContext, well: bool) -> None:
    """A cycle would keep keys and buffers until the collector comes, for thousands of connections."""
    gc.disable()
    try:
        with echo.secure(client) as sock:
            echo.event("secureConnection")
            left = weakref.ref(Echo.last.transport)
            if well:
                sock.unwrap()
        echo.event("close")
        del Echo.last.transport
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), echo.loop).result(5)
        assert left() is None
    finally:
        gc.enable()


def test_a_fin_without_close_notify_is_told_apart(echo: Served, client: ssl.SSLContext) -> None:
    sock = echo.secure(client)
    sock.sendall(b"x")
    assert sock.recv(1) == b"x"
    sock.close()  # no unwrap: a bare FIN
    echo.event("close")
    assert Echo.last.transport.get_extra_info("truncated") is True


def test_a_bad_record_is_answered_with_bad_record_mac(echo: Served, client: ssl.SSLContext) -> None:
    """RFC 8446, 5.2."""
    with echo.secure(client) as sock:
        sock.sendall(b"x")
        assert sock.recv(1) == b"x"
        with socket.socket(fileno=socket.dup(sock.fileno())) as raw:
            raw.sendall(b"\x17\x03\x03\x00\x20" + bytes(32))
        with pytest.raises(ssl.SSLError) as caught:
            sock.recv(1)
    assert caught.value.reason == "SSLV3_ALERT_BAD_RECORD_MAC"


def test_plain_text_on_the_tls_port_gets_the_answer_of_its_protocol(echo: Served) -> None:
    with echo.connect() as sock:
        sock.sendall(b"GET / HTTP/1.1\r\n\r\n" + b"x" * 100_000)
        assert read_all(sock) == b"plain, please\n"
    assert echo.event("tlsClientError")["alertSent"] is None


def test_junk_on_the_tls_port_gets_unexpected_message(echo: Served) -> None:
    """RFC 8446, 5.1: an unexpected record type MUST end in an unexpected_message alert."""
    with echo.connect() as sock:
        sock.sendall(b"\x00junk")
        assert read_all(sock) == bytes((21, 3, 3, 0, 2, 2, 10))
    assert echo.event("tlsClientError")["alertSent"] == "unexpected_message"


def test_a_hello_in_single_bytes_is_understood(echo: Served, client: ssl.SSLContext) -> None:
    """RFC 8446, 5.1 does not ask that a record come in one segment."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client.set_alpn_protocols(["http/1.1"])
    end = client.wrap_bio(incoming, outgoing, server_hostname=NAME)
    with echo.connect() as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with pytest.raises(ssl.SSLWantReadError):
            end.do_handshake()
        for byte in outgoing.read():
            sock.send(bytes((byte,)))
        while True:
            incoming.write(sock.recv(65536))
            try:
                end.do_handshake()
                break
            except ssl.SSLWantReadError:
                continue
        sock.sendall(outgoing.read())
        assert echo.event("secureConnection")["alpnProtocol"] == "http/1.1"


def test_a_hello_in_several_records_is_read_whole(context: ServerContext, client: ssl.SSLContext) -> None:
    """RFC 8446, 5.1: the name may stand in any of them, and chooses the context all the same."""
    asked: list[str | None] = []

    def choose(hello: ClientHello) -> None:
        asked.append(hello.name)

    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    end = client.wrap_bio(incoming, outgoing, server_hostname=NAME)
    with pytest.raises(ssl.SSLWantReadError):
        end.do_handshake()
    message = outgoing.read()[5:]
    records = [message[at : at + 60] for at in range(0, len(message), 60)]
    with serving(context, Echo, tls.Options(choose=choose)) as served, served.connect() as sock:
        sock.sendall(b"".join(b"\x16\x03\x01" + len(one).to_bytes(2) + one for one in records))
        assert sock.recv(3) == b"\x16\x03\x03"
    assert asked == [NAME]


def test_a_hello_that_cannot_be_read_is_refused_by_openssl(echo: Served) -> None:
    """RFC 8446, 6.2: a message that cannot be parsed MUST end in a decode_error alert."""
    with echo.connect() as sock:
        sock.sendall(b"\x16\x03\x01\x00\x08" + b"\x01\x00\x00\x04\x03\x03\x00\x00")
        assert read_all(sock)[-2:] == bytes((2, 50))
    assert echo.event("tlsClientError")["alertSent"] == "decode_error"


def test_a_client_without_a_common_protocol_gets_no_application_protocol(
    echo: Served, client: ssl.SSLContext
) -> None:
    """RFC 7301, 3.2: the server SHALL respond with a fatal no_application_protocol alert."""
    client.set_alpn_protocols(["spdy/3"])
    with pytest.raises(ssl.SSLError, match="alert no application protocol"):
        echo.secure(client)
    assert echo.event("tlsClientError")["alertSent"] == "no_application_protocol"


def test_a_foreign_name_gets_unrecognized_name(context: ServerContext, client: ssl.SSLContext) -> None:
    """RFC 6066, 3."""
    context.knows = answers_to(NAME)
    with serving(context, Echo) as served:
        with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"):
            served.secure(client, "elsewhere.test")
        assert served.event("tlsClientError")["alertSent"] == "unrecognized_name"


def test_a_handshake_that_stalls_is_cut_at_its_time(context: ServerContext) -> None:
    with serving(context, Echo, tls.Options(handshake_within=0.1)) as served:
        with served.connect() as sock:
            assert sock.recv(1) == b""
        assert served.event("tlsClientError")["reason"] == "no handshake within 0.1 s"
        assert served.names() == ["connection", "tlsClientError", "close"]


def test_one_connection_too_many_is_dropped(context: ServerContext) -> None:
    with serving(context, Echo, tls.Options(most=1)) as served, served.connect():
        with served.connect() as second:
            assert second.recv(1) == b""
        assert "dropConnection" in served.names()


def test_a_refused_certificate_is_told_by_the_clients_alert(echo: Served) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        echo.secure(ssl.create_default_context())
    assert echo.event("tlsClientError")["alertReceived"] == "unknown_ca"


def no_context(_hello: ClientHello) -> ServerContext | None:
    raise OSError("the file is gone")


def test_a_context_that_cannot_be_made_is_our_own_internal_error(
    context: ServerContext, client: ssl.SSLContext
) -> None:
    with serving(context, Echo, tls.Options(choose=no_context)) as served:
        with pytest.raises(ssl.SSLError, match="alert internal error"):
            served.secure(client)
        assert served.event("tlsClientError")["reason"] == "the file is gone"
