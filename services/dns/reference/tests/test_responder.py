"""The order of judgement, flags, EDNS, and the three ways to the same answer."""

from __future__ import annotations

import itertools

import dns.flags
import dns.message
import dns.rcode
import pytest

from services.dns.reference import zonefile
from services.dns.reference.builder import build
from services.dns.reference.cache import AnswerCache
from services.dns.reference.cookies import CookieJar
from services.dns.reference.exchange import Asker, Request
from services.dns.reference.names import from_text, to_text
from services.dns.reference.reply import PADDING_BLOCK, Options, Replier
from services.dns.reference.tests.world import NOW, TCP, UDP, answer, make, opt, option, query, shared
from services.dns.reference.transfer import Transfers
from services.dns.reference.wire import parse_head, parse_query


def read(data: bytes) -> dns.message.Message:
    return dns.message.from_wire(data)


def test_flags_are_copied_set_and_cleared() -> None:
    """RFC 1035 4.1.1, RFC 4035 3.1.6: RD and CD come back, AA is set, Z, AD and RA are not."""
    message = read(answer(query("http1", flags=0x0100 | 0x0070)))
    assert dns.flags.to_text(message.flags) == "QR AA RD CD"
    assert dns.flags.to_text(read(answer(query("http1", flags=0))).flags) == "QR AA"


@pytest.mark.parametrize(
    ("data", "rcode"),
    [
        (query("http1", rrclass=3), "REFUSED"),
        (query("http1", rrclass=255), "REFUSED"),
        (query("http1", 41), "FORMERR"),
        (query("http1", 250), "FORMERR"),
        (query("http1", 0), "FORMERR"),
        (query("http1", 249), "NOTIMP"),
        (query("http1", 253), "NOTIMP"),
        (query("www.example.com."), "REFUSED"),
        (query("http1", extra=1, tail=opt(version=1)), "BADVERS"),
        (query("http1", extra=1, tail=opt(options=b"\0\1\0\5ab")), "FORMERR"),
        (query("http1", extra=1, tail=opt(options=option(10, b"short"))), "FORMERR"),
        (query("wireyard.test.", 252), "FORMERR"),
        (query("nowhere"), "NXDOMAIN"),
    ],
)
def test_each_refusal_has_its_code(data: bytes, rcode: str) -> None:
    message = read(answer(data))
    assert dns.rcode.to_text(message.rcode()) == rcode
    assert message.question[0].name is not None
    assert not message.answer


def test_transfer_is_for_the_yards_own_networks() -> None:
    outcome = shared().respond(query("wireyard.test.", 252), TCP, NOW)
    assert outcome.stream is not None
    messages = [read(wire) for wire in outcome.stream]
    assert messages[0].answer[0].rdtype == 6
    stranger = type(TCP)("203.0.113.5", 1, TCP.transport)
    (delivery,) = shared().respond(query("wireyard.test.", 252), stranger, NOW).deliveries
    assert read(delivery.wire).rcode() == dns.rcode.REFUSED


@pytest.mark.parametrize("tail", [b"", opt(options=option(12, b""))], ids=["plain", "padded"])
def test_large_zones_are_sent_in_several_messages(tail: bytes) -> None:
    """RFC 5936 2.2: the first begins with the SOA and the last ends with it; OPT answers OPT (2.2.5)."""
    apex = from_text("big.")
    head = "$TTL 60\n@ SOA ns h 1 2 3 4 5\n NS ns\nns A 192.0.2.1\n"
    text = head + "".join(f't{n} TXT "{"x" * 200}"\n' for n in range(300))
    zone = build(apex, zonefile.parse(text, "z", apex, str))
    data = query("big.", 252, extra=bool(tail), tail=tail)
    head_ = parse_head(data)
    assert head_ is not None
    transfers = Transfers(Replier(Options(nsid=b"test", idle=10.0), CookieJar(bytes(16))), ())
    wires = list(transfers.messages(Request(parse_query(data, head_), TCP, NOW), zone))
    messages = [read(wire) for wire in wires]
    assert {message.edns for message in messages} == {0 if tail else -1}
    assert not tail or {len(wire) % PADDING_BLOCK for wire in wires} == {0}
    assert len(messages) > 3
    assert (messages[0].answer[0].rdtype, messages[-1].answer[-1].rdtype) == (6, 6)
    assert sum(len(rrset) for message in messages for rrset in message.answer) == 304
    assert [len(message.question) for message in messages] == [1, *[0] * (len(messages) - 1)]


@pytest.mark.parametrize("asker", [UDP, TCP], ids=["udp", "tcp"])
def test_kept_direct_and_judged_answers_are_the_same_octets(asker: Asker) -> None:
    """For every name and type of the zones, in two spellings, with and without RD and EDNS."""
    server, direct, kept = make(), 0, 0
    cache = server.streamed if asker.streamed else server.cache
    names = [to_text(name) for zone in server.store.zones.values() for name in zone.nodes]
    for name, rrtype in itertools.product(names, (1, 2, 5, 6, 12, 15, 16, 28, 33, 65, 255)):
        for data in (
            query(name, rrtype),
            query(name.upper(), rrtype, flags=0),
            query(name, rrtype, extra=1, tail=opt()),
        ):
            outcome = server.respond(data, asker, NOW)
            judged = outcome.deliveries[0].wire
            quick = server.quick(data, AnswerCache())
            assert quick is None or quick == judged, (name, rrtype)
            direct += quick is not None
            cache.keep(data, outcome)
            for again in (
                server.quick(data, cache),
                *(data[:2] + rest for rest in cache.spelled([data]) if rest),
            ):
                assert again is None or again == judged, (name, rrtype)
                kept += again is not None
    assert direct > 50
    assert kept > direct


def test_what_depends_on_the_asker_is_not_kept() -> None:
    for data in (
        query("reflect", 16),
        query("servfail.lies"),
        query("nowhere"),
        query("x.wild"),
        query("http1", extra=1, tail=opt(options=option(10, b"abcdefgh"))),
    ):
        assert not shared().respond(data, UDP, NOW).keep


def test_another_class_never_goes_the_direct_way() -> None:
    assert shared().quick(query("http1", rrclass=3), AnswerCache()) is None
    assert shared().quick(query("http1"), AnswerCache()) is not None


def test_a_payload_under_512_counts_as_512() -> None:
    """RFC 6891 6.2.3: a TXT of 64 octets still fits, where 100 octets would not hold it."""
    data = query("records", 16, extra=1, tail=opt(payload=100))
    assert not read(answer(data)).flags & dns.flags.TC


def test_a_lie_reaches_names_that_were_kept() -> None:
    server = make()
    data = query("http1")
    assert server.quick(data, server.cache) is not None
    server.liar.put(data[12:-4].lower(), "refused")
    server.changed()
    assert server.cache.get(data) is None
    assert server.quick(data, server.cache) is None
    assert read(answer(data, UDP, server)).rcode() == dns.rcode.REFUSED


def test_padding_fills_whole_blocks_on_connections_only() -> None:
    """RFC 8467 4.1; over UDP it would make the server a lever."""
    data = query("http1", extra=1, tail=opt(options=option(12, b"")))
    assert len(answer(data, TCP)) == 468
    assert len(answer(data, UDP)) < 100


@pytest.mark.parametrize("lie", ["many-0", "drop-0", "slow-000", "many-", "servfail-2", "many-123456789"])
def test_a_lie_with_a_number_that_means_nothing_is_no_name(lie: str) -> None:
    assert read(answer(query(f"{lie}.lies"))).rcode() == dns.rcode.NXDOMAIN


def test_an_asker_that_takes_more_over_udp_gets_no_more_than_passes_unfragmented() -> None:
    """RFC 9715 3.2: the answer is cut and TC set, whatever size is offered."""
    cut = answer(query("larger", 16, extra=1, tail=opt(payload=4_096)))
    assert len(cut) <= 1_232
    assert cut[2] & 2
