"""A mutation fuzz of what reads CONNECT: `python -m services.proxy.reference.tests.fuzz --seconds 60`.

Heads of every kind and the targets of bypass.yaml are cut up, spliced, repeated and sprinkled with octets
that have bitten parsers before. For every input, whatever it is:

1. nothing but Refusal is raised, and every refusal makes a whole answer;
2. cut into other segments, it reads the same: the same requests, the same target, the same refusal;
3. what h11, another reader altogether, takes for one request is never two here, nor for another target (asked
   of one input in eight, as it costs ten times the rest);
4. a name that a tunnel is opened for is nothing that inet_aton would take for an address;
5. with everything on the allow-list, no special address passes, by what `ipaddress` says of it and of its
   guises.
"""

from __future__ import annotations

import random
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import h11
import yaml

from services.kit.tests.fuzz import main
from services.proxy.reference import answers
from services.proxy.reference.errors import Malformed, Refusal
from services.proxy.reference.head import Head, HeadReader
from services.proxy.reference.policy import Policy, parse_lines
from services.proxy.reference.requests import understand
from services.proxy.reference.special import Address
from services.proxy.reference.target import Target

TABLE = yaml.safe_load((Path(__file__).parents[2] / "bypass.yaml").read_text(encoding="utf-8"))
TARGETS = [str(row["target"]).encode() for row in TABLE["rows"]]
OPEN = Policy(parse_lines(("0.0.0.0/0", "::/0")))
HEADS = (
    b"GET / HTTP/1.1\r\nHost: proxy\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: proxy\r\n\r\n",
    b"GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n",
    b"DELETE / HTTP/1.1\r\nHost: proxy\r\nConnection: close\r\n\r\n",
    b"CONNECT a.test:443 HTTP/1.0\r\n\r\n",
    b"CONNECT a.test:443 HTTP/1.1\r\nHost: a.test\r\nProxy-Authorization: Basic cGF0Og==\r\n\r\n",
)
NEXT = b"HEAD /next HTTP/1.1\r\nHost: proxy\r\n\r\n"
OCTETS = [bytes((octet,)) for octet in b'\r\n\x00 \t:;,"0.[]@%/#?\\+-\x0b\x0c\x85\xa0\xff']
WORDS = (
    *OCTETS,
    *TARGETS,
    *(b"\r\n", b"\r\n\r\n", b"HTTP/1.0", b"HTTP/1.1", b"HTTP/2.0", b"CONNECT ", b"Host: b\r\n", b"::ffff:"),
    *(
        b"Content-Length: 5\r\n",
        b"Content-Length: 0\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"0x7f",
        b"127.1",
    ),
    NEXT,
)


def read(segments: Sequence[bytes]) -> list[str]:
    """What the proxy makes of `segments`: the requests up to the first tunnel, or to the last that counts."""
    reader, seen = HeadReader(), list[str]()
    try:
        for segment in segments:
            head = reader.feed(segment)
            while head is not None:
                if not _goes_on(head, seen):
                    return seen
                head = reader.feed(b"")
    except Malformed as malformed:
        _answered(malformed)
        seen.append("malformed")
    return seen


def _goes_on(head: Head, seen: list[str]) -> bool:
    """Whether another request may follow `head`, as the proxy understands it. Raises Malformed."""
    seen.append(f"{head.method} {head.target}")
    try:
        wanted = understand(head)
    except Malformed:
        raise
    except Refusal as refusal:
        _answered(refusal)
        seen.append(str(refusal.status))
        return head.keeps_alive
    if isinstance(wanted, Target):
        _judged(wanted)
        seen.append(f"to {wanted}")
    return head.keeps_alive and not isinstance(wanted, Target)


def _answered(refusal: Refusal) -> None:
    """Its answer is one message, whatever of the request is quoted in it."""
    answer = answers.http1(answers.refused("proxy", refusal), 0.0)
    head, _, content = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % refusal.status), answer
    assert b"Content-Length: %d" % len(content) in head.split(b"\r\n"), answer
    assert not set(head.replace(b"\r\n", b"")) & set(b"\r\n\0"), answer


def _judged(target: Target) -> None:
    """The target of a tunnel, by what others say of names and addresses."""
    if isinstance(target.host, str):
        with suppress(OSError):
            raise AssertionError(f"{target} is {socket.inet_aton(target.host)!r}")
    elif any(map(_special, _guises(target.host))):
        assert OPEN.refuses(None, target.host, target.port), target


def _special(address: Address) -> bool:
    return address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified


def _guises(address: Address) -> Iterator[Address]:
    yield address
    if isinstance(address, IPv6Address):
        yield from filter(None, (address.ipv4_mapped, address.sixtofour, *(address.teredo or ())))


def mutate(chance: random.Random) -> bytes:
    """One input: heads and targets, mutated a few times."""
    data = bytearray(_seed(chance))
    for _ in range(chance.randint(0, 4)):
        at, length = chance.randint(0, len(data)), chance.choice((0, 0, 1, 1, 2, 8))
        data[at : at + length] = _piece(chance, data)
    return bytes(data) + (_seed(chance) if chance.random() < 0.3 else NEXT)


def _seed(chance: random.Random) -> bytes:
    if chance.random() < 0.3:
        return chance.choice(HEADS)
    target = chance.choice(TARGETS) if chance.random() < 0.7 else _address(chance)
    return b"CONNECT %b HTTP/1.1\r\nHost: %b\r\n\r\n" % (target, chance.choice((target, b"x")))


def _address(chance: random.Random) -> bytes:
    """Any IPv4 address, or an IPv6 address that is mostly zeros, in any way of writing it."""
    if chance.random() < 0.3:
        return b"%s:80" % str(IPv4Address(chance.getrandbits(32))).encode()
    number = chance.getrandbits(128)
    for _ in range(chance.randint(0, 4)):
        number &= chance.getrandbits(128)
    prefix = chance.choice((0, 0xFFFF << 32, 0x64FF9B << 96, 0x2002 << 112, 0x2001 << 112, 0xFE80 << 112))
    address = IPv6Address(number & ((1 << 96) - 1) | prefix)
    return b"[%s]:80" % chance.choice((str(address), address.exploded)).encode()


def _piece(chance: random.Random, data: bytearray) -> bytes:
    kind = chance.random()
    if kind < 0.6:
        return chance.choice(WORDS)
    if kind < 0.8:
        return bytes((chance.randrange(256),))
    start = chance.randint(0, len(data))
    return bytes(data[start : start + chance.randint(0, 40)])


def cut(chance: random.Random, data: bytes) -> list[bytes]:
    """`data` in a few segments."""
    places = sorted(chance.randint(0, len(data)) for _ in range(chance.randint(1, 5)))
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]


def check(chance: random.Random) -> None:
    """One input, all properties. Raises AssertionError that shows it."""
    data = mutate(chance)
    whole = read([data])
    assert read(cut(chance, data)) == whole, data
    theirs = _by_h11(data) if chance.random() < 1 / 8 else None
    if theirs is not None:
        ours = [line for line in whole if " " in line and not line.startswith("to ")]
        assert ours == theirs[: len(ours)], (data, whole, theirs)


def _by_h11(data: bytes) -> list[str] | None:
    """The requests that h11 reads in `data`, up to a CONNECT; None when it refuses any of it."""
    reader, seen = h11.Connection(h11.SERVER, max_incomplete_event_size=2**20), list[str]()
    reader.receive_data(data)
    try:
        while True:
            event = reader.next_event()
            if isinstance(event, h11.Request):
                seen.append(f"{event.method.decode()} {event.target.decode('latin-1')}")
                if event.method == b"CONNECT":
                    return seen
            elif event is h11.NEED_DATA or (event is h11.PAUSED and not _turned(reader)):
                return seen
    except h11.RemoteProtocolError:
        return None


def _turned(reader: h11.Connection) -> bool:
    """Answers, so that the next request can be read; False when h11 sees none behind it."""
    reader.send(h11.Response(status_code=404, headers=[("content-length", "0")]))
    reader.send(h11.EndOfMessage())
    if reader.our_state is not h11.DONE or reader.their_state is not h11.DONE:
        return False
    reader.start_next_cycle()
    return True


if __name__ == "__main__":
    sys.exit(main(check))
