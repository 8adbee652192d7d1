"""The ClientHello read from real ones, and from broken ones."""

from __future__ import annotations

import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kit.tls_hello import ALPN, SERVER_NAME, parse, record_length


def hello(name: str | None = "https.wireyard.test", alpn: tuple[str, ...] = ("h2", "http/1.1")) -> bytes:
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


def test_the_length_of_the_record_is_in_its_first_five_bytes() -> None:
    """RFC 8446, 5.1."""
    record = hello()
    assert record_length(record[:5]) == len(record)
    assert record_length(record[:4]) == 0


@pytest.mark.parametrize("cut", [1, 5, 9, 40, 44, 80, -1])
def test_a_hello_cut_short_is_refused(cut: int) -> None:
    with pytest.raises(ValueError, match="cut short"):
        parse(hello()[:cut])


@given(st.binary(max_size=200), st.integers(0, 400))
def test_no_bytes_do_worse_than_value_error(junk: bytes, at: int) -> None:
    record = _SAMPLE[:at] + junk + _SAMPLE[at + len(junk) :]
    try:
        parse(record)
    except ValueError:
        return


_SAMPLE = hello()
