"""lab/relay.py and lab/datagrams.py: what passes through comes out as it went in, ends and resets too."""

from __future__ import annotations

import asyncio
import socket
import struct
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from lab import datagrams, relay
from lab.relay import Relay
from lab.topology import PROJECT

HERE = "127.0.0.1"
TO = ["--to", "127.0.0.1:8080"]


@pytest.mark.parametrize(
    ("words", "environ", "listen", "target"),
    [
        (["--listen", "10.77.0.1:80"], {}, (("10.77.0.1",), 80), 8080),
        (["--via", "10.77.0.1:81"], {"WIREYARD_PORT": "7"}, ((None,), 7), 8080),
        (["--via", "10.77.0.1:81"], {"WIREYARD_PORT": "7", "WIREYARD_VIEW": "network"}, ((None,), 7), 81),
        (
            ["--via", "10.77.0.1:81"],
            {"WIREYARD_PORT": "7", "WIREYARD_ADDRESS": "127.0.0.1,::1"},
            (("127.0.0.1", "::1"), 7),
            8080,
        ),
    ],
)
def test_where_it_listens_and_where_it_passes_on(
    words: list[str], environ: dict[str, str], listen: tuple[tuple[str | None, ...], int], target: int
) -> None:
    found = relay.parse([*TO, *words, "tcp"], environ)
    assert (found.listen, found.target[1], found.transports) == (listen, target, frozenset({"tcp"}))


@pytest.mark.parametrize(
    ("text", "found"),
    [("127.0.0.1:80", ("127.0.0.1", 80)), ("[::1]:80", ("::1", 80)), ("a.test:1", ("a.test", 1))],
)
def test_an_address_and_a_port(text: str, found: tuple[str, int]) -> None:
    assert relay.where(text) == found


@pytest.mark.parametrize("text", ["127.0.0.1", ":80", "127.0.0.1:http", ""])
def test_what_is_no_address_and_port_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="is not ADDRESS:PORT"):
        relay.where(text)


class Target:
    """A server that does what each test says with its one connection."""

    def __init__(self) -> None:
        self.accepted: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
        self.writers: list[asyncio.StreamWriter] = []

    async def taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        await self.accepted.put((reader, writer))


@asynccontextmanager
async def joined() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter, Target]]:
    """A client's connection through a relay, and the target behind it."""
    target = Target()
    server = await asyncio.start_server(target.taken, HERE, 0)
    behind = server.sockets[0].getsockname()[:2]
    async with server, relay.relaying(Relay(((HERE,), 0), behind, frozenset({"tcp"}))) as ports:
        reader, writer = await asyncio.open_connection(HERE, ports["tcp"])
        yield reader, writer, target
        for end in (writer, *target.writers):
            end.close()


async def test_every_octet_goes_both_ways_and_each_end_by_itself() -> None:
    sent, said = b"q" * 300_000, b"a" * 500_000
    async with asyncio.timeout(10), joined() as (reader, writer, target):
        far_reader, far_writer = await target.accepted.get()
        writer.write(sent)
        writer.write_eof()
        assert await far_reader.read(-1) == sent
        far_writer.write(said)  # although the client has ended its side
        far_writer.close()
        assert await reader.read(-1) == said


@pytest.mark.parametrize("far", [False, True])
async def test_a_reset_is_passed_on_as_one(far: bool) -> None:
    async with asyncio.timeout(10), joined() as (reader, writer, target):
        far_reader, far_writer = await target.accepted.get()
        writer.write(b"q")
        far_writer.write(b"a")
        assert (await far_reader.read(1), await reader.read(1)) == (b"q", b"a")
        resetting, other = (far_writer, reader) if far else (writer, far_reader)
        resetting.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        resetting.transport.abort()
        with pytest.raises(ConnectionResetError):
            await other.read(-1)


async def test_who_asks_for_a_target_that_is_not_there_is_cut_off(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server((HERE, 0)) as taken:
        nobody = taken.getsockname()[:2]
    async with asyncio.timeout(10), relay.relaying(Relay(((HERE,), 0), nobody, frozenset({"tcp"}))) as ports:
        reader, writer = await asyncio.open_connection(HERE, ports["tcp"])
        with pytest.raises(ConnectionResetError):
            await reader.read(-1)
        writer.close()
    assert f"{HERE}:{nobody[1]}: " in capsys.readouterr().err


class Peer:
    """A socket that asks a relay, or that is its target."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock, self._loop = sock, asyncio.get_running_loop()
        sock.setblocking(False)

    async def asks(self, data: bytes) -> bytes:
        self.sock.send(data)
        return await self._loop.sock_recv(self.sock, 100)

    async def answers(self) -> None:
        """Every datagram, with the port it came from in front, but none to an empty one."""
        while True:
            data, where = await self._loop.sock_recvfrom(self.sock, 100)
            self.sock.sendto(b"%d %b" % (where[1], data) if data else b"", where)


def datagram_socket() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((HERE, 0))
    return sock


@asynccontextmanager
async def echoing() -> AsyncIterator[tuple[Peer, Peer]]:
    """Two peers of a relay to something that answers datagrams."""
    with datagram_socket() as behind, datagram_socket() as one, datagram_socket() as other:
        answering = asyncio.create_task(Peer(behind).answers())
        async with relay.relaying(Relay(((HERE,), 0), behind.getsockname(), frozenset({"udp"}))) as ports:
            for sock in (one, other):
                sock.connect((HERE, ports["udp"]))
            yield Peer(one), Peer(other)
        answering.cancel()


async def test_each_peer_gets_the_answers_to_its_own_datagrams() -> None:
    async with asyncio.timeout(10), echoing() as (one, other):
        said = [await one.asks(b"one"), await other.asks(b"other"), await one.asks(b"more")]
        assert await one.asks(b"") == b"", "an empty datagram is one"
    assert [text.partition(b" ")[2] for text in said] == [b"one", b"other", b"more"]
    froms = [text.partition(b" ")[0] for text in said]
    assert froms[0] == froms[2] != froms[1], "one far socket a peer"


async def test_who_was_silent_longest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datagrams, "PEERS", 1)
    async with asyncio.timeout(10), echoing() as (one, other):
        froms = [await peer.asks(b"q") for peer in (one, one, other, one)]
    assert froms[0] == froms[1], "still known"
    assert froms[3] != froms[0], "forgotten, and asked for anew"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([*TO, "--via", "127.0.0.1:1", "tcp"], "relay: 'WIREYARD_PORT'"),
        ([*TO, "--listen", "192.0.2.1:1", "tcp"], "relay: "),
    ],
)
def test_what_it_cannot_do_it_says_in_one_line(words: list[str], complaint: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lab.relay", *words],
        cwd=PROJECT,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 78
    assert done.stderr.startswith(complaint)
    assert done.stderr.count("\n") == 1
