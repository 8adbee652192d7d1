"""Batches of datagrams: whole, in order, from and to the right addresses, in both families."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator

import pytest

from services.dns.reference.datagrams import Datagrams
from services.kit.mmsg import address_of

HOSTS = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}


def bound(family: socket.AddressFamily) -> socket.socket:
    try:
        sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.bind((HOSTS[family], 0))
    except OSError as error:
        pytest.skip(f"no {family.name} here: {error}")
    sock.settimeout(5)
    return sock


@pytest.fixture(params=list(HOSTS), ids=lambda family: family.name)
def family(request: pytest.FixtureRequest) -> socket.AddressFamily:
    chosen: socket.AddressFamily = request.param
    return chosen


@pytest.fixture
def ours(family: socket.AddressFamily) -> Iterator[socket.socket]:
    with bound(family) as sock:
        sock.setblocking(False)
        yield sock


@pytest.fixture
def clients(ours: socket.socket, family: socket.AddressFamily) -> Iterator[list[socket.socket]]:
    made = [bound(family) for _ in range(3)]
    for sock in made:
        sock.connect(ours.getsockname())
    yield made
    for sock in made:
        sock.close()


def test_nothing_waits(ours: socket.socket) -> None:
    assert Datagrams(ours, 4, 16).receive() == ([], [])


def test_a_batch_is_read_in_order_with_the_addresses_it_came_from(
    ours: socket.socket, clients: list[socket.socket]
) -> None:
    for number, client in enumerate(clients):
        client.send(b"q" * number)
    data, names = Datagrams(ours, 4, 16).receive()
    assert data == [b"", b"q", b"qq"]
    assert [address_of(name) for name in names] == [client.getsockname() for client in clients]


def test_each_answer_goes_to_its_own_asker(ours: socket.socket, clients: list[socket.socket]) -> None:
    datagrams = Datagrams(ours, 4, 16)
    for turn in (b"first", b"and a second that is longer"):
        for client in reversed(clients):
            client.send(b"q")
        datagrams.receive()
        assert datagrams.send([turn + b"2", turn + b"1.", turn + b"0.."]) == []
        assert [client.recv(99) for client in clients] == [turn + b"0..", turn + b"1.", turn + b"2"]


def test_a_batch_has_a_most_and_leaves_the_rest(ours: socket.socket, clients: list[socket.socket]) -> None:
    datagrams = Datagrams(ours, 2, 16)
    for number in range(5):
        clients[0].send(b"%d" % number)
    assert [datagrams.receive()[0] for _ in range(4)] == [[b"0", b"1"], [b"2", b"3"], [b"4"], []]


def test_a_long_datagram_is_cut_off_and_its_neighbours_are_whole(
    ours: socket.socket, clients: list[socket.socket]
) -> None:
    for size in (16, 400, 3):
        clients[0].send(b"x" * size)
    assert [len(data) for data in Datagrams(ours, 4, 16).receive()[0]] == [16, 16, 3]


def test_an_answer_that_cannot_be_sent_is_told_and_the_others_are_sent(
    ours: socket.socket, clients: list[socket.socket]
) -> None:
    datagrams = Datagrams(ours, 4, 16)
    for client in clients:
        client.send(b"q")
    datagrams.receive()
    (error,) = datagrams.send([b"a", bytes(70_000), b"c"])
    assert error.errno == errno.EMSGSIZE
    assert (clients[0].recv(9), clients[2].recv(9)) == (b"a", b"c")


def test_a_broken_socket_is_an_error(ours: socket.socket) -> None:
    datagrams = Datagrams(ours, 4, 16)
    ours.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        datagrams.receive()


def test_what_is_longer_than_a_start_is_read_whole(ours: socket.socket, clients: list[socket.socket]) -> None:
    for size in (127, 128, 129, 300, 301):
        clients[0].send(bytes(range(250)) + bytes(size - 250) if size > 250 else bytes(range(size)))
    data, _ = Datagrams(ours, 8, 300).receive()
    assert [len(one) for one in data] == [127, 128, 129, 300, 300]
    assert all(one[:250] == bytes(range(min(len(one), 250))) for one in data)


def test_a_batch_of_long_answers_is_sent_whole(ours: socket.socket, clients: list[socket.socket]) -> None:
    datagrams = Datagrams(ours, 4, 16)
    for client in clients:
        client.send(b"q")
    datagrams.receive()
    assert datagrams.send([bytes([number]) * 5_000 for number in range(3)]) == []
    assert [client.recv(9_000) for client in clients] == [bytes([number]) * 5_000 for number in range(3)]
