"""DNS cookies (RFC 7873) in the interoperable form of RFC 9018, keyed with SipHash-2-4."""

from __future__ import annotations

import hmac
import ipaddress
import struct

_MASK = 0xFFFFFFFFFFFFFFFF
_VERSION, _RESERVED = b"\1", bytes(3)
PAST = 3600  # RFC 9018 4.3: older than an hour is refused
FUTURE = 300
RENEW = 1800


def siphash24(key: bytes, data: bytes) -> bytes:
    """Return the 8-octet SipHash-2-4 of `data` under a key of 16 octets, least significant octet first."""
    k0, k1 = struct.unpack("<QQ", key)
    state = (
        k0 ^ 0x736F6D6570736575,
        k1 ^ 0x646F72616E646F6D,
        k0 ^ 0x6C7967656E657261,
        k1 ^ 0x7465646279746573,
    )
    padded = data + bytes(-(len(data) + 1) % 8) + bytes((len(data) & 0xFF,))
    for (word,) in struct.iter_unpack("<Q", padded):
        v0, v1, v2, v3 = _rounds((state[0], state[1], state[2], state[3] ^ word), 2)
        state = (v0 ^ word, v1, v2, v3)
    v0, v1, v2, v3 = _rounds((state[0], state[1], state[2] ^ 0xFF, state[3]), 4)
    return struct.pack("<Q", v0 ^ v1 ^ v2 ^ v3)


def _rounds(state: tuple[int, int, int, int], count: int) -> tuple[int, int, int, int]:
    v0, v1, v2, v3 = state
    for _ in range(count):
        v0 = (v0 + v1) & _MASK
        v2 = (v2 + v3) & _MASK
        v1 = _rotate(v1, 13) ^ v0
        v3 = _rotate(v3, 16) ^ v2
        v0 = (_rotate(v0, 32) + v3) & _MASK
        v2 = (v2 + v1) & _MASK
        v1 = _rotate(v1, 17) ^ v2
        v3 = _rotate(v3, 21) ^ v0
        v2 = _rotate(v2, 32)
    return v0, v1, v2, v3


def _rotate(value: int, bits: int) -> int:
    return (value << bits | value >> 64 - bits) & _MASK


class CookieJar:
    """Makes and checks server cookies under one secret of 16 octets."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def make(self, client_cookie: bytes, address: str, now: int) -> bytes:
        """Return the 16-octet server cookie for a client cookie (8 octets) and address at Unix time `now`."""
        return self._hashed(
            client_cookie, _VERSION + _RESERVED + struct.pack("!I", now & 0xFFFFFFFF), address
        )

    def _hashed(self, client_cookie: bytes, fixed: bytes, address: str) -> bytes:
        packed = ipaddress.ip_address(address).packed
        return fixed + siphash24(self._secret, client_cookie + fixed + packed)

    def is_valid(self, cookie: bytes, address: str, now: int) -> bool:
        """Tell whether a COOKIE option carries a server cookie of ours that is neither old nor early.

        The reserved octets may be any, and are hashed as they came (RFC 9018 4.2).
        """
        if len(cookie) != 24 or cookie[8:9] != _VERSION:
            return False
        made = int.from_bytes(cookie[12:16])
        age = (now - made + 2**31) % 2**32 - 2**31  # serial arithmetic, RFC 1982
        if not -FUTURE <= age <= PAST:
            return False
        return hmac.compare_digest(cookie[8:], self._hashed(cookie[:8], cookie[8:16], address))

    def answer(self, cookie: bytes, address: str, now: int) -> bytes:
        """Return the COOKIE option to answer with: a valid cookie under half an hour old is kept."""
        if self.is_valid(cookie, address, now) and now - int.from_bytes(cookie[12:16]) < RENEW:
            return cookie
        return cookie[:8] + self.make(cookie[:8], address, now)
