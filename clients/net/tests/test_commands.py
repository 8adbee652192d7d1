"""What the commands of the TCP, UDP and tunnel clients print: steps in order, a failure where it happens."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import typer
from typer.testing import CliRunner

from clients.tcp.cli import app as tcp
from clients.tunnel.cli import app as tunnel
from clients.udp.cli import app as udp

OPENED = b"HTTP/1.1 200 OK\r\n\r\n"
REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"
Serve = Callable[[socket.socket], None]


@contextmanager
def served(serve: Serve) -> Iterator[int]:
    """The port of a server that gives its first connection to `serve`, and then closes it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = threading.Thread(target=_serve, args=(listening, serve))
        server.start()
        yield listening.getsockname()[1]
        server.join(5)


def _serve(listening: socket.socket, serve: Serve) -> None:
    with listening.accept()[0] as sock:
        serve(sock)


def _echo(sock: socket.socket) -> None:
    while piece := sock.recv(100):
        sock.sendall(piece)


def _opens(sock: socket.socket) -> None:
    assert sock.recv(1000).startswith(b"CONNECT a.test:80 ")
    sock.sendall(OPENED)
    _echo(sock)


def _refuses(sock: socket.socket) -> None:
    sock.recv(1000)
    sock.sendall(REFUSED)


def _ends(sock: socket.socket) -> None:
    sock.recv(3)


def steps(app: typer.Typer, *arguments: str) -> tuple[list[str], int]:
    """The names of the steps that a command prints, and how it ends."""
    done = CliRunner().invoke(app, arguments)
    return [line.split()[3] for line in done.output.splitlines() if " ms " in line], done.exit_code


def test_an_echo() -> None:
    with served(_echo) as port:
        told, status = steps(tcp, "127.0.0.1", str(port), "hello")
    assert (told[:2], told[-1], status) == (["resolve", "connect"], "close", 0)
    assert {"send", "end", "firstByte", "receive", "endReceived"} <= set(told)


def test_an_echo_that_is_cut_short_fails_before_it_is_closed() -> None:
    with served(_ends) as port:
        told, status = steps(tcp, "127.0.0.1", str(port), "hello")
    assert (told[-2:], status) == (["error", "close"], 1)


def test_a_datagram_to_a_closed_port_fails_before_the_socket_is_closed() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
        unused.bind(("127.0.0.1", 0))
        port = str(unused.getsockname()[1])
    assert steps(udp, "127.0.0.1", port, "hello") == (["resolve", "connect", "send", "error", "close"], 1)


def test_a_tunnel_tells_the_first_byte_of_the_proxy_and_of_the_target() -> None:
    with served(_opens) as port:
        told, status = steps(tunnel, f"http://127.0.0.1:{port}", "a.test:80", "hello")
    opened = ["resolve", "connect", "CONNECT", "send", "firstByte", "receive", "response"]
    through = ["send", "end", "firstByte", "receive", "endReceived", "close"]
    assert (told, status) == ([*opened, *through], 0)


def test_a_refusal_closes_the_connection_to_the_proxy() -> None:
    with served(_refuses) as port:
        told, status = steps(tunnel, f"http://127.0.0.1:{port}", "a.test:80", "hello")
    assert (told[-3:], status) == (["response", "close", "error"], 1)


@pytest.mark.parametrize("app", [tcp, tunnel])
def test_a_port_that_nobody_listens_on(app: typer.Typer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = str(unused.getsockname()[1])
    arguments = ("127.0.0.1", port) if app is tcp else (f"http://127.0.0.1:{port}", "a.test:80")
    assert steps(app, *arguments) == (["resolve", "error"], 1)
