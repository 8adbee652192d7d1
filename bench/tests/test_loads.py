"""The figures are only as good as the reading of the tools' output."""

from __future__ import annotations

import shutil
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from bench.errors import MissingProgram, UnfairRow
from bench.loads import half, read_dnsperf, read_h2load, read_wrk, shake, wire
from bench.model import Load, Place, Sample
from bench.processes import started
from bench.programs import reference
from certs.make import Leaf
from certs.whole import make

WRK = """
  Socket errors: connect 1, read 2, write 3, timeout 4
  Non-2xx or 3xx responses: 5
Requests/sec:  81234.56
"""
H2LOAD = """
finished in 3.00s, 66123.33 req/s, 4.10MB/s
requests: 198370 total, 198626 started, 198370 done, 198370 succeeded, 1 failed, 2 errored, 3 timeout
status codes: 198360 2xx, 0 3xx, 10 4xx, 0 5xx
"""
DNSPERF = """
  Queries sent:         420000
  Queries lost:         7 (0.00%)
  Response codes:       NOERROR 419990 (100.00%), NXDOMAIN 3 (0.00%)
  Queries per second:   139997.123456
"""


def test_wrk_errors_are_counted() -> None:
    assert read_wrk(WRK) == Sample(81234.56, errors=15)


def test_h2load_errors_are_counted() -> None:
    assert read_h2load(H2LOAD) == Sample(66123.33, errors=16)


def test_dnsperf_losses_and_wrong_codes_are_counted() -> None:
    assert read_dnsperf(DNSPERF) == Sample(139997.123456, errors=3, lost=7)


@pytest.mark.parametrize("read", [read_wrk, read_h2load, read_dnsperf])
def test_output_without_a_rate_voids_the_row(read: object) -> None:
    assert callable(read)
    with pytest.raises(UnfairRow):
        read("usage: …")


def test_half_the_peak_is_half_of_what_each_server_did_first() -> None:
    asked: list[tuple[int, int]] = []

    def tool(peak: int, *, rate: int = 0) -> Load:
        def load(place: Place, _seconds: float) -> Sample:
            asked.append((place.port, rate))
            return Sample(rate or peak * place.port)

        return load

    load = half(tool, 1_000)
    for port in (2, 4, 2, 4, 2):
        load(Place(port, "", ""), 1)
    assert asked == [(2, 0), (4, 0), (2, 1_000), (4, 2_000), (2, 1_000)]


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
def test_every_handshake_is_whole_and_verified(tmp_path: Path) -> None:
    """Against a server that is trusted, and as a client that trusts another authority."""
    for place in ("ours", "theirs"):
        make(tmp_path / place, (Leaf("https", ("https.wireyard.test",), ("127.0.0.1",)),))
    service = reference("services.http.reference", "https")
    with started(service, "https", tmp_path / "ours", Path(__file__).parents[2]) as server:
        try:
            trusting = shake("/version", tmp_path / "ours", 2)(server.place, 0.5)
        except MissingProgram as missing:
            pytest.skip(str(missing))
        doubting = shake("/version", tmp_path / "theirs", 2)(server.place, 0.5)
    assert (trusting.rate > 0, trusting.errors) == (True, 0)
    assert (doubting.rate > 0, doubting.errors > 0) == (False, True)


@contextmanager
def answering(answer: Callable[[socket.socket], None]) -> Iterator[Place]:
    """A server that gives each connection in turn to `answer`, and then closes it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = threading.Thread(target=_answer, args=(listening, answer))
        server.start()
        try:
            yield Place(listening.getsockname()[1], "", "https.wireyard.test")
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            server.join(5)


def _answer(listening: socket.socket, answer: Callable[[socket.socket], None]) -> None:
    with suppress(OSError):  # the test is over
        while True:
            sock = listening.accept()[0]
            with sock, suppress(OSError):
                answer(sock)


def _echo(sock: socket.socket) -> None:
    while piece := sock.recv(65536):
        sock.sendall(piece)


def _drop(sock: socket.socket) -> None:
    sock.recv(1)


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
def test_bulk_that_comes_back_is_counted() -> None:
    with answering(_echo) as place:
        sample = wire("bulk", "1", megabytes=True, seconds_at=3)(place, 0.3)
    assert (sample.rate > 0, sample.errors) == (True, 0)


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
def test_bulk_that_a_server_cuts_off_is_an_error_and_not_the_end_of_the_load() -> None:
    with answering(_drop) as place:
        assert wire("bulk", "1", megabytes=True, seconds_at=3)(place, 0.3).errors > 0


def _presenting(*certificates: Path) -> Callable[[socket.socket], None]:
    """Presents each of `certificates` to one connection, the last to all others."""
    contexts = []
    for folder in certificates:
        contexts.append(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
        contexts[-1].load_cert_chain(folder / "cert.pem", folder / "key.pem")

    def present(sock: socket.socket) -> None:
        context = contexts.pop(0) if len(contexts) > 1 else contexts[0]
        with context.wrap_socket(sock, server_side=True) as tls:
            if tls.recv(1000):
                tls.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            tls.unwrap()

    return present


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
@pytest.mark.parametrize("changes", [False, True])
def test_another_certificate_than_the_verified_one_is_an_error(tmp_path: Path, changes: bool) -> None:
    """However well it would verify by itself: it has the same name, of the same authority."""
    names = (("https.wireyard.test",), ("127.0.0.1",))
    make(tmp_path, (Leaf("first", *names), Leaf("second", *names)))
    second = tmp_path / ("second" if changes else "first")
    with answering(_presenting(tmp_path / "first", second)) as place:
        try:
            sample = shake("/", tmp_path, 2)(place, 0.3)
        except MissingProgram as missing:
            pytest.skip(str(missing))
    assert (sample.rate > 0, sample.errors > 0) == (not changes, changes)
