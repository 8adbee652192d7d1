"""The figures are only as good as the reading of the tools' output."""

from __future__ import annotations

import shutil
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from bench.errors import MissingProgram, UnfairRow
from bench.loads import half, read_dnsperf, read_h2load, read_wrk, shake
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
def presenting(*certificates: Path) -> Iterator[int]:
    """The port of a server that presents each of `certificates` to one connection, the last to all others."""
    contexts = []
    for folder in certificates:
        contexts.append(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
        contexts[-1].load_cert_chain(folder / "cert.pem", folder / "key.pem")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = threading.Thread(target=_present, args=(listening, contexts))
        server.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        server.join(5)


def _present(listening: socket.socket, contexts: list[ssl.SSLContext]) -> None:
    turn = 0
    with suppress(OSError):  # the test is over
        while True:
            sock, context = listening.accept()[0], contexts[min(turn, len(contexts) - 1)]
            turn += 1
            with sock, suppress(OSError), context.wrap_socket(sock, server_side=True) as tls:
                if tls.recv(1000):
                    tls.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                tls.unwrap()


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
@pytest.mark.parametrize("changes", [False, True])
def test_another_certificate_than_the_verified_one_is_an_error(tmp_path: Path, changes: bool) -> None:
    """However well it would verify by itself: it has the same name, of the same authority."""
    names = (("https.wireyard.test",), ("127.0.0.1",))
    make(tmp_path, (Leaf("first", *names), Leaf("second", *names)))
    second = tmp_path / ("second" if changes else "first")
    with presenting(tmp_path / "first", second) as port:
        try:
            sample = shake("/", tmp_path, 2)(Place(port, "", "https.wireyard.test"), 0.3)
        except MissingProgram as missing:
            pytest.skip(str(missing))
    assert (sample.rate > 0, sample.errors > 0) == (not changes, changes)
