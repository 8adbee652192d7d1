"""RFC 862, UDP Based Echo Service: a datagram received is sent back."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable

import pytest

from clients.net.errors import LocalFailure, Refused, TimedOut
from clients.udp import open_datagrams
from clients.udp.datagrams import LONGEST
from lab.topology import Endpoint
from tests.support.control import Control
from tests.support.journal import Journal
from tests.support.yard import Yard
from tests.udp_echo.conftest import Open

rfc, feature = pytest.mark.rfc, pytest.mark.feature

SIZES = (0, 1, 2, 512, 1472, 1473, 8192, 65_506, LONGEST)


def pattern(size: int) -> bytes:
    return (bytes(range(256)) * (size // 256 + 1))[:size]


class TestEcho:
    """When a datagram is received, the data from it is sent back in an answering datagram."""

    @feature("echo")
    @rfc("768", "FIELDS")
    @pytest.mark.parametrize("size", SIZES)
    async def test_each_size_comes_back_whole(self, opened: Open, size: int) -> None:
        """From nothing at all to the longest that IPv4 carries."""
        datagram = await (await opened()).echo(pattern(size))
        assert datagram.data == pattern(size)
        assert not datagram.truncated

    @feature("echo")
    @rfc("768", "FIELDS")
    async def test_one_byte_more_is_refused_by_the_sender(self, opened: Open) -> None:
        """The client's own kernel says so, before anything is sent."""
        with pytest.raises(LocalFailure, match="too long"):
            await (await opened()).send(bytes(LONGEST + 1))

    @feature("echo")
    @rfc("862", "UDP")
    async def test_boundaries_are_kept(self, opened: Open) -> None:
        """Datagrams are neither joined nor split, and on one path they keep their order."""
        datagrams = await opened()
        texts = [b"a", b"", b"bcd", b"e" * 1000, b"f"]
        for text in texts:
            await datagrams.send(text)
        assert [(await datagrams.receive()).data for _ in texts] == texts

    @feature("echo")
    async def test_a_reader_with_too_little_room_is_told(self, opened: Open) -> None:
        """What does not fit is gone, and the client says how much there was."""
        datagrams = await opened()
        await datagrams.send(b"0123456789")
        datagram = await datagrams.receive(room=4)
        assert (datagram.data, datagram.size, datagram.truncated) == (b"0123", 10, True)

    @feature("source")
    @rfc("1122", "4.1.3.5")
    async def test_the_answer_comes_from_where_the_question_went(
        self, opened: Open, service: Endpoint
    ) -> None:
        """Seen by an unconnected socket, which would take it from anybody."""
        datagram = await (await opened(connected=False)).echo(b"who are you")
        assert datagram.source[:2] == (service.address, service.port)

    @feature("echo")
    async def test_two_clients_get_each_their_own(self, opened: Open) -> None:
        """Nothing is kept between datagrams that could be mixed up."""
        one, two = await opened(), await opened()
        await one.send(b"one")
        await two.send(b"two")
        assert (await two.receive()).data == b"two"
        assert (await one.receive()).data == b"one"


class TestBurst:
    """Datagrams that come faster than they are answered wait in the receive buffer."""

    @feature("burst")
    async def test_a_hundred_at_once_all_come_back(self, opened: Open) -> None:
        """512 bytes each: well within the smallest buffer that Linux gives."""
        datagrams = await opened()
        datagrams.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        texts = [number.to_bytes(512, "big") for number in range(100)]
        for text in texts:
            await datagrams.send(text)
        assert sorted([(await datagrams.receive()).data for _ in texts]) == texts


class TestJunk:
    """Nothing that a datagram holds can stop the service."""

    @feature("junk")
    async def test_every_kind_of_bytes(self, opened: Open) -> None:
        """Other protocols' first packets, and bytes of every value, all come back as they are."""
        datagrams = await opened()
        hostile = [
            b"\0" * 100,
            b"\xff" * 100,
            b"GET / HTTP/1.1\r\n\r\n",
            b"\x16\x03\x01\x02\x00",
            bytes(range(256)),
        ]
        for data in hostile:
            assert (await datagrams.echo(data)).data == data

    @feature("junk", "echo")
    @pytest.mark.parametrize("seed", range(4))
    async def test_datagrams_of_any_bytes_and_any_size(self, opened: Open, seed: int) -> None:
        """The same ones for the same seed."""
        chance, datagrams = random.Random(seed), await opened()
        for _ in range(50):
            data = chance.randbytes(int(chance.random() ** 4 * LONGEST))
            assert (await datagrams.echo(data)).data == data


class TestReflection:
    """RFC 6335, 6: System Ports belong to services, and a service that answers one may start a loop."""

    @feature("no-reflection")
    @rfc("6335", "6")
    @pytest.mark.parametrize("port", [7, 19, 53, 123, 1023])
    async def test_a_system_port_is_not_answered(self, opened: Open, service: Endpoint, port: int) -> None:
        """Echo, chargen, DNS, NTP; and the last of the range."""
        datagrams = await opened(connected=False)
        try:
            datagrams.sock.bind(("", port))
        except OSError as error:
            pytest.skip(f"this machine lets nobody send from port {port}: {error.strerror}")
        await datagrams.send(b"loop")
        datagrams.within = 0.3
        with pytest.raises(TimedOut):
            await datagrams.receive()

    @feature("no-reflection")
    async def test_the_next_port_is(self, opened: Open) -> None:
        """1024 is anybody's."""
        datagrams = await opened(connected=False)
        try:
            datagrams.sock.bind(("", 1024))
        except OSError as error:
            pytest.skip(f"port 1024 is taken here: {error.strerror}")
        assert (await datagrams.echo(b"fine")).data == b"fine"


class TestClosed:
    """RFC 1122, 3.2.2.1: a port where nobody listens is told by ICMP."""

    @feature("closed-port")
    @rfc("1122", "4.1.3.3")
    async def test_a_connected_client_is_refused(self, service: Endpoint) -> None:
        """ECONNREFUSED, at the address of the service; an unconnected one would wait for ever."""
        with await open_datagrams(service.address, 1) as datagrams:
            await datagrams.send(b"anybody?")
            with pytest.raises(Refused):
                await datagrams.receive()


class TestSockets:
    """GET /sockets"""

    @feature("sockets")
    async def test_buffers_and_losses_of_each_socket(self, yard: Yard, service: Endpoint) -> None:
        """As the kernel has them."""
        yard.journal("udp-echo")
        rows = await Control(yard.endpoint("udp-echo", "control")).get("/sockets")
        row = next(row for row in rows if row["family"] == "IPv4")
        assert row["local"].endswith(f":{service.port}")
        assert min(row["receiveBufferSize"], row["sendBufferSize"]) > 0
        assert row["dropped"] >= 0


class TestJournal:
    """What the reference tells."""

    @feature("journal")
    async def test_each_datagram_is_a_message(self, opened: Open, journal: Callable[[str], Journal]) -> None:
        """With its size, under the client's address."""
        datagrams = await opened()
        await datagrams.echo(b"12345")
        events = await journal("udp-echo").of(datagrams.local, until="message")
        assert (events[-1].event, events[-1].data) == ("message", {"size": 5})
