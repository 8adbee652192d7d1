"""Messages that no client should send: the right code or silence, and the next query is answered."""

from __future__ import annotations

import random
from typing import Literal

import pytest

from clients.dns import Server, send_raw
from tests.dns.wire import ID, header, name, opt, option, packet, query_octets, question

rfc, feature = pytest.mark.rfc, pytest.mark.feature

FORMERR, NOTIMP, REFUSED, BADVERS = 1, 4, 5, 16
HTTP1 = "http1.wireyard.test"
GOOD = query_octets(HTTP1)

MALFORMED = {
    "no question": packet(b"", (0, 0, 0, 0)),
    "question missing": packet(b"", (1, 0, 0, 0)),
    "question cut short": GOOD[:-1],
    "name cut short": packet(b"\x3fabc"),
    "name without its end": packet(b"\x04test"),
    "label type 01": packet(b"\x41" + b"a" * 65 + b"\0\0\1\0\1"),
    "label type 10": packet(b"\x81" + b"a" * 65 + b"\0\0\1\0\1"),
    "pointer to itself": packet(b"\xc0\x0c\0\1\0\1"),
    "pointer forward": packet(b"\xc0\xff\0\1\0\1"),
    "pointer into the header": packet(b"\xc0\x00\0\1\0\1"),
    "name of 256 octets": packet((b"\x3f" + b"a" * 63) * 4 + b"\0\0\1\0\1"),
    "octets behind the message": GOOD + b"junk",
    "an answer in the query": packet(question(HTTP1) + b"\0\0\1\0\1" + bytes(6), (1, 1, 0, 0)),
    "a record that is not there": packet(question(HTTP1), (1, 0, 0, 1)),
    "record data cut short": packet(question(HTTP1) + opt()[:-1] + b"\x09", (1, 0, 0, 1)),
    "a pointer loop in the owner": packet(question(HTTP1) + b"\xc0\x25" + opt()[1:], (1, 0, 0, 1)),
    "OPT among the authorities": packet(question(HTTP1) + opt(), (1, 0, 1, 0)),
    "an option cut short": packet(question(HTTP1) + opt(options=b"\0\x0a\0\x08abc"), (1, 0, 0, 1)),
}

# What can be read and yet must be answered FORMERR.
FORBIDDEN = {
    "two questions": packet(question(HTTP1) * 2, (2, 0, 0, 0)),
    "two OPT records": packet(question(HTTP1) + opt() * 2, (1, 0, 0, 2)),
    "OPT with an owner": packet(question(HTTP1) + opt(owner=name("a")), (1, 0, 0, 1)),
    "a cookie of 9 octets": packet(question(HTTP1) + opt(options=option(10, b"123456789")), (1, 0, 0, 1)),
}


class TestRFC1035Format:
    """4.1. What cannot be read is answered FORMERR, and costs nothing else."""

    @feature("strict")
    @rfc("1035", "4.1.1")
    @pytest.mark.parametrize("transport", ["udp", "tcp"])
    @pytest.mark.parametrize("case", MALFORMED)
    async def test_what_cannot_be_read_is_a_format_error(
        self, server: Server, case: str, transport: Literal["udp", "tcp"]
    ) -> None:
        """FORMERR under the same ID without records, or silence; then business as usual."""
        answer = await send_raw(server, MALFORMED[case], transport=transport, within=0.5)
        if answer is not None:
            head = header(answer)
            assert (head.id, head.is_response, head.rcode, head.answers) == (ID, True, FORMERR, 0)
            assert len(answer) <= max(len(MALFORMED[case]), 12) + 120
        following = await send_raw(server, GOOD)
        assert following is not None
        assert header(following).answers >= 1

    @pytest.mark.parametrize(
        "case",
        [
            pytest.param("two questions", marks=[rfc("9619", "4"), feature("one-question")]),
            pytest.param("two OPT records", marks=[rfc("6891", "6.1.1"), feature("edns")]),
            pytest.param("OPT with an owner", marks=[rfc("6891", "6.1.2"), feature("opt-owner")]),
            pytest.param("a cookie of 9 octets", marks=[rfc("7873", "5.2.2"), feature("cookie-length")]),
        ],
    )
    async def test_what_must_not_be_asked_is_a_format_error(self, server: Server, case: str) -> None:
        """It can be read, and the RFC wants it refused."""
        answer = await send_raw(server, FORBIDDEN[case])
        assert answer is not None
        assert (header(answer).id, header(answer).rcode, header(answer).answers) == (ID, FORMERR, 0)

    @feature("strict")
    @rfc("1035", "4.1.1")
    @pytest.mark.parametrize(
        "silent", [packet(question(HTTP1), flags=0x8180), packet(b"", flags=0xFFFF), b"", b"\0" * 11]
    )
    async def test_responses_and_scraps_are_never_answered(self, server: Server, silent: bytes) -> None:
        """Two servers that answer each other's answers would never stop."""
        assert await send_raw(server, silent, within=0.3) is None

    @feature("strict")
    @rfc("6895", "2.2")
    @pytest.mark.parametrize("opcode", [1, 2, 3, 6, 7, 15])
    async def test_other_kinds_of_message_are_not_implemented(self, server: Server, opcode: int) -> None:
        """NOTIMP with the opcode given back."""
        answer = await send_raw(server, packet(question(HTTP1), flags=opcode << 11))
        assert answer is not None
        assert (header(answer).opcode, header(answer).rcode) == (opcode, NOTIMP)

    @feature("strict")
    @rfc("1996", "3.12")
    @rfc("2136", "3.1")
    @pytest.mark.parametrize("opcode", [4, 5])
    async def test_notify_and_update_are_turned_down(self, server: Server, opcode: int) -> None:
        """Nobody changes a zone over the wire."""
        answer = await send_raw(server, packet(question("wireyard.test", 6), flags=opcode << 11))
        assert answer is not None
        assert header(answer).rcode in (NOTIMP, REFUSED, 9)

    @feature("strict")
    @rfc("1035", "3.2.4")
    @pytest.mark.parametrize("rrclass", [0, 2, 3, 4, 254, 65535])
    async def test_other_classes_are_refused(self, server: Server, rrclass: int) -> None:
        """Only the Internet is served here."""
        answer = await send_raw(server, query_octets(HTTP1, rrclass=rrclass))
        assert answer is not None
        assert header(answer).rcode in (REFUSED, NOTIMP, FORMERR, 9)
        assert header(answer).answers == 0

    @feature("strict")
    @rfc("6895", "3.1")
    @pytest.mark.parametrize("rrtype", [100, 250, 253, 254, 65535])
    async def test_unknown_types_have_no_data(self, server: Server, rrtype: int) -> None:
        """An unknown data type is no data; one that exists only in messages is an error."""
        answer = await send_raw(server, query_octets("records.wireyard.test", rrtype))
        assert answer is not None
        assert header(answer).answers == 0
        assert header(answer).rcode == 0 or 128 <= rrtype <= 255

    @feature("strict")
    @rfc("1035", "4.1.1")
    async def test_unused_header_bits_are_ignored(self, server: Server) -> None:
        """Z, AD, AA, TC and an RCODE in a query mean nothing and do not come back."""
        answer = await send_raw(server, packet(question(HTTP1), flags=0x0100 | 0x0640 | 0x20 | 0x5))
        assert answer is not None
        head = header(answer)
        assert (head.rcode, head.answers) == (0, 1)
        assert head.flags & 0x0040 == 0

    @feature("strict")
    async def test_a_storm_of_mutations_changes_nothing(self, server: Server) -> None:
        """A thousand damaged queries; none is answered with more than a query deserves, and all goes on."""
        chance = random.Random(1035)
        base = packet(question(HTTP1) + opt(), (1, 0, 0, 1))
        for _ in range(1000):
            damaged = bytearray(base)
            for _ in range(chance.randint(1, 6)):
                damaged[chance.randrange(2, len(damaged))] = chance.randrange(256)
            damaged[2] |= 0x80 * (chance.random() < 0.1)
            answer = await send_raw(server, bytes(damaged), within=0.01)
            assert answer is None or len(answer) <= 1232
        final = await send_raw(server, GOOD)
        assert final is not None
        assert header(final).answers == 1
