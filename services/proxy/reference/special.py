"""Addresses that are dialled only where an allow-list names address and port, and every guise of theirs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# First match tells the reason, so the narrow rows stand before the wide ones.
SPECIAL: tuple[tuple[Network, str, str], ...] = tuple(
    (ip_network(network), reason, source)
    for network, reason, source in (
        ("169.254.169.254/32", "cloud metadata", "the address that clouds agreed on"),
        ("169.254.170.2/32", "cloud metadata", "Amazon ECS"),
        ("fd00:ec2::254/128", "cloud metadata", "Amazon EC2"),
        ("fd20:ce::254/128", "cloud metadata", "Google Cloud"),
        ("100.100.100.200/32", "cloud metadata", "Alibaba Cloud"),
        ("168.63.129.16/32", "cloud metadata", "Azure"),
        ("192.0.0.192/32", "cloud metadata", "Oracle Cloud"),
        ("0.0.0.0/8", "unspecified", "RFC 1122 3.2.1.3"),
        ("127.0.0.0/8", "loopback", "RFC 1122 3.2.1.3"),
        ("169.254.0.0/16", "link-local", "RFC 3927"),
        ("192.0.0.0/24", "protocol assignments", "RFC 6890 2.1"),
        ("192.88.99.0/24", "6to4 relay", "RFC 7526"),
        ("224.0.0.0/4", "multicast", "RFC 5771"),
        ("255.255.255.255/32", "broadcast", "RFC 919"),
        ("240.0.0.0/4", "reserved", "RFC 1112 4"),
        ("::/128", "unspecified", "RFC 4291 2.5.2"),
        ("::1/128", "loopback", "RFC 4291 2.5.3"),
        ("100::/64", "discard", "RFC 6666"),
        ("fe80::/10", "link-local", "RFC 4291 2.5.6"),
        ("fec0::/10", "site-local", "RFC 3879"),
        ("ff00::/8", "multicast", "RFC 4291 2.7"),
    )
)


@lru_cache(4096)
def spelled(address: Address) -> str:
    """The text of an address. `ipaddress` puts it together anew each time, which costs more than a dial."""
    return str(address)


@lru_cache(4096)
def special(address: Address) -> str | None:
    """Why `address` itself is special, or None."""
    for network, reason, _ in SPECIAL:
        if address.version == network.version and address in network:
            return reason
    return None


def plain(address: Address) -> Address:
    """An IPv4-mapped address is IPv4 on the wire (RFC 4291 2.5.5.2), so it is judged and dialled as that."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def faces(address: Address) -> Iterator[Address]:
    """`address`, and every IPv4 address that a translator or a tunnel might make of it."""
    yield address
    if isinstance(address, IPv6Address):
        for network, take in _EMBEDDED:
            if address in network:
                yield from take(address.packed)


def _tail(packed: bytes) -> Iterator[IPv4Address]:
    yield IPv4Address(packed[12:])


def _teredo(packed: bytes) -> Iterator[IPv4Address]:
    yield IPv4Address(packed[4:8])
    yield IPv4Address(bytes(byte ^ 0xFF for byte in packed[12:]))


def _six_to_four(packed: bytes) -> Iterator[IPv4Address]:
    yield IPv4Address(packed[2:6])


def _local_nat64(packed: bytes) -> Iterator[IPv4Address]:
    """RFC 6052 2.2 with a /48 prefix: two bytes before the reserved one and two behind; /96 at the end."""
    yield IPv4Address(packed[6:8] + packed[9:11])
    yield IPv4Address(packed[12:])


def _isatap(packed: bytes) -> Iterator[IPv4Address]:
    if packed[8:12] in (b"\x00\x00\x5e\xfe", b"\x02\x00\x5e\xfe"):
        yield IPv4Address(packed[12:])


_EMBEDDED = (
    (IPv6Network("::/96"), _tail),  # IPv4-compatible, RFC 4291 2.5.5.1
    (IPv6Network("::ffff:0:0:0/96"), _tail),  # IPv4-translated, RFC 2765 2.1
    (IPv6Network("64:ff9b::/96"), _tail),  # NAT64, RFC 6052 2.1
    (IPv6Network("64:ff9b:1::/48"), _local_nat64),  # local-use NAT64, RFC 8215
    (IPv6Network("2001::/32"), _teredo),  # RFC 4380 4
    (IPv6Network("2002::/16"), _six_to_four),  # RFC 3056 2
    (IPv6Network("::/0"), _isatap),  # RFC 5214 6.1
)
