"""Header compression: RFC 7541, and what RFC 9113 4.3 makes of its errors."""

from __future__ import annotations

from tests.http2.cases.case import Case, session
from tests.http2.outcome import Answered, StreamEnds
from tests.http2.wire import (
    COMPRESSION_ERROR,
    END_HEADERS,
    END_STREAM,
    GET,
    HEADERS,
    PROTOCOL_ERROR,
    block,
    frame,
    integer,
    literal,
    settings,
)

_BROKEN = session(COMPRESSION_ERROR)
_REST = block(GET)


def _block(octets: bytes, stream: int = 1) -> bytes:
    return frame(HEADERS, END_HEADERS | END_STREAM, stream, octets)


def _bad(name: str, section: str, rule: str, octets: bytes) -> Case:
    return Case(f"hpack-{name}", ("7541", section), rule, _block(_REST + octets), _BROKEN)


def _good(name: str, section: str, rule: str, sends: bytes, *streams: int) -> Case:
    return Case(f"hpack-{name}", ("7541", section), rule, sends, Answered(streams or (1,)))


# RFC 7541 C.4.1: a request in Huffman code, in full.
_HUFFMAN = bytes.fromhex("828684418cf1e3c2e5f23a6ba0ab90f4ff")
_INDEXED = bytes.fromhex("828684") + literal(b":authority", b"h2c.wireyard.test", 0x40)

CASES = (
    _bad("index-0", "6.1", "The index value of 0 MUST be treated as a decoding error", b"\x80"),
    _bad(
        "index-past-the-tables",
        "2.3.3",
        "Indices greater than the length of both tables are an error",
        integer(70, 7, 0x80),
    ),
    _bad(
        "name-index-past-the-tables",
        "2.3.3",
        "Indices greater than both tables are an error",
        integer(70, 6, 0x40) + b"\x01x",
    ),
    _bad(
        "integer-endless",
        "5.1",
        "Integers that exceed limits MUST be treated as decoding errors",
        b"\xff" + b"\x80" * 12,
    ),
    _bad(
        "integer-too-large",
        "5.1",
        "Integers that exceed limits MUST be treated as decoding errors",
        b"\xff" + b"\xff" * 9 + b"\x01",
    ),
    _bad("integer-cut", "5.1", "an integer that is cut short", b"\xff"),
    _bad("string-cut", "5.2", "a string that is cut short", b"\x00\x05abc"),
    _bad("value-missing", "6.2.1", "a literal without its value", b"\x40\x01x"),
    _bad(
        "huffman-eos",
        "5.2",
        "a string with the EOS symbol MUST be treated as a decoding error",
        b"\x00\x01x\x84\xff\xff\xff\xff",
    ),
    _bad(
        "huffman-padding-too-long",
        "5.2",
        "A padding longer than 7 bits MUST be treated as a decoding error",
        b"\x00\x01x\x82\x1f\xff",
    ),
    _bad(
        "huffman-padding-of-zeros",
        "5.2",
        "A padding not of the EOS prefix MUST be treated as a decoding error",
        b"\x00\x01x\x81\x18",
    ),
    _bad("size-update-after-a-field", "4.2", "a size update MUST occur at the beginning of a block", b"\x20"),
    Case(
        "hpack-size-update-above-the-limit",
        ("7541", "6.3"),
        "The new maximum size MUST be lower than or equal to the limit",
        _block(integer(4_097, 5, 0x20) + _REST),
        _BROKEN,
    ),
    _good(
        "size-update",
        "6.3",
        "a size update within the limit is taken",
        _block(integer(4_096, 5, 0x20) + _REST),
    ),
    _good(
        "size-update-twice",
        "4.2",
        "at most two may begin a block",
        _block(b"\x20" + integer(4_096, 5, 0x20) + _REST),
    ),
    _good("huffman", "5.2", "strings may be Huffman coded", _block(_HUFFMAN)),
    _good(
        "dynamic-table",
        "2.3.2",
        "what one block adds, the next may name",
        _block(_INDEXED) + _block(b"\x82\x86\x84\xbe", 3),
        1,
        3,
    ),
    _good(
        "dynamic-table-repeated",
        "2.3.2",
        "equal blocks after a change of the table are read anew",
        _block(_INDEXED)
        + _block(b"\x82\x86\x84\xbe", 3)
        + _block(b"\x82\x86\x84\xbe" + literal(b"x-new", b"1", 0x40), 5)
        + _block(b"\x82\x86\x84\xbf\xbe", 7),
        1,
        3,
        5,
        7,
    ),
    Case(
        "hpack-evicted",
        ("7541", "4.4"),
        "an entry that has been evicted cannot be named",
        _block(_INDEXED) + _block(b"\x20" + b"\x82\x86\x84\xbe", 3),
        _BROKEN,
    ),
    _good(
        "entry-larger-than-the-table",
        "4.4",
        "adding an entry larger than the table empties it, and is no error",
        _block(_REST + literal(b"x-large", b"y" * 4_100, 0x40)),
    ),
    _good(
        "never-indexed",
        "6.2.3",
        "a literal may be never indexed",
        _block(_REST + literal(b"x-secret", b"1", 0x10)),
    ),
    _good("peer-without-table", "4.2", "a peer may set its table to 0", settings((1, 0)) + _block(_REST)),
    Case(
        "hpack-state-survives-a-malformed-request",
        ("9113", "4.3"),
        "a field block that is malformed still changes the table",
        _block(b"\x82\x86\x84" + literal(b":authority", b"h2c.wireyard.test", 0x40) + literal(b"Upper", b"1"))
        + _block(b"\x82\x86\x84\xbe", 3),
        StreamEnds((PROTOCOL_ERROR,), answered=(3,)),
    ),
)
