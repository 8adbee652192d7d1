"""Parameters of SVCB and HTTPS records (RFC 9460 2.1, 7 and appendix A)."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import struct
from collections.abc import Callable, Sequence

from services.dns.reference.tokens import Token

KEYS = {
    "mandatory": 0,
    "alpn": 1,
    "no-default-alpn": 2,
    "port": 3,
    "ipv4hint": 4,
    "ech": 5,
    "ipv6hint": 6,
    "dohpath": 7,
    "ohttp": 8,
}


def from_words(words: Sequence[Token]) -> bytes:
    """Return the parameters in ascending order of their keys.

    Raises:
        ValueError: an unknown key, one given twice, a value that its key does not allow, a mandatory
            key that is missing.
    """
    parameters: dict[int, bytes] = {}
    for name, value in _pairs(words):
        key = _key(name)
        if key in parameters:
            raise ValueError(f"{name} stands twice (RFC 9460 2.1)")
        parameters[key] = _VALUES.get(key, _raw)(value)
    _check_mandatory(parameters)
    return b"".join(struct.pack("!HH", key, len(value)) + value for key, value in sorted(parameters.items()))


def _pairs(words: Sequence[Token]) -> list[tuple[str, Token]]:
    """Split `key=value`; the lexer leaves `key="value"` as two words."""
    pairs: list[tuple[str, Token]] = []
    for word in words:
        if word.quoted:
            if not pairs or pairs[-1][1].text or not pairs[-1][0].endswith("="):
                raise ValueError(f'"{word.text}" belongs to no key')
            pairs[-1] = (pairs[-1][0], word)
            continue
        name, equals, value = word.text.partition("=")
        pairs.append((name + equals, Token(value)))
    return [(name.removesuffix("="), value) for name, value in pairs]


def _key(name: str) -> int:
    if name in KEYS:
        return KEYS[name]
    digits = name.removeprefix("key")
    if digits != name and digits.isdecimal() and str(int(digits)) == digits and int(digits) < 0xFFFF:
        return int(digits)
    raise ValueError(f"{name!r} is no service parameter key")


def _check_mandatory(parameters: dict[int, bytes]) -> None:
    wire = parameters.get(0, b"")
    keys = list(struct.unpack(f"!{len(wire) // 2}H", wire))
    if 0 in keys or len(set(keys)) < len(keys) or not set(keys) <= set(parameters):
        raise ValueError("mandatory names itself, a key twice, or a key that is missing (RFC 9460 8)")
    if 2 in parameters and 1 not in parameters:
        raise ValueError("no-default-alpn needs alpn (RFC 9460 7.1.1)")


def _items(value: Token) -> list[bytes]:
    r"""Split a comma-separated list; `\\,` is a comma within an item (RFC 9460 appendix A.1)."""
    items = [bytearray()]
    octets = iter(value.octets())
    for octet in octets:
        if octet == 0x2C:
            items.append(bytearray())
        else:
            items[-1].append(next(octets, 0x5C) if octet == 0x5C else octet)
    if not all(items):
        raise ValueError("a list holds an empty item")
    return [bytes(item) for item in items]


def _mandatory(value: Token) -> bytes:
    return b"".join(struct.pack("!H", key) for key in sorted(_key(item.decode()) for item in _items(value)))


def _alpn(value: Token) -> bytes:
    return b"".join(bytes((len(item),)) + item for item in _items(value))


def _nothing(value: Token) -> bytes:
    if value.text:
        raise ValueError("this key takes no value")
    return b""


def _port(value: Token) -> bytes:
    if not value.text.isdecimal() or int(value.text) > 0xFFFF:
        raise ValueError(f"{value.text!r} is no port")
    return struct.pack("!H", int(value.text))


def _ipv4(value: Token) -> bytes:
    return b"".join(ipaddress.IPv4Address(item.decode()).packed for item in _items(value))


def _ipv6(value: Token) -> bytes:
    return b"".join(ipaddress.IPv6Address(item.decode()).packed for item in _items(value))


def _ech(value: Token) -> bytes:
    try:
        return base64.b64decode(value.text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"ech is bad base64: {error}") from error


def _raw(value: Token) -> bytes:
    return value.octets()


_VALUES: dict[int, Callable[[Token], bytes]] = {
    0: _mandatory,
    1: _alpn,
    2: _nothing,
    3: _port,
    4: _ipv4,
    5: _ech,
    6: _ipv6,
    8: _nothing,
}
