"""The fields that record data is made of: each takes words from a supply and gives octets.

dnslib, which the proxy reads answers with, is not used for this. Its zone parser takes `1::2::3` for an
address, and refuses `1h` as a TTL, `$INCLUDE`, TXT over 255 octets, and SVCB and DNAME other than as
hexadecimal; to read a query and write one answer takes it 100 microseconds.
"""

from __future__ import annotations

import base64 as codec
import binascii
import ipaddress
import struct
from collections.abc import Callable

from services.dns.reference import location as loc
from services.dns.reference import names, svcparams
from services.dns.reference.tokens import Token, duration


class Words:
    """The words of one record's data, taken from left to right."""

    def __init__(self, words: list[Token], origin: bytes) -> None:
        self._words = words
        self._next = 0
        self.origin = origin

    def take(self, what: str) -> Token:
        """Return the next word.

        Raises:
            ValueError: none is left.
        """
        if self._next == len(self._words):
            raise ValueError(f"{what} is missing")
        self._next += 1
        return self._words[self._next - 1]

    def rest(self, what: str, least: int = 1) -> list[Token]:
        """Return all words that are left, at least `least`."""
        left = self._words[self._next :]
        if len(left) < least:
            raise ValueError(f"{what} is missing")
        self._next = len(self._words)
        return left

    def end(self) -> None:
        """Raise ValueError when a word is left over."""
        if self._next < len(self._words):
            raise ValueError(f"{self._words[self._next].text!r} is one field too many")


Field = Callable[[Words], bytes]


def _unsigned(words: Words, bits: int, layout: str) -> bytes:
    text = words.take("a number").text
    if not text.isdecimal() or int(text) >> bits:
        raise ValueError(f"{text!r} is no number of 0 to {2**bits - 1}")
    return struct.pack(layout, int(text))


def u8(words: Words) -> bytes:
    """Eight bits."""
    return _unsigned(words, 8, "!B")


def u16(words: Words) -> bytes:
    """Sixteen bits."""
    return _unsigned(words, 16, "!H")


def u32(words: Words) -> bytes:
    """Thirty-two bits."""
    return _unsigned(words, 32, "!I")


def ttl(words: Words) -> bytes:
    """Seconds, units allowed, as in `1h30m`."""
    return struct.pack("!I", duration(words.take("a duration").text))


_OCTETS = frozenset(map(str, range(256)))


def ip4(words: Words) -> bytes:
    """A dotted quad."""
    text = words.take("an IPv4 address").text
    octets_ = text.split(".")
    if len(octets_) == 4 and all(map(_OCTETS.__contains__, octets_)):
        return bytes(map(int, octets_))  # ten times as fast as ipaddress, which has the words for the rest
    return ipaddress.IPv4Address(text).packed


def ip6(words: Words) -> bytes:
    """An IPv6 address without a zone."""
    address = ipaddress.IPv6Address(words.take("an IPv6 address").text)
    if address.scope_id is not None:
        raise ValueError(f"{address} names an interface, which means nothing elsewhere")
    return address.packed


def name(words: Words) -> bytes:
    """A domain name."""
    return names.from_text(words.take("a name").text, words.origin)


def string(words: Words) -> bytes:
    """One character-string of at most 255 octets (RFC 1035 3.3)."""
    octets_ = words.take("a string").octets()
    if len(octets_) > 255:
        raise ValueError(f"a string of {len(octets_)} octets is longer than 255")
    return bytes((len(octets_),)) + octets_


def strings(words: Words) -> bytes:
    """One or more character-strings; a word over 255 octets becomes several."""
    return b"".join(_split(word.octets()) for word in words.rest("a string"))


def _split(value: bytes) -> bytes:
    chunks = [value[at : at + 255] for at in range(0, len(value), 255)] or [b""]
    return b"".join(bytes((len(chunk),)) + chunk for chunk in chunks)


def octets(words: Words) -> bytes:
    """A string without a length, up to the end of the record."""
    return words.take("a value").octets()


def tag(words: Words) -> bytes:
    """The property of a CAA record: ASCII letters and digits (RFC 8659 4.1)."""
    text = words.take("a tag").text
    if not (text.isascii() and text.isalnum() and len(text) <= 255):
        raise ValueError(f"{text!r} is no tag of letters and digits")
    return bytes((len(text),)) + text.encode()


def hexadecimal(words: Words) -> bytes:
    """Hexadecimal octets, in one word or several."""
    text = "".join(word.text for word in words.rest("hexadecimal data"))
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise ValueError(f"{text!r} is no whole number of hexadecimal octets") from None


def base64(words: Words) -> bytes:
    """Base64, in one word or several."""
    text = "".join(word.text for word in words.rest("base64 data"))
    try:
        return codec.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"bad base64: {error}") from error


def location(words: Words) -> bytes:
    """The whole data of a LOC record."""
    return loc.from_words([word.text for word in words.rest("a latitude")])


def service_parameters(words: Words) -> bytes:
    """The parameters of an SVCB or HTTPS record."""
    return svcparams.from_words(words.rest("parameters", least=0))
