"""lab/probe.py tells a service that answers in its protocol from one that does not."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.probe import H2_GOODBYE, H2_HELLO, ProbeError, Target, own_target, probe
from lab.topology import PROJECT

AUTHORITY = "https.wireyard.test"
SETTINGS = bytes(3) + b"\x04\x00" + bytes(4)


@contextmanager
def answering(answer: Callable[[bytes], bytes], context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A TCP port where the first bytes of each connection are answered by `answer`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, answer, context))
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def _serve(listener: socket.socket, answer: Callable[[bytes], bytes], context: ssl.SSLContext | None) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            _answer_once(connection, answer, context)


def _answer_once(
    connection: socket.socket, answer: Callable[[bytes], bytes], context: ssl.SSLContext | None
) -> None:
    try:
        with context.wrap_socket(connection, server_side=True) if context else connection as stream:
            stream.sendall(answer(stream.recv(65536)))
    except OSError:
        return  # the prober left, which is its right


@contextmanager
def datagrams(answer: Callable[[bytes], bytes]) -> Iterator[int]:
    """A UDP port where one datagram is answered by `answer`."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as service:
        service.bind(("127.0.0.1", 0))

        def serve() -> None:
            data, peer = service.recvfrom(65535)
            service.sendto(answer(data), peer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield service.getsockname()[1]
        thread.join()


def target(role: str, port: int, ca: str | None = None) -> Target:
    return Target(role, "127.0.0.1", port, AUTHORITY, ca, seconds=1)


def _same(data: bytes) -> bytes:
    return data


def _dns(flags: int, answers: int) -> Callable[[bytes], bytes]:
    return lambda query: (
        query[:2] + flags.to_bytes(2, "big") + b"\0\1" + answers.to_bytes(2, "big") + bytes(4)
    )


GOOD = [
    ("http1", lambda _: b"HTTP/1.1 200 OK\r\n\r\n"),
    ("proxy", lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    ("h2c", lambda _: SETTINGS),
    ("tcp-echo", _same),
]
BAD = [
    ("http1", lambda _: b"HTTP/1.1 503 Service Unavailable\r\n\r\n", "answered b'HTTP/1.1 503'"),
    ("http1", lambda _: b"SSH-2.0-OpenSSH_9\r\n", "answered b'SSH-2.0"),
    ("http1", lambda _: b"", "answered b''"),
    ("h2c", lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n", "preface was answered"),
    ("h2c", lambda _: SETTINGS[:5] + b"\0\0\0\1", "preface was answered"),
    ("tcp-echo", lambda data: data.upper(), "was answered"),
]


@pytest.mark.parametrize(("role", "answer"), GOOD)
def test_an_answer_in_the_protocol_is_enough(role: str, answer: Callable[[bytes], bytes]) -> None:
    with answering(answer) as port:
        probe(target(role, port))


@pytest.mark.parametrize(("role", "answer", "reason"), BAD)
def test_another_answer_is_told(role: str, answer: Callable[[bytes], bytes], reason: str) -> None:
    with answering(answer) as port, pytest.raises(ProbeError, match=reason):
        probe(target(role, port))


def test_a_refused_connection_is_told_with_its_address(unused_tcp_port: int) -> None:
    with pytest.raises(ProbeError, match=rf"127\.0\.0\.1:{unused_tcp_port}: Connection refused"):
        probe(target("http1", unused_tcp_port))


def test_udp_echo_sends_the_datagram_back() -> None:
    with datagrams(_same) as port:
        probe(target("udp-echo", port))
    with datagrams(bytes.upper) as port, pytest.raises(ProbeError, match="was answered"):
        probe(target("udp-echo", port))


def test_dns_answers_its_own_address() -> None:
    with datagrams(_dns(0x8400, 1)) as port:
        probe(target("dns", port))


@pytest.mark.parametrize(("flags", "answers"), [(0x0400, 1), (0x8403, 0), (0x8400, 0), (0x8402, 1)])
def test_dns_with_no_answer_is_told(flags: int, answers: int) -> None:
    with datagrams(_dns(flags, answers)) as port, pytest.raises(ProbeError, match="the address of"):
        probe(target("dns", port))


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The yard's own certificates, made once."""
    folder = tmp_path_factory.mktemp("certs")
    command = [sys.executable, "-m", "certs", "make", "--out", str(folder)]
    subprocess.run(command, check=True, capture_output=True, cwd=PROJECT)
    return folder


def _context(folder: Path, *alpn: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    context.set_alpn_protocols(list(alpn))
    return context


def _ok(_request: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\n\r\n"


def test_tls_is_verified_against_the_yards_ca_and_the_authority(certificates: Path) -> None:
    ca = str(certificates / "ca" / "ca.pem")
    with answering(_ok, _context(certificates / "https", "http/1.1")) as port:
        probe(target("https", port, ca=ca))
    with (
        answering(_ok, _context(certificates / "h2", "http/1.1")) as port,
        pytest.raises(ProbeError, match=rf"TLS with {AUTHORITY}: .*VERIFY_FAILED"),
    ):
        probe(target("https", port, ca=ca))


def test_http2_over_tls_needs_its_alpn(certificates: Path) -> None:
    with (
        answering(_ok, _context(certificates / "https", "http/1.1")) as port,
        pytest.raises(ProbeError, match="ALPN chose None, not 'h2'"),
    ):
        probe(target("h2", port, ca=str(certificates / "ca" / "ca.pem")))


def test_without_a_ca_there_is_no_tls(unused_tcp_port: int) -> None:
    with pytest.raises(ProbeError, match="no CA file at nowhere"):
        probe(target("https", unused_tcp_port, ca="nowhere"))


def test_inside_a_container_the_variables_tell_what_to_ask() -> None:
    environ = {
        "WIREYARD_ROLE": "https",
        "WIREYARD_PORT": "443",
        "WIREYARD_ADDRESS": "*",
        "WIREYARD_CA": "/ca",
    }
    assert own_target(environ) == Target("https", "127.0.0.1", 443, "https.wireyard.test", "/ca")


def test_as_a_health_check_it_gives_the_reason_and_status_1(unused_tcp_port: int) -> None:
    environ = {**os.environ, "WIREYARD_ROLE": "http1", "WIREYARD_PORT": str(unused_tcp_port)}
    done = subprocess.run(
        [sys.executable, "-m", "lab.probe"], env=environ, cwd=PROJECT, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"Connection refused" in done.stderr


def test_the_constants_are_the_frames_that_they_claim_to_be() -> None:
    assert len(H2_HELLO) == 24 + 9
    assert H2_GOODBYE[:9] == bytes([0, 0, 8, 7, 0, 0, 0, 0, 0])
