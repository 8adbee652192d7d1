"""Master files: what the format allows, and errors with file and line."""

from __future__ import annotations

import dns.rdata
import dns.rdataclass
import dns.rdatatype
import pytest

from services.dns.reference import zonefile
from services.dns.reference.errors import ZoneError
from services.dns.reference.names import from_text, to_text
from services.dns.reference.rrtypes import Type
from services.dns.reference.zone import Record

ORIGIN = from_text("wireyard.test.")


def parse(text: str, **files: str) -> list[Record]:
    return list(zonefile.parse(text, "test.zone", ORIGIN, lambda name: files[name.partition(".")[0]]))


def only(text: str) -> Record:
    (record,) = parse(text)
    return record


@pytest.mark.parametrize(
    ("line", "ttl"),
    [
        ("a 60 IN A 192.0.2.1", 60),
        ("a IN 60 A 192.0.2.1", 60),
        ("a 1h30m A 192.0.2.1", 5400),
        ("a in 1W a 192.0.2.1", 604_800),
        ("a 2147483647 A 192.0.2.1", 2**31 - 1),
    ],
)
def test_ttl_and_class_stand_in_either_order_with_units(line: str, ttl: int) -> None:
    """RFC 1035 5.1 allows both orders; the units are those that every server reads."""
    record = only(line)
    assert (record.ttl, record.rrtype, record.rdata.wire) == (ttl, Type.A, bytes([192, 0, 2, 1]))


def test_owner_ttl_and_origin_carry_over() -> None:
    records = parse("$TTL 5m\na A 192.0.2.1\n  TXT x\n$ORIGIN sub\nb 60 A 192.0.2.2\n TXT y\n")
    assert [(to_text(r.owner), r.ttl) for r in records] == [
        ("a.wireyard.test.", 300),
        ("a.wireyard.test.", 300),
        ("b.sub.wireyard.test.", 60),
        ("b.sub.wireyard.test.", 300),
    ]


def test_parentheses_comments_and_quotes() -> None:
    record = only("@ 60 SOA dns host ( 1 ; serial\n 1h ; refresh )\n\n 10m 1w 60 )\n; the end")
    assert record.rdata.tail.hex() == "0000000100000e100000025800093a800000003c"
    assert only('a 60 TXT "a;b (c)" d').rdata.wire == b"\x07a;b (c)\x01d"


def test_a_string_over_255_octets_becomes_several() -> None:
    wire = only(f'a 60 TXT "{"x" * 300}"').rdata.wire
    assert wire == b"\xff" + b"x" * 255 + b"\x2d" + b"x" * 45


def test_include_takes_an_origin_and_gives_it_back() -> None:
    """RFC 1035 5.1: the relative origin of the parent file is not changed."""
    records = parse("$TTL 60\n$INCLUDE more.inc sub\na A 192.0.2.1\n", more="b A 192.0.2.2\n")
    assert [to_text(r.owner) for r in records] == ["b.sub.wireyard.test.", "a.wireyard.test."]


@pytest.mark.parametrize(
    ("text", "where", "reason"),
    [
        ("a A 192.0.2.1", "test.zone:1", "no TTL"),
        ("$TTL 60\n\na A 192.0.2.256", "test.zone:3", "Octet 256"),
        ("a 60 A", "test.zone:1", "missing"),
        ("a 60 SSHFP 1 1 abc", "test.zone:1", "'abc' is no whole number of hexadecimal octets"),
        ("a 60 A 192.0.2.1 x", "test.zone:1", "too many"),
        ("a 60 MX mail", "test.zone:1", "no number"),
        ("a 60 NONSENSE x", "test.zone:1", "no record type"),
        ("a 60 AXFR x", "test.zone:1", "cannot stand in a zone"),
        ("a 60 CH A 192.0.2.1", "test.zone:1", "class CH"),
        ('a 60 TXT "open', "test.zone:1", "never closed"),
        ("@ 60 SOA a b ( 1", "test.zone:1", "never closed"),
        ("a 60 TXT )", "test.zone:1", "without"),
        ("$TTL 1x", "test.zone:1", "no duration"),
        ("$NOPE", "test.zone:1", "no directive"),
        (" 60 A 192.0.2.1", "test.zone:1", "no owner"),
        ("a 4294967296 A 192.0.2.1", "test.zone:1", "2147483647"),
        ("a 60 TYPE65400 \\# 3 00", "test.zone:1", "says 3 octets"),
        ("a 60 TYPE65400 00", "test.zone:1", "RFC 3597"),
        ("$INCLUDE self.inc", "self.inc:1", "include each other"),
    ],
)
def test_an_error_names_file_and_line(text: str, where: str, reason: str) -> None:
    with pytest.raises(ZoneError) as caught:
        parse(text, self="$INCLUDE self.inc")
    assert caught.value.where == where
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    "data",
    [
        "A 192.0.2.1",
        "AAAA 2001:db8::1",
        "NS ns.example.",
        "CNAME target.example.",
        "SOA ns.example. host.example. 1 2 3 4 5",
        "PTR host.example.",
        'HINFO "a b" c',
        "MX 10 mail.example.",
        'TXT "one" two "\\"three\\"" "\\000\\255"',
        "RP mbox.example. txt.example.",
        "AFSDB 1 db.example.",
        "LOC 42 21 54.123 N 71 6 18 W -24m 30m",
        "LOC 52 N 4 E 0m",
        "LOC 1 2 3 S 4 5 6 E 100000.00m 1m 10000m 10m",
        "SRV 1 2 3 target.example.",
        'NAPTR 100 10 "S" "SIP+D2T" "!^.*$!sip:a@b!" .',
        "KX 10 kx.example.",
        "CERT 1 2 3 AAEC",
        "DNAME target.example.",
        "DS 60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118",
        "SSHFP 4 2 123456789abcdef67890123456789abcdef67890123456789abcdef123456789",
        "DNSKEY 257 3 13 AAEC AwQF",
        "TLSA 3 1 1 0b9fa5a59eed715c26c1020c711b4f6ec42d58b0015e14337a39dad301c5afc3",
        "SMIMEA 3 1 1 0b9fa5a59eed715c26c1020c711b4f6ec42d58b0015e14337a39dad301c5afc3",
        "OPENPGPKEY AAEC",
        "SVCB 0 target.example.",
        "SVCB 1 . key65400=abc port=53 alpn=h2",
        'HTTPS 16 foo.example. alpn="f\\\\\\\\oo\\\\,bar,h2"',
        "HTTPS 1 . mandatory=ipv4hint,alpn alpn=h2,h3 no-default-alpn port=8443 ipv4hint=192.0.2.1,192.0.2.2 "
        "ipv6hint=2001:db8::1",
        'HTTPS 1 . alpn="h2" dohpath="/dns-query{?dns}"',
        'URI 10 1 "https://example/"',
        'CAA 128 issue "ca.example; x=1"',
        "SPF v=spf1",
        "TYPE731 \\# 6 abcdef012345",
    ],
)
def test_record_data_is_what_dnspython_writes(data: str) -> None:
    """Every type, against an independent codec."""
    rrtype, _, rest = data.partition(" ")
    if "dohpath" in rest:
        rest = rest.replace("dohpath", "key7")
    expected = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.from_text(rrtype), rest).to_wire()
    assert only(f"a 60 {data}").rdata.wire == expected


@pytest.mark.parametrize(
    "data",
    [
        "AAAA 192.0.2.1",
        "AAAA fe80::1%eth0",
        "MX 65536 mail",
        "SRV 1 2 3",
        "TLSA 3 1 1 0b9",
        "CERT 1 2 3 A",
        "CAA 0 is-sue x",
        "LOC 91 N 4 E 0m",
        "LOC 1 60 N 4 E 0m",
        "LOC 1 N 181 E 0m",
        "LOC 1 N 1 E",
        "LOC 1 N 1 E xm",
        "LOC 1 N 1 E -100001m",
        f'HINFO "{"x" * 256}" y',
        "HTTPS 1 . port=70000",
        "HTTPS 1 . port=1 port=2",
        "HTTPS 1 . nonsense=1",
        "HTTPS 1 . key07=1",
        "HTTPS 1 . mandatory=alpn",
        "HTTPS 1 . no-default-alpn",
        "HTTPS 1 . alpn=h2 no-default-alpn=1",
        "HTTPS 1 . alpn=,",
        'HTTPS 1 . "loose"',
        "HTTPS 1 . ech=A",
    ],
)
def test_impossible_data_is_refused(data: str) -> None:
    with pytest.raises(ZoneError):
        only(f"a 60 {data}")
