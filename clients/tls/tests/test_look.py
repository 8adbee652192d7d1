"""The verdict in words, and the chain as it was sent, against a server of the standard library's."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from certs.make import Leaf
from certs.whole import make
from clients.tls import Target, look_at
from clients.tls.sent import sent_by
from clients.tls.show import lines

NAME = "https.wireyard.test"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("certs")
    make(where, (Leaf("https", (NAME,), ()),))
    return where


@contextlib.contextmanager
def serving(place: Path) -> Iterator[int]:
    """A TLS server with the pair in `place`; gives its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(place / "cert.pem", place / "key.pem")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening, context), daemon=True)
        thread.start()
        yield listening.getsockname()[1]


def serve(listening: socket.socket, context: ssl.SSLContext) -> None:
    with contextlib.suppress(OSError):
        while True:
            accepted, _ = listening.accept()
            accepted.settimeout(5)
            with contextlib.suppress(OSError), context.wrap_socket(accepted, server_side=True) as tls:
                tls.recv(1)


def look(store: Path, case: str = "", name: str = NAME) -> tuple[Target, list[str]]:
    place = store / "https" / f"zoo/{case}" if case else store / "https"
    with serving(place) as port:
        target = Target("127.0.0.1", port, f"{case}.{name}" if case else name)
        return target, list(lines(target, look_at(target, store / "ca/ca.pem")))


def test_a_good_server_is_accepted_and_its_chain_shown(store: Path) -> None:
    _, shown = look(store)
    assert shown[0].endswith(": accepted")
    assert any("CN=https.wireyard.test" in line for line in shown)
    assert any("CN=Wireyard Intermediate" in line for line in shown)


@pytest.mark.parametrize(
    ("case", "verdict", "blamed"),
    [
        ("expired", "refused: the certificate has expired", "CN=expired"),
        ("wrong-host", "refused: the name does not match", "CN=wrong-host"),
        ("no-basic-constraints", "refused: the issuer is no authority", "CN=Wireyard Not an Authority"),
        ("path-too-long", "refused: the path is too long", "CN=Wireyard Intermediate"),
    ],
)
def test_a_bad_one_is_refused_in_words_and_the_culprit_marked(
    store: Path, case: str, verdict: str, blamed: str
) -> None:
    _, shown = look(store, case)
    assert shown[0].endswith(verdict)
    assert next(line for line in shown if line.startswith("!")).split("  ")[1].startswith(blamed)


def test_the_chain_is_read_in_the_order_in_which_it_was_sent(store: Path) -> None:
    with serving(store / "https/zoo/reversed-chain") as port:
        chain = sent_by("127.0.0.1", port, NAME, 5.0).chain
    names = [certificate.subject.rfc4514_string() for certificate in chain]
    assert [name.split(",")[0] for name in names[1:]] == ["CN=Wireyard Root", "CN=Wireyard Intermediate"]


def test_nobody_there_and_no_tls_there_are_told_apart(store: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert look_at(Target("127.0.0.1", port, NAME), store / "ca/ca.pem").verdict.startswith("no connection")
    with socket.create_server(("127.0.0.1", 0)) as plain:
        answer = threading.Thread(target=shout, args=(plain,), daemon=True)
        answer.start()
        found = look_at(Target("127.0.0.1", plain.getsockname()[1], NAME), store / "ca/ca.pem")
    assert found.verdict.startswith("failed: ")
    assert not found.sent


def shout(listening: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            accepted, _ = listening.accept()
            with accepted:
                accepted.sendall(b"220 hello\r\n")
                accepted.recv(65536)
