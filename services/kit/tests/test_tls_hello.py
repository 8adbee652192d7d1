"""The ClientHello read from real ones, and from broken ones."""

from __future__ import annotations

import ssl
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certs.make import Leaf
from certs.whole import make
from services.kit import openssl
from services.kit.tls_context import server_context
from services.kit.tls_hello import ALPN, LONGEST, SERVER_NAME, choice, gather, parse

NAME = "https.wireyard.test"


def hello(name: str | None = NAME, alpn: tuple[str, ...] = ("h2", "http/1.1")) -> bytes:
    """The message of a client's first flight, without the header of its record."""
    return flight(name, alpn)[5:]


def flight(name: str | None = NAME, alpn: tuple[str, ...] = ("h2", "http/1.1")) -> bytes:
    context = ssl.create_default_context()
    if alpn:
        context.set_alpn_protocols(list(alpn))
    context.check_hostname = name is not None
    outgoing = ssl.MemoryBIO()
    end = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        end.do_handshake()
    return outgoing.read()


def test_the_offer_is_read_as_it_was_made() -> None:
    """RFC 8446, 4.1.2."""
    found = parse(hello())
    assert found.name == "https.wireyard.test"
    assert found.alpn == (b"h2", b"http/1.1")
    assert found.versions[:2] == (0x0304, 0x0303)
    assert 0x1301 in found.suites
    assert found.key_shares[0] in found.groups
    assert 0x0403 in found.signatures
    assert {SERVER_NAME, ALPN} <= set(found.extensions)


def test_what_was_not_offered_is_empty() -> None:
    found = parse(hello(name=None, alpn=()))
    assert found.name is None
    assert found.alpn == ()


@pytest.mark.parametrize(
    ("at", "octet"), [(2, 1), (3, 1), (4, 0)], ids=["no host name", "too long", "too short"]
)
def test_a_name_that_is_not_well_formed_is_none(at: int, octet: int) -> None:
    """RFC 6066, 3: OpenSSL answers it with a decode error, which a name that is not ours would hide."""
    message = bytearray(hello())
    content = parse(bytes(message)).found[SERVER_NAME]
    message[message.index(content) + at] = octet
    assert parse(bytes(message)).name is None


def answer(server: ssl.SSLContext) -> bytes:
    """A server's first flight to a client that has a share for X25519 alone, and knows P-384 too."""
    outgoing, incoming = ssl.MemoryBIO(), ssl.MemoryBIO()
    incoming.write(flight(NAME))
    with suppress(ssl.SSLWantReadError):
        server.wrap_bio(incoming, outgoing, server_side=True).do_handshake()
    return outgoing.read()


@pytest.mark.parametrize(("groups", "chosen"), [("X25519:P-256", "1301 001d"), ("P-384", "1301 0018")])
def test_our_choice_is_read_from_our_own_hello_and_from_a_request_to_try_again(
    tmp_path: Path, groups: str, chosen: str
) -> None:
    """RFC 8446, 4.1.3 and 4.1.4."""
    openssl.set_groups(context := serving(tmp_path), groups)
    assert choice(answer(context)) == bytes.fromhex(chosen)


def test_a_hello_of_tls_1_2_does_not_tell_it(tmp_path: Path) -> None:
    context = serving(tmp_path)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    assert choice(answer(context)) == b""


def test_what_is_no_hello_of_a_server_tells_none() -> None:
    assert choice(bytes.fromhex("15030300020228")) == b""
    assert choice(flight()) == b""


def test_a_hello_without_extensions_tells_none() -> None:
    """RFC 5246, 7.4.1.3: what stands behind it in the record is another message."""
    hello = b"\x03\x03" + bytes(33) + b"\xc0\x2b\0"
    message = b"\x02" + len(hello).to_bytes(3) + hello + b"\x0e\0\0\0"
    assert choice(b"\x16\x03\x03" + len(message).to_bytes(2) + message) == b""


def serving(folder: Path) -> ssl.SSLContext:
    make(folder, (Leaf("https", (NAME,), ()),))
    return server_context(folder / "https/cert.pem", folder / "https/key.pem")


@pytest.mark.parametrize("piece", [1, 50, 1000])
def test_a_message_is_gathered_from_as_many_records_as_it_came_in(piece: int) -> None:
    """RFC 8446, 5.1: handshake messages may be split across several records."""
    message = hello()
    cuts = [message[at : at + piece] for at in range(0, len(message), piece)]
    records = b"".join(b"\x16\x03\x01" + len(cut).to_bytes(2) + cut for cut in cuts)
    assert gather(records + b"more") == message
    assert all(gather(records[:end]) is None for end in range(len(records)))


def test_what_cannot_become_a_hello_is_not_waited_for() -> None:
    with pytest.raises(ValueError, match="not a record"):
        gather(flight()[:20].replace(b"\x16", b"\x17", 1))
    with pytest.raises(ValueError, match="longer than"):
        gather(b"\x16\x03\x01\xff\xff" + bytes(LONGEST))


@pytest.mark.parametrize("cut", [0, 1, 4, 35, 39, 75, -1])
def test_a_hello_cut_short_is_refused(cut: int) -> None:
    with pytest.raises(ValueError, match="cut short"):
        parse(hello()[:cut])


@given(st.binary(max_size=200), st.integers(0, 400))
def test_no_bytes_do_worse_than_value_error(junk: bytes, at: int) -> None:
    message = _SAMPLE[:at] + junk + _SAMPLE[at + len(junk) :]
    try:
        found = parse(message)
        assert [found.name, found.versions, found.key_shares, found.groups, found.signatures, found.suites]
        assert found.alpn is not None
    except ValueError:
        return


_SAMPLE = hello()
