"""Listening sockets: families, taken addresses, Unix sockets that somebody left behind."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from services.kit.errors import BindError
from services.kit.sockets import bind_udp, listen_tcp, listen_unix


def test_every_interface_is_one_socket_a_family_on_one_port() -> None:
    bound = listen_tcp(("*",), 0)
    try:
        assert [sock.family for sock in bound][:1] == [socket.AF_INET]
        assert len({sock.getsockname()[1] for sock in bound}) == 1
    finally:
        for sock in bound:
            sock.close()


@pytest.mark.parametrize("listen", [listen_tcp, bind_udp])
def test_a_taken_address_is_told_and_nothing_stays_open(listen: object) -> None:
    assert callable(listen)
    (first,) = listen(("127.0.0.1",), 0)
    port = first.getsockname()[1]
    with first, pytest.raises(BindError, match=rf"127\.0\.0\.1 port {port}: Address already in use"):
        listen(("127.0.0.2", "127.0.0.1"), port)
    listen(("127.0.0.2",), port)[0].close()


def test_an_address_that_is_not_ours() -> None:
    with pytest.raises(BindError, match=r"192\.0\.2\.1"):
        listen_tcp(("192.0.2.1",), 0)


class TestUnix:
    def test_everybody_may_connect(self, tmp_path: Path) -> None:
        path = tmp_path / "s"
        with listen_unix(path), socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            assert path.stat().st_mode & 0o777 == 0o666

    def test_a_dead_listeners_socket_is_replaced(self, tmp_path: Path) -> None:
        path = tmp_path / "s"
        listen_unix(path).close()
        with listen_unix(path), socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))

    def test_a_living_listener_keeps_its_place(self, tmp_path: Path) -> None:
        path = tmp_path / "s"
        with listen_unix(path), pytest.raises(BindError, match="somebody listens there already"):
            listen_unix(path)

    def test_a_file_is_not_removed(self, tmp_path: Path) -> None:
        path = tmp_path / "s"
        path.write_text("mine")
        with pytest.raises(BindError):
            listen_unix(path)
        assert path.read_text() == "mine"
